"""Rows → records, in a fixed number of queries however many rows there are."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, String, Table, column, func, select, table

from caveat.model import (
    IMPLIED,
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
from caveat.register.derive.merges import Decision
from caveat.register.derive.people import Evidence
from caveat.register.views import HAND

T = TypeVar("T")

Chosen = Callable[[ColumnElement[Any]], ColumnElement[bool]]
"""Which positions to load: makes a criterion of a column of their keys."""

current_readings = table(
    "current_readings", column("reading_id", String), column("article_id", String)
)

TYPE_OF: Mapping[str, ActorType] = {
    "iso": "state", "org": "body", "per": "person", "out": "outlet", "grp": "group",
}  # fmt: skip
"""What an id's prefix says of an actor that no reading has described (a listed group's member)."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A position as it is stored, with its key, id, article and reader."""

    key: int
    id: str
    article: str
    reader: str
    position: Position
    reviewed: bool = False
    """Whether a review counts, and the position is as it has it."""

    @property
    def is_by_hand(self) -> bool:
        """Whether a person entered it."""
        return self.reader == HAND


@dataclass(frozen=True, slots=True)
class Source:
    """What entries need of an article. `carried_by` are the agencies that its byline names."""

    text: str
    outlet: str | None
    url: str | None
    title: str | None
    published: Interval | None
    parts: tuple[Part, ...] = ()
    carried_by: tuple[Span, ...] = ()


def interval(start: date | None, end: date | None) -> Interval | None:
    """The interval of two columns; None where both are null."""
    return None if start is None and end is None else Interval(start, end)


def current(key: ColumnElement[Any]) -> ColumnElement[bool]:
    """All positions of current readings."""
    found = select(current_readings.c.reading_id)
    return key.in_(select(t.positions.c.key).where(t.positions.c.reading_id.in_(found)))


def load_texts(connection: Connection, chosen: Chosen) -> dict[str, Source]:
    """The articles that chosen positions stand in, by id, without their parts."""
    a, p = t.articles.c, t.positions.c
    query = select(a.id, a.text, a.outlet, a.url, a.title, a.published_start, a.published_end)
    found = query.where(a.id.in_(select(p.article_id).where(chosen(p.key))))
    return {
        id_: Source(text, outlet, url, title, interval(start, end))
        for id_, text, outlet, url, title, start, end in connection.execute(found)
    }


def load_sources(connection: Connection) -> dict[str, Source]:
    """The articles that have a current reading, by id."""
    a, p = t.articles.c, t.article_parts.c
    read = select(current_readings.c.article_id)
    parts: defaultdict[str, list[Part]] = defaultdict(list)
    carriers: defaultdict[str, list[Span]] = defaultdict(list)
    found = select(p.article_id, p.kind, p.span_start, p.span_end).where(p.article_id.in_(read))
    for id_, kind, first, last in connection.execute(found.order_by(p.article_id, p.number)):
        if kind == "carrier":
            carriers[id_].append((first, last))
        else:
            parts[id_].append(Part(kind, (first, last)))
    query = select(
        a.id, a.text, a.outlet, a.url, a.title, a.published_start, a.published_end
    ).where(a.id.in_(read))
    return {
        id_: Source(
            text, outlet, url, title, interval(start, end), tuple(parts[id_]), tuple(carriers[id_])
        )
        for id_, text, outlet, url, title, start, end in connection.execute(query)
    }


def load_signatures(connection: Connection) -> dict[str, bytes]:
    """The signatures of the articles that have a current reading, by article id."""
    s = t.signatures.c
    query = select(s.article_id, s.state).where(
        s.article_id.in_(select(current_readings.c.article_id))
    )
    return {row.article_id: row.state for row in connection.execute(query)}


