"""Counting on small registers, and the worked example of docs/counting.md."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from build import make_actor, make_article, make_findings, make_position, make_report
from caveat.ask import Question, best_pair, board, compare, count, question
from caveat.ask.question import Truths
from caveat.errors import QuestionError
from caveat.model import Scope
from caveat.register import Register
from caveat.undertaking import load_undertaking

U = load_undertaking()
DOC = Path(__file__).resolve().parent.parent / "docs" / "counting.md"


def answer(tmp_path, *findings, kinds=("troops",), assume=(), **changes):
    with Register(tmp_path / "r.db", undertaking=U) as register:
        for one in findings:
            register.add(one)
        actors = register.actors()
        template = Question(**changes)
        return count(register.entries(), actors, U, question(U, kinds, assume, template=template))


def standing(found, holder):
    return next(s for s in found.standings if s.holder == holder)


def fr(stance="ready", day="2025-03-02", **fields):
    return make_report("France", "iso:FR", stance, published=day, **fields)


def test_an_assumption_about_others_carries_what_its_words_imply():
    def truth(name, *assume):
        q = question(U, ["troops"], assume)
        return Truths(U, q.assumptions).of(name)

    assert truth("at-least(5, troops)", "at-least(10, troops)") is True
    assert truth("at-least(10, troops)", "at-least(5, troops)") is None
    assert truth("at-least(10, troops)", "not:at-least(5, troops)") is False
    assert truth("not:at-least(10, troops)", "not:at-least(5, troops)") is True
    # who sends troops is present, and ten present need not be ten with troops
    assert truth("does(US, presence)", "does(US, troops)") is True
    assert truth("does(US, troops)", "does(US, presence)") is None
    assert truth("does(US, troops)", "not:does(US, presence)") is False
    assert truth("at-least(10, troops)", "at-least(10, presence)") is None
    # two that are known to act are at least two, and where there are no two, nobody joins the one
    assert truth("at-least(2, troops)", "does(US, troops)", "does(FR, troops)") is True
    both = ("does(US, troops)", "not:at-least(2, troops)")
    assert truth("does(FR, troops)", *both) is False
    assert truth("does(FR, air)", *both) is None


@pytest.mark.parametrize("assume", [
    ("at-least(10, troops)", "not:at-least(5, troops)"),
    ("does(US, troops)", "not:does(US, presence)"),
    ("does(US, troops)", "does(FR, troops)", "not:at-least(2, presence)"),
])  # fmt: skip
def test_assumptions_about_others_that_contradict_each_other_are_an_error(assume):
    with pytest.raises(QuestionError, match="both true and false"):
        question(U, ["troops"], assume)


def worked_example():
    after = [("after", "a ceasefire", "ceasefire")]
    only = [("only_if", "a ceasefire holds", "ceasefire")]
    return (
        make_report("Avalon", "iso:AA", "pledged", published="2025-03-01", conditions=after),
        make_report("Borduria", "iso:BB", "ready", published="2025-03-02", conditions=only),
        make_report("Costaguana", "iso:CC", "refused", published="2025-03-03"),
        make_report("Costaguana", "iso:CC", "ready", published="2025-03-05", voice="third-party"),
    )


def worked_rows():
    section = DOC.read_text("utf-8").split("## A worked example")[1]
    table = section.split("| question |")[1]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| (\d+) \| (\d+) \|$", table, re.MULTILINE)
    assert len(rows) == 4
    return rows


@pytest.mark.parametrize("row", worked_rows(), ids=lambda r: r[0])
def test_the_worked_example_of_the_docs_is_what_the_code_computes(tmp_path, row):
    asked, firm, lower, upper = row
    assume = re.findall(r"--assume (\S+?)`?(?:\s|$)", asked.replace("`", " "))
    reading = "generous" if "generous" in asked else "strict"
    found = answer(
        tmp_path, *worked_example(), assume=assume, reading=reading, as_of=date(2025, 3, 10)
    )
    names = {"Avalon": "iso:AA", "Borduria": "iso:BB"}
    expected = {names[n.strip()] for n in firm.split(",") if n.strip() != "none"}
    assert set(found.firm) == expected
    assert (found.lower, found.upper) == (int(lower), int(upper))


def test_a_later_own_word_supersedes_on_the_same_action(tmp_path):
    found = answer(tmp_path, fr("ready"), fr("refused", "2025-04-02"), as_of=date(2025, 5, 1))
    s = standing(found, "iso:FR")
    assert s.tier == "refused"
    assert [h.entry.position.stance for h in s.superseded] == ["ready"]


def test_the_order_of_reading_does_not_matter(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = [fr("ready"), fr("refused", "2025-04-02"), fr("considering", "2025-04-09")]
    a = answer(tmp_path / "a", *one, as_of=date(2025, 5, 1))
    b = answer(tmp_path / "b", *reversed(one), as_of=date(2025, 5, 1))
    assert a == b


def test_others_words_never_supersede_and_are_shown_as_contradiction(tmp_path):
    other = fr("refused", "2025-04-02", voice="third-party")
    s = standing(answer(tmp_path, fr("ready"), other, as_of=date(2025, 5, 1)), "iso:FR")
    assert s.tier == "firm"
    assert len(s.contradicted_by) == 1


def test_only_others_word_counts_in_neither_bound(tmp_path):
    found = answer(tmp_path, fr("ready", voice="third-party"), as_of=date(2025, 5, 1))
    assert standing(found, "iso:FR").tier == "others-word"
    assert (found.lower, found.upper) == (0, 0)


def test_silence_is_never_refusal(tmp_path):
    found = answer(tmp_path, fr("ready"), as_of=date(2025, 5, 1))
    assert [s.holder for s in found.tier("refused")] == []


def test_a_negated_pledge_takes_away_its_rung_and_is_no_refusal(tmp_path):
    found = answer(
        tmp_path, fr("pledged"), fr("pledged", "2025-04-02", negated=True), as_of=date(2025, 5, 1)
    )
    assert found.upper == 0
    assert not found.tier("refused")


def test_demands_oppositions_and_threats_are_listed_beside_and_never_tiered(tmp_path):
    found = answer(tmp_path, fr("demands"), as_of=date(2025, 5, 1))
    assert not found.standings
    assert [h.entry.position.stance for h in found.towards_others] == ["demands"]


def test_a_listed_group_counts_for_each_member_unless_it_has_its_own_word(tmp_path):
    baltic = make_actor("org:baltic-states", "Baltic states", type="bloc",
                        members=("iso:EE", "iso:LV", "iso:LT"))  # fmt: skip
    article = make_article("The Baltic states will send troops.", published="2025-03-03")
    position = make_position(article, holder="The Baltic states", actors=("org:baltic-states",),
                             stance="pledged", action="send troops")  # fmt: skip
    lt = make_report("Lithuania", "iso:LT", "considering", published="2025-03-01")
    found = answer(
        tmp_path, make_findings(article, position, actors=[baltic]), lt, as_of=date(2025, 5, 1)
    )
    assert {s.holder for s in found.tier("firm")} == {"iso:EE", "iso:LV"}
    assert standing(found, "iso:EE").rests_on[0].by_bloc == "org:baltic-states"
    assert standing(found, "iso:LT").tier == "considering"


def test_positions_out_of_scope_stand_apart(tmp_path):
    apart = fr("ready", scope=Scope(place="nato-neighbour", inside=False, reason="elsewhere"))
    found = answer(tmp_path, apart, as_of=date(2025, 5, 1))
    assert found.upper == 0
    assert len(found.out_of_scope) == 1


def test_what_was_reported_later_is_not_known_yet(tmp_path):
    late = fr("ready", "2025-04-02", said="2025-03-01")
    assert answer(tmp_path, late, as_of=date(2025, 3, 15)).upper == 0


def test_all_of_needs_every_kind(tmp_path):
    kinds = ("troops", "air")
    one = answer(tmp_path, fr("ready"), kinds=kinds, all_of=True, as_of=date(2025, 5, 1))
    assert one.upper == 0
    (tmp_path / "two").mkdir()
    both = answer(tmp_path / "two", fr("ready"), fr("ready", kind="air"), kinds=kinds, all_of=True,
                  as_of=date(2025, 5, 1))  # fmt: skip
    assert both.lower == 1


@pytest.mark.parametrize(
    ("kinds", "assume", "changes"),
    [
        (["tanks"], [], {}),
        ([], [], {}),
        (["troops"], ["cease fire!"], {}),
        (["troops"], ["peace-deal", "not:ceasefire"], {}),
        (["troops"], [], {"at_least": "refused"}),
        (["troops"], [], {"reading": "kind"}),
        (["troops"], [], {"voices": ("loud",)}),
    ],
)
def test_a_question_that_cannot_be_asked_is_a_clear_error(kinds, assume, changes):
    with pytest.raises(QuestionError):
        question(U, kinds, assume, template=Question(**changes))


def test_a_set_of_kinds_of_the_undertaking_may_be_asked_by_its_name():
    assert question(U, ["presence"]).kinds == ("troops", "air", "naval")


def test_the_board_shows_the_current_position_of_each_actor_on_each_kind(tmp_path):
    with Register(tmp_path / "r.db", undertaking=U) as register:
        for one in (fr("ready"), fr("refused", "2025-04-02"), fr("pledged", kind="air")):
            register.add(one)
        actors = register.actors()
        found = board(register.entries(), actors, U, Question(as_of=date(2025, 5, 1)))
    assert found.kinds == ("troops", "air")
    assert found.cells["iso:FR", "troops"].stance == "refused"
    assert found.cells["iso:FR", "air"].stance == "pledged"


def test_a_person_whom_nothing_ties_to_a_party_is_listed_beside_and_not_counted(tmp_path):
    found = answer(
        tmp_path, make_report("Anna Berg", "per:anna-berg", "pledged"), as_of=date(2025, 5, 1)
    )
    assert (found.lower, found.upper, found.standings) == (0, 0, ())
    assert [h.holder for h in found.unattached] == ["per:anna-berg"]


SPRING = Question(as_of=date(2025, 4, 1))


def two_conditions():
    both = [("if", "a ceasefire holds", "ceasefire"), ("if", "the US backs it", "us-backstop")]
    return (
        make_report("Avalon", "iso:AA", "ready", published="2025-03-01", conditions=both),
        make_report("Borduria", "iso:BB", "ready", published="2025-03-02", conditions=both),
        fr("refused"),
    )


def held(tmp_path, *findings):
    with Register(tmp_path / "r.db", undertaking=U) as register:
        for one in findings:
            register.add(one)
        return register.entries(), register.actors()


def test_scenarios_stand_side_by_side_in_the_order_asked(tmp_path):
    entries, actors = held(tmp_path, *two_conditions())
    found = compare(entries, actors, U, SPRING, [["ceasefire"], ["ceasefire", "us-backstop"]])
    assert [(s.assumption, s.answer.lower) for s in found] == [
        (None, 0), ("ceasefire", 0), ("ceasefire, us-backstop", 2),
    ]  # fmt: skip
    with pytest.raises(QuestionError):
        compare(entries, actors, U, SPRING, [["peace-deal", "not:ceasefire"]])


def test_the_best_pair_is_told_where_two_bring_more_than_one(tmp_path):
    entries, actors = held(tmp_path, *two_conditions())
    base = count(entries, actors, U, SPRING)
    pair = best_pair(entries, actors, U, SPRING, base)
    assert (pair.assumption, pair.lower) == ("ceasefire and us-backstop", 2)
    assert pair.gains_lower == ("iso:AA", "iso:BB")
    one = [make_report("Avalon", "iso:AA", conditions=[("if", "a ceasefire", "ceasefire")])]
    entries, actors = held(tmp_path / "other", *one)
    assert best_pair(entries, actors, U, SPRING, count(entries, actors, U, SPRING)) is None


def waits(name, code, *conditions):
    given = [("if", "others do", c) for c in conditions]
    return make_report(name, f"iso:{code}", published="2025-03-02", conditions=given)


def test_those_who_wait_for_each_other_are_together_or_not_at_all(tmp_path):
    pair = waits("Avalon", "AA", "does(BB, troops)"), waits("Borduria", "BB", "does(AA, troops)")
    found = answer(tmp_path, *pair, fr(), as_of=SPRING.as_of)
    assert (found.lower, found.upper) == (1, 3)
    assert found.solved.together == (("iso:AA", "iso:BB"),)
    assert standing(found, "iso:AA").tier == "conditional"


def test_another_s_act_on_another_kind_settles_a_condition(tmp_path):
    waiting = waits("Avalon", "AA", "does(FR, air)")
    assert answer(tmp_path / "a", waiting, fr(kind="air"), as_of=SPRING.as_of).firm == ("iso:AA",)
    assert answer(tmp_path / "b", waiting, fr("refused", kind="air"), as_of=SPRING.as_of).upper == 0
    assert answer(tmp_path / "c", waiting, as_of=SPRING.as_of).upper == 1  # silence is no refusal
    assert answer(tmp_path / "d", waiting, assume=["does(FR, air)"], as_of=SPRING.as_of).firm == (
        "iso:AA",
    )


def test_a_number_of_parties_is_reached_step_by_step(tmp_path):
    chain = [
        waits("Avalon", "AA", "at-least(1, troops)"),
        waits("Borduria", "BB", "at-least(2, troops)"),
    ]
    assert answer(tmp_path / "a", *chain, fr(), as_of=SPRING.as_of).lower == 3
    assert answer(tmp_path / "b", *chain, as_of=SPRING.as_of).lower == 0
