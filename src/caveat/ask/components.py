"""What hangs together: components of nodes, those that wait for each other, and clingo's share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from caveat.ask.question import Truth
from caveat.ask.solve import (
    Exclusive,
    Group,
    Node,
    Option,
    Problem,
    Solved,
    can_hold,
    decide,
    holds,
    lifts,
    plain,
)
from caveat.model import Relation

if TYPE_CHECKING:
    import clingo
    import rustworkx as rx


def solve(problem: Problem, asked: Collection[str], *, all_of: bool = False) -> Solved:
    """Who is in, who may be, and how many at once on the kinds asked (on each, with `all_of`).

    Deterministic: the order in which nodes and options are given does not matter.
    """
    lower, upper = decide(problem)
    components = _held_back(problem, upper - lower)
    open_ = {node for nodes in components for node in nodes}
    parties = {party for party, _ in open_}
    # parties with nodes in such a component are counted there, with all their nodes
    apart_low, apart_high = ({n for n in s if n[0] not in parties} for s in (lower, upper))
    always = _counting(apart_low, asked, all_of)
    sometimes = _counting(apart_high, asked, all_of)
    fewest, most = len(always), len(sometimes)
    exclusives, impossible = [], []
    for nodes in components:
        found = _worlds(problem, nodes, lower, asked, all_of)
        if found is None:
            impossible.append(_parties(nodes))
            upper -= set(nodes)
            continue
        lower, upper = lower | found.every, upper - (set(nodes) - found.some)
        always, sometimes = always | found.always, sometimes | found.sometimes
        fewest, most = fewest + found.fewest, most + found.most
        if (found.fewest, found.most) != (len(found.always), len(found.sometimes)):
            exclusives.append(Exclusive(tuple(sorted(found.sometimes)), found.fewest, found.most))
    return Solved(
        frozenset(lower), frozenset(upper), fewest, most, frozenset(always), frozenset(sometimes),
        together=tuple(_together(problem, upper - lower)) if problem.others else (),
        exclusive=tuple(sorted(exclusives, key=lambda e: e.parties)),
        impossible=tuple(sorted(impossible)),
    )  # fmt: skip


def _parties(nodes: Iterable[Node]) -> tuple[str, ...]:
    return tuple(sorted({party for party, _ in nodes}))


def _counting(nodes: Set[Node], asked: Collection[str], all_of: bool) -> set[str]:
    """The parties that count with these nodes."""
    if all_of:
        return {p for p, _ in nodes if all((p, k) in nodes for k in asked)}
    return {p for p, k in nodes if k in asked}


def _held_back(problem: Problem, undecided: Set[Node]) -> list[list[Node]]:
    """Components of undecided nodes in which somebody's being in can hold another back.

    Nodes of one party belong together, for a party counts once.
    """
    if problem.negative.isdisjoint(undecided):
        return []
    import rustworkx as rx

    graph = rx.PyGraph(multigraph=False)
    place = {node: graph.add_node(node) for node in sorted(undecided)}
    party: dict[str, int] = {}
    for node, at in place.items():
        graph.add_edge(at, party.setdefault(node[0], at), None)
    for one, other_ in _edges(problem, place, graph, problem.hangs):
        graph.add_edge(one, other_, None)
    found: list[list[Node]] = []
    for component in rx.connected_components(graph):
        members: list[Node] = sorted(graph[i] for i in component if graph[i] is not None)
        if not problem.negative.isdisjoint(members):
            found.append(members)
    return sorted(found)


def _edges(
    problem: Problem,
    place: Mapping[Node, int],
    graph: rx.PyGraph | rx.PyDiGraph,
    hangs: Mapping[str, Set[Node]],
) -> Iterator[tuple[int, int]]:
    """From each node to what it hangs on, by way of propositions and of sets of kinds."""
    said = {name: graph.add_node(None) for name in sorted(problem.others)}
    sets = {kinds: graph.add_node(None) for kinds in sorted(problem.counted)}
    for name, other_ in problem.others.items():
        if other_.party is None:
            yield said[name], sets[other_.kinds]
    for node, at in place.items():
        yield from ((said[name], at) for name in problem.naming.get(node, ()))
        yield from ((sets[kinds], at) for kinds in problem.counting.get(node[1], ()))
    for name, nodes in hangs.items():
        yield from ((place[node], said[name]) for node in nodes if node in place)


def _together(problem: Problem, between: Set[Node]) -> Iterator[tuple[str, ...]]:
    """Groups of nodes between both bounds that wait for each other."""
    import rustworkx as rx

    graph = rx.PyDiGraph(multigraph=False)
    place = {node: graph.add_node(node) for node in sorted(between)}
    for one, other_ in _edges(problem, place, graph, problem.waits):
        graph.add_edge(one, other_, None)
    found = []
    for component in rx.strongly_connected_components(graph):
        parties = _parties(graph[i] for i in component if graph[i] is not None)
        if len(parties) > 1:
            found.append(parties)
    yield from sorted(found)


# ------------------------------------------------------------------ clingo


@dataclass(frozen=True, slots=True)
class _Found:
    """The worlds of a component: nodes and parties in every one and in some, fewest and most."""

    every: set[Node]
    some: set[Node]
    always: set[str]
    sometimes: set[str]
    fewest: int
    most: int


def _worlds(
    problem: Problem,
    nodes: Sequence[Node],
    settled: Set[Node],
    asked: Collection[str],
    all_of: bool,
) -> _Found | None:
    """The worlds of undecided nodes, those `settled` being in; None without any."""
    made = _Program(problem, nodes, settled)
    program = "\n".join([*made.lines, made.counting(asked, all_of)])
    every = _consequences(program, "cautious")
    some = _consequences(program, "brave")
    if every is None or some is None:
        return None
    fewest = _best(program, "#minimize { 1,P : counts(P) }.")
    most = _best(program, "#maximize { 1,P : counts(P) }.")
    names = _parties(nodes)
    return _Found(
        {nodes[i] for sort, i in every if sort == "in"},
        {nodes[i] for sort, i in some if sort == "in"},
        {names[i] for sort, i in every if sort == "counts"},
        {names[i] for sort, i in some if sort == "counts"},
        fewest,
        most,
    )


_LITERALS: Mapping[frozenset[Truth], str] = {
    frozenset(): "#false",
    frozenset((True,)): "some({})",
    frozenset((False,)): "none({})",
    frozenset((True, None)): "not none({})",
    frozenset((False, None)): "not some({})",
}
"""What says in a program that a group's value is one of these; the tables ask for no others."""


