"""Who is who across articles: proposals with a score and a reason, and what people decided.

A proposal says that two ids name one actor. Those of at least JOINS are taken without asking; the
rest wait for a person. Decisions come first: two ids that a person joined are one, and two that a
person split never come together again, whatever else would join them. A decision can be taken
back; nothing here is ever written (the habit of nomenklatura's resolver: edges are kept, clusters
derived).

Names are compared by their words, transliterations folded (Zelensky, Zelenskiy, Zelenskyy;
Lukashenko, Lukashenka), and by the library rapidfuzz where letters differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from rapidfuzz.distance import JaroWinkler

from caveat.names import folded

PERSON = "per:"
JOINS = 0.9
"""The score from which a proposal is taken unasked."""
SHOWN = 0.5
"""The score below which none is made."""
ALIKE = 0.9
"""The likeness of two surnames below which they are not compared further; spelling variants of
one name stand above (Yushchenko, Juschtschenko: 0.78 is lost), two names mostly below."""

Ruling = Literal["same", "different", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided of two ids; the last of a pair counts, "withdrawn" takes it back."""

    number: int
    one: str
    other: str
    verdict: Ruling
    who: str
    why: str
    at: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """That two ids name one actor: how sure that is, in 0..1, and why."""

    one: str
    other: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Merges:
    """Who is one actor: `same` maps every joined id to the one that stands for all."""

    same: Mapping[str, str]
    taken: Sequence[Proposal]
    """Proposals that were joined unasked."""
    open: Sequence[Proposal]
    """Proposals that wait for a person."""
    decided: Sequence[Decision]
    """The decisions in force."""


def merge(
    ids: Iterable[str],
    behind: Mapping[str, frozenset[str]],
    together: Iterable[frozenset[str]],
    decisions: Iterable[Decision],
    posts: Collection[str] = (),
) -> Merges:
    """Join ids by what people decided and by the proposals that are sure enough.

    `behind` are the parties that an id is said to speak for; `together` are the ids that one
    article keeps apart, as sets of people named in full beside each other; `posts` are ids that
    name a post and nobody ("per:lv-defence-minister"): only people join those.
    """
    ids = sorted(set(ids).difference(posts))
    beside = {frozenset(pair) for names in together for pair in combinations(sorted(names), 2)}
    found = settled(_proposals(ids, behind, beside), decisions, JOINS)
    clusters = found.clusters
    # the fullest name, of equals the first; a person's name goes before a post's
    return found.merges({
        id_: min(clusters.members(id_), key=lambda m: (m in posts, -m.count("-"), m))
        for id_ in clusters.known()
    })  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settled:
    """Proposals and decisions as they come out, before clusters are named."""

    clusters: Clusters
    taken: Sequence[Proposal]
    waiting: Sequence[Proposal]
    decided: Sequence[Decision]

    def merges(self, named: Mapping[str, str]) -> Merges:
        """What follows with these names for the members of clusters."""
        same = {id_: name for id_, name in named.items() if id_ != name}
        still = [p for p in self.waiting if named.get(p.one, p.one) != named.get(p.other, p.other)]
        return Merges(same, self.taken, still, self.decided)


def settled(proposals: Iterable[Proposal], decisions: Iterable[Decision], joins: float) -> Settled:
    """Join by decisions, then by the proposals of at least `joins`, the surest first."""
    last = {}
    for d in sorted(decisions, key=lambda d: d.number):
        last[frozenset((d.one, d.other))] = d
    decided = sorted((d for d in last.values() if d.verdict != "withdrawn"), key=lambda d: d.number)
    clusters = Clusters({frozenset((d.one, d.other)) for d in decided if d.verdict == "different"})
    for d in decided:
        if d.verdict == "same":
            clusters.join(d.one, d.other)
    known = {frozenset((d.one, d.other)) for d in decided}
    taken, waiting = [], []
    for p in sorted(proposals, key=lambda p: (-p.score, p.one, p.other)):
        if frozenset((p.one, p.other)) in known:
            continue
        if p.score < joins:
            waiting.append(p)
        elif clusters.join(p.one, p.other):
            taken.append(p)
    return Settled(clusters, taken, waiting, decided)


