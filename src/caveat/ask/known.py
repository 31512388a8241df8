"""Questions that a register cannot answer, each with the nearest that it could."""

from __future__ import annotations

from collections.abc import Sequence

from caveat.ask.question import Question, nearest
from caveat.ask.solve import other, plain
from caveat.errors import QuestionError
from caveat.model import Entry
from caveat.succession import last_day
from caveat.undertaking import Undertaking


def check(question: Question, entries: Sequence[Entry], undertaking: Undertaking) -> None:
    """Raise `QuestionError` for a proposition that nobody knows, or a day before all reports.

    Known are the undertaking's propositions, those that conditions in the register carry, and any
    about others' acts or numbers. A register without positions answers every day alike.
    """
    known = {r.id for r in undertaking.propositions if not r.takes_actor}
    takes = {r.id for r in undertaking.propositions if r.takes_actor}
    known |= {
        name
        for e in entries
        for c in e.position.conditions
        if (name := plain(c.proposition)[0]) is not None
    }
    for name, _ in question.assumptions:
        if name in known or other(name) or name.partition("(")[0] in takes:
            continue
        raise QuestionError(f"no condition speaks of {name!r}{nearest(name, known | takes)}")
    days = [last_day(e.reported) for e in entries if e.reported is not None]
    if question.as_of is not None and days and question.as_of < min(days):
        raise QuestionError(
            f"nothing is reported by {question.as_of}: the first report is of {min(days)}"
        )