def load_evidence(connection: Connection) -> list[Evidence]:
    """Who is said to speak for whom, by the current readings."""
    s = t.speaks_for.c
    a = t.articles.c
    query = (
        select(a.id, a.published_end, s.speaker, s.party, s.role, s.single)
        .join_from(t.speaks_for, current_readings, s.reading_id == current_readings.c.reading_id)
        .join(t.articles, a.id == current_readings.c.article_id)
    )
    return [
        Evidence(
            article, speaker, party, role, bool(single),
            end.toordinal() if end else None, role.endswith(IMPLIED),
        )
        for article, end, speaker, party, role, single in connection.execute(query.distinct())
    ]  # fmt: skip


def load_decisions(connection: Connection, of: Table) -> list[Decision]:
    """What people decided, in order."""
    columns = of.c
    return [Decision(*row) for row in connection.execute(select(*columns).order_by(columns.number))]


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
    """An actor of which only the id is known: a state's name, else what follows the id's prefix."""
    prefix, _, rest = id_.partition(":")
    name = rest or id_
    if prefix == "iso":
        from babel import Locale  # loaded only where a state is not described: it takes a while

        name = Locale("en").territories.get(rest, name)
    return Actor(id_, name, TYPE_OF.get(prefix, "group"))


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


def load_positions(connection: Connection, chosen: Chosen = current) -> Iterator[Stored]:
    """The chosen positions."""
    # rows are fetched whole and unpacked by place: by name they take twice the time
    spans, actors = _spans(connection, chosen), _actors(connection, chosen)
    conditions, amounts = _conditions(connection, chosen), _amounts(connection, chosen)
    times, caveats = _times(connection, chosen), _caveats(connection, chosen)
    query = select(t.readings.c.reader, *t.positions.c).join_from(
        t.positions, t.readings, t.positions.c.reading_id == t.readings.c.id
    )
    for row in connection.execute(query.where(chosen(t.positions.c.key))).all():
        (
            reader, key, id_, _, article, stance, kind, negated, voice, confidence,
            action_start, action_end, sentence_start, sentence_end, speaker_start, speaker_end,
            speaker, attribution, said_start, said_end, inside, place, mission, reason,
            least, most,
        ) = row  # fmt: skip
        position = Position(
            holder=tuple(spans["holder"].get(key, ())),
            holder_actors=tuple(actors["holder"].get(key, ())),
            stance=stance,
            kind=kind,
            negated=negated,
            action=(action_start, action_end),
            addressee=tuple(spans["addressee"].get(key, ())),
            beneficiary=tuple(spans["beneficiary"].get(key, ())),
            amount=tuple(amounts.get(key, ())),
            time=tuple(times.get(key, ())),
            conditions=tuple(conditions.get(key, ())),
            speaker=None if speaker_start is None else (speaker_start, speaker_end),
            speaker_actor=speaker,
            relay=tuple(spans["relay"].get(key, ())),
            voice=voice,
            confidence=confidence,
            caveats=tuple(caveats.get(key, ())),
            sentence=(sentence_start, sentence_end),
            said=interval(said_start, said_end),
            scope=None if inside is None else Scope(place, mission, inside, reason),
            addressee_actors=tuple(actors["addressee"].get(key, ())),
            beneficiary_actors=tuple(actors["beneficiary"].get(key, ())),
            relay_actors=tuple(actors["relay"].get(key, ())),
            group_size=None if least is None and most is None else (least, most),
            attribution=attribution,
        )
        yield Stored(key, id_, article, reader, position)


def _children(connection: Connection, chosen: Chosen, of: Table, *columns: str) -> Sequence[Any]:
    """The key and these columns of a table's rows for chosen positions, in order."""
    query = (
        select(of.c.position_key, *(of.c[name] for name in columns))
        .where(chosen(of.c.position_key))
        .order_by(of.c.position_key, of.c.number)
    )
    return connection.execute(query).all()


Found = dict[int, list[T]]
"""What belongs to a position, by its key."""


