"""The question that a count answers, checked before anything is counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Literal

from caveat.errors import QuestionError
from caveat.model import KINDS, LADDER, OWN_VOICES, VOICES, Kind, Position, Stance, Voice
from caveat.undertaking import Undertaking

Reading = Literal["strict", "generous"]
Truth = bool | None
"""A proposition is true, false, or open (None)."""

_PLAIN = re.compile(r"(?:text:)?[\w-]+(?:\([\w:, -]+\))?")


@dataclass(frozen=True, slots=True)
class Question:
    """What to count. Build it with `question`, which checks every field.

    `kinds`: any of them counts; `all_of`: each of them must be reached. `assumptions` maps
    propositions to their assumed truth. `as_of` None means everything that the register holds.
    """

    kinds: tuple[Kind, ...] = ("troops",)
    all_of: bool = False
    at_least: Stance = "ready"
    as_of: date | None = None
    hindsight: bool = False
    assumptions: tuple[tuple[str, bool], ...] = ()
    voices: tuple[Voice, ...] = OWN_VOICES
    without_outlets: tuple[str, ...] = ()
    beneficiary: str | None = None
    reviewed_only: bool = False
    reading: Reading = "strict"


def reaches(position: Position, rung: str) -> bool:
    """Whether a position is on the ladder, at a rung or above it, and not denied."""
    on = position.stance in LADDER and not position.negated
    return on and LADDER.index(position.stance) >= LADDER.index(rung)


def nearest(word: str, known: Iterable[str], most: int = 3) -> str:
    """The known words nearest to one, as the end of a message; nothing where none is near."""
    found = get_close_matches(word, sorted(set(known)), most, cutoff=0.5)
    return f"; near: {', '.join(found)}" if found else ""


def question(
    undertaking: Undertaking,
    kinds: Iterable[str] = ("troops",),
    assume: Iterable[str] = (),
    *,
    template: Question | None = None,
) -> Question:
    """Return a checked `Question` on `kinds` (or sets of them) under assumptions.

    `assume` are texts such as "ceasefire" or "not:ceasefire"; what else is asked is taken from
    `template`. Raises `QuestionError` for unknown kinds, rungs, voices or readings, and for
    assumptions that contradict each other through what implies what.
    """
    t = template or Question()
    flat = [k for name in kinds for k in _kinds(undertaking, name)]
    if not flat:
        raise QuestionError("name at least one kind, for example --kind troops")
    if t.at_least not in LADDER:
        raise QuestionError(f"{t.at_least!r} is no rung; rungs are {', '.join(LADDER)}")
    if bad := [v for v in t.voices if v not in VOICES]:
        raise QuestionError(f"{bad[0]!r} is no voice; voices are {', '.join(VOICES)}")
    if t.reading not in ("strict", "generous"):
        raise QuestionError(f"{t.reading!r} is no reading; readings are strict and generous")
    assumptions = tuple(sorted(_assumption(a) for a in assume))
    Truths(undertaking, assumptions)
    return Question(
        kinds=tuple(dict.fromkeys(flat)), all_of=t.all_of, at_least=t.at_least, as_of=t.as_of,
        hindsight=t.hindsight, assumptions=assumptions, voices=t.voices,
        without_outlets=t.without_outlets, beneficiary=t.beneficiary,
        reviewed_only=t.reviewed_only, reading=t.reading,
    )  # fmt: skip


def _kinds(undertaking: Undertaking, name: str) -> tuple[Kind, ...]:
    if found := undertaking.kinds_of(name):
        return found
    sets = ", ".join(undertaking.kinds) or "none"
    near = nearest(name, (*KINDS, *undertaking.kinds))
    raise QuestionError(
        f"{name!r} is no kind ({', '.join(KINDS)}) and no set of kinds ({sets}){near}"
    )


def _assumption(text: str) -> tuple[str, bool]:
    text = text.strip()
    truth = not text.startswith("not:")
    name = text if truth else text[len("not:") :]
    if not _PLAIN.fullmatch(name):
        raise QuestionError(
            f"{text!r} is no assumption; write a proposition such as ceasefire or not:ceasefire"
        )
    return name, truth


class Truths:
    """What the assumptions make true and false, by what implies what (DESIGN.md, Counting 10).

    A true proposition makes true all that it implies; a false one makes false all that imply it.
    """

    def __init__(
        self,
        undertaking: Undertaking,
        assumptions: Iterable[tuple[str, bool]],
        others: Mapping[str, Truth] | None = None,
    ) -> None:
        """`others` gives the truth of propositions about others' positions as these settle it."""
        given = dict(assumptions)
        self._others = others or {}
        self._true = {q for p, t in given.items() if t for q in undertaking.implied(p)}
        false = {p for p, t in given.items() if not t}
        rules = [r.id for r in undertaking.propositions]
        self._false = false | {r for r in rules if undertaking.implied(r) & false}
        if both := self._true & self._false:
            raise QuestionError(f"the assumptions make {sorted(both)[0]!r} both true and false")

    def of(self, proposition: str | None) -> Truth:
        """The truth of a proposition, which may be denied ("not:ceasefire")."""
        if proposition is None:
            return None
        if proposition.startswith("not:"):
            positive = self.of(proposition[len("not:") :])
            return None if positive is None else not positive
        if proposition in self._true:
            return True
        return False if proposition in self._false else self._others.get(proposition)
