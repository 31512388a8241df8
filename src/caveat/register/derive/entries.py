"""Entries: stored positions with what follows from the register as a whole.

1. actors are joined across names (merges.py) and roll up to the parties they speak for (people.py)
2. voices are put right where a speaker proves to be the holder's own (voices.py)
3. positions fall into origins (copies.py, origins.py); what only one origin says is marked
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from caveat.model import Actor, Caveat, Condition, Entry, Interval, Position, Span, Voice
from caveat.register.derive.copies import Told, copy_pairs, first_day, told
from caveat.register.derive.merges import Decision, Merges, merge
from caveat.register.derive.origins import Claim, origins
from caveat.register.derive.people import Evidence, Parties, nameless, parties
from caveat.register.derive.reviewed import Reviewed, apply
from caveat.register.derive.voices import own_word
from caveat.register.derive.wordings import renamed
from caveat.register.load import Source, Stored

ROLLS_UP = frozenset({"person", "body"})


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that a register holds at present: current positions and what they rest on."""

    positions: Iterable[Stored]
    sources: Mapping[str, Source]
    signatures: Mapping[str, bytes]
    actors: Mapping[str, Actor]
    evidence: Sequence[Evidence]
    decisions: Iterable[Decision] = ()
    reviewed: Reviewed = field(default_factory=lambda: Reviewed({}, ()))
    propositions: Mapping[str, str] = field(default_factory=dict)
    """For propositions that are one with another the name that stands for both."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What follows of one position from the register as a whole."""

    holders: tuple[str, ...]
    origin: str
    voice: Voice
    speaker_party: str | None
    speaker_stands: str | None
    alone_in: int | None
    """In how many articles the only origin that says so stands; None where several do."""


def derive_entries(held: Holdings, known: Parties | None = None) -> tuple[Entry, ...]:
    """The entries by day of report, article and action, in whatever order they are given.

    `known` are the holdings' own parties, where they have been found already.
    """
    stored = current_positions(held)
    facts = derive_facts(held, stored, known)
    return in_order(
        entry_of(s, held.sources[s.article], facts[s.id], held.propositions) for s in stored
    )


def derive_facts(
    held: Holdings, stored: Sequence[Stored], known: Parties | None = None
) -> dict[str, Fact]:
    """What follows of each position, by its id; `stored` has each once."""
    known = known or standing(held)
    drafts = [_draft(s, held.sources[s.article], known) for s in stored]
    found = origins((_claim(d, known) for d in drafts), copies(held))
    alone = _alone(drafts, found)
    return {
        d.id: Fact(d.holders, found[d.id], d.position.voice, d.party, d.speaker, alone.get(d.id))
        for d in drafts
    }


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """By day of report, article and action."""
    return tuple(sorted(entries, key=_order))


def merges(held: Holdings) -> Merges:
    """Who is one actor across articles."""
    behind: defaultdict[str, set[str]] = defaultdict(set)
    named: defaultdict[str, set[str]] = defaultdict(set)
    for e in held.evidence:
        if not e.local and e.speaker != e.party:
            behind[e.speaker].add(e.party)
        named[e.article].add(e.speaker)
    sets = {id_: frozenset(found) for id_, found in behind.items()}
    together = (frozenset(n) for n in named.values() if len(n) > 1)
    posts = {e.speaker for e in held.evidence if nameless(e)}
    return merge(held.actors, sets, together, held.decisions, posts)


def standing(held: Holdings, merged: Merges | None = None) -> Parties:
    """Who stands behind whom, from when until when; `merged` where it has been found already."""
    same = (merged or merges(held)).same
    return parties(held.actors, held.evidence, same, _days(held))


def _days(held: Holdings) -> dict[str, int | None]:
    """The last day on which each article can have been published, as an ordinal."""
    ends = {id_: s.published and s.published.end for id_, s in held.sources.items()}
    return {id_: end.toordinal() if end else None for id_, end in ends.items()}


def _alone(drafts: Sequence[_Draft], origin: Mapping[str, str]) -> dict[str, int]:
    """Of positions whose holders' stance no other origin gives: in how many articles it stands."""
    support: defaultdict[tuple[object, ...], dict[str, set[str]]] = defaultdict(dict)
    for d in drafts:
        for key in _claims(d):
            support[key].setdefault(origin[d.id], set()).add(d.article)
    out = {}
    for d in drafts:
        found = [support[key] for key in _claims(d)]
        if all(len(f) == 1 for f in found):
            out[d.id] = len(found[0][origin[d.id]])
    return out


def _claims(d: _Draft) -> list[tuple[object, ...]]:
    p = d.position
    words = tuple(d.source.text[s:e] for s, e in p.holder)
    return [(h, p.kind, p.stance, p.negated) for h in d.holders or words or (d.id,)]


def copies(held: Holdings) -> Iterator[tuple[str, str]]:
    """The pairs of articles that carry one report."""
    days = {id_: first_day(s.published) for id_, s in held.sources.items()}
    return copy_pairs(days, held.signatures, lambda id_: _told(held.sources[id_]))


