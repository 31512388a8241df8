"""Columns and checks that tables share, and the metadata that all tables are in."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Integer,
    MetaData,
)
from sqlalchemy.types import TypeEngine

KEY: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
"""On SQLite only a column declared INTEGER is the row's own, lasting number."""

metadata = MetaData()


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """A check that a column holds one of these words."""
    listed = ", ".join(f"'{v}'" for v in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"known_{column}")


def span(*, optional: bool = False, name: str = "span") -> tuple[Column[int], Column[int]]:
    """The two columns of a span."""
    return (
        Column(f"{name}_start", Integer, nullable=optional),
        Column(f"{name}_end", Integer, nullable=optional),
    )


def span_order(name: str = "span") -> CheckConstraint:
    """A check that a span does not end before it begins."""
    return CheckConstraint(f"0 <= {name}_start AND {name}_start <= {name}_end", f"{name}_in_order")