class _Program:
    """Worlds as answer sets: any nodes may be chosen, those that must be in are, and all may be.

    Truth has three values: `true(P)`, `false(P)`, or neither for what stays open.
    """

    def __init__(self, problem: Problem, nodes: Sequence[Node], settled: Set[Node]) -> None:
        self.problem, self.settled = problem, settled
        self.lines: list[str] = []
        self.number = {node: i for i, node in enumerate(nodes)}
        self._propositions: dict[str | None, int] = {}
        self._groups: dict[Group, int] = {}
        party = {p: i for i, p in enumerate(_parties(nodes))}
        for (name, kind), i in self.number.items():
            self.lines.append(f'{{ in({i}) }}. on({party[name]},"{kind}") :- in({i}).')
        others = sorted({p for p, _ in settled} - set(party))
        number = {**party, **{p: len(party) + i for i, p in enumerate(others)}}
        # what is settled counts, too; parties of other components never share a number with these
        self.lines += [f'on({number[p]},"{kind}").' for p, kind in sorted(settled)]
        self.lines.append(f"mine(0..{len(party) - 1}).")
        for node, i in self.number.items():
            for option in problem.options[node]:
                self._option(i, option)
        self.lines.append(":- in(I), not may(I). :- must(I), not in(I).")
        self.lines.append("#show in/1. #show counts/1. #defined may/1. #defined must/1.")
        self.lines.append("#defined true/1. #defined false/1. #defined some/1. #defined none/1.")

    def _option(self, node: int, option: Option) -> None:
        sure = partial(holds, generous=self.problem.generous)
        if option.sure is not None:
            self._rule(f"must({node})", [self._when(sure, g) for c in option.sure for g in c])
        for clause in option.perhaps:
            self._rule(f"may({node})", [self._when(can_hold, g) for g in clause])
        for clause in option.lifted:
            self._rule(f"may({node})", [self._when(lifts, g) for g in clause])

    def _rule(self, head: str, body: Sequence[str]) -> None:
        self.lines.append(f"{head} :- {', '.join(body)}." if body else f"{head}.")

    def _when(self, test: Callable[[Relation, Truth], bool], group: Group) -> str:
        """The literal for a group whose value passes a test of its relation."""
        values = frozenset(v for v in (True, False, None) if test(group.relation, v))
        return _LITERALS[values].format(self._group(group))

    def _group(self, group: Group) -> int:
        """`some(G)`: one of the members is true; `none(G)`: all are false."""
        if group not in self._groups:
            i = self._groups[group] = len(self._groups)
            members = [self._proposition(p) for p in group.of]
            self.lines += [f"some({i}) :- true({m})." for m in members]
            self._rule(f"none({i})", [f"false({m})" for m in members])
        return self._groups[group]

    def _proposition(self, proposition: str | None) -> int:
        if proposition in self._propositions:
            return self._propositions[proposition]
        i = self._propositions[proposition] = len(self._propositions)
        name, denied = plain(proposition)
        if denied:
            j = self._proposition(name)
            self.lines.append(f"true({i}) :- false({j}). false({i}) :- true({j}).")
        elif (said := self.problem.others.get(name or "")) is None:
            value = self.problem.truth(name)
            if value is not None:
                self.lines.append(f"{'true' if value else 'false'}({i}).")
        elif said.party is None:
            on = "; ".join(f'P : on(P,"{k}")' for k in said.kinds)
            self.lines.append(f"true({i}) :- #count {{ {on} }} >= {said.number}.")
            self.lines.append(f"false({i}) :- not true({i}).")
        else:
            nodes = [(said.party, k) for k in said.kinds]
            inside = [f"in({self.number[n]})" for n in nodes if n in self.number]
            self.lines += [f"true({i}) :- {each}." for each in inside]
            if not self.settled.isdisjoint(nodes):
                self.lines.append(f"true({i}).")
            elif self.problem.on_record(nodes):
                self._rule(f"false({i})", [f"not {each}" for each in inside])
        return i

    def counting(self, asked: Collection[str], all_of: bool) -> str:
        """Rules for the parties that count on the kinds asked."""
        on = [f'on(P,"{k}")' for k in sorted(asked)]
        if all_of:
            return f"counts(P) :- mine(P), {', '.join(on)}."
        return " ".join(f"counts(P) :- mine(P), {each}." for each in on)


def _models(program: str, *options: str) -> Iterator[clingo.Model]:
    import clingo

    control = clingo.Control(["--warn=none", *options], logger=lambda *_: None)
    control.add("base", [], program)
    control.ground([("base", [])])
    with control.solve(yield_=True) as handle:
        yield from handle


def _consequences(program: str, mode: str) -> set[tuple[str, int]] | None:
    """What is in every answer set ("cautious") or in some ("brave"); None without any."""
    last: set[tuple[str, int]] | None = None
    for model in _models(program, "0", f"--enum-mode={mode}"):
        last = {(s.name, s.arguments[0].number) for s in model.symbols(shown=True)}
    return last


def _best(program: str, goal: str) -> int:
    """The least or greatest number of parties that count; clingo's costs only get better."""
    best = 0
    for model in _models(f"{program}\n{goal}"):
        best = abs(model.cost[0]) if model.cost else 0
    return best