def _told(source: Source) -> Told:
    return told(source.text, source.parts, source.title, source.outlet, source.published)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A position as the register sees it, before its origin is known."""

    id: str
    article: str
    source: Source
    position: Position
    holders: tuple[str, ...]
    party: str | None
    speaker: str | None


def current_positions(held: Holdings) -> list[Stored]:
    """Each current position once, as the reviews that count have it."""
    return apply(once(held.positions), held.reviewed)


def once(positions: Iterable[Stored]) -> list[Stored]:
    """One position for each id: where a machine found what a person entered, the person's."""
    out: dict[str, Stored] = {}
    for s in positions:
        if s.id not in out or s.is_by_hand:
            out[s.id] = s
    return list(out.values())


def _draft(stored: Stored, source: Source, known: Parties) -> _Draft:
    p = stored.position
    holders = _holders(p, stored.article, known)
    party = known.party(p.speaker_actor, stored.article) if p.speaker_actor else None
    if party is not None and p.voice == "third-party":
        p = own_word(p, source.text, party, _with_members(holders, known))
    speaker = known.person(p.speaker_actor) if p.speaker_actor else None
    return _Draft(stored.id, stored.article, source, p, holders, party, speaker)


def entry_of(stored: Stored, source: Source, fact: Fact, same: Mapping[str, str]) -> Entry:
    """The entry of a stored position, with what follows from the register as a whole.

    `same` are the names that stand for propositions.
    """
    p, text = _qualified(stored, fact, same), source.text
    return Entry(
        id=stored.id,
        position=p,
        holders=fact.holders,
        holder_words=tuple([text[s:e] for s, e in p.holder]),
        article_id=stored.article,
        outlet=source.outlet,
        url=source.url,
        title=source.title,
        reported=source.published,
        origin=fact.origin,
        sentence=text[p.sentence[0] : p.sentence[1]],
        action_words=text[p.action[0] : p.action[1]],
        condition_words=tuple([text[c.span[0] : c.span[1]] for c in p.conditions]),
        speaker_words=text[p.speaker[0] : p.speaker[1]] if p.speaker else None,
        relay_words=tuple([text[s:e] for s, e in p.relay]),
        reviewed=stored.reviewed or stored.is_by_hand,
        reader=stored.reader,
        undated=p.said is None or any(c.name == "undated" for c in p.caveats),
        amount_words=tuple([text[a.span[0] : a.span[1]] for a in p.amount]),
        speaker_party=fact.speaker_party,
        speaker_stands=fact.speaker_stands,
        sentence_start=p.sentence[0],
    )


def _qualified(stored: Stored, fact: Fact, same: Mapping[str, str]) -> Position:
    """The position in the voice that it proves to have, with the caveats that follow."""
    p, dropped = stored.position, set()
    if fact.voice != p.voice:
        dropped.add("third-party")
    if stored.reviewed or stored.is_by_hand:
        dropped.add("machine-read")
    caveats = [c for c in p.caveats if c.name not in dropped]
    if fact.alone_in is not None:
        where = "one article" if fact.alone_in == 1 else f"{fact.alone_in} articles"
        caveats.append(Caveat("single-origin", f"Only one origin says so, in {where}."))
    conditions = tuple([_named(c, same) for c in p.conditions]) if same else p.conditions
    return replace(p, voice=fact.voice, caveats=tuple(caveats), conditions=conditions)


def _named(condition: Condition, same: Mapping[str, str]) -> Condition:
    name = renamed(condition.proposition, same)
    return condition if name == condition.proposition else replace(condition, proposition=name)


def _holders(p: Position, article: str, known: Parties) -> tuple[str, ...]:
    out: dict[str, None] = {}
    for id_ in p.holder_actors:
        actor = known.actors.get(id_)
        rolls = actor is not None and actor.type in ROLLS_UP
        out[known.party(id_, article) if rolls else id_] = None
    return tuple(out)


def _with_members(holders: Iterable[str], known: Parties) -> set[str]:
    out: set[str] = set()
    for id_ in holders:
        actor = known.actors.get(id_)
        out.update((id_, *(actor.members if actor else ())))
    return out


def _claim(d: _Draft, known: Parties) -> Claim:
    p, holders = d.position, tuple(sorted(d.holders))
    if not holders or not all(_is_known_across_articles(h, known) for h in holders):
        # ids of unnamed groups belong to one article: across copies their words are compared
        said_of = (d.source.text[start:end] for start, end in p.holder)
        holders = tuple(sorted(" ".join(words.casefold().split()) for words in said_of))
    first = p.speaker_actor or next(iter(p.relay_actors), None)
    voice = None
    if first is not None and _is_known_across_articles(first, known):
        voice = (known.person(first), known.party(first, d.article))
    return Claim(
        id=d.id,
        article=d.article,
        holders=holders,
        says=(p.kind, p.stance, p.negated),
        voice=voice,
        said=p.said,
    )


def _is_known_across_articles(id_: str, known: Parties) -> bool:
    actor = known.actors.get(id_)
    return actor is None or not (actor.anonymous or actor.type == "group")


def _order(e: Entry) -> tuple[tuple[date, date], str, Span, str]:
    return (_reported(e.reported), e.article_id, e.position.action, e.id)


def _reported(reported: Interval | None) -> tuple[date, date]:
    if reported is None:
        return (date.min, date.min)
    return (reported.start or date.min, reported.end or date.max)
