"""Actors as the register joins them: what `caveat actors` lists and shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from caveat.errors import UnknownActor
from caveat.model import Actor
from caveat.names import transliterated
from caveat.register import Decision, Link, Merges, Proposal, Register


@dataclass(frozen=True, slots=True)
class Listed:
    """An actor with the ids that are one with it, its positions, and for whom it speaks."""

    actor: Actor
    ids: tuple[str, ...]
    positions: int
    """As holder, by itself or by who speaks for it."""
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class About:
    """One actor with what joins its names, what was proposed, and what people decided."""

    listed: Listed
    joined: tuple[Proposal, ...]
    proposals: tuple[Proposal, ...]
    decisions: tuple[Decision, ...]


def listed(register: Register) -> list[Listed]:
    """Everybody but unnamed groups, most positions first, then by name."""
    actors, merges, links = register.actors(), register.merges(), register.links()
    held = Counter(h for e in register.entries() for h in set(e.holders))
    speakers = Counter(e.position.speaker_actor for e in register.entries())
    ids: dict[str, list[str]] = {}
    for id_ in actors:
        ids.setdefault(merges.same.get(id_, id_), []).append(id_)
    out = [
        Listed(
            actors.get(stands) or actors[same[0]],
            tuple(same),
            held[stands],
            tuple(link for link in links if link.speaker == stands),
        )
        for stands, same in ids.items()
        if actors[same[0]].type != "group"
    ]
    out = [x for x in out if x.positions or x.links or any(speakers[i] for i in x.ids)]
    return sorted(out, key=lambda x: (-x.positions, x.actor.name, x.actor.id))


def found_id(register: Register, given: str) -> str:
    """The id of an actor given by id or by name. Raises `UnknownActor` for none or several."""
    actors = register.actors()
    if given in actors:
        return given
    folded = " ".join(given.casefold().split())
    same = register.merges().same
    found = [id_ for id_, a in actors.items() if a.name.casefold() == folded]
    found = found or [id_ for id_, a in actors.items() if folded in a.name.casefold().split()]
    stands = sorted({same.get(id_, id_) for id_ in found if actors[id_].type != "group"})
    if len(stands) == 1:
        return found[0] if len(found) == 1 else stands[0]
    if stands:
        raise UnknownActor(f"{given!r} may be {', '.join(stands)}: give the id")
    named = [id_ for id_, a in actors.items() if a.type not in ("group", "outlet")]
    near = sorted(named, key=lambda id_: (-_alike(folded, actors[id_].name), id_))[:3]
    known = f"; near: {', '.join(near)}" if near else ""
    raise UnknownActor(f"the register knows no actor {given!r}{known}")


def _alike(one: str, other: str) -> float:
    """How well the words of what was asked are found among those of a name."""
    from rapidfuzz.distance import JaroWinkler

    have = [transliterated(w) for w in other.casefold().split()] or [""]
    best = (max(JaroWinkler.similarity(transliterated(w), h) for h in have) for w in one.split())
    return float(sum(best))


def about(register: Register, given: str) -> About:
    """What the register knows of one actor."""
    merges = register.merges()
    id_ = found_id(register, given)
    stands = merges.same.get(id_, id_)
    actors = register.actors()
    ids = tuple(i for i in actors if merges.same.get(i, i) == stands)
    held = sum(stands in e.holders for e in register.entries())
    links = tuple(link for link in register.links() if link.speaker == stands)
    return About(
        Listed(actors.get(stands) or actors[id_], ids, held, links),
        tuple(p for p in merges.taken if p.one in ids and p.other in ids),
        tuple(p for p in merges.open if p.one in ids or p.other in ids),
        tuple(d for d in merges.decided if d.one in ids or d.other in ids),
    )


@dataclass(frozen=True, slots=True)
class ListedProposition:
    """What positions depend on: its name, the wordings that are one with it, who names it."""

    name: str
    wordings: tuple[str, ...]
    """The other names that it stands for."""
    positions: int
    holders: tuple[str, ...]
    """Ids of the parties whose positions depend on it."""
    words: tuple[str, ...]
    """The texts' own words, the most frequent first, a few of them."""


WORDS_SHOWN = 3


def listed_propositions(register: Register) -> list[ListedProposition]:
    """All propositions, most positions first, then by name."""
    positions: Counter[str] = Counter()
    holders: dict[str, set[str]] = {}
    words: dict[str, Counter[str]] = {}
    for e in register.entries():
        names = [(c.proposition or "").removeprefix("not:") for c in e.position.conditions]
        positions.update(set(names))
        for name, said in zip(names, e.condition_words, strict=True):
            holders.setdefault(name, set()).update(e.holders)
            words.setdefault(name, Counter())[said] += 1
    joined: dict[str, list[str]] = {}
    for wording, stands in register.wordings().same.items():
        joined.setdefault(stands, []).append(wording)
    out = [
        ListedProposition(
            name, tuple(sorted(joined.get(name, ()))), number, tuple(sorted(holders[name])),
            tuple(w for w, _ in words[name].most_common(WORDS_SHOWN)),
        )
        for name, number in positions.items()
        if name
    ]  # fmt: skip
    return sorted(out, key=lambda p: (-p.positions, p.name))


def proposition_objects(found: Sequence[ListedProposition]) -> list[dict[str, Any]]:
    """The list as JSON."""
    return [
        {"name": p.name, "wordings": list(p.wordings), "positions": p.positions,
         "holders": list(p.holders), "words": list(p.words)}
        for p in found
    ]  # fmt: skip


def day_of(ordinal: int | None) -> str | None:
    """An ordinal as a day, 2025-09-05."""
    return date.fromordinal(ordinal).isoformat() if ordinal is not None else None


def link_object(link: Link) -> dict[str, Any]:
    """A link as JSON."""
    return {
        "party": link.party,
        "role": link.role,
        "since": day_of(link.since),
        "until": day_of(link.until),
        "successor": link.successor,
        "articles": list(link.articles),
    }


def listed_objects(found: Sequence[Listed]) -> list[dict[str, Any]]:
    """The list as JSON."""
    return [
        {
            "id": x.actor.id,
            "name": x.actor.name,
            "type": x.actor.type,
            "ids": list(x.ids),
            "positions": x.positions,
            "speaks_for": [link_object(link) for link in x.links],
        }
        for x in found
    ]


def about_object(found: About) -> dict[str, Any]:
    """One actor as JSON."""
    return {
        **listed_objects([found.listed])[0],
        "joined": [proposal_object(p) for p in found.joined],
        "proposals": [proposal_object(p) for p in found.proposals],
        "decisions": [decision_object(d) for d in found.decisions],
    }


def proposal_object(p: Proposal) -> dict[str, Any]:
    """A proposal as JSON."""
    return {"one": p.one, "other": p.other, "score": p.score, "reason": p.reason}


def decision_object(d: Decision) -> dict[str, Any]:
    """A decision as JSON."""
    return {
        "number": d.number, "one": d.one, "other": d.other, "verdict": d.verdict, "by": d.who,
        "why": d.why, "at": d.at,
    }  # fmt: skip


def merges_object(found: Merges) -> dict[str, Any]:
    """All proposals and decisions as JSON."""
    return {
        "open": [proposal_object(p) for p in found.open],
        "joined": [proposal_object(p) for p in found.taken],
        "decisions": [decision_object(d) for d in found.decided],
    }
