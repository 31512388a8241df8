"""Conditions on each other: who is in for sure, who may be, and who only with whom.

Pure and small: nodes with options, nothing of registers. The definitions stand in docs/counting.md
("Conditions on others"), with their sources; tests hold this module to an enumeration of all worlds
that is written from that page alone.

A *node* is a party and a kind; `does(A, k)` speaks of a node, `at-least(n, k)` of how many parties
are in on a kind. A *world* is a set of nodes that holds every node whose conditions are met for
sure given the set, and no node that cannot be in given it. Nodes that hang together form
components. In most of them conditions only ever wait for others; then the least and the greatest
world are two fixpoints. In a component where somebody is in only if another is *not*, clingo finds
the fewest and the most, and who is in every world and in some.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from caveat.model import Relation

Node = tuple[str, str]
"""A party's id and a kind."""
Truth = bool | None

_DOES = re.compile(r"does\(\s*([^,()]+?)\s*,\s*([^,()]+?)\s*\)")
_AT_LEAST = re.compile(r"at-least\(\s*(\d+)\s*,\s*([^,()]+?)\s*\)")


@dataclass(frozen=True, slots=True)
class Group:
    """Propositions of one relation that the text joins by "or"; a single one is its own group.

    `of` are propositions as positions carry them, perhaps denied ("not:ceasefire").
    """

    relation: Relation
    of: tuple[str | None, ...]


Clause = tuple[Group, ...]
"""The conditions of one position: all of its groups must hold."""


@dataclass(frozen=True, slots=True)
class Option:
    """One way for a node to be in: a current position, or several of one day that differ.

    It must be in where all clauses of `sure` are met (None: never, as of a stale position); it may
    be in where one of `perhaps` can be met, or where one of `lifted`, the exceptions of a refusal
    that the generous reading lets into the upper bound, is there.
    """

    sure: tuple[Clause, ...] | None
    perhaps: tuple[Clause, ...]
    lifted: tuple[Clause, ...] = ()

    def clauses(self) -> Iterator[tuple[Clause, bool]]:
        """All clauses, each with whether it is a refusal's exception."""
        yield from ((c, False) for c in {*(self.sure or ()), *self.perhaps})
        yield from ((c, True) for c in self.lifted)


@dataclass(frozen=True, slots=True)
class Other:
    """What a proposition says of others: `parties` do one of `kinds`, or `number` parties do."""

    kinds: tuple[str, ...]
    party: str | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Exclusive:
    """A component in which some are in only if others are not: its parties, fewest and most."""

    parties: tuple[str, ...]
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Solved:
    """What follows. `lower` are in every world, `upper` in some.

    `least` and `most` are the fewest and the most parties that are in at once on the kinds asked.
    `together` are groups between the two sets that wait for each other.
    """

    lower: frozenset[Node]
    upper: frozenset[Node]
    least: int
    most: int
    together: tuple[tuple[str, ...], ...]
    exclusive: tuple[Exclusive, ...]
    impossible: tuple[tuple[str, ...], ...]
    """Parties of components that no world fits, as of "only if I am not"."""


def other(proposition: str | None) -> tuple[str, str, str] | None:
    """("does", party, kind) or ("at-least", number, kind) of a plain proposition; else None."""
    if proposition is not None:
        for sort, pattern in (("does", _DOES), ("at-least", _AT_LEAST)):
            if found := pattern.fullmatch(proposition):
                return sort, found[1], found[2]
    return None


def plain(proposition: str | None) -> tuple[str | None, bool]:
    """A proposition without its denial, and whether it was denied."""
    if proposition is not None and proposition.startswith("not:"):
        return proposition[len("not:") :], True
    return proposition, False


def any_of(values: Iterable[Truth]) -> Truth:
    """Kleene's strong "or"."""
    seen = list(values)
    if True in seen:
        return True
    return None if None in seen else False


def holds(relation: Relation, value: Truth, *, generous: bool) -> bool:
    """Whether a pledge's condition is met for sure."""
    if relation in ("if", "after"):
        return value is True
    if relation == "only_if":
        return generous and value is True
    return value is False if relation == "unless" else value is not True


def can_hold(relation: Relation, value: Truth) -> bool:
    """Whether a pledge's condition can be met: it is met, or open."""
    wants = relation in ("if", "after", "only_if")
    return value is not False if wants else value is not True


def lifts(relation: Relation, value: Truth) -> bool:
    """Whether a refusal's exception is there: "not unless X" with X, "only if Y" without Y."""
    return value is True if relation == "unless" else relation == "only_if" and value is False


class Members:
    """A set of nodes that knows how many parties it holds on sets of kinds."""

    def __init__(self, nodes: Iterable[Node], counted: Iterable[tuple[str, ...]]) -> None:
        self.nodes: set[Node] = set()
        self._by_kind: defaultdict[str, list[Counter[str]]] = defaultdict(list)
        self._counts = {kinds: Counter[str]() for kinds in counted}
        for kinds, count in self._counts.items():
            for kind in kinds:
                self._by_kind[kind].append(count)
        for node in nodes:
            self.add(node)

    def __contains__(self, node: Node) -> bool:
        return node in self.nodes

    def add(self, node: Node) -> None:
        """Let a node in."""
        self.nodes.add(node)
        for count in self._by_kind.get(node[1], ()):
            count[node[0]] += 1

    def remove(self, node: Node) -> None:
        """Take a node out."""
        self.nodes.discard(node)
        for count in self._by_kind.get(node[1], ()):
            count[node[0]] -= 1
            if not count[node[0]]:
                del count[node[0]]

    def parties(self, kinds: tuple[str, ...]) -> int:
        """How many parties are in on one of some kinds."""
        return len(self._counts[kinds])


