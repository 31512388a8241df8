"""Marked spans to positions: amounts, times, propositions, scope, kinds, voice."""

from __future__ import annotations

import re
from datetime import date

import pytest

from build import make_article
from caveat.commit import commit
from caveat.commit.amounts import amount, amounts, numbers_of
from caveat.commit.propositions import proposition, scope
from caveat.commit.times import interval
from caveat.commit.voice import quotations
from caveat.model import (
    Actor,
    Attribution,
    ConditionMark,
    Interval,
    Marks,
    Mention,
    Part,
    PositionMark,
    Resolution,
    SpeaksFor,
)
from caveat.show.words import assumption_words
from caveat.undertaking import load_undertaking

U = load_undertaking()
THURSDAY = Interval(date(2025, 9, 4), date(2025, 9, 4))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("up to $400 million", (4e8, None, "USD", "at_most")),
        ("31 tanks", (31, None, "tanks", "exact")),
        ("between 1,000 and 5,000 troops", (1000, 5000, "troops", "exact")),
        ("10 to 15 million euros", (1e7, 1.5e7, "EUR", "exact")),
        ("€1.5bn", (1.5e9, None, "EUR", "exact")),
        ("21 million AUD", (2.1e7, None, "AUD", "exact")),
        ("SEK 3 billion", (3e9, None, "SEK", "exact")),
        ("200 million pounds", (2e8, None, "GBP", "exact")),
        ("more than a dozen jets", (12, None, "jets", "at_least")),
        ("about 200 Lithuanian soldiers", (200, None, "soldiers", "about")),
        ("one hundred and fifty soldiers", (150, None, "soldiers", "exact")),
        ("70,000 tons of thermal coal", (70000, None, "tons", "exact")),
    ],
)
def test_an_amount_has_value_range_unit_and_bound(words, expected):
    found = amount(words, (0, len(words)))
    assert found is not None
    assert (found.value, found.max, found.unit, found.bound) == expected


@pytest.mark.parametrize("words", ["several hundred", "thousands of troops", "a company", "some"])
def test_words_without_a_number_give_no_amount(words):
    assert amount(words, (0, len(words))) is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Around 30 states", (30, 30)),
        ("more than three countries", (4, None)),
        ("at least six members", (6, None)),
        ("up to ten members", (None, 10)),
        ("between six and eight nations", (6, 8)),
        ("several countries", None),
    ],
)
def test_a_group_tells_how_many_it_is(words, expected):
    assert numbers_of(words) == expected


@pytest.mark.parametrize(
    ("words", "tense", "start", "end"),
    [
        ("on Tuesday", "past", "2025-09-02", "2025-09-02"),
        ("Thursday", "past", "2025-09-04", "2025-09-04"),
        ("Thursday", "future", "2025-09-11", "2025-09-11"),
        ("in March", "past", "2025-03-01", "2025-03-31"),
        ("in March", "future", "2026-03-01", "2026-03-31"),
        ("March 27", "past", "2025-03-27", "2025-03-27"),
        ("by spring", "future", None, "2026-05-31"),
        ("by the end of 2026", "future", None, "2026-12-31"),
        ("the end of the year", "future", "2025-12-31", "2025-12-31"),
        ("since 2014", "past", "2014-01-01", None),
        ("a day earlier", "past", "2025-09-03", "2025-09-03"),
        ("last week", "past", "2025-08-25", "2025-08-31"),
    ],
)
def test_relative_dates_become_intervals_on_the_right_side(words, tense, start, end):
    found = interval(words, THURSDAY, tense)
    assert found is not None
    assert (found.start and found.start.isoformat(), found.end and found.end.isoformat()) == (
        start,
        end,
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("HRK 247,311 (EUR 33,000)", [(247311.0, "HRK"), (33000.0, "EUR")]),
        ("13,2 million USD", [(13.2e6, "USD")]),
        ("ISK 310.000.000", [(310e6, "ISK")]),
        ("1 500 000 euros", [(1.5e6, "EUR")]),
        ("31 tanks (of 40 planned)", [(31.0, "tanks")]),
        ("several tanks", []),
    ],
)
def test_amounts_in_brackets_and_continental_figures_are_read(words, expected):
    assert [(a.value, a.unit) for a in amounts(words, (0, len(words)))] == expected


@pytest.mark.parametrize("words", ["on Tuesday", "in March", "March 27", "last week", "by spring"])
def test_a_year_that_nothing_gives_is_not_assumed(words):
    assert interval(words, None, "past") is None


