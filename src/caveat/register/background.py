"""What stands behind one position: the chain of voices, who is meant and by which evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import Connection, select

from caveat.model import Actor, Entry, Span
from caveat.register import schema as t
from caveat.register.derive.merges import Merges
from caveat.register.derive.people import Link
from caveat.register.load import Source, current_readings

Step = Literal["outlet", "agency", "relay", "speaker"]


@dataclass(frozen=True, slots=True)
class Voice:
    """One link of the chain by which words came: outlet ← agency ← relay ← speaker.

    `words` are those of the text that show it, None for the outlet; `cue` is the verb of a speaker.
    """

    step: Step
    words: str | None
    actor: str | None
    anonymous: bool
    cue: str | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """Words of some article by which somebody speaks for a party."""

    party: str
    role: str
    words: str
    article: str
    title: str | None
    outlet: str | None
    reported: date | None
    here: bool
    """Whether it is the position's own article."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a holder or speaker is, and by which evidence.

    `how` says by which rule the words were resolved ("name", "pronoun: last speaker"); `joined`
    why the id is one with the one that stands for the actor; `grounds` are the article's own
    words of a role first, then others', the latest first; `links` when which role held.
    """

    role: Literal["holder", "speaker"]
    words: str
    actor: str
    how: str
    stands_as: str
    joined: tuple[str, ...]
    party: str
    grounds: tuple[Ground, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Background:
    """All that `why` tells beside the position itself."""

    entry: Entry
    chain: tuple[Voice, ...]
    identities: tuple[Identity, ...]
    same_origin: tuple[Entry, ...]
    """The other positions of its origin, in order of report."""


MOST_GROUNDS = 5


@dataclass(frozen=True, slots=True)
class Known:
    """What the register as a whole knows, for the article of one position."""

    entries: Sequence[Entry]
    source: Source
    actors: Mapping[str, Actor]
    merges: Merges
    links: Sequence[Link]
    party_of: Mapping[str, str]
    """For each actor the party that it stands as in the article."""


def background(connection: Connection, entry: Entry, known: Known) -> Background:
    """Gather what stands behind a position."""
    reading = _reading(connection, entry)
    return Background(
        entry=entry,
        chain=tuple(_chain(connection, reading, entry, known)),
        identities=tuple(
            _identity(connection, reading, one, entry, known)
            for one in _named(connection, reading, entry)
        ),
        same_origin=tuple(
            e for e in known.entries if e.origin == entry.origin and e.id != entry.id
        ),
    )


def _chain(
    connection: Connection, reading: str | None, entry: Entry, known: Known
) -> Iterator[Voice]:
    p, source, actors = entry.position, known.source, known.actors
    yield Voice("outlet", entry.outlet, None, anonymous=False)
    relays = [s for s in reversed(p.relay) if s not in source.carried_by]
    spans: list[tuple[Step, Span]] = [("agency", s) for s in source.carried_by]
    spans += [("relay", s) for s in relays]
    if p.speaker is not None:
        spans.append(("speaker", p.speaker))
    relayed = dict(zip(p.relay, p.relay_actors, strict=False))
    for step, span in spans:
        found = _mentions(connection, reading, span)
        actor = relayed.get(span) or next((a for a, _ in found), None)
        unnamed = actor is not None and actor in actors and actors[actor].anonymous
        cue = _cue(connection, reading, entry, source.text) if step == "speaker" else None
        yield Voice(step, source.text[slice(*span)], actor, unnamed, cue)


def _reading(connection: Connection, entry: Entry) -> str | None:
    """The reading that a position stands in."""
    r, p = t.readings.c, t.positions.c
    query = (
        select(r.id)
        .join_from(t.positions, t.readings, p.reading_id == r.id)
        .where(p.id == entry.id, p.article_id == entry.article_id, r.reader == entry.reader)
        .order_by(r.number.desc())
    )
    return connection.execute(query).scalars().first()


def _mentions(connection: Connection, reading: str | None, span: Span) -> list[tuple[str, str]]:
    """(actor, how) of a span, in the order in which they were found."""
    m = t.mentions.c
    query = (
        select(m.actor, m.how)
        .where(m.reading_id == reading)
        .where(m.span_start == span[0], m.span_end == span[1])
        .order_by(m.number, m.actor)
    )
    return [(row.actor, row.how) for row in connection.execute(query)]


def _cue(connection: Connection, reading: str | None, entry: Entry, text: str) -> str | None:
    s, number = t.attribution_spans.c, entry.position.attribution
    if number is None:
        return None
    query = (
        select(s.span_start, s.span_end)
        .where(s.reading_id == reading, s.attribution == number)
        .where(s.role == "cue")
        .order_by(s.number)
    )
    return " … ".join(text[a:b] for a, b in connection.execute(query)) or None


_Named = tuple[Literal["holder", "speaker"], Span, str]
"""A role, the words in it, and their actor."""


def _named(connection: Connection, reading: str | None, entry: Entry) -> Iterator[_Named]:
    p = entry.position
    for span in p.holder:
        for actor, _ in _mentions(connection, reading, span):
            yield "holder", span, actor
    if p.speaker is not None and p.speaker_actor is not None and p.speaker not in p.holder:
        yield "speaker", p.speaker, p.speaker_actor


def _identity(
    connection: Connection, reading: str | None, named: _Named, entry: Entry, known: Known
) -> Identity:
    role, span, actor = named
    same = known.merges.same
    stands = same.get(actor, actor)
    ids = {stands, *(id_ for id_, name in same.items() if name == stands)}
    how = next((h for a, h in _mentions(connection, reading, span) if a == actor), "by hand")
    return Identity(
        role=role,
        words=known.source.text[slice(*span)],
        actor=actor,
        how=how,
        stands_as=stands,
        joined=tuple(_joined(known.merges, ids)),
        party=known.party_of.get(actor, actor),
        grounds=tuple(_grounds(connection, ids, entry)),
        links=tuple(link for link in known.links if link.speaker == stands),
    )


def _joined(merges: Merges, ids: set[str]) -> Iterator[str]:
    """Why these ids are one actor."""
    for p in merges.taken:
        if p.one in ids and p.other in ids:
            yield f"{p.one} and {p.other}: {p.reason} ({p.score:.2f})"
    for d in merges.decided:
        if d.verdict == "same" and d.one in ids and d.other in ids:
            yield f"{d.one} and {d.other}: joined by {d.who}: {d.why}"


def _grounds(connection: Connection, ids: set[str], entry: Entry) -> list[Ground]:
    s, a = t.speaks_for.c, t.articles.c
    query = (
        select(
            s.speaker, s.party, s.role, s.span_start, s.span_end,
            a.id, a.title, a.outlet, a.published_end, a.text,
        )
        .join_from(t.speaks_for, current_readings, s.reading_id == current_readings.c.reading_id)
        .join(t.articles, a.id == current_readings.c.article_id)
        .where(s.speaker.in_(ids), s.speaker != s.party)
        .distinct()
    )  # fmt: skip
    found = [
        Ground(
            r.party, r.role, r.text[r.span_start : r.span_end], r.id, r.title, r.outlet,
            r.published_end, r.id == entry.article_id,
        )
        for r in connection.execute(query)
    ]  # fmt: skip
    late = date.min
    found.sort(key=lambda g: (not g.here, -(g.reported or late).toordinal(), g.article, g.words))
    return found[:MOST_GROUNDS]
