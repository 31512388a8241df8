"""The same question under each open proposition: what a page shows side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from caveat.ask.count import Count, count
from caveat.ask.question import Question, Truths, question
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
