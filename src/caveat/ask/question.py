"""The question that a count answers, checked before anything is counted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
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


@dataclass(frozen=True, slots=True)
class OfOthers:
    """What a proposition says of others: `party` does one of `kinds`, or `number` parties do."""

    kinds: frozenset[str]
    party: str | None = None
    number: int = 0

    def follows_from(self, known: Collection[OfOthers]) -> bool:
        """Whether it is so where all of `known` are so.

        Who does something does one of more kinds; ten that do are at least five; and parties known
        to do something are so many at least.
        """
        narrower = [k for k in known if k.kinds <= self.kinds]
        if self.party is not None:
            return any(k.party == self.party for k in narrower)
        named = {k.party for k in narrower if k.party is not None}
        return max([len(named), *(k.number for k in narrower)]) >= self.number


class Truths:
    """What the assumptions make true and false, by what implies what (DESIGN.md, Counting 10).

    A true proposition makes true all that it implies; a false one makes false all that imply it.
    So do those about others' acts and numbers, by what their words mean.
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
        self._undertaking = undertaking
        self._true = {q for p, t in given.items() if t for q in undertaking.implied(p)}
        false = {p for p, t in given.items() if not t}
        rules = [r.id for r in undertaking.propositions]
        self._false = false | {r for r in rules if undertaking.implied(r) & false}
        self._so = [o for p, t in given.items() if t and (o := of_others(undertaking, p))]
        self._not_so = [o for p, t in given.items() if not t and (o := of_others(undertaking, p))]
        both = {p for p in self._false if p in self._true or self._follows(p)}
        if both:
            raise QuestionError(f"the assumptions make {min(both)!r} both true and false")

    def of(self, proposition: str | None) -> Truth:
        """The truth of a proposition, which may be denied ("not:ceasefire")."""
        if proposition is None:
            return None
        if proposition.startswith("not:"):
            positive = self.of(proposition[len("not:") :])
            return None if positive is None else not positive
        if proposition in self._true or self._follows(proposition):
            return True
        if proposition in self._false or self._is_ruled_out(proposition):
            return False
        return self._others.get(proposition)

    def _follows(self, proposition: str) -> bool:
        said = of_others(self._undertaking, proposition) if self._so else None
        return said is not None and said.follows_from(self._so)

    def _is_ruled_out(self, proposition: str) -> bool:
        said = of_others(self._undertaking, proposition) if self._not_so else None
        return said is not None and any(n.follows_from([*self._so, said]) for n in self._not_so)


_DOES = re.compile(r"does\(\s*([^,()]+?)\s*,\s*([^,()]+?)\s*\)")
_AT_LEAST = re.compile(r"at-least\(\s*(\d+)\s*,\s*([^,()]+?)\s*\)")


def other(proposition: str | None) -> tuple[str, str, str] | None:
    """("does", party, kind) or ("at-least", number, kind) of a plain proposition; else None."""
    if proposition is not None:
        for sort, pattern in (("does", _DOES), ("at-least", _AT_LEAST)):
            if found := pattern.fullmatch(proposition):
                return sort, found[1], found[2]
    return None


def of_others(undertaking: Undertaking, proposition: str) -> OfOthers | None:
    """What a plain proposition says of others; None where it speaks of none."""
    if (found := other(proposition)) is None:
        return None
    sort, what, kind = found
    kinds = frozenset(undertaking.kinds_of(kind) or (kind,))
    if sort == "does":
        return OfOthers(kinds, party=party_id(what))
    return OfOthers(kinds, number=int(what))


def party_id(name: str) -> str:
    """The id in `does(US, air)`: states stand without their prefix."""
    return name if ":" in name else f"iso:{name}"
