"""The table of relations: what conditions make of a position (DESIGN.md, Counting 3).

The table is data; `outcome` looks each condition up and combines them: all must hold, and those
that the text joins by "or" are one condition that is true as soon as one of them is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from caveat.ask.question import Reading, Truth, Truths
from caveat.model import Condition, Position, Relation

Outcome = Literal[
    "holds",  # nothing open stands in its way
    "conditional",  # an open condition
    "silent",  # nothing is said for this case: outside both bounds
    "lapsed",  # held until now: outside both bounds, no refusal
    "refused",
    "no-longer-refused",  # uncounted
    "may-be-lifted",  # a refusal that `generous` lets into the upper bound, never firm
]

ON_PLEDGE: dict[tuple[Relation, Truth], tuple[Outcome, Outcome]] = {
    # (relation, truth): (strict, generous)
    ("if", None): ("conditional", "conditional"),
    ("if", True): ("holds", "holds"),
    ("if", False): ("silent", "silent"),
    ("after", None): ("conditional", "conditional"),
    ("after", True): ("holds", "holds"),
    ("after", False): ("silent", "silent"),
    ("only_if", None): ("conditional", "conditional"),
    ("only_if", True): ("conditional", "holds"),
    ("only_if", False): ("silent", "silent"),
    ("unless", None): ("conditional", "conditional"),
    ("unless", True): ("silent", "silent"),
    ("unless", False): ("holds", "holds"),
    ("until", None): ("holds", "holds"),
    ("until", True): ("lapsed", "lapsed"),
    ("until", False): ("holds", "holds"),
    ("no_longer_if", None): ("holds", "holds"),
    ("no_longer_if", True): ("lapsed", "lapsed"),
    ("no_longer_if", False): ("holds", "holds"),
}

ON_REFUSAL: dict[tuple[Relation, Truth], tuple[Outcome, Outcome]] = {
    ("if", None): ("refused", "refused"),
    ("if", True): ("refused", "refused"),
    ("if", False): ("silent", "silent"),
    ("after", None): ("refused", "refused"),
    ("after", True): ("refused", "refused"),
    ("after", False): ("silent", "silent"),
    ("only_if", None): ("refused", "refused"),
    ("only_if", True): ("refused", "refused"),
    ("only_if", False): ("no-longer-refused", "may-be-lifted"),
    ("unless", None): ("refused", "refused"),
    ("unless", True): ("no-longer-refused", "may-be-lifted"),
    ("unless", False): ("refused", "refused"),
    ("until", None): ("refused", "refused"),
    ("until", True): ("lapsed", "lapsed"),
    ("until", False): ("refused", "refused"),
    ("no_longer_if", None): ("refused", "refused"),
    ("no_longer_if", True): ("lapsed", "lapsed"),
    ("no_longer_if", False): ("refused", "refused"),
}


def outcome(position: Position, truths: Truths, reading: Reading) -> Outcome:
    """What the conditions make of a position on the ladder or of a refusal."""
    column = 0 if reading == "strict" else 1
    table = ON_REFUSAL if position.stance == "refused" else ON_PLEDGE
    found = [
        table[relation, any_of(map(truths.of, of))][column]
        for relation, of in grouped(position.conditions)
    ]
    return _refusal(found) if position.stance == "refused" else _pledge(found)


def grouped(
    conditions: Iterable[Condition],
) -> Iterator[tuple[Relation, tuple[str | None, ...]]]:
    """Relations with their propositions; those that the text joins by "or" are one group."""
    groups: dict[tuple[Relation, object], list[str | None]] = {}
    for i, c in enumerate(conditions):
        key = c.relation, ("or", c.group) if c.group is not None else i
        groups.setdefault(key, []).append(c.proposition)
    for (relation, _), of in groups.items():
        yield relation, tuple(of)


def any_of(values: Iterable[Truth]) -> Truth:
    """Kleene's strong "or"."""
    seen = set(values)
    if True in seen:
        return True
    return None if None in seen else False


def _pledge(found: list[Outcome]) -> Outcome:
    order: tuple[Outcome, ...] = ("lapsed", "silent", "conditional")
    return next((one for one in order if one in found), "holds")


def _refusal(found: list[Outcome]) -> Outcome:
    """A refusal ends when one case lapses, or when all that stands in its way is out of it.

    "Not without consent and not without a mandate" needs both before it is lifted.
    """
    if "lapsed" in found:
        return "lapsed"
    if "silent" in found:
        return "silent"
    if found and "refused" not in found:
        return "may-be-lifted" if "may-be-lifted" in found else "no-longer-refused"
    return "refused"