def _spans(connection: Connection, chosen: Chosen) -> defaultdict[str, Found[Span]]:
    out: defaultdict[str, Found[Span]] = defaultdict(dict)
    for key, role, start, end in _children(
        connection, chosen, t.position_spans, "role", "span_start", "span_end"
    ):
        out[role].setdefault(key, []).append((start, end))
    return out


def _actors(connection: Connection, chosen: Chosen) -> defaultdict[str, Found[str]]:
    out: defaultdict[str, Found[str]] = defaultdict(dict)
    for key, role, actor in _children(connection, chosen, t.position_actors, "role", "actor"):
        out[role].setdefault(key, []).append(actor)
    return out


def _conditions(connection: Connection, chosen: Chosen) -> Found[Condition]:
    columns = ("span_start", "span_end", "relation", "proposition", "or_group")
    out: Found[Condition] = {}
    for key, start, end, *rest in _children(connection, chosen, t.conditions, *columns):
        out.setdefault(key, []).append(Condition((start, end), *rest))
    return out


def _amounts(connection: Connection, chosen: Chosen) -> Found[Amount]:
    columns = ("span_start", "span_end", "value", "max_value", "unit", "bound")
    out: Found[Amount] = {}
    for key, start, end, *rest in _children(connection, chosen, t.amounts, *columns):
        out.setdefault(key, []).append(Amount((start, end), *rest))
    return out


def _times(connection: Connection, chosen: Chosen) -> Found[Time]:
    columns = ("span_start", "span_end", "start_day", "end_day")
    out: Found[Time] = {}
    for key, start, end, *days in _children(connection, chosen, t.times, *columns):
        out.setdefault(key, []).append(Time((start, end), *days))
    return out


def _caveats(connection: Connection, chosen: Chosen) -> Found[Caveat]:
    evidence: defaultdict[tuple[int, int], list[Span]] = defaultdict(list)
    for key, caveat, start, end in _children(
        connection, chosen, t.caveat_spans, "caveat", "span_start", "span_end"
    ):
        evidence[key, caveat].append((start, end))
    out: Found[Caveat] = {}
    for key, number, name, why in _children(connection, chosen, t.caveats, "number", "name", "why"):
        out.setdefault(key, []).append(Caveat(name, why, tuple(evidence.get((key, number), ()))))
    return out


def load_summaries(connection: Connection) -> Sequence[Row[Any]]:
    """The columns of every article but its text, what replaced it, and its current positions."""
    a, newer = t.articles.c, t.articles.alias()
    counted = (
        select(t.positions.c.article_id, func.count(t.positions.c.id.distinct()).label("n"))
        .where(current(t.positions.c.key))
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
    p = t.positions.c
    distinct = select(p.article_id, p.id).where(current(p.key)).distinct()
    positions = select(func.count()).select_from(distinct.subquery())
    return connection.execute(articles).scalar_one(), connection.execute(positions).scalar_one()


def ids_beginning(connection: Connection, prefix: str) -> list[str]:
    """The ids of current positions that begin so."""
    p = t.positions.c
    query = select(p.id).where(p.id.startswith(prefix, autoescape=True)).where(current(p.key))
    return sorted(connection.execute(query.distinct()).scalars())


def load_propositions(connection: Connection) -> dict[str, int]:
    """The propositions of current positions' conditions, denials left out, with their number."""
    c = t.conditions.c
    found = (
        select(c.proposition, func.count())
        .where(c.proposition.is_not(None))
        .where(current(c.position_key))
        .group_by(c.proposition)
    )
    out: dict[str, int] = {}
    for name, number in connection.execute(found):
        plain = name.removeprefix("not:")
        out[plain] = out.get(plain, 0) + number
    return out


def first_report(connection: Connection) -> date | None:
    """The last day that the first report with a current position can be of."""
    a, p = t.articles.c, t.positions.c
    day = func.coalesce(a.published_end, a.published_start)
    read = select(p.article_id).where(current(p.key))
    first: date | None = connection.execute(select(func.min(day)).where(a.id.in_(read))).scalar()
    return first
