"""Conditions on others against an enumeration of all worlds, written from docs/counting.md."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caveat.ask.components import solve
from caveat.ask.solve import Group, Option, Problem
from caveat.model import RELATIONS

KINDS = ("troops", "air")


# ------------------------------------------------------------------ the enumeration


def truth_of(proposition, world, options, refused, assumed):
    """Kleene's three values of a proposition in a world (docs/counting.md)."""
    if proposition.startswith("not:"):
        value = truth_of(proposition[4:], world, options, refused, assumed)
        return None if value is None else not value
    if proposition in assumed:
        return assumed[proposition]
    if proposition.startswith("does("):
        party, kind = proposition[5:-1].split(", ")
        if (party, kind) in world:
            return True
        return False if (party, kind) in options or (party, kind) in refused else None
    if proposition.startswith("at-least("):
        number, kind = proposition[9:-1].split(", ")
        return len({p for p, k in world if k == kind}) >= int(number)
    return None


def group_value(group, *rest):
    values = [truth_of(p, *rest) for p in group.of]
    if True in values:
        return True
    return None if None in values else False


def met(group, generous, *rest):
    value = group_value(group, *rest)
    return {
        "if": value is True,
        "after": value is True,
        "only_if": generous and value is True,
        "unless": value is False,
        "until": value is not True,
        "no_longer_if": value is not True,
    }[group.relation]


def possible(group, *rest):
    value = group_value(group, *rest)
    if group.relation in ("if", "after", "only_if"):
        return value is not False
    return value is not True


def exception(group, *rest):
    value = group_value(group, *rest)
    return (group.relation == "unless" and value is True) or (
        group.relation == "only_if" and value is False
    )


def worlds(options, refused, assumed, generous):
    """Every set of nodes that holds all that must be in and nothing that cannot be."""
    nodes = list(options)
    for chosen in chain.from_iterable(combinations(nodes, n) for n in range(len(nodes) + 1)):
        world = set(chosen)
        rest = (world, options, refused, assumed)
        fits = True
        for node in nodes:
            must = any(
                o.sure is not None and all(met(g, generous, *rest) for c in o.sure for g in c)
                for o in options[node]
            )
            may = any(
                any(all(possible(g, *rest) for g in c) for c in o.perhaps)
                or any(all(exception(g, *rest) for g in c) for c in o.lifted)
                for o in options[node]
            )
            if (must and node not in world) or (node in world and not may):
                fits = False
                break
        if fits:
            yield world


def counted(world, asked, all_of):
    if all_of:
        return len({p for p, _ in world if all((p, k) in world for k in asked)})
    return len({p for p, k in world if k in asked})


# ------------------------------------------------------------------ small undertakings

PARTIES = "ABCDEFG"
propositions = st.one_of(
    st.sampled_from(["x", "y", "not:x"]),
    st.builds(
        lambda p, k, n: f"{'not:' if n else ''}does({p}, {k})",
        st.sampled_from([*PARTIES, "Z"]), st.sampled_from(KINDS), st.booleans(),
    ),
    st.builds(
        lambda n, k, d: f"{'not:' if d else ''}at-least({n}, {k})",
        st.integers(0, 8), st.sampled_from(KINDS), st.booleans(),
    ),
)  # fmt: skip
groups = st.builds(
    Group, st.sampled_from(RELATIONS), st.lists(propositions, min_size=1, max_size=2).map(tuple)
)
waiting = st.builds(
    Group,
    st.sampled_from(["if", "after", "only_if"]),
    st.lists(propositions.filter(lambda p: not p.startswith("not:")), min_size=1, max_size=2).map(
        tuple
    ),
)


def options_of(group):
    clause = st.lists(group, max_size=2).map(tuple)
    pledge = st.builds(
        lambda c, stale, differs: Option(
            None if stale else ((c, *differs) if differs else (c,)), (c, *differs)
        ),
        clause, st.booleans(), st.lists(clause, max_size=1).map(tuple),
    )  # fmt: skip
    refusal = st.builds(
        lambda g: Option(None, (), ((g,),)),
        group.filter(lambda g: g.relation in ("unless", "only_if")),
    )
    return st.lists(st.one_of(pledge, refusal), min_size=1, max_size=2).map(tuple)


def problems(group):
    return st.dictionaries(
        st.tuples(st.sampled_from(PARTIES), st.sampled_from(KINDS)), options_of(group), max_size=7
    )


