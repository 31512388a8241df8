"""Replies that are kept, so that nothing is asked twice and tomorrow's answer is today's."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from caveat.errors import InputError
from caveat.model import Span, identity


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model replied, in its words; tokens by the server's count, else by ours."""

    text: str
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reply answers: all that its key is made of.

    `digest` is over the very messages sent, so that no change of the prompt can ever replay an
    answer to another question.
    """

    article: str
    """SHA-256 of the article's text."""
    window: Span
    model: str
    prompt: str
    parameters: str
    digest: str

    @property
    def key(self) -> str:
        """32 hex digits."""
        fields = (self.article, *self.window, self.model, self.prompt, self.parameters, self.digest)
        return identity("first", *fields) + identity("second", *fields)

    @property
    def columns(self) -> dict[str, str | int]:
        """What a store keeps beside the reply, by column."""
        fields = (self.article, *self.window, self.model, self.prompt, self.parameters)
        return dict(zip(_COLUMNS, fields, strict=True))


_COLUMNS = ("article_sha256", "window_start", "window_end", "model", "prompt", "parameters")


class Replies(Protocol):
    """A store of replies; a register is one, a `ReplyFile` another. Used from several threads."""

    def reply(self, key: str) -> str | None:
        """The words of a reply that is kept, else None."""
        ...

    def keep_reply(
        self, key: str, asked: Mapping[str, str | int], reply: str, tokens: tuple[int, int]
    ) -> None:
        """Keep a reply with the columns of `Asked`; one that is there stays as it is."""
        ...

    def first_use(self, endpoint: str) -> bool:
        """Note that texts are sent to an endpoint; whether that was new."""
        ...


_TABLES = """
CREATE TABLE IF NOT EXISTS llm_replies (
    key TEXT PRIMARY KEY, article_sha256 TEXT NOT NULL, window_start INTEGER NOT NULL,
    window_end INTEGER NOT NULL, model TEXT NOT NULL, prompt TEXT NOT NULL,
    parameters TEXT NOT NULL, reply TEXT NOT NULL, tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL, first_seen TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS llm_endpoints (endpoint TEXT PRIMARY KEY, first_seen TEXT NOT NULL);
"""


class ReplyFile:
    """Replies in a small SQLite file, for readings that no register keeps.

    Raises `InputError` where the file cannot be used.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            Path(path).absolute().parent.mkdir(parents=True, exist_ok=True)
            self._held = sqlite3.connect(
                path, timeout=20, check_same_thread=False, isolation_level=None
            )
            self._held.executescript(_TABLES)
        except (OSError, sqlite3.Error) as e:
            raise InputError(f"cannot keep replies in {path}: {e}") from e

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._held.close()

    def reply(self, key: str) -> str | None:
        """The words of a reply that is kept, else None."""
        rows = self._rows("SELECT reply FROM llm_replies WHERE key = ?", key)
        return str(rows[0][0]) if rows else None

    def keep_reply(
        self, key: str, asked: Mapping[str, str | int], reply: str, tokens: tuple[int, int]
    ) -> None:
        """Keep a reply with the columns of `Asked`; one that is there stays as it is."""
        self._rows(
            "INSERT OR IGNORE INTO llm_replies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            key, *(asked[column] for column in _COLUMNS), reply, *tokens, _now(),
        )  # fmt: skip

    def first_use(self, endpoint: str) -> bool:
        """Note that texts are sent to an endpoint; whether that was new."""
        done = "INSERT OR IGNORE INTO llm_endpoints VALUES (?, ?) RETURNING endpoint"
        return bool(self._rows(done, endpoint, _now()))

    def _rows(self, statement: str, *values: object) -> Sequence[tuple[object, ...]]:
        try:
            with self._lock:
                found: list[tuple[object, ...]] = self._held.execute(statement, values).fetchall()
                return found
        except sqlite3.Error as e:
            raise InputError(f"cannot keep replies in {self._path}: {e}") from e


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
