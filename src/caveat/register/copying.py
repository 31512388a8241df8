"""Two registers side by side: row counts, digests, what one has and the other lacks; copies.

A digest is of a table's rows in the order of their keys, times of writing included: two registers
are the same where all digests are. Derived tables are left out, they follow from the rest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from caveat.errors import RegisterError
from caveat.register import schema as t
from caveat.register.opened import Opened

AT_ONCE = 5_000
"""Rows written in one statement."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A table of two registers: rows, digests, and how many keys only one has or that differ."""

    table: str
    rows: tuple[int, int]
    digests: tuple[str, str]
    only_first: int
    only_second: int
    changed: int

    @property
    def same(self) -> bool:
        """Whether both hold the same rows."""
        return self.digests[0] == self.digests[1]


def _tables() -> list[Table]:
    return [table for table in t.metadata.sorted_tables if table not in t.DERIVED]


def digest(register: Opened) -> dict[str, str]:
    """The digest of each table by its name."""
    with register._reading() as connection:
        return {table.name: _digest(connection, table) for table in _tables()}


def diff_registers(first: Opened, second: Opened) -> list[Difference]:
    """Compare two registers table by table."""
    out = []
    for table in _tables():
        with first._reading() as one, second._reading() as other:
            digests = _digest(one, table), _digest(other, table)
            counts = _count(one, table), _count(other, table)
            if digests[0] == digests[1]:
                out.append(Difference(table.name, counts, digests, 0, 0, 0))
                continue
            a, b = _by_key(one, table), _by_key(other, table)
        changed = sum(a[key] != b[key] for key in a.keys() & b.keys())
        only = len(a.keys() - b.keys()), len(b.keys() - a.keys())
        out.append(Difference(table.name, counts, digests, *only, changed))
    return out


def copy_register(source: Opened, target: Opened) -> int:
    """Copy every row into an empty register, in one transaction; returns the number of rows.

    Raises `RegisterError` where the target holds articles or decisions already.
    """
    total = 0
    with source._reading() as read, target._writing("a copy") as write:
        for table in _tables():
            if table in (t.caveat_migrations, t.register_info):
                continue
            if write.execute(select(func.count()).select_from(table)).scalar_one():
                raise RegisterError(f"register {target.place} is not empty: copy into a new one")
        write.execute(t.register_info.delete())
        for table in _tables():
            if table is t.caveat_migrations:
                continue
            for rows in _batches(read, _in_insert_order(table)):
                write.execute(insert(table), rows)
                total += len(rows)
    return total


def _in_insert_order(table: Table) -> Any:
    query = select(table)
    if table is t.articles:
        # a version comes after the one that it replaces
        return query
    return query.order_by(*table.primary_key.columns)


def _batches(connection: Connection, query: Any) -> Iterator[list[dict[str, Any]]]:
    rows = [dict(row) for row in connection.execute(query).mappings()]
    if rows and "replaces" in rows[0]:
        rows = _replaced_first(rows)
    for n in range(0, len(rows), AT_ONCE):
        yield rows[n : n + AT_ONCE]


def _replaced_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_id = {row["id"]: row for row in rows}
    out: dict[str, dict[str, Any]] = {}
    for row in rows:
        chain = []
        at = row
        while at["id"] not in out:
            chain.append(at)
            if at["replaces"] is None:
                break
            at = by_id[at["replaces"]]
        for each in reversed(chain):
            out[each["id"]] = each
    return list(out.values())


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _digest(connection: Connection, table: Table) -> str:
    made = hashlib.sha256()
    # sorted here, by the rows' own text: databases collate differently
    for line in sorted(_lines(connection, table)):
        made.update(line.encode("utf-8", "surrogatepass"))
    return made.hexdigest()[:16]


def _lines(connection: Connection, table: Table) -> Iterator[str]:
    for row in connection.execute(select(*table.c)):
        yield json.dumps([_plain(value) for value in row], ensure_ascii=False) + "\n"


def _by_key(connection: Connection, table: Table) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    names = [c.name for c in table.columns]
    at = [names.index(c.name) for c in table.primary_key.columns]
    rows = (tuple(row) for row in connection.execute(select(*table.c)))
    return {tuple(row[n] for n in at): row for row in rows}


def _plain(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, date) else value
