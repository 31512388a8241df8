"""What the benches count: errors that turn an answer round, confidence, manners of quoting."""

from __future__ import annotations

import pytest
from bench.amounts import money, states
from bench.attributions import manner
from bench.errors import above, reliability, sure_share, turned
from bench.positions import reliability_svg


def position(stance, conditions=(), negated=False):
    return {"stance": stance, "conditions": list(conditions), "negated": negated}


@pytest.mark.parametrize(
    ("gold", "guess", "way"),
    [
        (position("refused"), position("pledged"), "refused read as willing"),
        (position("refused"), position("considering"), "refused read as willing"),
        (position("ready", ["c"]), position("pledged"), "conditional read as firm"),
        (position("demands"), position("pledged"), "demand read as a promise"),
        (position("opposes"), position("done"), "demand read as a promise"),
        (position("pledged", negated=True), position("pledged"), "negation lost"),
        (position("pledged"), position("done"), None),
        (position("ready", ["c"]), position("pledged", ["d"]), None),
        (position("refused"), position("opposes"), None),
    ],
)
def test_an_answer_is_turned_by_lost_refusals_conditions_demands_and_denials(gold, guess, way):
    assert turned(gold, guess) == way


def test_the_sure_share_is_the_largest_with_enough_right():
    pairs = [(0.9, True)] * 17 + [(0.8, False)] * 3 + [(0.3, False)] * 20
    bound, share = sure_share(pairs)
    assert (bound, share) == (0.8, 0.5)
    assert above(pairs, bound) == (17, 20, 40)
    assert sure_share([(0.9, False)] * 20) == (1.0, 0.0)


def test_reliability_keeps_every_position_and_is_drawn():
    bins = reliability([(0.05, False), (0.95, True), (1.0, True)])
    assert sum(n for _, _, n in bins) == 3
    assert reliability_svg(bins).count("<circle") == len(bins) == 2


def test_a_sum_counts_as_stated_with_its_currency_and_value_or_upper_end():
    amount = {"span": [0, 5], "value": 1e6, "max": 2e6, "unit": "EUR"}
    things = {"span": [9, 12], "value": 31, "max": None, "unit": "tanks"}
    found = {"positions": [{"amount": [amount, things]}, {"amount": [amount]}]}
    assert money(found) == [amount]
    assert states(found, {"currency": "EUR", "value": 2e6})
    assert not states(found, {"currency": "USD", "value": 2e6})
    assert not states(found, {"currency": "EUR", "value": 31})


@pytest.mark.parametrize(
    ("content", "kind"),
    [([(10, 20)], "direct"), ([(10, 20), (30, 40)], "mixed"), ([(30, 40)], "indirect")],
)
def test_the_manner_of_quoting_is_the_share_inside_quotation_marks(content, kind):
    assert manner(content, [(9, 21)]) == kind
