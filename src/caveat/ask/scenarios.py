"""The same question under assumptions: side by side, and which of them would move it most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from caveat.ask.count import Count, Move, count
from caveat.ask.question import Question, Truths, question
from caveat.errors import QuestionError
from caveat.model import Actor, Entry
from caveat.undertaking import Undertaking


@dataclass(frozen=True, slots=True)
class Scenario:
    """A count with one more proposition assumed true; None for the question as it was asked."""

    assumption: str | None
    answer: Count


def open_propositions(answer: Count, undertaking: Undertaking) -> tuple[str, ...]:
    """The plain propositions that a standing of the answer waits for, in order of name."""
    truths = Truths(undertaking, answer.question.assumptions)
    return tuple(
        sorted(
            {
                c.proposition.removeprefix("not:")
                for s in answer.standings
                for h in s.rests_on
                for c in h.entry.position.conditions
                if c.proposition and truths.of(c.proposition) is None
            }
        )
    )


def scenarios(
    entries: Iterable[Entry],
    actors: Mapping[str, Actor],
    undertaking: Undertaking,
    asked: Question,
) -> tuple[Scenario, ...]:
    """The question as asked, then with each open proposition true, most decisive first.

    Propositions that decide neither bound nor any tier by themselves come last.
    """
    entries = list(entries)
    base = count(entries, actors, undertaking, asked)
    given = [p if t else f"not:{p}" for p, t in asked.assumptions]
    out = []
    for p in open_propositions(base, undertaking):
        q = question(undertaking, asked.kinds, [*given, p], template=asked)
        out.append(Scenario(p, count(entries, actors, undertaking, q)))
    out.sort(key=lambda s: (-s.answer.lower, -len(s.answer.firm), s.answer.upper, s.assumption))
    return (Scenario(None, base), *out)


def compare(
    entries: Iterable[Entry],
    actors: Mapping[str, Actor],
    undertaking: Undertaking,
    asked: Question,
    sets: Sequence[Sequence[str]],
) -> tuple[Scenario, ...]:
    """The question as asked, then under each set of further assumptions, in the order given.

    Raises `QuestionError` for a set that contradicts itself or what was assumed already.
    """
    entries = list(entries)
    given = [p if t else f"not:{p}" for p, t in asked.assumptions]
    out = [Scenario(None, count(entries, actors, undertaking, asked))]
    for more in sets:
        q = question(undertaking, asked.kinds, [*given, *more], template=asked)
        out.append(Scenario(", ".join(more), count(entries, actors, undertaking, q)))
    return tuple(out)


PAIRED = 12
"""Propositions of which pairs are tried: 66 counts at most; the first by what each brings alone."""


def best_pair(
    entries: Iterable[Entry],
    actors: Mapping[str, Actor],
    undertaking: Undertaking,
    asked: Question,
    base: Count,
) -> Move | None:
    """The two open propositions that bring most together; None if no pair beats a single one."""
    entries = list(entries)
    alone = {m.assumption: m for m in base.moves}
    best_alone = max((m.lower for m in base.moves), default=base.lower)
    brings = {p: alone[p].lower if p in alone else base.lower
              for p in open_propositions(base, undertaking)}  # fmt: skip
    names = sorted(brings, key=lambda p: (-brings[p], p))
    given = [p if t else f"not:{p}" for p, t in asked.assumptions]
    found: list[Move] = []
    for pair in combinations(names[:PAIRED], 2):
        try:
            q = question(undertaking, asked.kinds, [*given, *pair], template=asked)
        except QuestionError:
            continue  # the two exclude each other
        then = count(entries, actors, undertaking, q)
        low, high = ({s.holder for s in x.standings if s.in_lower} for x in (base, then))
        up, now = ({s.holder for s in x.standings if s.in_upper} for x in (base, then))
        found.append(Move(
            " and ".join(pair), then.lower, then.upper, gains_lower=tuple(sorted(high - low)),
            leaves_upper=tuple(sorted(up - now)), joins_upper=tuple(sorted(now - up)),
        ))  # fmt: skip
    top = max(found, key=lambda m: (m.lower, m.upper, m.assumption), default=None)
    return top if top is not None and top.lower > best_alone else None
