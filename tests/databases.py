"""Runs the tests that name register files on PostgreSQL instead, each file a schema of its own.

CAVEAT_TEST_POSTGRESQL=postgresql://caveat@127.0.0.1:5432/caveat pytest

Tests of what only SQLite has (its file, its index's own language) are marked `sqlite` and skipped.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from pathlib import Path

from caveat.errors import RegisterError
from caveat.register import dialect, opened

URL = os.environ.get("CAVEAT_TEST_POSTGRESQL")
_numbers = itertools.count()


def schema(place: str | Path) -> str:
    """The schema that stands for a register's file."""
    told = f"{place}{next(_numbers)}" if str(place) == ":memory:" else str(Path(place).absolute())
    return "t" + hashlib.sha256(f"{os.getpid()} {told}".encode()).hexdigest()[:20]


def url_of(place: str | Path) -> str:
    """The URL that stands for a register's file."""
    return f"{URL}?options=-csearch_path%3D{schema(place)}"


def use_postgresql() -> None:
    """Open schemas where tests name files, from here on."""
    import psycopg

    real = dialect.open_engine
    admin = psycopg.connect(URL, autocommit=True)

    def open_engine(place, *, read_only, busy=dialect.BUSY_SECONDS):
        if "://" in str(place):
            return real(place, read_only=read_only, busy=busy)
        name = schema(place)
        found = admin.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (name,)).fetchone()
        if found is None:
            if read_only:
                raise RegisterError(f"there is no register at {place}")
            admin.execute(f"CREATE SCHEMA {name}")
            if str(place) != ":memory:":
                Path(place).touch()  # commands look whether a file is there
        url = f"{URL}?options=-csearch_path%3D{name}"
        return real(url, read_only=read_only, busy=busy)

    opened.open_engine = open_engine
