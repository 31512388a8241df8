"""All that differs between databases: opening, transactions, the full text index, error words.

SQLite registers are in WAL mode while a `Register` writes to them and plain single files again
once the last one is closed. WAL, because a page or Datasette can read while a run writes, and
because what a killed run leaves is read by anyone as it is: with a rollback journal a reader that
may not write would be refused until somebody had rolled it back. Plain at rest, because a WAL file
cannot be opened from a folder without write permission, and because people copy one file.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import unicodedata
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from caveat.errors import RegisterError

BUSY_SECONDS = 20.0
"""How long a writer waits for another one; adding an article takes milliseconds."""

WRITES = "caveat_writes"
"""Execution option of connections that will write."""


def open_engine(place: str | Path, *, read_only: bool, busy: float = BUSY_SECONDS) -> Engine:
    """An engine for a file or a database URL. Connections are opened by the first use.

    Raises `RegisterError` where a read-only file is missing or the URL names no known database.
    """
    if isinstance(place, Path) or "://" not in place:
        return _sqlite_engine(str(place), read_only=read_only, busy=busy)
    try:
        url = make_url(place)
        if url.get_backend_name() == "sqlite":
            return _sqlite_engine(url.database or ":memory:", read_only=read_only, busy=busy)
        if url.get_backend_name() == "postgresql":
            return _postgresql_engine(url, read_only=read_only, busy=busy)
        raise RegisterError(
            f"cannot open register {shown(place)}: it is no SQLite file and no PostgreSQL database"
        )
    except ImportError as e:
        raise RegisterError(
            f"cannot open register {shown(place)}: install caveat with its extra, "
            f"pip install 'caveat[postgresql]' ({e})"
        ) from e
    except (ArgumentError, NoSuchModuleError) as e:
        raise RegisterError(f"cannot open register {shown(place)}: {e}") from e


_WRITERS = 0x0CA7EA7
"""The number of the advisory lock that writers of one register take in turn."""


def _postgresql_engine(url: URL, *, read_only: bool, busy: float) -> Engine:
    """An engine that behaves as SQLite's: one writer at a time, and readers of one state.

    Writers take a lock in turn, as SQLite's do: what is asked before a row is added is still so
    when it is. Readers see one state of all tables through a transaction.
    """
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    # a server that went away is noticed when a connection is taken, not in the middle of a run
    engine = create_engine(url, pool_pre_ping=True)
    seconds = max(1, round(busy))

    def started(connection: Connection) -> str:
        if read_only or not _writes(connection):
            mode = "READ ONLY" if read_only else "READ WRITE"
            return f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ {mode}"
        return (
            f"SET LOCAL lock_timeout = '{seconds}s'; "
            f"SELECT pg_advisory_xact_lock({_WRITERS}, hashtext(current_schema()))"
        )

    _start_with(engine, started)
    return engine


def shown(place: str | Path) -> str:
    """The place as messages name it, a password left out."""
    text = str(place)
    with contextlib.suppress(ArgumentError):
        return make_url(text).render_as_string() if "://" in text else text
    return text


def _sqlite_engine(path: str, *, read_only: bool, busy: float) -> Engine:
    if path == ":memory:":
        # one connection for all threads, or each would see a database of its own
        engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
    else:
        file = Path(path)
        if read_only and not file.is_file():
            raise RegisterError(f"there is no register at {path}")
        engine = create_engine(
            "sqlite:///file", creator=lambda: _connect(file, read_only=read_only, busy=busy)
        )

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _entry: ConnectionPoolEntry) -> None:
        # Python's own BEGIN comes too late for DDL and reads: transactions are begun below
        raw.isolation_level = None
        raw.execute("PRAGMA foreign_keys = ON")

    # IMMEDIATE: a writer that first reads would otherwise fail, not wait, when it comes to write
    _start_with(engine, lambda c: "BEGIN IMMEDIATE" if _writes(c) else "BEGIN")
    return engine


def _connect(file: Path, *, read_only: bool, busy: float) -> sqlite3.Connection:
    def opened(query: str) -> sqlite3.Connection:
        uri = f"{file.absolute().as_uri()}?{query}"
        return sqlite3.connect(uri, uri=True, timeout=busy, check_same_thread=False)

    if not read_only:
        return opened("mode=rwc")
    raw = opened("mode=ro")
    try:
        raw.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError:
        raw.close()
        if file.with_name(f"{file.name}-wal").exists():
            raise
        # left in WAL mode, nothing of it outside the file, in a folder that we may not write to
        raw = opened("mode=ro&immutable=1")
    return raw


def _writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(WRITES))


def _start_with(engine: Engine, statement: Any) -> None:
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement(connection))


def start_writing(engine: Engine) -> None:
    """Prepare a database for a writer: WAL on SQLite, nothing elsewhere."""
    _journal(engine, "WAL")


def stop_writing(engine: Engine) -> None:
    """Leave one plain file behind on SQLite, if nobody else has it open."""
    _journal(engine, "DELETE")


def _journal(engine: Engine, mode: str) -> None:
    if engine.dialect.name != "sqlite":
        return
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        wait = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        # while others use the file the mode stays what it is: nothing to wait for, nothing lost
        cursor.execute("PRAGMA busy_timeout = 0")
        with contextlib.suppress(sqlite3.OperationalError):
            cursor.execute(f"PRAGMA journal_mode = {mode}").fetchall()
        cursor.execute(f"PRAGMA busy_timeout = {wait}")
    finally:
        raw.close()


FULL_TEXT = (
    """CREATE VIRTUAL TABLE sentences_fts USING fts5(
        title, sentence, content='sentences', content_rowid='position_key',
        tokenize='unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER sentences_fts_insert AFTER INSERT ON positions BEGIN
        INSERT INTO sentences_fts (rowid, title, sentence)
        SELECT position_key, title, sentence FROM sentences WHERE position_key = new.key;
    END""",
    # the index must be told what it forgets before the row is gone
    """CREATE TRIGGER sentences_fts_delete BEFORE DELETE ON positions BEGIN
        INSERT INTO sentences_fts (sentences_fts, rowid, title, sentence)
        SELECT 'delete', position_key, title, sentence FROM sentences
        WHERE position_key = old.key;
    END""",
)


ARTICLES_FULL_TEXT = (
    # the texts stand in `articles` alone: the index has none of its own
    """CREATE VIRTUAL TABLE articles_fts USING fts5(
        title, text, content='article_texts', content_rowid='article_key',
        tokenize='unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER articles_fts_insert AFTER INSERT ON article_keys BEGIN
        INSERT INTO articles_fts (rowid, title, text)
        SELECT article_key, title, text FROM article_texts WHERE article_key = new.key;
    END""",
)


def create_full_text(connection: Connection) -> None:
    """Index titles and sentences of positions on SQLite, kept by triggers; nothing elsewhere."""
    if connection.dialect.name == "sqlite":
        for statement in FULL_TEXT:
            connection.exec_driver_sql(statement)


_MOST_INDEXED = 500_000
"""Characters of an article that PostgreSQL indexes: it refuses lists of more than a mebibyte."""


def _folds() -> tuple[str, str]:
    """Small Latin letters with marks, and the letters that they are without."""
    marked = [c for n in range(0xC0, 0x250) if (c := chr(n)).lower() == c]
    plain = {c: unicodedata.normalize("NFKD", c)[0] for c in marked}
    pairs = [(c, p) for c, p in plain.items() if p.isascii() and p.islower()]
    return "".join(c for c, _ in pairs), "".join(p for _, p in pairs)


def folded(text: str) -> str:
    """A text in lower case without the marks of Latin letters, as PostgreSQL's index has it."""
    marked, plain = _folds()
    return text.lower().translate(str.maketrans(marked, plain))


def _article_vector() -> str:
    marked, plain = _folds()
    said = f"lower(coalesce(title, '') || ' ' || left(text, {_MOST_INDEXED}))"
    return f"to_tsvector('simple', translate({said}, '{marked}', '{plain}'))"


def create_articles_full_text(connection: Connection) -> None:
    """Index titles and texts of articles, in SQLite kept by a trigger."""
    if connection.dialect.name == "sqlite":
        for statement in ARTICLES_FULL_TEXT:
            connection.exec_driver_sql(statement)
    else:
        connection.exec_driver_sql(
            f"CREATE INDEX articles_fts ON articles USING gin ({_article_vector()})"
        )


def article_rows(connection: Connection, words: str, most: int) -> list[str]:
    """The ids of articles in which all words stand, the best first. PostgreSQL's index only."""
    asked = [folded(w) for w in terms(words)]
    query = " && ".join(["phraseto_tsquery('simple', %s)"] * len(asked))
    vector = _article_vector()
    found = connection.exec_driver_sql(
        f"SELECT id FROM articles WHERE {vector} @@ ({query}) "
        f"ORDER BY ts_rank({vector}, {query}) DESC, id LIMIT {int(most)}",
        (*asked, *asked),
    )
    return [row[0] for row in found]


def full_text_rows(connection: Connection, index: str, words: str, most: int) -> list[int]:
    """The keys of rows in which all words stand, the best first. SQLite's index only."""
    asked = " ".join(f'"{w}"' for w in terms(words))
    found = connection.exec_driver_sql(
        f"SELECT rowid FROM {index} WHERE {index} MATCH ? ORDER BY rank LIMIT ?", (asked, most)
    )
    return [row[0] for row in found]


def terms(words: str) -> list[str]:
    """What to look for: words, and phrases in quotation marks, without the index's own syntax."""
    phrases = re.findall(r'"([^"]+)"|(\S+)', words)
    cleaned = (re.sub(r"[^\w\s'’-]", " ", a or b).strip() for a, b in phrases)
    return [t for t in cleaned if re.search(r"\w", t)]


def is_locked(error: BaseException) -> bool:
    """Whether a database error says that another program holds the register."""
    words = str(error).lower()
    return (
        "database is locked" in words
        or "database table is locked" in words
        or "could not obtain lock" in words
        or "lock timeout" in words
    )
