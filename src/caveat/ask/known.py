"""Questions that a register cannot answer, each with the nearest that it could."""

from __future__ import annotations

from caveat.ask.question import Question, nearest, other
from caveat.errors import QuestionError
from caveat.register import Register
from caveat.undertaking import Undertaking


def check(question: Question, register: Register, undertaking: Undertaking) -> None:
    """Raise `QuestionError` for a proposition that nobody knows, or a day before all reports.

    Known are the undertaking's propositions, those that conditions in the register carry, and any
    about others' acts or numbers. A register without positions answers every day alike.
    """
    plain = {r.id for r in undertaking.propositions if not r.takes_actor}
    takes = {r.id for r in undertaking.propositions if r.takes_actor}
    unknown = [
        name
        for name, _ in question.assumptions
        if name not in plain and not other(name) and name.partition("(")[0] not in takes
    ]
    if unknown:
        known = register.propositions()
        for name in unknown:
            if name not in known:
                near = nearest(name, {*known, *plain, *takes})
                raise QuestionError(f"no condition speaks of {name!r}{near}")
    if question.as_of is not None and not register.knows_by(question.as_of):
        first = register.first_report()
        if first is not None and question.as_of < first:
            raise QuestionError(
                f"nothing is reported by {question.as_of}: the first report is of {first}"
            )