class Clusters:
    """Groups of ids that never bring together what was split."""

    def __init__(self, apart: set[frozenset[str]]) -> None:
        self._apart = apart
        self._members: dict[str, set[str]] = {}

    def join(self, one: str, other: str) -> bool:
        """Put both together, unless that would join ids that were split."""
        left = self._members.setdefault(one, {one})
        right = self._members.setdefault(other, {other})
        if left is right:
            return True
        if any(pair <= left | right for pair in self._apart):
            return False
        left |= right
        self._members.update(dict.fromkeys(right, left))
        return True

    def known(self) -> Iterable[str]:
        """All ids that were named."""
        return self._members

    def members(self, id_: str) -> Iterable[str]:
        """The ids that are one with an id, itself included."""
        return self._members[id_]


def _proposals(
    ids: Sequence[str], behind: Mapping[str, frozenset[str]], beside: set[frozenset[str]]
) -> Iterator[Proposal]:
    by_name: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for id_ in ids:
        if id_.startswith(PERSON) and (name := folded(id_.removeprefix(PERSON))):
            by_name[name].append(id_)
    # 1. spellings of one name
    for same in by_name.values():
        yield from (Proposal(same[0], x, 1.0, "the same name in another form") for x in same[1:])
    ends: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for name, same in by_name.items():
        if len(name) > 1:
            ends[name[0], name[-1]].append(same[0])
    for same in ends.values():
        for one, other in combinations(same, 2):
            a, b = (folded(x.removeprefix(PERSON))[1:-1] for x in (one, other))
            # George W. and George H. W. are two; a middle name that one leaves out tells nothing
            score = 0.92 if not a or not b else 0.6
            yield Proposal(one, other, score, "the same first and last name")
    # 2. a name without first names, of which the register knows one fuller form
    fuller: defaultdict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    for name in by_name:
        for cut in range(1, len(name)):
            fuller[name[cut:]].add(name)
    for name, same in by_name.items():
        # a fuller name that itself is the end of a yet fuller one names nobody else
        full = [f for f in fuller[name] if not fuller[f]]
        if len({(f[0], f[-1]) for f in full}) == 1:
            yield Proposal(
                same[0], by_name[min(full)][0], 0.95, "the only fuller name that ends so"
            )
        else:
            yield from _one_of(same[0], [by_name[f][0] for f in sorted(full)], behind)
    # 3. names that are nearly the same
    yield from _nearly(by_name, behind, beside)


def _one_of(
    short: str, full: Sequence[str], behind: Mapping[str, frozenset[str]]
) -> Iterator[Proposal]:
    """A surname of several people: the one with the same party behind, if there is one."""
    mine = behind.get(short, frozenset())
    fit = [f for f in full if mine & behind.get(f, frozenset())]
    for f in fit:
        sure = 0.85 if len(fit) == 1 else 0.5
        party = min(mine & behind[f])
        why = f"{len(full)} people end so; this one too speaks for {party}"
        yield Proposal(short, f, sure, why)


def _nearly(
    by_name: Mapping[tuple[str, ...], Sequence[str]],
    behind: Mapping[str, frozenset[str]],
    beside: set[frozenset[str]],
) -> Iterator[Proposal]:
    """Names whose surnames nearly agree and whose first names do not speak against it."""
    blocks: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for name in by_name:
        blocks[name[-1][:2]].append(name)
    for names in blocks.values():
        for a, b in combinations(sorted(names), 2):
            one, other = by_name[a][0], by_name[b][0]
            likeness = JaroWinkler.similarity(a[-1], b[-1])
            if likeness < ALIKE or frozenset((one, other)) in beside:
                continue
            if a[-1] == b[-1] and (len(a) == 1 or len(b) == 1 or a[0] == b[0]):
                continue  # rules 1 and 2 have spoken
            firsts = _firsts(a[:-1], b[:-1])
            if firsts is None:
                continue
            shared = behind.get(one, frozenset()) & behind.get(other, frozenset())
            against = behind.get(one) and behind.get(other) and not shared
            score = likeness * firsts + (0.1 if shared else -0.3 if against else -0.1)
            if score >= SHOWN:
                why = f"surnames alike by {likeness:.2f}"
                why += f", both speak for {min(shared)}" if shared else ""
                most = 0.99 if shared else JOINS - 0.01
                yield Proposal(one, other, round(min(most, score), 3), why)


def _firsts(a: tuple[str, ...], b: tuple[str, ...]) -> float | None:
    """How well first names agree, in 0..1; None where they speak against it."""
    if not a or not b:
        return 0.85
    if a[0] == b[0]:
        return 1.0
    if a[0][0] == b[0][0] and 1 in (len(a[0]), len(b[0])):
        return 0.9
    likeness = float(JaroWinkler.similarity(a[0], b[0]))
    return likeness if likeness >= ALIKE else None
