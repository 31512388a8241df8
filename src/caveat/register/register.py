"""The register: add findings, ask for entries. One object, one file or database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from platformdirs import user_data_path
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from caveat.errors import RegisterError, UndertakingMismatch, UnknownActor, UnknownPosition
from caveat.model import Actor, Article, Entry, Findings, Interval, Skipped, identity
from caveat.register import load
from caveat.register import migrations as steps
from caveat.register import schema as t
from caveat.register.background import Background, Known, background
from caveat.register.decisions import add_decision
from caveat.register.derive import entries as derive
from caveat.register.derive.entries import Holdings, derive_entries
from caveat.register.derive.merges import Merges, Ruling
from caveat.register.derive.people import Link
from caveat.register.dialect import (
    BUSY_SECONDS,
    WRITES,
    is_locked,
    open_engine,
    shown,
    start_writing,
    stop_writing,
)
from caveat.register.opinions import (
    Opinion,
    add_endpoint,
    add_opinions,
    add_reply,
    load_opinions,
    load_reply,
)
from caveat.register.rows import Rows, article_rows, finding_rows, reading_of
from caveat.register.versions import link_versions
from caveat.register.views import HAND
from caveat.undertaking import Undertaking, parse_undertaking


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """An article without its text. `current` tells the last version from those it replaced."""

    id: str
    name: str
    title: str | None
    outlet: str | None
    url: str | None
    published: Interval | None
    replaces: str | None
    current: bool
    positions: int
    """Current positions in it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a register holds at present: current articles and positions, skips by reason."""

    articles: int
    positions: int
    skipped: Mapping[str, int]


def default_path() -> Path:
    """Where a register lies if nothing else is said: register.db in the user's data folder."""
    return user_data_path("caveat") / "register.db"


