"""Origins: one utterance or document, however many outlets carried it.

Two positions have one origin if

1. they stand in one article or in two that carry one report, and say the same of the same holders
   (kind, stance, negation): a copy adds no second witness; or
2. the same first voice, with the same party behind it, said the same (kind, stance, negation) on
   the same day. The first voice is the speaker; where none is named, the first relay. The day is
   the same where both are known to a day, or two days running, and the days overlap.

Origins are the connected groups under both rules, each named by the smallest of its positions'
ids. Days known less well join nothing: "in March" is no proof of one utterance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from caveat.model import Interval, identity
from caveat.register.derive.groups import Groups


@dataclass(frozen=True, slots=True)
class Claim:
    """What origins are found by: a position's identity and what it says, in whose voice, when."""

    id: str
    article: str
    holders: tuple[str, ...]
    """Who holds it, comparable across articles: parties, or the words of an unnamed group."""
    says: tuple[object, ...]
    """Kind, stance, negation."""
    voice: tuple[str, str] | None
    """The first voice and its party; None where nobody is named."""
    said: Interval | None


def origins(claims: Iterable[Claim], copies: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The origin of each claim, by the claim's id; `copies` are pairs of articles of one report."""
    groups = Groups()
    told: dict[tuple[object, ...], str] = {}
    spoken: defaultdict[tuple[object, ...], list[tuple[int, int, str]]] = defaultdict(list)
    said_in: defaultdict[str, set[tuple[object, ...]]] = defaultdict(set)
    ids = []
    for c in claims:
        ids.append(c.id)
        groups.join(told.setdefault((c.article, c.holders, *c.says), c.id), c.id)
        said_in[c.article].add((c.holders, *c.says))
        if c.voice is not None and (days := _days(c.said)):
            spoken[(*c.voice, *c.says)].append((*days, c.id))
    for one, other in copies:
        for both in said_in[one] & said_in[other]:
            groups.join(told[one, *both], told[other, *both])
    for utterances in spoken.values():
        _join_overlapping(groups, sorted(utterances))
    return {id_: identity("origin", groups.smallest(id_)) for id_ in ids}


def _days(said: Interval | None) -> tuple[int, int] | None:
    if said is None or said.start is None or said.end is None:
        return None
    start, end = said.start.toordinal(), said.end.toordinal()
    return (start, end) if end - start <= 1 else None


def _join_overlapping(groups: Groups, sorted_: Sequence[tuple[int, int, str]]) -> None:
    last, until = "", -1
    for start, end, id_ in sorted_:
        if start <= until:
            groups.join(last, id_)
        if end > until:
            last, until = id_, end
