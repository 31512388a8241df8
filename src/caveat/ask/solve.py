"""Conditions on each other: who is in for sure, who may be, and who only with whom.

Pure and small: nodes with options, nothing of registers. The definitions stand in docs/counting.md
("Conditions on others"), with their sources; tests hold this module to an enumeration of all worlds
by that page's definitions.

A *node* is a party and a kind; `does(A, k)` speaks of a node, `at-least(n, k)` of how many parties
are in on a kind. A *world* is a set of nodes that holds every node whose conditions are met for
sure given the set, and no node that cannot be in given it. Nodes that hang together form
components. In most of them conditions only ever wait for others; then the least and the greatest
world are two fixpoints. In a component where somebody is in only if another is *not*, clingo finds
the fewest and the most, and who is in every world and in some.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import product

from caveat.ask.question import Truth, other
from caveat.ask.relations import ON_PLEDGE, ON_REFUSAL, any_of
from caveat.model import Relation

Node = tuple[str, str]
"""A party's id and a kind."""


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
    """What a proposition says of others: `party` does one of `kinds`, or `number` parties do."""

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

    `least` and `most` are the fewest and the most parties that are in at once on the kinds asked;
    `always` and `sometimes` are the parties that count in every world, and in some.
    `together` are groups between the two sets that wait for each other.
    """

    lower: frozenset[Node]
    upper: frozenset[Node]
    least: int
    most: int
    always: frozenset[str]
    sometimes: frozenset[str]
    together: tuple[tuple[str, ...], ...]
    exclusive: tuple[Exclusive, ...]
    impossible: tuple[tuple[str, ...], ...]
    """Parties of components that no world fits, as of "only if I am not"."""


def plain(proposition: str | None) -> tuple[str | None, bool]:
    """A proposition without its denial, and whether it was denied."""
    if proposition is not None and proposition.startswith("not:"):
        return proposition[len("not:") :], True
    return proposition, False


def holds(relation: Relation, value: Truth, *, generous: bool) -> bool:
    """Whether a pledge's condition is met for sure."""
    return ON_PLEDGE[relation, value][generous] == "holds"


def can_hold(relation: Relation, value: Truth) -> bool:
    """Whether a pledge's condition can be met: it is met, or open."""
    return ON_PLEDGE[relation, value][0] in ("holds", "conditional")


def lifts(relation: Relation, value: Truth) -> bool:
    """Whether a refusal's exception is there: "not unless X" with X, "only if Y" without Y."""
    return ON_REFUSAL[relation, value][1] == "may-be-lifted"


