"""Entries: stored positions with what follows from the register as a whole.

1. persons are linked and roll up to the parties they speak for (people.py)
2. voices are put right where a speaker proves to be the holder's own (voices.py)
3. positions fall into origins (copies.py, origins.py)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from caveat.model import Actor, Entry, Interval, Position, Span
from caveat.register.derive.copies import Sketch, copy_groups
from caveat.register.derive.origins import Claim, origins
from caveat.register.derive.people import Evidence, Parties, parties
from caveat.register.derive.voices import own_word
from caveat.register.load import Source, Stored
from caveat.register.views import HAND

ROLLS_UP = frozenset({"person", "body"})


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that a register holds at present: current positions and what they rest on."""

    positions: Iterable[Stored]
    sources: Mapping[str, Source]
    sketches: Mapping[str, Sketch]
    actors: Mapping[str, Actor]
    evidence: Iterable[Evidence]


def derive_entries(held: Holdings) -> tuple[Entry, ...]:
    """The entries by day of report, article and action, in whatever order they are given."""
    standing = parties(held.actors, held.evidence)
    copies = copy_groups(held.sketches)
    drafts = [_draft(s, held.sources[s.article], standing) for s in _once(held.positions)]
    found = origins(_claim(e, copies, standing) for e in drafts)
    return tuple(sorted((replace(e, origin=found[e.id]) for e in drafts), key=_order))


def _once(positions: Iterable[Stored]) -> list[Stored]:
    """One position for each id: where a machine found what a person entered, the person's."""
    out: dict[str, Stored] = {}
    for s in positions:
        if s.id not in out or s.reader == HAND:
            out[s.id] = s
    return list(out.values())


def _draft(stored: Stored, source: Source, standing: Parties) -> Entry:
    p, reviewed = stored.position, stored.reader == HAND
    holders = _holders(p, stored.article, standing)
    party = standing.party(p.speaker_actor, stored.article) if p.speaker_actor else None
    p = own_word(p, source.text, party, _with_members(holders, standing))
    if reviewed and any(c.name == "machine-read" for c in p.caveats):
        p = replace(p, caveats=tuple(c for c in p.caveats if c.name != "machine-read"))
    text = source.text

    def words(spans: Iterable[Span]) -> tuple[str, ...]:
        return tuple(text[start:end] for start, end in spans)

    return Entry(
        id=stored.id,
        position=p,
        holders=holders,
        holder_words=words(p.holder),
        article_id=stored.article,
        outlet=source.outlet,
        url=source.url,
        title=source.title,
        reported=source.published,
        origin="",
        sentence=text[slice(*p.sentence)],
        action_words=text[slice(*p.action)],
        condition_words=words(c.span for c in p.conditions),
        speaker_words=text[slice(*p.speaker)] if p.speaker else None,
        relay_words=words(p.relay),
        reviewed=reviewed,
        reader=stored.reader,
        undated=p.said is None or any(c.name == "undated" for c in p.caveats),
        amount_words=words(a.span for a in p.amount),
        speaker_party=party,
        sentence_start=p.sentence[0],
    )


def _holders(p: Position, article: str, standing: Parties) -> tuple[str, ...]:
    out: dict[str, None] = {}
    for id_ in p.holder_actors:
        actor = standing.actors.get(id_)
        rolls = actor is not None and actor.type in ROLLS_UP
        out[standing.party(id_, article) if rolls else id_] = None
    return tuple(out)


def _with_members(holders: Iterable[str], standing: Parties) -> set[str]:
    out: set[str] = set()
    for id_ in holders:
        actor = standing.actors.get(id_)
        out.update((id_, *(actor.members if actor else ())))
    return out


def _claim(e: Entry, copies: Mapping[str, str], standing: Parties) -> Claim:
    p = e.position
    # ids of unnamed groups belong to one article: across copies their words are compared
    unnamed = " | ".join(sorted(" ".join(w.casefold().split()) for w in e.holder_words))
    named = [h for h in e.holders if _is_known_across_articles(h, standing)]
    first = p.speaker_actor or next(iter(p.relay_actors), None)
    voice = None
    if first is not None and _is_known_across_articles(first, standing):
        voice = (standing.person(first), standing.party(first, e.article_id))
    return Claim(
        id=e.id,
        copies=copies.get(e.article_id, e.article_id),
        holders=tuple(sorted(named)) if len(named) == len(e.holders) and named else (unnamed,),
        says=(p.kind, p.stance, p.negated),
        voice=voice,
        said=p.said,
    )


def _is_known_across_articles(id_: str, standing: Parties) -> bool:
    actor = standing.actors.get(id_)
    return actor is None or not (actor.anonymous or actor.type == "group")


def _order(e: Entry) -> tuple[tuple[date, date], str, Span, str]:
    return (_days(e.reported), e.article_id, e.position.action, e.id)


def _days(reported: Interval | None) -> tuple[date, date]:
    if reported is None:
        return (date.min, date.min)
    return (reported.start or date.min, reported.end or date.max)
