"""What hangs together: components of nodes, those that wait for each other, and clingo's share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from typing import TYPE_CHECKING

from caveat.ask.solve import (
    Exclusive,
    Group,
    Node,
    Option,
    Problem,
    Solved,
    greatest,
    least,
    plain,
)

if TYPE_CHECKING:
    import clingo


def solve(problem: Problem, asked: Collection[str], *, all_of: bool = False) -> Solved:
    """Who is in, who may be, and how many at once on the kinds asked (on each, with `all_of`).

    Deterministic: the order in which nodes and options are given does not matter.
    """
    waiting, held_back = _parted(problem)
    lower, upper = least(problem, waiting), greatest(problem, waiting)
    fewest, most = (_count(s, asked, all_of) for s in (lower, upper))
    exclusives, impossible = [], []
    for component in held_back:
        found = _worlds(problem, component, asked, all_of)
        if found is None:
            impossible.append(_parties(component))
            continue
        low, high, fewest_here, most_here = found
        lower, upper = lower | low, upper | high
        fewest, most = fewest + fewest_here, most + most_here
        if (fewest_here, most_here) != (_count(low, asked, all_of), _count(high, asked, all_of)):
            exclusives.append(Exclusive(_parties(high), fewest_here, most_here))
    return Solved(
        frozenset(lower), frozenset(upper), fewest, most,
        together=tuple(_together(problem, upper - lower)) if problem.others else (),
        exclusive=tuple(sorted(exclusives, key=lambda e: e.parties)),
        impossible=tuple(sorted(impossible)),
    )  # fmt: skip


def _parties(nodes: Iterable[Node]) -> tuple[str, ...]:
    return tuple(sorted({party for party, _ in nodes}))


def _count(nodes: Set[Node], asked: Collection[str], all_of: bool) -> int:
    if all_of:
        return len({p for p, _ in nodes if all((p, k) in nodes for k in asked)})
    return len({p for p, k in nodes if k in asked})


def _parted(problem: Problem) -> tuple[list[Node], list[list[Node]]]:
    """Nodes of components in which conditions only wait for others, and the other components.

    Nodes of one party belong together, for a party counts once.
    """
    if not problem.negative:
        return list(problem.options), []
    import rustworkx as rx

    graph = rx.PyGraph(multigraph=False)
    place = {node: graph.add_node(node) for node in sorted(problem.options)}
    party: dict[str, int] = {}
    said = {name: graph.add_node(None) for name in sorted(problem.others)}
    for node, at in place.items():
        graph.add_edge(at, party.setdefault(node[0], at), None)
        for name in problem.neighbours(node):
            graph.add_edge(at, said[name], None)
    for name, nodes in problem.hangs.items():
        for node in nodes:
            graph.add_edge(said[name], place[node], None)
    waiting: list[Node] = []
    held_back: list[list[Node]] = []
    for component in rx.connected_components(graph):
        members: list[Node] = sorted(graph[i] for i in component if graph[i] is not None)
        if problem.negative.isdisjoint(members):
            waiting += members
        else:
            held_back.append(members)
    return waiting, sorted(held_back)


def _together(problem: Problem, between: Set[Node]) -> Iterator[tuple[str, ...]]:
    """Groups of nodes between both bounds that wait for each other."""
    import rustworkx as rx

    graph = rx.PyDiGraph(multigraph=False)
    place = {node: graph.add_node(node) for node in sorted(between)}
    said = {name: graph.add_node(None) for name in sorted(problem.others)}
    for node, at in place.items():
        for name in problem.neighbours(node):
            graph.add_edge(said[name], at, None)
    for name, nodes in problem.waits.items():
        for node in nodes & between:
            graph.add_edge(place[node], said[name], None)
    found = []
    for component in rx.strongly_connected_components(graph):
        parties = _parties(graph[i] for i in component if graph[i] is not None)
        if len(parties) > 1:
            found.append(parties)
    yield from sorted(found)


# ------------------------------------------------------------------ clingo


def _worlds(
    problem: Problem, nodes: Sequence[Node], asked: Collection[str], all_of: bool
) -> tuple[set[Node], set[Node], int, int] | None:
    """Who is in every world and in some, and the fewest and most parties; None without a world."""
    made = _Program(problem, nodes)
    program = "\n".join([*made.lines, made.counting(asked, all_of)])
    every = _consequences(program, "cautious")
    if every is None:
        return None
    some = _consequences(program, "brave") or set()
    fewest = _best(program, "#minimize { 1,P : counts(P) }.")
    most = _best(program, "#maximize { 1,P : counts(P) }.")
    return {nodes[i] for i in every}, {nodes[i] for i in some}, fewest, most


class _Program:
    """Worlds as answer sets: any nodes may be chosen, those that must be in are, and all may be.

    Truth has three values: `true(P)`, `false(P)`, or neither for what stays open.
    """

    def __init__(self, problem: Problem, nodes: Sequence[Node]) -> None:
        self.problem = problem
        self.lines: list[str] = []
        self.number = {node: i for i, node in enumerate(nodes)}
        self._propositions: dict[str | None, int] = {}
        self._groups: dict[Group, int] = {}
        party = {p: i for i, p in enumerate(_parties(nodes))}
        for (name, kind), i in self.number.items():
            self.lines.append(f'{{ in({i}) }}. on({party[name]},"{kind}") :- in({i}).')
        for node, i in self.number.items():
            for option in problem.options[node]:
                self._option(i, option)
        self.lines.append(":- in(I), not may(I). :- must(I), not in(I).")
        self.lines.append("#show. #show I : in(I). #defined may/1. #defined must/1.")
        self.lines.append("#defined true/1. #defined false/1. #defined some/1. #defined none/1.")

    def _option(self, node: int, option: Option) -> None:
        if option.sure is not None:
            met = [self._met(g) for clause in option.sure for g in clause]
            self._rule(f"must({node})", met)
        for clause in option.perhaps:
            self._rule(f"may({node})", [self._possible(g) for g in clause])
        for clause in option.lifted:
            self._rule(f"may({node})", [self._lifted(g) for g in clause])

    def _rule(self, head: str, body: Sequence[str]) -> None:
        self.lines.append(f"{head} :- {', '.join(body)}." if body else f"{head}.")

    def _met(self, group: Group) -> str:
        if group.relation == "only_if" and not self.problem.generous:
            return "#false"
        if group.relation in ("if", "after", "only_if"):
            return f"some({self._group(group)})"
        one = self._group(group)
        return f"none({one})" if group.relation == "unless" else f"not some({one})"

    def _possible(self, group: Group) -> str:
        wants = group.relation in ("if", "after", "only_if")
        return f"not {'none' if wants else 'some'}({self._group(group)})"

    def _lifted(self, group: Group) -> str:
        if group.relation == "unless":
            return f"some({self._group(group)})"
        return f"none({self._group(group)})" if group.relation == "only_if" else "#false"

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
            if self.problem.on_record(nodes):
                self._rule(f"false({i})", [f"not {each}" for each in inside])
        return i

    def counting(self, asked: Collection[str], all_of: bool) -> str:
        """Rules for the parties that count on the kinds asked."""
        on = [f'on(P,"{k}")' for k in sorted(asked)]
        if all_of:
            return f"counts(P) :- {', '.join(on)}."
        return " ".join(f"counts(P) :- {each}." for each in on)


def _models(program: str, *options: str) -> Iterator[clingo.Model]:
    import clingo

    control = clingo.Control(["--warn=none", *options], logger=lambda *_: None)
    control.add("base", [], program)
    control.ground([("base", [])])
    with control.solve(yield_=True) as handle:
        yield from handle


def _consequences(program: str, mode: str) -> set[int] | None:
    """Nodes in every answer set ("cautious") or in some ("brave"); None without any."""
    last: set[int] | None = None
    for model in _models(program, "0", f"--enum-mode={mode}"):
        last = {s.number for s in model.symbols(shown=True)}
    return last


def _best(program: str, goal: str) -> int:
    """The least or greatest number of parties that count; clingo's costs only get better."""
    best = 0
    for model in _models(f"{program}\n{goal}"):
        best = abs(model.cost[0]) if model.cost else 0
    return best
