"""What language models replied, and what they say of positions that another reader found."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, insert, select

from caveat.register import schema as t

Verdict = Literal["agree", "disagree", "missing"]
"""`missing`: the model finds no position on these words."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """A second reading of one position, kept beside the first and never instead of it.

    `finding` is what the second reader found on the words, spans as offsets; None if nothing.
    """

    position: str
    article: str
    of_reader: str
    """Whose reading the position is."""
    reader: str
    """Whose opinion this is."""
    verdict: Verdict
    differs: tuple[str, ...]
    finding: Mapping[str, Any] | None


def load_reply(connection: Connection, key: str) -> str | None:
    """The words of a reply that is kept."""
    r = t.llm_replies.c
    return connection.execute(select(r.reply).where(r.key == key)).scalar()


def add_reply(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep a reply; one that is there stays as it is."""
    if load_reply(connection, row["key"]) is None:
        connection.execute(insert(t.llm_replies), [dict(row)])


def add_endpoint(connection: Connection, endpoint: str, seen: str) -> bool:
    """Note an endpoint that texts are sent to; whether it was new."""
    e = t.llm_endpoints.c
    if connection.execute(select(e.endpoint).where(e.endpoint == endpoint)).first():
        return False
    connection.execute(insert(t.llm_endpoints), [{"endpoint": endpoint, "first_seen": seen}])
    return True


def add_opinions(connection: Connection, opinions: Iterable[Opinion], seen: str) -> int:
    """Store opinions; returns how many were new. One reader has one opinion of a position."""
    o, new = t.second_opinions.c, 0
    for one in opinions:
        known = select(o.reader).where(o.position_id == one.position, o.reader == one.reader)
        if connection.execute(known).first():
            continue
        finding = one.finding
        row = {
            "position_id": one.position,
            "reader": one.reader,
            "article_id": one.article,
            "of_reader": one.of_reader,
            "verdict": one.verdict,
            "differs": json.dumps(list(one.differs)),
            "finding": None if finding is None else json.dumps(dict(finding), sort_keys=True),
            "first_seen": seen,
        }
        connection.execute(insert(t.second_opinions), [row])
        new += 1
    return new


def load_opinions(connection: Connection) -> tuple[Opinion, ...]:
    """All opinions, by article, position and reader."""
    o = t.second_opinions.c
    query = select(
        o.position_id, o.article_id, o.of_reader, o.reader, o.verdict, o.differs, o.finding
    ).order_by(o.article_id, o.position_id, o.reader)
    return tuple(
        Opinion(
            *row[:5], tuple(json.loads(row[5])), json.loads(row[6]) if row[6] is not None else None
        )
        for row in connection.execute(query)
    )
