"""Conditions on others' positions, as the solver takes them: current positions to options."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from caveat.ask.components import solve
from caveat.ask.current import Current, currents
from caveat.ask.question import Question, Truth, Truths, other, party_id, reaches
from caveat.ask.relations import grouped, outcome
from caveat.ask.solve import Clause, Group, Node, Option, Other, Problem, Solved, plain
from caveat.model import Entry, Position
from caveat.succession import Held
from caveat.undertaking import Undertaking


@dataclass(frozen=True, slots=True)
class Settled:
    """What the positions of all make of propositions about others."""

    solved: Solved
    truths: Mapping[str, Truth]

    def holds_on(self, holder: str) -> tuple[bool, bool]:
        """Whether a holder counts in every world, and in some."""
        return holder in self.solved.always, holder in self.solved.sometimes


def kinds_named(entries: Iterable[Entry], undertaking: Undertaking) -> set[str]:
    """The kinds that conditions on others speak of."""
    out: set[str] = set()
    for e in entries:
        for c in e.position.conditions:
            if (about := other(plain(c.proposition)[0])) is not None:
                out.update(undertaking.kinds_of(about[2]) or (about[2],))
    return out


def nodes_of(
    held: Mapping[str, list[Held]], undertaking: Undertaking, question: Question
) -> dict[Node, list[Current]]:
    """Each holder's own current positions on each kind."""
    out = {}
    for holder, mine in held.items():
        by_kind: dict[str, list[Held]] = {}
        for h in mine:
            by_kind.setdefault(h.entry.position.kind, []).append(h)
        for kind, some in by_kind.items():
            out[holder, kind] = own_currents(some, undertaking, question)
    return out


def settle(
    nodes: Mapping[Node, list[Current]],
    conditions: Collection[str],
    undertaking: Undertaking,
    question: Question,
    truths: Truths,
) -> Settled:
    """Solve the conditions on others among all holders' positions on every kind that matters.

    `conditions` are the propositions, denials left out, whose truth is wanted as well.
    """
    options: dict[Node, tuple[Option, ...]] = {}
    refused: set[Node] = set()
    for node, found in nodes.items():
        made = tuple(o for c in found if (o := _option(c, question)) is not None)
        if made:
            options[node] = made
        elif any(_refuses(h.entry.position, question, truths) for c in found for h in c.held):
            refused.add(node)
    problem = Problem(
        options, refused, truths.of, generous=question.reading == "generous", party=party_id,
        kinds=lambda kind: undertaking.kinds_of(kind) or (kind,),
    )  # fmt: skip
    solved = solve(problem, question.kinds, all_of=question.all_of)
    names = dict(problem.others)
    for name in conditions:  # refusals, too, may hang on others
        if name not in names and truths.of(name) is None:
            said = problem.read(name)
            names |= {name: said} if said is not None else {}
    return Settled(solved, {n: _value(problem, said, solved) for n, said in names.items()})


def _refuses(position: Position, question: Question, truths: Truths) -> bool:
    """Whether a refusal stands, as far as it does not hang on others."""
    return position.stance == "refused" and outcome(position, truths, question.reading) == "refused"


def _value(problem: Problem, said: Other, solved: Solved) -> Truth:
    """The truth of a proposition about others in all worlds; None where they differ."""
    if said.party is None:
        low, high = (
            len({p for p, k in s if k in said.kinds}) for s in (solved.lower, solved.upper)
        )
        return True if low >= said.number else None if high >= said.number else False
    nodes = [(said.party, kind) for kind in said.kinds]
    if any(n in solved.lower for n in nodes):
        return True
    if any(n in solved.upper for n in nodes) or not problem.on_record(nodes):
        return None
    return False


def own_currents(held: list[Held], undertaking: Undertaking, question: Question) -> list[Current]:
    """The current positions that count as a holder's own; others' where only theirs were asked."""
    counted = [h for h in held if h.voice in question.voices]
    own = [h for h in counted if h.own]
    return currents(own or counted, question, undertaking.max_age_days)


def _option(current: Current, question: Question) -> Option | None:
    """What a current position lets its holder do; None where it never reaches the rung."""
    reaching = [
        h.entry.position for h in current.held if reaches(h.entry.position, question.at_least)
    ]
    lifted = tuple(
        clause_of(h.entry.position)
        for h in current.held
        if h.entry.position.stance == "refused" and h.entry.position.conditions
        and question.reading == "generous"
    )  # fmt: skip
    if not reaching and not lifted:
        return None
    clauses = tuple(clause_of(p) for p in reaching)
    firm = len(reaching) == len(current.held) and not current.stale
    return Option(clauses if firm else None, clauses, lifted)


def clause_of(position: Position) -> Clause:
    """A position's conditions as the solver takes them."""
    return tuple(Group(relation, of) for relation, of in grouped(position.conditions))