class Register:
    """A register in an SQLite file, or in a database by URL.

    Opening creates it or brings it up to date; with `read_only` nothing is ever written. A new
    register keeps the undertaking it is opened with, and can only be opened with that one, or
    with none. May be used from several threads; close it or use it as a context manager.

    Raises `RegisterError` if it cannot be opened, is missing though read-only, no register, newer
    than this version of Caveat or locked; `UndertakingMismatch` if it was read under another one.
    """

    def __init__(
        self,
        path_or_url: str | Path,
        *,
        undertaking: Undertaking | None = None,
        read_only: bool = False,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self.place = shown(path_or_url)
        self.read_only = read_only
        self._given = undertaking
        with self._explained():
            if not read_only and isinstance(path_or_url, Path | str) and "://" not in self.place:
                Path(self.place).absolute().parent.mkdir(parents=True, exist_ok=True)
            self._engine = open_engine(path_or_url, read_only=read_only, busy=busy_seconds)
        try:
            with self._explained():
                self._prepare()
        except BaseException:
            self._engine.dispose()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; once nobody has it open it is one plain file again."""
        if not self.read_only:
            stop_writing(self._engine)
        self._engine.dispose()

    # ------------------------------------------------------------------ writing

    def add(self, findings: Findings) -> bool:
        """Store an article and all that was found in it, in one transaction.

        Returns whether rows were new: a reading that is there already changes nothing. Findings
        of an article that was skipped are recorded as a skip. Raises `RegisterError` for words no
        database holds and spans outside the text, `UndertakingMismatch` for findings read under
        another undertaking than the register's.
        """
        article = findings.article
        if findings.skipped is not None:
            reason, _, detail = findings.skipped.partition(":")
            return self.skip(article.name or article.id, reason.strip(), detail.strip())
        self._check(findings)
        reading = reading_of(findings)
        known = select(t.readings.c.id).where(t.readings.c.id == reading.id)
        with self._reading() as connection:
            if connection.execute(known).first():
                return False
        seen = steps.now()
        new_article = article_rows(article, seen)
        new_reading = finding_rows(findings, reading, seen)
        with self._writing(article.name) as connection:
            # asked again under the lock: another program may have been faster
            if connection.execute(known).first():
                return False
            readings = t.readings.c
            of_article = readings.article_id == reading.article
            last, by_machine = connection.execute(
                select(
                    func.coalesce(func.max(readings.number), 0),
                    func.count().filter(readings.reader != HAND),
                ).where(of_article)
            ).one()
            if not last:
                _insert(connection, new_article)
            new_reading[t.readings][0]["number"] = last + 1
            _insert(connection, new_reading)
            if not by_machine and findings.reader != HAND:
                link_versions(connection, reading.article)
        return True

    def skip(self, name: str, reason: str, detail: str) -> bool:
        """Record an input that was left out; returns whether that was new."""
        row = {"id": identity(name, reason, detail), "name": name, "reason": reason,
               "detail": detail, "first_seen": steps.now()}  # fmt: skip
        with self._writing(name) as connection:
            if connection.execute(select(t.skips.c.id).where(t.skips.c.id == row["id"])).first():
                return False
            connection.execute(insert(t.skips), [row])
        return True

    def keep_reply(
        self, key: str, asked: Mapping[str, str | int], reply: str, tokens: tuple[int, int]
    ) -> None:
        """Keep a language model's reply, with what was asked and the tokens in and out."""
        row = {"key": key, **asked, "reply": reply, "tokens_in": tokens[0],
               "tokens_out": tokens[1], "first_seen": steps.now()}  # fmt: skip
        with self._writing("a reply") as connection:
            add_reply(connection, row)

    def first_use(self, endpoint: str) -> bool:
        """Note an endpoint that texts are sent to; returns whether it was new."""
        with self._writing(endpoint) as connection:
            return add_endpoint(connection, endpoint, steps.now())

    def add_opinions(self, opinions: Iterable[Opinion]) -> int:
        """Store second opinions in one transaction; returns how many were new."""
        with self._writing("second opinions") as connection:
            return add_opinions(connection, opinions, steps.now())

    def decide(self, one: str, other: str, verdict: Ruling, *, who: str, why: str) -> int:
        """Say that two actors' ids are the same, different, or that neither is decided.

        Returns the decision's number. Raises `UnknownActor` where no reading gives an id.
        """
        first, second = sorted((one, other))
        if first == second:
            raise RegisterError(f"{one!r} is one id, not two")
        with self._writing("a decision") as connection:
            known = load.load_actors(connection)
            for id_ in (first, second):
                if id_ not in known:
                    raise UnknownActor(f"the register knows no actor {id_!r}")
            return add_decision(connection, (first, second), verdict, (who, why), steps.now())

    # ------------------------------------------------------------------ asking

    def reply(self, key: str) -> str | None:
        """The words of a language model's reply that is kept, else None."""
        with self._reading() as connection:
            return load_reply(connection, key)

    def opinions(self) -> tuple[Opinion, ...]:
        """All second opinions, of positions that are no longer current too."""
        with self._reading() as connection:
            return load_opinions(connection)

    @cached_property
    def undertaking(self) -> Undertaking | None:
        """The undertaking that the register keeps, or None where it was read without one."""
        if self._given is not None:
            return self._given
        with self._reading() as connection:
            info = _info(connection)
        if "undertaking_toml" not in info:
            return None
        return parse_undertaking(info["undertaking_toml"], info["undertaking"])

    def entries(self) -> tuple[Entry, ...]:
        """All current positions with what follows from the register as a whole.

        Sorted by day of report, article id and action. Computed anew at each call: keep the
        tuple rather than ask twice.
        """
        with self._reading() as connection:
            return derive_entries(_holdings(connection))

    def entry(self, prefix: str) -> Entry:
        """The current position whose id begins with `prefix`.

        Raises `UnknownPosition` when there is none or more than one.
        """
        found = [e for e in self.entries() if e.id.startswith(prefix)]
        if len(found) == 1:
            return found[0]
        many = f"{len(found)} positions begin with {prefix!r}: give more of the id"
        raise UnknownPosition(many if found else f"no current position begins with {prefix!r}")

    def background(self, entry: Entry) -> Background:
        """What stands behind a position: chain of voices, identities, its origin."""
        with self._reading() as connection:
            held = _holdings(connection)
            merged = derive.merges(held)
            standing = derive.standing(held, merged)
            party_of = {a: standing.party(a, entry.article_id) for a in held.actors}
            found = (link for links in standing.links.values() for link in links)
            known = Known(
                derive_entries(held, standing), held.sources[entry.article_id], held.actors,
                merged, tuple(found), party_of,
            )  # fmt: skip
            return background(connection, entry, known)

    def merges(self) -> Merges:
        """Which actors' ids are one, which may be, and what people decided of them."""
        with self._reading() as connection:
            return derive.merges(_holdings(connection))

    def links(self) -> tuple[Link, ...]:
        """Who speaks for whom, by which post, from when until when."""
        with self._reading() as connection:
            found = derive.standing(_holdings(connection)).links
        return tuple(link for links in found.values() for link in links)

    def article(self, id_: str) -> Article:
        """An article as it was added, its text unchanged. Raises `RegisterError` if unknown."""
        with self._reading() as connection:
            article = load.load_article(connection, id_)
        if article is None:
            raise RegisterError(f"register {self.place} holds no article {id_!r}")
        return article

    def articles(self) -> tuple[ArticleSummary, ...]:
        """All articles, replaced versions included, by day and id."""
        with self._reading() as connection:
            rows = load.load_summaries(connection)
        made = (
            ArticleSummary(
                id=r.id,
                name=r.name,
                title=r.title,
                outlet=r.outlet,
                url=r.url,
                published=load.interval(r.published_start, r.published_end),
                replaces=r.replaces,
                current=r.replaced_by is None,
                positions=r.positions,
            )
            for r in rows
        )
        return tuple(made)

    def actors(self) -> dict[str, Actor]:
        """All actors of current readings and their listed members by id, in order of ids."""
        with self._reading() as connection:
            return load.load_actors(connection)

    def actor(self, id_: str) -> Actor:
        """One actor; of an id that no reading describes, what the id itself tells."""
        return self.actors().get(id_) or load.undescribed(id_)

    def skips(self) -> tuple[Skipped, ...]:
        """The inputs that were left out, in order of name."""
        s = t.skips.c
        with self._reading() as connection:
            rows = connection.execute(
                select(s.name, s.reason, s.detail).order_by(s.name, s.reason, s.detail)
            )
            return tuple(Skipped(*row) for row in rows)

    def counts(self) -> Counts:
        """How much there is, without loading it."""
        s = t.skips.c
        with self._reading() as connection:
            articles, positions = load.load_counts(connection)
            skipped = connection.execute(
                select(s.reason, func.count()).group_by(s.reason).order_by(s.reason)
            )
            return Counts(articles, positions, {r.reason: r[1] for r in skipped})

    def dump(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Every row of every table as (table, values) in a fixed order, times of writing left out.

        Two registers that were given the same findings dump the same.
        """
        with self._reading() as connection:
            for table in sorted(t.metadata.tables.values(), key=lambda each: each.name):
                columns = [c for c in table.c if c.name not in t.SEEN]
                rows = connection.execute(select(*columns).order_by(*table.primary_key.columns))
                yield from ((table.name, tuple(row)) for row in rows)

    # ------------------------------------------------------------------ within

    def _prepare(self) -> None:
        with self._engine.connect() as connection:
            todo = steps.pending(connection)
        if self.read_only and todo:
            if len(todo) == len(steps.MIGRATIONS):
                raise RegisterError("it holds no Caveat register")
            raise RegisterError("it is of an older version: open it once for writing to update it")
        if not self.read_only:
            if todo:
                steps.migrate(self._engine)
            start_writing(self._engine)
        if self._given is not None:
            self._agree(self._given)

    def _agree(self, given: Undertaking) -> None:
        """Keep the undertaking in a register that holds nothing yet; else compare."""
        with self._connected(write=not self.read_only) as connection:
            info = _info(connection)
            if "undertaking" not in info:
                if connection.execute(select(t.readings.c.id).limit(1)).first():
                    raise UndertakingMismatch(
                        f"register {self.place} was read without an undertaking: open it without "
                        f"one, or read the articles into a new register for {given.id!r}"
                    )
                if not self.read_only:
                    kept = {"undertaking": given.id, "undertaking_digest": given.digest,
                            "undertaking_toml": given.toml}  # fmt: skip
                    rows = [{"name": k, "value": v} for k, v in kept.items()]
                    connection.execute(insert(t.register_info), rows)
            elif info["undertaking_digest"] != given.digest:
                other = (
                    f"another version of the undertaking {given.id!r}"
                    if info["undertaking"] == given.id
                    else f"the undertaking {info['undertaking']!r}, not {given.id!r}"
                )
                raise UndertakingMismatch(
                    f"register {self.place} was read under {other}: open it without naming an "
                    "undertaking, or read the articles into a new register"
                )

    def _check(self, findings: Findings) -> None:
        named, own = findings.undertaking, self.undertaking
        if named is not None and own is not None and named not in (own.id, own.digest):
            raise UndertakingMismatch(
                f"findings of {findings.article.name or findings.article.id} were read under the "
                f"undertaking {named!r}, but register {self.place} keeps {own.id!r}: read them "
                "again, or into a register of their own"
            )

    @contextmanager
    def _connected(self, *, write: bool = False) -> Iterator[Connection]:
        opened = self._engine.connect().execution_options(**{WRITES: write})
        with opened as connection, connection.begin():
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._explained(), self._connected() as connection:
            yield connection

    @contextmanager
    def _writing(self, what: str) -> Iterator[Connection]:
        if self.read_only:
            raise RegisterError(f"register {self.place} is open for reading only")
        with self._explained(what), self._connected(write=True) as connection:
            yield connection

    @contextmanager
    def _explained(self, what: str = "") -> Iterator[None]:
        """Turn what the database or the system raises into one sentence."""
        about = f"{what}: " if what else ""
        try:
            yield
        except (UndertakingMismatch, UnknownActor, UnknownPosition):
            raise
        except RegisterError as e:
            if self.place in str(e):
                raise
            raise RegisterError(f"cannot use {self.place} as a register: {e}") from e
        except (SQLAlchemyError, sqlite3.Error) as e:
            if is_locked(e):
                raise RegisterError(
                    f"{about}register {self.place} is locked by another program: "
                    "try again when it is done"
                ) from e
            reason = getattr(e, "orig", None) or e
            raise RegisterError(f"{about}register {self.place}: {reason}") from e
        except (OSError, UnicodeError) as e:
            raise RegisterError(f"{about}register {self.place}: {e}") from e


def _insert(connection: Connection, rows: Rows) -> None:
    for table, found in rows.items():
        if found:
            connection.execute(insert(table), found)


def _holdings(connection: Connection) -> Holdings:
    return Holdings(
        positions=load.load_positions(connection),
        sources=load.load_sources(connection),
        signatures=load.load_signatures(connection),
        actors=load.load_actors(connection),
        evidence=load.load_evidence(connection),
        decisions=load.load_decisions(connection),
    )


def _info(connection: Connection) -> dict[str, str]:
    i = t.register_info.c
    return {r.name: r.value for r in connection.execute(select(i.name, i.value))}
