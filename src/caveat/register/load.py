"""Rows → records, in a fixed number of queries however many rows there are."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, String, Table, column, func, select, table

from caveat.model import (
    Actor,
    ActorType,
    Amount,
    Article,
    Caveat,
    Condition,
    Interval,
    Part,
    Position,
    Scope,
    Span,
    Time,
)
from caveat.register import schema as t
from caveat.register.derive.copies import Sketch, unpacked
from caveat.register.derive.people import Evidence

T = TypeVar("T")

current_readings = table(
    "current_readings", column("reading_id", String), column("article_id", String)
)

TYPE_OF: Mapping[str, ActorType] = {
    "iso": "state", "org": "body", "per": "person", "out": "outlet", "grp": "group",
}  # fmt: skip
"""What an id's prefix says of an actor that no reading has described (a listed group's member)."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A position as it is stored, with its id, article and reader."""

    id: str
    article: str
    reader: str
    position: Position


@dataclass(frozen=True, slots=True)
class Source:
    """What entries need of an article."""

    text: str
    outlet: str | None
    url: str | None
    title: str | None
    published: Interval | None


def interval(start: date | None, end: date | None) -> Interval | None:
    """The interval of two columns; None where both are null."""
    return None if start is None and end is None else Interval(start, end)


def load_sources(connection: Connection) -> dict[str, Source]:
    """The articles that have a current reading, by id."""
    a = t.articles.c
    current = select(current_readings.c.article_id)
    query = select(
        a.id, a.text, a.outlet, a.url, a.title, a.published_start, a.published_end
    ).where(a.id.in_(current))
    return {
        id_: Source(text, outlet, url, title, interval(start, end))
        for id_, text, outlet, url, title, start, end in connection.execute(query)
    }


def load_sketches(connection: Connection) -> dict[str, Sketch]:
    """The sketches of the articles that have a current reading, by article id."""
    s = t.sketches.c
    query = select(s.article_id, s.scale, s.hashes).where(
        s.article_id.in_(select(current_readings.c.article_id))
    )
    return {id_: unpacked(scale, packed) for id_, scale, packed in connection.execute(query)}


def load_evidence(connection: Connection) -> list[Evidence]:
    """Who is said to speak for whom, by the current readings."""
    s = t.speaks_for.c
    query = select(current_readings.c.article_id, s.speaker, s.party).join_from(
        t.speaks_for, current_readings, s.reading_id == current_readings.c.reading_id
    )
    return [Evidence(*row) for row in connection.execute(query.distinct())]


def load_actors(connection: Connection) -> dict[str, Actor]:
    """All actors of current readings by id, in order of ids.

    Articles may name and describe one actor differently: what most readings say is taken, of
    equals the first in order. Members that no reading describes are named by their ids.
    """
    a = t.actors.c
    query = (
        select(a.actor, a.name, a.type, a.members, a.anonymous)
        .join_from(t.actors, current_readings, a.reading_id == current_readings.c.reading_id)
        .group_by(a.actor, a.name, a.type, a.members, a.anonymous)
        .order_by(a.actor, func.count().desc(), a.name, a.type, a.members, a.anonymous)
    )
    out: dict[str, Actor] = {}
    for id_, name, type_, members, anonymous in connection.execute(query):
        if id_ not in out:
            out[id_] = Actor(id_, name, type_, tuple(json.loads(members)), bool(anonymous))
    for id_ in {m for actor in out.values() for m in actor.members} - set(out):
        out[id_] = undescribed(id_)
    return dict(sorted(out.items()))


def undescribed(id_: str) -> Actor:
    """An actor of which only the id is known: named by what follows the id's prefix."""
    prefix, _, rest = id_.partition(":")
    return Actor(id_, rest or id_, TYPE_OF.get(prefix, "group"))


def load_article(connection: Connection, id_: str) -> Article | None:
    """An article as it was added, or None."""
    row = connection.execute(select(t.articles).where(t.articles.c.id == id_)).first()
    if row is None:
        return None
    p = t.article_parts.c
    found = connection.execute(
        select(p.kind, p.span_start, p.span_end).where(p.article_id == id_).order_by(p.number)
    ).all()
    return Article(
        text=row.text,
        title=row.title,
        outlet=row.outlet,
        url=row.url,
        published=interval(row.published_start, row.published_end),
        published_from=row.published_from,
        language=row.language,
        parts=tuple(Part(kind, (s, e)) for kind, s, e in found if kind != "carrier"),
        carried_by=tuple((s, e) for kind, s, e in found if kind == "carrier"),
        name=row.name,
        extra=json.loads(row.extra),
    )


