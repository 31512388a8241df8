"""Counting on the example dossier's facts, entered by hand: tiers, bounds, claims, changes."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from caveat.ask import Question, changes, count, question
from caveat.register import Register
from caveat.undertaking import load_undertaking
from hand import DOSSIER, by_hand

U = load_undertaking()
DAYS = ("2025-04-15", "2025-09-05", "2026-01-07")


def _open(path, rendered_only):
    with Register(path, undertaking=U) as register:
        for findings in by_hand(U, rendered_only):
            register.add(findings)
        return register.entries(), register.actors()


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    return _open(tmp_path_factory.mktemp("register") / "rendered.db", True)


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    return _open(tmp_path_factory.mktemp("register") / "all.db", False)


def ask(register, day, *assume, **changes_):
    entries, actors = register
    template = Question(as_of=date.fromisoformat(day), **changes_)
    return count(entries, actors, U, question(U, ["troops"], assume, template=template))


def expected_tiers(path, day):
    with path.open(encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    return {r["holder"].removeprefix("iso:"): r["tier"] for r in rows if r["as_of"] == day}


def found_tiers(answer):
    return {s.holder.removeprefix("iso:"): s.tier for s in answer.standings if s.tier != "unheard"}


@pytest.mark.parametrize("day", DAYS)
def test_the_tiers_of_ground_troops_equal_the_expected_ones(rendered, day):
    assert found_tiers(ask(rendered, day)) == expected_tiers(DOSSIER / "expected.tsv", day)


@pytest.mark.parametrize("day", DAYS)
def test_all_facts_give_the_dossiers_answers(everything, data, day):
    states = expected_tiers(data / "dossier" / "answers.tsv", day)
    # the dossier's table writes "others-…" out for what others claim
    names = {"others-word": "others-word", "others-refused": "others-refused"}
    assert found_tiers(ask(everything, day)) == {h: names.get(t, t) for h, t in states.items()}


def bounds_rows():
    with (DOSSIER / "expected-bounds.tsv").open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


@pytest.mark.parametrize("row", bounds_rows(), ids=lambda r: f"{r['as_of']} {r['assume']}")
def test_the_bounds_under_assumptions_equal_the_expected_ones(rendered, row):
    answer = ask(rendered, row["as_of"], *[a for a in row["assume"].split(",") if a])
    assert (answer.lower, answer.upper) == (int(row["lower"]), int(row["upper"]))
    assert len(answer.firm) == int(row["firm"])
    names = {n.strip() for n in row["firm_names"].split(",") if n.strip()}
    assert {f.removeprefix("iso:") for f in answer.firm} == {n.removeprefix("iso:") for n in names}


def test_turkeys_two_statements_of_one_day_are_disputed_and_reach_the_upper_bound_only(rendered):
    (tr,) = [s for s in ask(rendered, "2026-01-07").standings if s.holder == "iso:TR"]
    assert tr.tier == "disputed"
    assert tr.in_upper
    assert not tr.in_lower
    assert {h.entry.position.stance for h in tr.rests_on} == {"considering", "ready"}


@pytest.mark.parametrize(
    ("state", "stances"),
    [
        ("iso:DE", ["considering", "considering"]),
        ("iso:LT", ["ready", "ready", "ready"]),
        ("iso:ES", ["considering", "ready", "considering"]),
    ],
)
def test_changes_of_a_state_show_in_order(rendered, state, stances):
    entries, actors = rendered
    asked = question(U, ["troops"])
    mine = [c for c in changes(entries, actors, asked) if c.actor == state]
    assert [c.after.entry.position.stance for c in mine] == stances
    assert [c.day for c in mine] == sorted(c.day for c in mine)


def test_macrons_twenty_six_stand_beside_the_count_and_are_never_added(rendered):
    answer = ask(rendered, "2025-09-05")
    claims = [c for c in answer.group_claims if c.size == (26, 26)]
    assert claims
    assert answer.upper == 5


def test_origins_not_articles_count_as_support_for_a_group_claim(everything):
    answer = ask(everything, "2025-09-05")
    macron = [c for c in answer.group_claims if c.size == (26, 26) and not c.not_comparable]
    assert sum(len(c.entries) for c in macron) > len(macron)


def test_what_would_move_the_answer_names_the_gain(rendered):
    moves = {m.assumption: m for m in ask(rendered, "2025-09-05").moves}
    assert moves["ceasefire"].gains_lower == ("iso:LT",)
    assert set(moves["peace-deal"].gains_lower) == {"iso:LT", "iso:GB", "iso:FR"}


def test_hindsight_admits_later_reports_of_earlier_words(rendered):
    plain = {s.holder: s for s in ask(rendered, "2026-01-07").standings}["iso:LT"]
    later = {s.holder: s for s in ask(rendered, "2026-01-07", hindsight=True).standings}["iso:LT"]
    assert plain.rests_on[0].entry.reported.end < date(2026, 1, 1)
    assert later.rests_on[0].entry.reported.end == date(2026, 1, 8)


def test_an_old_position_leaves_the_lower_bound_and_stays_in_the_upper(rendered):
    late = {s.holder: s for s in ask(rendered, "2026-08-30", "ceasefire").standings}
    assert late["iso:LT"].in_upper
    old = {s.holder: s for s in ask(rendered, "2026-03-20").standings}["iso:DK"]
    assert old.stale
    assert old.in_upper
    assert not old.in_lower
