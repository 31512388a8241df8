"""Who a name is across articles, and whom they speak for by the evidence of the whole register.

Names are linked by their words alone: "per:zelensky" is "per:volodymyr-zelensky" if the register
knows only one fuller name that ends so, with the endings of transliterated names folded
(Zelensky, Zelenskiy, Zelenskyy). Whom somebody speaks for is decided by the evidence of the same
article, else by the majority of articles; a tie decides nothing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from caveat.model import Actor

PERSON = "per:"
STAND_ALONE = frozenset({"state", "bloc"})
"""Actors that are parties themselves: what they say is nobody else's."""

_ENDING = re.compile(r"(?:ij|[iy]+)\b")
"""Endings that transliterations of one name differ in: -iy, -yy, -ij, -ii, -yi, -i, -y."""


def folded(person: str) -> tuple[str, ...]:
    """The words of a person's id, folded: per:volodymyr-zelenskiy → (volodymyr, zelensky)."""
    words = person.removeprefix(PERSON).split("-")
    return tuple(_ENDING.sub("y", w) for w in words if w)


def link_names(ids: Iterable[str]) -> dict[str, str]:
    """For each person id the one that stands for the person: the smallest of the fullest ones."""
    by_name: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for id_ in sorted(set(ids)):
        if id_.startswith(PERSON):
            by_name[folded(id_)].append(id_)
    fuller: defaultdict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    for name in by_name:
        for cut in range(1, len(name)):
            fuller[name[cut:]].add(name)
    out: dict[str, str] = {}
    for name, same in by_name.items():
        # a fuller name that itself is the end of a yet fuller one names nobody else
        full = [f for f in fuller[name] if not fuller[f]]
        stands = by_name[full[0]] if len(full) == 1 else same
        out.update((id_, stands[0]) for id_ in same)
    return out


@dataclass(frozen=True, slots=True)
class Evidence:
    """That in one article a speaker is said to speak for a party."""

    article: str
    speaker: str
    party: str
    local: bool = False
    """No words state it: it counts in its own article and is no evidence for others."""


@dataclass(frozen=True)
class Parties:
    """Answers who stands behind an actor. Built once from everything that the register holds."""

    actors: Mapping[str, Actor]
    links: Mapping[str, str]
    by_article: Mapping[tuple[str, str], Counter[str]]
    """Parties by article and speaker, counted by pieces of evidence."""
    overall: Mapping[str, Counter[str]]
    """Parties by speaker, counted by articles."""
    majority: Mapping[str, str]
    """The party that most articles give, by speaker; nothing for a tie."""
    _known: dict[tuple[str, str], str] = field(default_factory=dict)

    def person(self, actor: str) -> str:
        """The id that stands for this actor across articles."""
        return self.links.get(actor, actor)

    def party(self, actor: str, article: str) -> str:
        """The state, bloc or body that an actor of an article speaks for, or the actor itself."""
        key = (article, actor)
        if key not in self._known:
            self._known[key] = self._follow(self.person(actor), article)
        return self._known[key]

    def _follow(self, actor: str, article: str) -> str:
        seen: set[str] = set()
        while actor not in seen and not self._stands_alone(actor):
            seen.add(actor)
            actor = self._next(actor, article) or actor
        return actor

    def _stands_alone(self, actor: str) -> bool:
        known = self.actors.get(actor)
        return known is not None and known.type in STAND_ALONE

    def _next(self, actor: str, article: str) -> str | None:
        near = self.by_article.get((article, actor))
        if not near:
            return self.majority.get(actor)
        # evidence of one article that disagrees with itself is settled by the others
        top = _leaders(near)
        return _only(top) or _only(_leaders(self.overall.get(actor, Counter()), among=top))


def parties(actors: Mapping[str, Actor], evidence: Iterable[Evidence]) -> Parties:
    """Count the evidence, persons linked first."""
    links = link_names(actors)
    evidence = tuple(evidence)
    near: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for e in evidence:
        speaker, party = links.get(e.speaker, e.speaker), links.get(e.party, e.party)
        if speaker != party:
            near[e.article, speaker][party] += 1
    local = {(e.article, links.get(e.speaker, e.speaker)) for e in evidence if e.local}
    far: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (article, speaker), found in near.items():
        if (article, speaker) not in local:
            far[speaker].update(_leaders(found))
    majority = {s: p for s, votes in far.items() if (p := _only(_leaders(votes)))}
    return Parties(actors, links, dict(near), dict(far), majority)


def _leaders(votes: Counter[str], among: Set[str] | None = None) -> Set[str]:
    standing = {p: n for p, n in votes.items() if among is None or p in among}
    most = max(standing.values(), default=0)
    return {p for p, n in standing.items() if n == most}


def _only(parties_: Set[str]) -> str | None:
    return next(iter(parties_)) if len(parties_) == 1 else None
