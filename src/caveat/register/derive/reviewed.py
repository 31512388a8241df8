"""What people's reviews make of positions: accepted, corrected, rejected, or not agreed upon.

A review keeps what its reviewer said the position is, not only "right" or "wrong", and the words it
was anchored to: the text's hash, the action and the holders. A better reader's position takes over
the reviews of the one that it stands for: in the same text, of a holder that both name, on actions
that overlap by half. Reviews that find no position are orphans, listed and kept.

Each reviewer's last review of a position is theirs; "withdrawn" takes it back. The last of all
counts; in two-person mode what two people say alike, and nothing where anybody differs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from caveat.model import Condition, Interval, Position, Span
from caveat.register.load import Stored

ReviewVerdict = Literal["accept", "correct", "reject", "withdrawn"]
FIELDS = ("stance", "kind", "negated", "voice", "holders", "said", "conditions")
"""What a review states of a position, and a person can correct."""
SAME = 0.5
"""The share of two actions' words from which on they are one, as the gold's scorer has it."""


@dataclass(frozen=True, slots=True)
class Review:
    """What one person said of one position, and what it was anchored to."""

    number: int
    position: str
    article: str
    sha256: str
    action: Span
    verdict: ReviewVerdict
    content: Mapping[str, Any]
    """`FIELDS` as the reviewer says they are."""
    who: str
    why: str
    at: str

    @property
    def says(self) -> object:
        """What it comes to: two reviews that say the same agree, whatever the machine had said."""
        if self.verdict == "reject":
            return "reject"
        return repr([self.content[name] for name in FIELDS])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the reviews of a position come to."""

    reviews: tuple[Review, ...]
    """Each reviewer's own, those taken back left out, the latest last."""
    counts: Review | None
    """The one that decides; None where a second person is awaited or people differ."""

    @property
    def disagree(self) -> bool:
        """Whether reviewers differ."""
        return len({r.says for r in self.reviews}) > 1


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Reviews attached to positions, by the positions' ids, and those that found none."""

    outcomes: Mapping[str, Outcome]
    orphans: tuple[Review, ...]


def attach(
    reviews: Iterable[Review],
    stored: Sequence[Stored],
    hashes: Mapping[str, str],
    *,
    two_person: bool = False,
) -> Reviewed:
    """Attach reviews to current positions; `hashes` are those of their articles' texts."""
    ids = {s.id for s in stored}
    by_text: defaultdict[str, list[Stored]] = defaultdict(list)
    for s in stored:
        if s.article in hashes:
            by_text[hashes[s.article]].append(s)
    found: defaultdict[str, list[Review]] = defaultdict(list)
    orphans = []
    for r in sorted(reviews, key=lambda r: r.number):
        at = r.position if r.position in ids else _successor(r, by_text[r.sha256])
        if at is None:
            orphans.append(r)
        else:
            found[at].append(r)
    outcomes = {at: _outcome(of, two_person) for at, of in found.items()}
    return Reviewed({at: o for at, o in outcomes.items() if o.reviews}, tuple(orphans))


def _successor(review: Review, candidates: Iterable[Stored]) -> str | None:
    """The position that stands where the reviewed one stood."""
    fitting = []
    for s in candidates:
        shared = set(s.position.holder_actors) & set(review.content["holders"])
        alike = _overlap(s.position.action, review.action)
        if alike >= SAME and (shared or not review.content["holders"]):
            same_stance = s.position.stance == review.content["stance"]
            fitting.append((alike, same_stance, s.id))
    return max(fitting)[2] if fitting else None


def _overlap(a: Span, b: Span) -> float:
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return shared / max(1, max(a[1], b[1]) - min(a[0], b[0]))


def _outcome(reviews: Iterable[Review], two_person: bool) -> Outcome:
    last: dict[str, Review] = {}
    for r in reviews:
        last.pop(r.who, None)
        last[r.who] = r
    standing = tuple(r for r in last.values() if r.verdict != "withdrawn")
    if not standing:
        return Outcome((), None)
    agreed = len(standing) > 1 and len({r.says for r in standing}) == 1
    return Outcome(standing, standing[-1] if agreed or not two_person else None)