@pytest.mark.parametrize("words", ["for a limited time", "after a ceasefire", "soon"])
def test_words_that_fix_no_day_give_no_interval(words):
    assert interval(words, THURSDAY, "future") is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("there is a ceasefire", "ceasefire"),
        ("the guns fall silent", "ceasefire"),
        ("a peace deal", "peace-deal"),
        ("there is US presence or coordination", "us-backstop"),
        ("they have Washington's support", "us-backstop"),
        ("a vote of MPs", "parliament-approves(FR)"),
        ("the Bundestag gives a mandate", "parliament-approves(FR)"),
        ("a European presence is needed for a ceasefire or peace agreement",
         "european-presence-needed"),
        ("all coalition countries commit", "all-commit"),
        ("there is no ceasefire", "not:ceasefire"),
        ("the moon turns blue", "text:moon-turns-blue"),
    ],
)  # fmt: skip
def test_a_condition_maps_to_its_proposition(words, expected):
    article = make_article(words)
    got = proposition(article, (0, len(words)), Resolution(), ("iso:FR",), U)
    assert got == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Sweden sends jets", "does(SE, air)"),
        ("Sweden does, too", "does(SE, troops)"),
        ("Sweden takes part", "does(SE, troops)"),
        ("Sweden does not send jets", "not:does(SE, air)"),
        ("Sweden's weather improves", "text:sweden-s-weather-improves"),
    ],
)
def test_a_condition_that_names_an_actors_act_links_to_the_actor_and_the_kind(words, expected):
    who = Resolution(
        (Actor("iso:SE", "Sweden", "state"),), (Mention((0, 6), ("iso:SE",), "gazetteer"),)
    )
    article = make_article(words)
    got = proposition(article, (0, len(words)), who, ("iso:FR",), U, act="air", same="troops")
    assert got == expected


def test_consent_names_the_actor_that_consents():
    article = make_article("Russia's consent")
    who = Resolution(
        (Actor("iso:RU", "Russia", "state"),), (Mention((0, 6), ("iso:RU",), "gazetteer"),)
    )
    assert proposition(article, (0, 16), who, ("iso:FR",), U) == "consents(RU)"


def test_a_force_on_a_neighbours_soil_is_out_of_scope():
    words = "station soldiers on the soil of a NATO neighbour"
    found = scope(make_article(words), (0, len(words)), (0, len(words)), (), U)
    assert not found.inside
    assert found.place == "nato-neighbour"
    assert found.reason


def test_quotations_close_or_end_with_their_paragraph():
    text = 'He said: "We go.\n"We stay." “Never” said she.'
    assert [text[a:b] for a, b in quotations(text)] == ['"We go.', '"We stay."', "“Never”"]


SENTENCE = "Paris will send troops after a ceasefire, Jean Lac said on Tuesday."


def lac(**changes):
    """Marks and resolution of one sentence in which a French minister speaks."""
    article = make_article(SENTENCE, published=THURSDAY)
    at = SENTENCE.index
    mark = PositionMark(
        action=(at("send"), at(" after")), stance="pledged", holder=((0, 5),), kind="troops",
        conditions=(ConditionMark((at("a ceasefire"), at(",")), "after"),),
        speaker=(at("Jean"), at(" said")), attribution=0, sentence=(0, len(SENTENCE)),
        **changes,
    )  # fmt: skip
    content = ((0, at(",")),)
    said = Attribution(((at("Jean"), at(" said")),), ((at("said"), at(" on")),), content)
    who = Resolution(
        (Actor("iso:FR", "France", "state"), Actor("per:jean-lac", "Jean Lac", "person")),
        (Mention((0, 5), ("iso:FR",), "gazetteer"), Mention((at("Jean"), at(" said")),
                                                         ("per:jean-lac",), "name")),
        (SpeaksFor("per:jean-lac", "iso:FR", (0, 5), "minister"),),
    )  # fmt: skip
    return article, Marks("test", (said,), (), (mark,)), who


def test_a_spokesperson_in_indirect_speech_is_reported_and_dated_by_the_cue():
    article, marks, who = lac()
    (position,) = commit(article, marks, who, U)
    assert position.voice == "reported"
    assert position.said == Interval(date(2025, 9, 2), date(2025, 9, 2))
    assert position.kind == "troops"
    assert [c.proposition for c in position.conditions] == ["ceasefire"]
    assert {c.name for c in position.caveats} == {"conditional", "machine-read"}