class Problem:
    """Nodes with their options, who refuses, and what is known or assumed of propositions.

    `truth` gives the value of every proposition as far as it is assumed, else None. `party` turns
    the name in `does(US, air)` into a party's id, `kinds` a kind or a set of kinds into kinds.
    """

    def __init__(
        self,
        options: Mapping[Node, Sequence[Option]],
        refused: Set[Node],
        truth: Callable[[str | None], Truth],
        *,
        generous: bool = False,
        party: Callable[[str], str] = lambda name: name,
        kinds: Callable[[str], tuple[str, ...]] = lambda kind: (kind,),
    ) -> None:
        self.options, self.refused, self.truth, self.generous = options, refused, truth, generous
        self.others: dict[str, Other] = {}
        """What the propositions about others say that nothing is assumed of."""
        self.hangs: defaultdict[str, set[Node]] = defaultdict(set)
        """For each of them the nodes whose conditions name it."""
        self.waits: defaultdict[str, set[Node]] = defaultdict(set)
        """For each of them the nodes that wait for it to come true."""
        self.negative: set[Node] = set()
        """Nodes that others' being in can hold back."""
        for node, many in options.items():
            for clause, lifted in (each for o in many for each in o.clauses()):
                self._index(node, clause, lifted, party, kinds)
        self.counted = {o.kinds for o in self.others.values() if o.party is None}
        self.naming: defaultdict[Node, list[str]] = defaultdict(list)
        self.counting: defaultdict[str, list[str]] = defaultdict(list)
        for name, said in self.others.items():
            for kind in said.kinds:
                if said.party is None:
                    self.counting[kind].append(name)
                else:
                    self.naming[said.party, kind].append(name)

    def _index(
        self,
        node: Node,
        clause: Clause,
        lifted: bool,
        party: Callable[[str], str],
        kinds: Callable[[str], tuple[str, ...]],
    ) -> None:
        for group in clause:
            for each in group.of:
                name, denied = plain(each)
                found = other(name)
                if name is None or found is None or self.truth(name) is not None:
                    continue
                sort, what, kind = found
                self.others[name] = (
                    Other(kinds(kind), party=party(what))
                    if sort == "does"
                    else Other(kinds(kind), number=int(what))
                )
                self.hangs[name].add(node)
                back = group.relation in ("unless", "until", "no_longer_if")
                if lifted:  # "not unless X": X lets it in; "not, only if Y": Y keeps it out
                    back = group.relation == "only_if"
                if back != denied:
                    self.negative.add(node)
                else:
                    self.waits[name].add(node)

    def value(self, proposition: str | None, world: Members) -> Truth:
        """The truth of a proposition where the nodes of a world are in and no others."""
        name, denied = plain(proposition)
        found = self._value(name, world)
        return (not found) if denied and found is not None else found

    def _value(self, name: str | None, world: Members) -> Truth:
        said = self.others.get(name) if name is not None else None
        if said is None:
            return self.truth(name)
        if said.party is None:
            return world.parties(said.kinds) >= said.number
        nodes = [(said.party, kind) for kind in said.kinds]
        if any(n in world for n in nodes):
            return True
        return False if self.on_record(nodes) else None

    def on_record(self, nodes: Iterable[Node]) -> bool:
        """Whether all of these have said something to the point: silence is no refusal."""
        return all(n in self.options or n in self.refused for n in nodes)

    def must(self, node: Node, world: Members) -> bool:
        """Whether some option of a node is met for sure, given a world."""
        return any(
            o.sure is not None
            and all(
                holds(g.relation, any_of(self.value(p, world) for p in g.of),
                      generous=self.generous)
                for clause in o.sure
                for g in clause
            )
            for o in self.options[node]
        )  # fmt: skip

    def may(self, node: Node, world: Members) -> bool:
        """Whether some option of a node can be met, given a world."""
        return any(
            all(
                (lifts if lifted else can_hold)(
                    g.relation, any_of(self.value(p, world) for p in g.of)
                )
                for g in clause
            )
            for o in self.options[node]
            for clause, lifted in (
                *((c, False) for c in o.perhaps), *((c, True) for c in o.lifted),
            )
        )  # fmt: skip

    def neighbours(self, node: Node) -> Iterator[str]:
        """The propositions about others that speak of a node."""
        yield from self.naming.get(node, ())
        yield from self.counting.get(node[1], ())


def least(problem: Problem, nodes: Iterable[Node]) -> set[Node]:
    """The least world among nodes that only ever wait for others."""
    world = Members((), problem.counted)
    met = _met(problem, world)
    queue = list(nodes)
    while queue:
        node = queue.pop()
        if node not in world and problem.must(node, world):
            world.add(node)
            queue += _touched(problem, node, world, met)
    return world.nodes


def greatest(problem: Problem, nodes: Iterable[Node]) -> set[Node]:
    """The greatest world among nodes that only ever wait for others."""
    queue = list(nodes)
    world = Members(queue, problem.counted)
    met = _met(problem, world)
    while queue:
        node = queue.pop()
        if node in world and not problem.may(node, world):
            world.remove(node)
            queue += _touched(problem, node, world, met)
    return world.nodes


def _met(problem: Problem, world: Members) -> dict[str, bool]:
    return {n: world.parties(o.kinds) >= o.number for n, o in problem.others.items()
            if o.party is None}  # fmt: skip


def _touched(problem: Problem, node: Node, world: Members, met: dict[str, bool]) -> Iterator[Node]:
    """The nodes to look at again after one has joined or left; a number only as it is crossed."""
    for name in problem.naming.get(node, ()):
        yield from problem.hangs[name]
    for name in problem.counting.get(node[1], ()):
        said = problem.others[name]
        now = world.parties(said.kinds) >= said.number
        if now != met[name]:
            met[name] = now
            yield from problem.hangs[name]