def apply(stored: Sequence[Stored], reviewed: Reviewed) -> list[Stored]:
    """The positions as the reviews that count have them; rejected ones are left out."""
    out = []
    for s in stored:
        outcome = reviewed.outcomes.get(s.id)
        if outcome is None or outcome.counts is None:
            out.append(s)
        elif outcome.counts.verdict != "reject":
            content = outcome.counts.content
            out.append(replace(s, position=corrected(s.position, content), reviewed=True))
    return out


def content_of(p: Position) -> dict[str, Any]:
    """What a position states, as a review keeps it (JSON)."""
    said = p.said
    days = (d.isoformat() if d else None for d in (said.start, said.end)) if said else None
    return {
        "stance": p.stance,
        "kind": p.kind,
        "negated": p.negated,
        "voice": p.voice,
        "holders": list(p.holder_actors),
        "said": list(days) if days else None,
        "conditions": [
            [*c.span, c.relation, c.proposition, c.group] for c in p.conditions
        ],
    }  # fmt: skip


def corrected(p: Position, content: Mapping[str, Any]) -> Position:
    """A position with what a review states of it."""
    now = content_of(p)
    if all(now[name] == content[name] for name in FIELDS):
        return p
    said = content["said"]
    days = [date.fromisoformat(d) if d else None for d in said] if said else None
    return replace(
        p,
        stance=content["stance"],
        kind=content["kind"],
        negated=content["negated"],
        voice=content["voice"],
        holder_actors=tuple(content["holders"]),
        said=Interval(*days) if days else None,
        conditions=tuple(
            Condition((start, end), relation, proposition, group)
            for start, end, relation, proposition, group in content["conditions"]
        ),
        caveats=tuple(c for c in p.caveats if _still_true(c.name, content)),
    )


def _still_true(caveat: str, content: Mapping[str, Any]) -> bool:
    if caveat == "conditional":
        return bool(content["conditions"])
    if caveat in ("third-party", "anonymous"):
        return bool(content["voice"] == caveat)
    return True


# ------------------------------------------------------------------ how well it goes


@dataclass(frozen=True, slots=True)
class Stats:
    """Agreement between people, and how often the machine was right where one looked.

    `kappa` corrects for chance, over the verdicts of pairs of reviewers, None where one verdict
    alone is in use.
    `fields` are how many of the corrected positions had each field corrected.
    """

    positions: int
    accepted: int
    corrected: int
    rejected: int
    fields: Mapping[str, int]
    pairs: int
    """Pairs of people who reviewed one position."""
    agreeing: int
    """Pairs that say the same."""
    kappa: float | None

    @property
    def precision(self) -> float | None:
        """The share of reviewed positions that the machine had right in all that is reviewed."""
        return self.accepted / self.positions if self.positions else None


def stats(reviewed: Reviewed) -> Stats:
    """Count reviews that stand; of a position the last one tells whether the machine was right."""
    last = [o.reviews[-1] for o in reviewed.outcomes.values()]
    tally = {v: sum(r.verdict == v for r in last) for v in ("accept", "correct", "reject")}
    fields = {
        name: sum(name in r.content.get("corrected", ()) for r in last if r.verdict == "correct")
        for name in FIELDS
    }
    pairs = [
        (a, b)
        for o in reviewed.outcomes.values()
        for n, a in enumerate(o.reviews)
        for b in o.reviews[n + 1 :]
    ]
    return Stats(
        len(last), tally["accept"], tally["correct"], tally["reject"],
        {name: n for name, n in fields.items() if n},
        len(pairs), sum(a.says == b.says for a, b in pairs),
        _kappa([(a.verdict, b.verdict) for a, b in pairs]),
    )  # fmt: skip


def _kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Scott's pi (1955): Cohen's kappa with both sides' shares pooled; reviewers have no order."""
    if not pairs:
        return None
    seen = sum(a == b for a, b in pairs) / len(pairs)
    verdicts = [v for pair in pairs for v in pair]
    chance = sum((verdicts.count(v) / len(verdicts)) ** 2 for v in set(verdicts))
    return None if chance == 1 else (seen - chance) / (1 - chance)