def load_positions(connection: Connection) -> Iterator[Stored]:
    """All positions of current readings."""
    spans = _children(connection, t.position_spans, lambda r: (r.role, (r.span_start, r.span_end)))
    actors = _children(connection, t.position_actors, lambda r: (r.role, r.actor))
    conditions = _children(connection, t.conditions, _condition)
    amounts = _children(connection, t.amounts, _amount)
    times = _children(connection, t.times, _time)
    caveats = _load_caveats(connection)
    query = select(t.positions, t.readings.c.reader).join_from(
        t.positions, t.readings, t.positions.c.reading_id == t.readings.c.id
    )
    for r in connection.execute(query.where(_CURRENT)):
        words, named = _by_role(spans.get(r.key)), _by_role(actors.get(r.key))
        position = Position(
            holder=words.get("holder", ()),
            holder_actors=named.get("holder", ()),
            stance=r.stance,
            kind=r.kind,
            negated=r.negated,
            action=(r.action_start, r.action_end),
            addressee=words.get("addressee", ()),
            beneficiary=words.get("beneficiary", ()),
            amount=tuple(amounts.get(r.key, ())),
            time=tuple(times.get(r.key, ())),
            conditions=tuple(conditions.get(r.key, ())),
            speaker=None if r.speaker_start is None else (r.speaker_start, r.speaker_end),
            speaker_actor=r.speaker_actor,
            relay=words.get("relay", ()),
            voice=r.voice,
            confidence=r.confidence,
            caveats=tuple(caveats.get(r.key, ())),
            sentence=(r.sentence_start, r.sentence_end),
            said=interval(r.said_start, r.said_end),
            scope=_scope(r),
            addressee_actors=named.get("addressee", ()),
            beneficiary_actors=named.get("beneficiary", ()),
            relay_actors=named.get("relay", ()),
            group_size=None if r.group_min is r.group_max is None else (r.group_min, r.group_max),
            attribution=r.attribution,
        )
        yield Stored(r.id, r.article_id, r.reader, position)


_CURRENT = t.positions.c.reading_id.in_(select(current_readings.c.reading_id))


def _children(
    connection: Connection, of: Table, made: Callable[[Row[Any]], T]
) -> dict[int, list[T]]:
    """What a table holds for each current position, in order."""
    query = (
        select(of)
        .join_from(of, t.positions, of.c.position_key == t.positions.c.key)
        .where(_CURRENT)
        .order_by(of.c.position_key, of.c.number)
    )
    out: dict[int, list[T]] = {}
    for row in connection.execute(query):
        out.setdefault(row.position_key, []).append(made(row))
    return out


def _by_role(found: Sequence[tuple[str, T]] | None) -> dict[str, tuple[T, ...]]:
    out: dict[str, tuple[T, ...]] = {}
    for role, one in found or ():
        out[role] = (*out.get(role, ()), one)
    return out


def _condition(r: Row[Any]) -> Condition:
    return Condition((r.span_start, r.span_end), r.relation, r.proposition, r.or_group)


def _amount(r: Row[Any]) -> Amount:
    return Amount((r.span_start, r.span_end), r.value, r.max_value, r.unit, r.bound)


def _time(r: Row[Any]) -> Time:
    return Time((r.span_start, r.span_end), r.start_day, r.end_day)


def _load_caveats(connection: Connection) -> dict[int, list[Caveat]]:
    evidence: defaultdict[tuple[int, int], list[Span]] = defaultdict(list)
    for key, found in _children(
        connection, t.caveat_spans, lambda r: (r.caveat, (r.span_start, r.span_end))
    ).items():
        for caveat, span in found:
            evidence[key, caveat].append(span)

    def made(r: Row[Any]) -> Caveat:
        return Caveat(r.name, r.why, tuple(evidence.get((r.position_key, r.number), ())))

    return _children(connection, t.caveats, made)


def _scope(r: Row[Any]) -> Scope | None:
    if r.scope_inside is None:
        return None
    return Scope(r.scope_place, r.scope_mission, r.scope_inside, r.scope_reason)


def load_summaries(connection: Connection) -> Sequence[Row[Any]]:
    """The columns of every article but its text, what replaced it, and its current positions."""
    a, newer = t.articles.c, t.articles.alias()
    counted = (
        select(t.positions.c.article_id, func.count(t.positions.c.id.distinct()).label("n"))
        .where(_CURRENT)
        .group_by(t.positions.c.article_id)
        .subquery()
    )
    query = (
        select(
            a.id, a.name, a.title, a.outlet, a.url, a.published_start, a.published_end, a.replaces,
            newer.c.id.label("replaced_by"), func.coalesce(counted.c.n, 0).label("positions"),
        )
        .outerjoin_from(t.articles, newer, newer.c.replaces == a.id)
        .outerjoin(counted, counted.c.article_id == a.id)
    )  # fmt: skip
    # sorted here: databases disagree on where nulls go
    return sorted(connection.execute(query), key=lambda r: (str(r.published_start or ""), r.id))


def load_counts(connection: Connection) -> tuple[int, int]:
    """How many articles have a current reading, and how many current positions there are."""
    articles = select(func.count(current_readings.c.article_id.distinct()))
    distinct = select(t.positions.c.article_id, t.positions.c.id).where(_CURRENT).distinct()
    positions = select(func.count()).select_from(distinct.subquery())
    return connection.execute(articles).scalar_one(), connection.execute(positions).scalar_one()
