"""What people decide of actors and propositions: rows are added, the last of a pair counts."""

from __future__ import annotations

from sqlalchemy import Connection, Table, func, insert, select

from caveat.register.derive.merges import Ruling


def add_decision(
    connection: Connection,
    table: Table,
    pair: tuple[str, str],
    verdict: Ruling,
    by: tuple[str, str],
    at: str,
) -> int:
    """Add a decision of a pair in order, by (who, why); returns its number."""
    last = connection.execute(select(func.max(table.c.number))).scalar()
    number = (last or 0) + 1
    row = {"number": number, "one": pair[0], "other": pair[1], "verdict": verdict,
           "who": by[0], "why": by[1], "decided_at": at}  # fmt: skip
    connection.execute(insert(table), [row])
    return number
