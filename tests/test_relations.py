"""The table of relations in DESIGN.md, row by row, in both readings."""

from __future__ import annotations

import pytest

from build import make_article, make_position
from caveat.ask.question import Truths
from caveat.ask.relations import ON_PLEDGE, ON_REFUSAL, outcome
from caveat.model import RELATIONS
from caveat.undertaking import load_undertaking

# relation, on, then for open, true and false: strict (and generous where it differs)
TABLE = [
    ("if", "pledge", "conditional", "holds", "silent"),
    ("after", "pledge", "conditional", "holds", "silent"),
    ("if", "refusal", "refused", "refused", "silent"),
    ("after", "refusal", "refused", "refused", "silent"),
    ("only_if", "pledge", "conditional", "conditional/holds", "silent"),
    ("unless", "pledge", "conditional", "silent", "holds"),
    ("unless", "refusal", "refused", "no-longer-refused/may-be-lifted", "refused"),
    ("only_if", "refusal", "refused", "refused", "no-longer-refused/may-be-lifted"),
    ("until", "pledge", "holds", "lapsed", "holds"),
    ("no_longer_if", "pledge", "holds", "lapsed", "holds"),
    ("until", "refusal", "refused", "lapsed", "refused"),
    ("no_longer_if", "refusal", "refused", "lapsed", "refused"),
]
CASES = [
    (relation, on, truth, reading, cell.split("/")[-1 if reading == "generous" else 0])
    for relation, on, *cells in TABLE
    for truth, cell in zip((None, True, False), cells, strict=True)
    for reading in ("strict", "generous")
]
TEXT = "France sends troops, ceasefire or summit or mandate."


def truths(**given: bool) -> Truths:
    return Truths(load_undertaking(), tuple(given.items()))


def position(stance, *conditions):
    return make_position(make_article(TEXT), "troops", stance=stance, conditions=conditions)


@pytest.mark.parametrize(("relation", "on", "truth", "reading", "expected"), CASES)
def test_each_row_of_the_table_of_relations(relation, on, truth, reading, expected):
    stance = "refused" if on == "refusal" else "ready"
    given = {} if truth is None else {"ceasefire": truth}
    p = position(stance, (relation, "ceasefire", "ceasefire"))
    assert outcome(p, truths(**given), reading) == expected


def test_the_table_covers_every_relation_and_truth():
    every = {(r, t) for r in RELATIONS for t in (None, True, False)}
    assert set(ON_PLEDGE) == every
    assert set(ON_REFUSAL) == every


def test_all_conditions_of_a_pledge_must_hold():
    p = position("ready", ("if", "ceasefire", "ceasefire"), ("if", "mandate", "mandate"))
    assert outcome(p, truths(ceasefire=True), "strict") == "conditional"
    assert outcome(p, truths(ceasefire=True, mandate=True), "strict") == "holds"
    assert outcome(p, truths(ceasefire=True, mandate=False), "strict") == "silent"


def test_conditions_joined_by_or_need_one_of_them():
    p = position("ready", ("if", "ceasefire", "ceasefire", 1), ("if", "mandate", "mandate", 1))
    assert outcome(p, truths(ceasefire=True), "strict") == "holds"
    assert outcome(p, truths(ceasefire=False), "strict") == "conditional"
    assert outcome(p, truths(ceasefire=False, mandate=False), "strict") == "silent"


def test_a_refusal_with_two_exceptions_is_lifted_only_when_both_are_there():
    p = position("refused", ("unless", "ceasefire", "ceasefire"), ("unless", "mandate", "mandate"))
    assert outcome(p, truths(ceasefire=True), "generous") == "refused"
    assert outcome(p, truths(ceasefire=True, mandate=True), "generous") == "may-be-lifted"


def test_a_denied_proposition_is_true_when_the_plain_one_is_false():
    p = position("ready", ("if", "ceasefire", "not:ceasefire"))
    assert outcome(p, truths(ceasefire=False), "strict") == "holds"
    assert outcome(p, truths(ceasefire=True), "strict") == "silent"


def test_a_peace_deal_implies_a_ceasefire_and_not_the_reverse():
    assert truths(**{"peace-deal": True}).of("ceasefire") is True
    assert truths(ceasefire=True).of("peace-deal") is None
    assert truths(ceasefire=False).of("peace-deal") is False