def test_anyone_elses_word_is_third_party_and_says_so():
    article, marks, who = lac()
    stranger = Resolution(who.actors, who.mentions, ())
    (position,) = commit(article, marks, stranger, U)
    assert position.voice == "third-party"
    assert next(c.why for c in position.caveats if c.name == "third-party").startswith("Jean Lac")


def test_without_an_undertaking_propositions_and_scope_are_empty():
    article, marks, who = lac()
    (position,) = commit(article, marks, who, None)
    assert position.scope is None
    assert [c.proposition for c in position.conditions] == [None]


def test_an_undated_report_leaves_the_position_undated():
    _, marks, who = lac()
    undated = make_article(SENTENCE, published=None)
    (position,) = commit(undated, marks, who, U)
    assert position.said is None
    assert "undated" in {c.name for c in position.caveats}


def test_only_a_headline_that_the_body_does_not_bear_out_is_headline_only():
    text = "Paris to send troops\n\nParis will send troops. Paris will send jets.\n"
    at = text.index
    parts = (Part("headline", (0, at("\n"))), Part("body", (at("\n") + 2, len(text) - 1)))
    article = make_article(text, parts=parts)
    first, second = (0, 5), (at("\n") + 2, at("\n") + 7)

    def mark(start, end, holder, kind):
        return PositionMark(action=(start, end), stance="pledged", holder=(holder,), kind=kind)

    body = at("send troops.")
    headline = mark(at("send"), at("\n"), first, "troops")
    who = Resolution(
        (Actor("iso:FR", "France", "state"),),
        tuple(Mention(s, ("iso:FR",), "gazetteer") for s in (first, second)),
    )
    borne_out = Marks("test", (), (), (headline, mark(body, body + 11, second, "troops")))
    alone = Marks("test", (), (), (headline, mark(at("send jets"), at("send jets") + 9, second,
                                                  "weapons")))  # fmt: skip
    flags = [{c.name for c in commit(article, m, who, U)[0].caveats} for m in (borne_out, alone)]
    assert "headline-only" not in flags[0]
    assert "headline-only" in flags[1]


def test_a_condition_on_an_actors_act_is_told_in_words():
    actors = {"iso:SE": Actor("iso:SE", "Sweden", "state")}
    assert assumption_words("does(SE, air)", U, actors) == "Sweden acts: send air forces"
    assert assumption_words("not:does(SE, air)", U, actors) == "not: Sweden acts: send air forces"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("The Czech government gave 17 million crowns.", "CZK"),
        ("Sweden added 500 million kronor.", "SEK"),
        ("Sweden and Norway added 500 million crowns.", "crowns"),
        ("They added 500 million crowns.", "crowns"),
    ],
)
def test_crowns_are_those_of_the_one_state_that_the_text_names(text, unit):
    words = re.search(r"[0-9].*(?=[.])", text)
    found = amount(text, words.span())
    assert found is not None
    assert found.unit == unit


def test_an_unnamed_link_of_the_chain_is_an_anonymous_caveat():
    text = "Ruritania is ready to send troops, Duke Boris said, according to local media."
    article = make_article(text)

    def at(words):
        return (text.index(words), text.index(words) + len(words))

    mark = PositionMark(
        at("send troops"), "ready", holder=(at("Ruritania"),), kind="troops",
        speaker=at("Duke Boris"), relay=(at("local media"),),
    )  # fmt: skip
    people = (Actor("iso:RR", "Ruritania", "state"), Actor("per:boris", "Boris", "person"),
              Actor("grp:1", "local media", "group", anonymous=True))  # fmt: skip
    mentions = (
        Mention(at("Ruritania"), ("iso:RR",), "name"),
        Mention(at("Duke Boris"), ("per:boris",), "name"),
        Mention(at("local media"), ("grp:1",), "unnamed group"),
    )
    evidence = (SpeaksFor("per:boris", "iso:RR", at("Duke"), "duke"),)
    (found,) = commit(
        article, Marks("hand", positions=(mark,)), Resolution(people, mentions, evidence), None
    )
    by_name = {c.name: c for c in found.caveats}
    assert by_name["anonymous"].why == "Nobody is named: local media."
    assert found.voice == "reported"
    assert {"relayed", "anonymous"} <= set(by_name)
