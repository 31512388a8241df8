"""Each holder's tier, and the bounds that follow (DESIGN.md, Counting 2, 3 and 6).

Without conditions on other actors' acts the two fixpoints are reached in one step: each holder's
place depends on the assumptions alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from caveat.ask.current import Current
from caveat.ask.question import Question, Truths, reaches
from caveat.ask.relations import Outcome, outcome
from caveat.model import LADDER, Position
from caveat.succession import Held

Tier = Literal[
    "firm", "conditional", "disputed", "below", "considering", "refused",
    "others-word", "others-considering", "others-refused", "unheard",
]  # fmt: skip
TIERS: tuple[Tier, ...] = (
    "firm", "conditional", "disputed", "below", "considering", "refused",
    "others-word", "others-considering", "others-refused", "unheard",
)  # fmt: skip
"""`disputed`: statements of one day differ and only the stronger reaches the rung. `below`: on
the ladder above considering, but under the rung that was asked for."""

_STRENGTH: tuple[str, ...] = ("out", "refused", "considering", "below", "conditional", "firm")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a holder stands on the question, with the positions that it rests on."""

    holder: str
    tier: Tier
    in_lower: bool
    in_upper: bool
    rests_on: tuple[Held, ...]
    superseded: tuple[Held, ...] = ()
    contradicted_by: tuple[Held, ...] = ()
    """Others' word that is later and differs; it never supersedes."""
    stale: bool = False
    note: str | None = None


def standing(
    holder: str,
    own: list[Current],
    others: list[Current],
    truths: Truths,
    question: Question,
) -> Standing:
    """A holder's standing from its own current positions, or by others' word if it has none."""
    best = _best(own, truths, question)
    if best is not None:
        current, low, high, note = best
        return Standing(
            holder, _own_tier(low, high),
            in_lower=low == "firm" and not current.stale,
            in_upper=high in ("firm", "conditional") or note == "may-be-lifted",
            rests_on=current.held,
            superseded=tuple(h for c in own for h in c.superseded),
            contradicted_by=_contradicting(current, others, question),
            stale=current.stale, note=note,
        )  # fmt: skip
    best = _best(others, truths, question)
    if best is None:
        notes = [n for c in own for n in _notes(c, truths, question)]
        return Standing(holder, "unheard", False, False, tuple(h for c in own for h in c.held),
                        note=notes[0] if notes else None)  # fmt: skip
    current, _, high, note = best
    tier: Tier = "others-word" if high in ("firm", "conditional") else "others-considering"
    if high == "refused":
        tier = "others-refused"
    return Standing(
        holder, tier, False, False, current.held, current.superseded, stale=current.stale, note=note
    )


def _best(
    currents: list[Current], truths: Truths, question: Question
) -> tuple[Current, str, str, str | None] | None:
    """The current positions that reach highest, with their weakest and strongest strength."""
    rated = []
    for current in currents:
        found = [_strength(h.entry.position, truths, question) for h in current.held]
        order = sorted(found, key=lambda f: _STRENGTH.index(f[0]))
        if order[-1][0] != "out":
            rated.append((current, order[0][0], order[-1][0], order[-1][1]))
    return max(
        rated,
        key=lambda r: (_STRENGTH.index(r[2]), _STRENGTH.index(r[1]), r[0].held[-1].when),
        default=None,
    )


def _strength(position: Position, truths: Truths, question: Question) -> tuple[str, str | None]:
    """Strength of one position, and a note where its conditions make a special case of it."""
    if position.negated:
        return "out", None
    result = outcome(position, truths, question.reading)
    if result in ("silent", "lapsed", "no-longer-refused"):
        return "out", result
    if position.stance == "refused":
        return "refused", "may-be-lifted" if result == "may-be-lifted" else None
    if reaches(position, question.at_least):
        return ("conditional" if result == "conditional" else "firm"), None
    return ("considering" if position.stance == "considering" else "below"), None


def _own_tier(low: str, high: str) -> Tier:
    if high in ("firm", "conditional") and low not in ("firm", "conditional"):
        return "disputed"
    tiers: dict[str, Tier] = {
        "firm": "firm", "conditional": "conditional", "below": "below",
        "considering": "considering", "refused": "refused",
    }  # fmt: skip
    return tiers[low] if high in ("firm", "conditional") else tiers[high]


def _notes(current: Current, truths: Truths, question: Question) -> Iterable[Outcome]:
    for h in current.held:
        result = outcome(h.entry.position, truths, question.reading)
        if result in ("silent", "lapsed", "no-longer-refused"):
            yield result


def _contradicting(current: Current, others: list[Current], question: Question) -> tuple[Held, ...]:
    """Others' later word that puts the holder elsewhere on the ladder."""
    mine = {_coarse(h.entry.position, question) for h in current.held}
    since = current.held[-1].when
    return tuple(
        h
        for c in others
        for h in c.held
        if h.when >= since and _coarse(h.entry.position, question) not in mine
    )


def _coarse(position: Position, question: Question) -> str:
    if position.stance in LADDER:
        reached = LADDER.index(position.stance) >= LADDER.index(question.at_least)
        return "reached" if reached else "not reached"
    return position.stance
