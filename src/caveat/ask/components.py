"""What hangs together: components of nodes, those that wait for each other, and clingo's share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from typing import TYPE_CHECKING

from caveat.ask.solve import (
    Exclusive,
    Group,
    Members,
    Node,
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
    for nodes in held_back:
        found = _worlds(problem, nodes, asked, all_of)
        if found is None:
            impossible.append(_parties(nodes))
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
        nodes = sorted(graph[i] for i in component if graph[i] is not None)
        if problem.negative.isdisjoint(nodes):
            waiting += nodes
        else:
            held_back.append(nodes)
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
    for name, nodes in problem.hangs.items():
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
    program = "\n".join(_program(problem, nodes, asked, all_of))
    every = _consequences(program, "cautious")
    if every is None:
        return None
    some = _consequences(program, "brave") or set()
    fewest = _best(program, "#minimize { 1,P : counts(P) }.")
    most = _best(program, "#maximize { 1,P : counts(P) }.")
    return {nodes[i] for i in every}, {nodes[i] for i in some}, fewest, most


def _program(
    problem: Problem, nodes: Sequence[Node], asked: Collection[str], all_of: bool
) -> Iterator[str]:
    """Worlds as answer sets: what must be in is, and what is in may be."""
    number = {node: i for i, node in enumerate(nodes)}
    party = {p: i for i, p in enumerate(_parties(nodes))}
    for node, i in number.items():
        yield f"{{ in({i}) }}. :- in({i}), not may({i}). :- must({i}), not in({i})."
        yield f"on({party[node[0]]},{_kind(node[1])}) :- in({i})."
        for option in problem.options[node]:
            if option.sure is not None:
                body = [_holds(problem, g, number, party) for c in option.sure for g in c]
                yield from _rule(f"must({i})", body)
            for clause in option.perhaps:
                yield from _rule(f"may({i})", [_can(problem, g, number, party) for g in clause])
            for clause in option.lifted:
                yield from _rule(f"may({i})", [_lifts(problem, g, number, party) for g in clause])
    kinds = sorted(k for k in asked)
    for i in party.values():
        if all_of:
            yield f"counts({i}) :- {', '.join(f'on({i},{_kind(k)})' for k in kinds)}."
        else:
            for k in kinds:
                yield f"counts({i}) :- on({i},{_kind(k)})."
    yield "#show. #show I : in(I). #defined may/1. #defined must/1. #defined on/2."


def _kind(kind: str) -> str:
    return f'"{kind}"'


Body = list[str] | None
"""Alternatives of which one must hold, each a literal; an empty list is never, None is always."""


def _rule(head: str, body: Sequence[Body]) -> Iterator[str]:
    """Rules for a head whose groups must all hold; groups with several members by helpers."""
    literals: list[str] = []
    for n, group in enumerate(body):
        if group is None:
            continue
        if not group:
            return
        if len(group) == 1:
            literals.append(group[0])
            continue
        helper = f"group({head},{abs(hash((head, n, tuple(group)))) % 10**9})"
        yield from (f"{helper} :- {each}." for each in group)
        literals.append(helper)
    yield f"{head} :- {', '.join(literals)}." if literals else f"{head}."


def _literal(
    problem: Problem, name: str, number: dict[Node, int], party: dict[str, int], true: bool
) -> Body:
    """Alternatives under which a proposition about others is true, or false, in a world."""
    said = problem.others[name]
    if said.party is None:
        on = "; ".join(f"P : on(P,{_kind(k)})" for k in said.kinds)
        count = f"#count {{ {on} }} >= {said.number}"
        return [count if true else f"not {count}"]
    nodes = [(said.party, k) for k in said.kinds]
    inside = [f"in({number[n]})" for n in nodes if n in number]
    if true:
        return inside
    if not all(n in problem.options or n in problem.refused for n in nodes):
        return []
    return [", ".join(f"not {each}" for each in inside)] if inside else None


def _ways(
    problem: Problem, group: Group, number: dict[Node, int], party: dict[str, int], *, true: bool
) -> tuple[Body, bool]:
    """When the "or" of a group is true (or false) for sure; and whether that may stay open."""
    bodies: list[Body] = []
    for each in group.of:
        name, denied = plain(each)
        if name is not None and name in problem.others:
            bodies.append(_literal(problem, name, number, party, true != denied))
        else:
            value = problem.value(each, Members((), problem.counted))
            bodies.append(None if value is true else [])
    if true:  # one is enough
        return (None, False) if None in bodies else ([x for b in bodies if b for x in b], False)
    # all must be false
    if any(b == [] for b in bodies):
        return [], False
    parts = [b for b in bodies if b is not None]
    if not parts:
        return None, False
    joined = [""]
    for b in parts:
        joined = [f"{a}, {x}" if a else x for a in joined for x in b]
    return joined, False


def _holds(problem: Problem, g: Group, number: dict[Node, int], party: dict[str, int]) -> Body:
    if g.relation == "only_if" and not problem.generous:
        return []
    if g.relation in ("if", "after", "only_if"):
        return _ways(problem, g, number, party, true=True)[0]
    if g.relation == "unless":
        return _ways(problem, g, number, party, true=False)[0]
    return _not(problem, g, number, party, true=True)


def _can(problem: Problem, g: Group, number: dict[Node, int], party: dict[str, int]) -> Body:
    wants = g.relation in ("if", "after", "only_if")
    return _not(problem, g, number, party, true=not wants)


def _lifts(problem: Problem, g: Group, number: dict[Node, int], party: dict[str, int]) -> Body:
    if g.relation not in ("unless", "only_if"):
        return []
    return _ways(problem, g, number, party, true=g.relation == "unless")[0]


def _not(
    problem: Problem, g: Group, number: dict[Node, int], party: dict[str, int], *, true: bool
) -> Body:
    """When a group is not true (or not false): false or open."""
    bodies: list[Body] = []
    for each in g.of:
        name, denied = plain(each)
        if name is not None and name in problem.others:
            said = problem.others[name]
            nodes = [(said.party or "", k) for k in said.kinds]
            on_record = said.party is None or all(
                n in problem.options or n in problem.refused for n in nodes
            )
            wanted = true != denied
            if on_record:
                bodies.append(_literal(problem, name, number, party, not wanted))
            else:  # true where one of its nodes is in, else open, never false
                inside = [f"in({number[n]})" for n in nodes if n in number]
                none = [", ".join(f"not {x}" for x in inside)] if inside else None
                bodies.append(none if wanted else None)
        else:
            value = problem.value(each, Members((), problem.counted))
            bodies.append([] if value is true else None)
    if true:  # an "or" is not true where none of its members is
        if any(b == [] for b in bodies):
            return []
        parts = [b for b in bodies if b is not None]
        joined = [""]
        for b in parts:
            joined = [f"{a}, {x}" if a else x for a in joined for x in b]
        return joined if parts else None
    # not false where one of its members is not false
    return None if None in bodies else [x for b in bodies if b for x in b]


def _control(program: str, *options: str) -> clingo.Control:
    import clingo

    control = clingo.Control(["--warn=none", *options], logger=lambda *_: None)
    control.add("base", [], program)
    control.ground([("base", [])])
    return control


def _consequences(program: str, mode: str) -> set[int] | None:
    """Nodes in every answer set ("cautious") or in some ("brave"); None without any."""
    last: set[int] | None = None
    with _control(program, "0", f"--enum-mode={mode}").solve(yield_=True) as handle:
        for model in handle:
            last = {s.number for s in model.symbols(shown=True)}
    return last


def _best(program: str, goal: str) -> int:
    """The least or greatest number of parties that count."""
    best = 0
    with _control(f"{program}\n{goal}").solve(yield_=True) as handle:
        for model in handle:
            best = abs(model.cost[0])
    return best
