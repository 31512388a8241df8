"""Opening a register: the file or database, its schema, its undertaking; errors as sentences."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import SQLAlchemyError

from caveat.errors import (
    RegisterError,
    ReviewError,
    UndertakingMismatch,
    UnknownActor,
    UnknownPosition,
    UnknownProposition,
)
from caveat.model import Findings
from caveat.register import migrations as steps
from caveat.register import schema as t
from caveat.register.dialect import (
    BUSY_SECONDS,
    WRITES,
    is_locked,
    open_engine,
    shown,
    start_writing,
    stop_writing,
)
from caveat.undertaking import Undertaking, parse_undertaking

PASSED_ON = (
    UndertakingMismatch,
    UnknownActor,
    UnknownPosition,
    UnknownProposition,
    ReviewError,
)
"""Errors that say all by themselves."""


class Opened:
    """An open register, of which `Register` makes what can be done with it."""

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
        except PASSED_ON:
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
            reason = " ".join(str(getattr(e, "orig", None) or e).split())
            raise RegisterError(f"{about}register {self.place}: {reason}") from e
        except (OSError, UnicodeError) as e:
            raise RegisterError(f"{about}register {self.place}: {e}") from e


def _info(connection: Connection) -> dict[str, str]:
    i = t.register_info.c
    return {r.name: r.value for r in connection.execute(select(i.name, i.value))}