refusals = st.sets(st.tuples(st.sampled_from([*PARTIES, "Z"]), st.sampled_from(KINDS)), max_size=2)
assumptions = st.dictionaries(
    st.sampled_from(["x", "y", "does(A, troops)", "at-least(2, troops)"]), st.booleans(), max_size=2
)


asked_kinds = st.sampled_from([("troops",), KINDS])


def check(options, refused, assumed, generous, asked, all_of):
    refused = {n for n in refused if n not in options}
    problem = Problem(options, refused, assumed.get, generous=generous)
    found = solve(problem, asked, all_of=all_of)
    all_worlds = list(worlds(options, refused, assumed, generous))
    if not all_worlds:
        assert found.impossible
        return
    assert not found.impossible
    assert found.lower == set.intersection(*all_worlds)
    assert found.upper == set.union(*all_worlds)
    counts = [counted(w, asked, all_of) for w in all_worlds]
    assert (found.least, found.most) == (min(counts), max(counts))


@settings(max_examples=1000, deadline=None)
@given(problems(groups), refusals, assumptions, st.booleans(), asked_kinds, st.booleans())
def test_bounds_and_sets_equal_the_enumeration_of_all_worlds(
    options, refused, assumed, generous, asked, all_of
):
    check(options, refused, assumed, generous, asked, all_of)


@settings(max_examples=1000, deadline=None)
@given(problems(waiting), refusals, assumptions, st.booleans(), asked_kinds, st.booleans())
def test_where_all_only_wait_the_fixpoints_are_the_least_and_greatest_world(
    options, refused, assumed, generous, asked, all_of
):
    check(options, refused, assumed, generous, asked, all_of)


TWELVE = "ABCDEFGHIJKL"
of_twelve = st.one_of(
    st.builds(
        lambda p, n: f"{'not:' if n else ''}does({p}, troops)",
        st.sampled_from(TWELVE), st.sampled_from([False, False, False, True]),
    ),
    st.builds(lambda n: f"at-least({n}, troops)", st.integers(1, 12)),
    st.just("x"),
)  # fmt: skip
groups_of_twelve = st.builds(
    Group,
    st.sampled_from(["if", "if", "after", "only_if", "unless"]),
    st.lists(of_twelve, min_size=1, max_size=2).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(options_of(groups_of_twelve), min_size=8, max_size=12), st.booleans(), st.booleans()
)
def test_with_up_to_twelve_actors_bounds_equal_the_enumeration(many, x, generous):
    options = {(party, "troops"): made for party, made in zip(TWELVE, many, strict=False)}
    check(options, set(), {"x": True} if x else {}, generous, ("troops",), False)


def pledge(*groups_):
    return (Option((tuple(groups_),), (tuple(groups_),)),)


@pytest.mark.parametrize(
    ("options", "least", "most", "together"),
    [
        ({"A": pledge(Group("if", ("does(B, troops)",))), "B": pledge()}, 2, 2, ()),
        (
            {"A": pledge(Group("if", ("does(B, troops)",))),
             "B": pledge(Group("if", ("does(A, troops)",)))},
            0, 2, (("A", "B"),),
        ),
        (
            {p: pledge(Group("if", ("at-least(3, troops)",))) for p in "ABC"},
            0, 3, (("A", "B", "C"),),
        ),
        ({p: pledge(Group("if", ("at-least(10, troops)",))) for p in "ABC"}, 0, 0, ()),
        (
            {"A": pledge(Group("unless", ("does(B, troops)",))),
             "B": pledge(Group("unless", ("does(A, troops)",)))},
            1, 1, (),
        ),
        ({"A": pledge(Group("only_if", ("does(US, troops)",)))}, 0, 1, ()),
    ],
)  # fmt: skip
def test_waiting_thresholds_and_standing_aside(options, least, most, together):
    problem = Problem({(p, "troops"): o for p, o in options.items()}, set(), lambda _: None)
    found = solve(problem, ["troops"])
    assert (found.least, found.most, found.together) == (least, most, together)


def test_a_party_that_is_in_only_if_it_is_not_fits_no_world():
    options = {("A", "troops"): pledge(Group("unless", ("does(A, troops)",)))}
    assert solve(Problem(options, set(), lambda _: None), ["troops"]).impossible == (("A",),)


def test_the_order_of_nodes_does_not_matter():
    options = {
        (p, "troops"): pledge(Group("unless", (f"does({q}, troops)",)))
        for p, q in zip("ABCDE", "BCDEA", strict=True)
    }
    forward = solve(Problem(options, set(), lambda _: None), ["troops"])
    backward = solve(Problem(dict(reversed(options.items())), set(), lambda _: None), ["troops"])
    assert forward == backward