Values = frozenset[Truth]
"""What a proposition may be: true, false, or open; several where worlds differ."""
_ONLY: Mapping[Truth, Values] = {v: frozenset((v,)) for v in (True, False, None)}
_EITHER: Values = frozenset((True, False))
_NOT: Mapping[Truth, Truth] = {True: False, False: True, None: None}


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
        self._party, self._kinds = party, kinds
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
                self._index(node, clause, lifted)
        self.counted = {o.kinds for o in self.others.values() if o.party is None}
        self.naming: defaultdict[Node, list[str]] = defaultdict(list)
        """For each node the propositions that speak of it."""
        self.counting: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
        """For each kind the sets of kinds on which parties are counted."""
        self.numbers: defaultdict[tuple[tuple[str, ...], int], list[str]] = defaultdict(list)
        """For each such set and number the propositions that ask for it."""
        for kinds_ in sorted(self.counted):
            for kind in kinds_:
                self.counting[kind].append(kinds_)
        for name, said in self.others.items():
            if said.party is None:
                self.numbers[said.kinds, said.number].append(name)
            else:
                for kind in said.kinds:
                    self.naming[said.party, kind].append(name)

    def _index(self, node: Node, clause: Clause, lifted: bool) -> None:
        for group in clause:
            for each in group.of:
                name, denied = plain(each)
                said = self.read(name)
                if name is None or said is None or self.truth(name) is not None:
                    continue
                self.others[name] = said
                self.hangs[name].add(node)
                back = group.relation in ("unless", "until", "no_longer_if")
                if lifted:  # "not unless X": X lets it in; "not, only if Y": Y keeps it out
                    back = group.relation == "only_if"
                if back != denied:
                    self.negative.add(node)
                else:
                    self.waits[name].add(node)

    def read(self, name: str | None) -> Other | None:
        """What a plain proposition says of others; None if it speaks of none."""
        if (found := other(name)) is None:
            return None
        sort, what, kind = found
        if sort == "does":
            return Other(self._kinds(kind), party=self._party(what))
        return Other(self._kinds(kind), number=int(what))

    def values(self, proposition: str | None, lower: Members, upper: Members) -> Values:
        """What a proposition may be in the worlds between two sets: true, false, open."""
        name, denied = plain(proposition)
        found = self._values(name, lower, upper)
        return frozenset(_NOT[v] for v in found) if denied else found

    def _values(self, name: str | None, lower: Members, upper: Members) -> Values:
        said = self.others.get(name) if name is not None else None
        if said is None:
            return _ONLY[self.truth(name)]
        if said.party is None:
            if lower.parties(said.kinds) >= said.number:
                return _ONLY[True]
            return _EITHER if upper.parties(said.kinds) >= said.number else _ONLY[False]
        nodes = [(said.party, kind) for kind in said.kinds]
        if any(n in lower for n in nodes):
            return _ONLY[True]
        # silence is no refusal: of those who said nothing to the point it stays open
        otherwise = False if self.on_record(nodes) else None
        return frozenset((True, otherwise)) if any(n in upper for n in nodes) else _ONLY[otherwise]

    def on_record(self, nodes: Iterable[Node]) -> bool:
        """Whether all of these have said something to the point."""
        return all(n in self.options or n in self.refused for n in nodes)

    def _group(self, group: Group, lower: Members, upper: Members) -> Values:
        if len(group.of) == 1:
            return self.values(group.of[0], lower, upper)
        each = (self.values(p, lower, upper) for p in group.of)
        return frozenset(any_of(values) for values in product(*each))

    def must(self, node: Node, lower: Members, upper: Members) -> bool:
        """Whether some option of a node is met for sure in all worlds between two sets."""
        return any(
            o.sure is not None
            and all(
                all(holds(g.relation, v, generous=self.generous)
                    for v in self._group(g, lower, upper))
                for clause in o.sure
                for g in clause
            )
            for o in self.options[node]
        )  # fmt: skip

    def may(self, node: Node, lower: Members, upper: Members) -> bool:
        """Whether some option of a node can be met in some world between two sets."""
        return any(
            all(
                any((lifts if lifted else can_hold)(g.relation, v)
                    for v in self._group(g, lower, upper))
                for g in clause
            )
            for o in self.options[node]
            for clause, lifted in (
                *((c, False) for c in o.perhaps), *((c, True) for c in o.lifted),
            )
        )  # fmt: skip


def decide(problem: Problem) -> tuple[set[Node], set[Node]]:
    """The nodes that are in every world, and those that are in some, as far as they can be told.

    Two sets close in on all worlds, from below and from above, until neither moves. Where
    conditions only ever wait for others they are the least and the greatest world themselves.
    """
    lower = Members((), problem.counted)
    upper = Members(problem.options, problem.counted)
    up, down = list(problem.options), list(problem.options)
    while up or down:
        while up:
            node = up.pop()
            if node not in lower and problem.must(node, lower, upper):
                lower.add(node)
                touched = list(_touched(problem, node, lower.parties, joined=True))
                up += touched
                down += [n for n in touched if n in problem.negative]
        while down:
            node = down.pop()
            if node in upper and node not in lower and not problem.may(node, lower, upper):
                upper.remove(node)
                touched = list(_touched(problem, node, upper.parties, joined=False))
                down += touched
                up += [n for n in touched if n in problem.negative]
    return lower.nodes, upper.nodes


def _touched(
    problem: Problem, node: Node, parties: Callable[[tuple[str, ...]], int], *, joined: bool
) -> Iterator[Node]:
    """The nodes to look at again after one has joined or left; a number only as it is crossed."""
    for name in problem.naming.get(node, ()):
        yield from problem.hangs[name]
    for kinds in problem.counting.get(node[1], ()):
        reached = parties(kinds) + (0 if joined else 1)
        for name in problem.numbers.get((kinds, reached), ()):
            yield from problem.hangs[name]
