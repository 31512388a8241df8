"""What the two reports that it all began with must give, and copies of them alike."""

from __future__ import annotations

import json
from datetime import date

import pytest

import seeds
from caveat import Register, find_positions, read_article
from caveat.ask import count, question
from caveat.model import Interval
from caveat.show.contract import to_object
from caveat.undertaking import load_undertaking

U = load_undertaking()
VARIANTS = {
    "as they are": lambda gold: gold,
    "with other names": seeds.with_other_names,
    "in another order": seeds.in_another_order,
    "with other names in another order": lambda g: seeds.in_another_order(
        seeds.with_other_names(g)
    ),
}


def article_of(gold):
    return read_article(gold["text"], date=gold["date"])


@pytest.mark.parametrize("variant", VARIANTS)
def test_most_positions_of_the_seeds_are_found_whatever_their_names_and_order(data, variant):
    gold = [VARIANTS[variant](g) for g in seeds.load(data)]
    found = {
        g["id"]: json.loads(json.dumps(to_object(find_positions(article_of(g), U), g["id"])))[
            "positions"
        ]
        for g in gold
    }
    figures = seeds.scorer(data).score(gold, found)
    assert figures["found"]["r"] >= 13 / 18 * 100
    assert figures["found"]["p"] >= 65
    assert figures["stance"]["p"] >= 55


@pytest.fixture(scope="module")
def tass(data):
    (gold,) = [g for g in seeds.load(data) if "TASS" in g["text"]]
    return find_positions(article_of(gold), U)


def test_the_relay_of_zelenskys_words_is_recorded_and_the_outlet_that_carries_it(tass):
    text = tass.article.text
    (quote,) = [
        a
        for a in tass.attributions
        if any("boots on the ground" in text[s:e] for s, e in a.content) and a.within is None
    ]
    assert [text[s:e] for s, e in quote.source] == ["Zelensky"]
    assert any("UNIAN" in text[s:e] for s, e in quote.relay)
    assert [text[s:e] for s, e in tass.article.carried_by] == ["TASS"]


def test_the_head_of_the_kiev_regime_he_and_zelensky_are_one_actor(tass):
    text = tass.article.text
    actors = {}
    for attribution, actor in zip(tass.attributions, tass.attribution_actors, strict=True):
        for s, e in attribution.source:
            actors.setdefault(text[s:e], set()).add(actor)
    who = actors["Zelensky"]
    assert len(who) == 1
    assert None not in who
    assert actors["the head of the Kiev regime"] == who
    assert actors["he"] == who


@pytest.fixture(scope="module")
def answer(data, tmp_path_factory):
    with Register(tmp_path_factory.mktemp("seeds") / "r.db", undertaking=U) as register:
        for gold in seeds.load(data):
            register.add(find_positions(article_of(gold), U))
        return count(register.entries(), register.actors(), U, question(U, ["troops"]))


def test_nobody_is_firm_and_no_named_state_is_ready(answer):
    assert answer.firm == ()
    ready = [s.holder for s in answer.standings if s.tier in ("firm", "conditional", "disputed")]
    assert [h for h in ready if h.startswith("iso:")] == []


def test_several_countries_stand_beside_the_count_with_their_condition(answer):
    (claim,) = [c for c in answer.group_claims if c.wording == "several countries"]
    p = claim.entry.position
    assert p.stance == "ready"
    assert [(c.relation, c.proposition) for c in p.conditions] == [("only_if", "us-backstop")]


def test_russia_opposes_and_kiev_demands(answer):
    beside = {(h.holder, h.entry.position.stance) for h in answer.towards_others}
    assert ("iso:RU", "opposes") in beside
    assert ("iso:UA", "demands") in beside


def test_the_dateline_gives_no_year(data):
    (gold,) = [g for g in seeds.load(data) if "TASS" in g["text"]]
    assert read_article(gold["text"]).published is None
    assert read_article(gold["text"], date="2025-08-21").published == Interval(
        date(2025, 8, 21), date(2025, 8, 21)
    )
