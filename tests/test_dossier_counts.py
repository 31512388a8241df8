"""Counting on the example dossier's facts, entered by hand: tiers, bounds, claims, changes."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from caveat.ask import Question, changes, conflicts, count, question, standing_caveats
from caveat.register import Register
from caveat.undertaking import load_undertaking
from hand import DOSSIER, by_hand, facts

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


# ------------------------------------------------------------------ contradictions and copies


def fact_of(entry):
    """The fact that an entry was entered from, by its URL, outlet and our sentence for it."""
    return next(
        f["fact"]
        for f in facts()
        if (f["url"], f["outlet"]) == (entry.url, entry.outlet)
        and entry.sentence.startswith(f["summary"])
    )


def contradictions(register, day, kind="troops"):
    """{(holder, the two facts)} that conflict by a date."""
    entries, actors = register
    asked = question(U, [kind], template=Question(as_of=date.fromisoformat(day)))
    found = conflicts(entries, actors, U, asked)
    return {(c.holder, frozenset(fact_of(e) for e in c.entries)) for c in found}


@pytest.mark.parametrize(
    ("state", "day", "pair"),
    [
        ("GR", "2025-03-27", {"F025", "F026"}),
        ("AU", "2025-03-17", {"F019", "F012"}),
        ("TR", "2025-11-27", {"F069", "F070"}),
        ("NZ", "2025-09-08", {"F068", "F063"}),
        ("CA", "2025-09-08", {"F068", "F049"}),
        ("FR", "2026-01-06", {"F076", "F077"}),
        ("CA", "2026-01-07", {"F084", "F085"}),
    ],
)
def test_the_dossiers_contradictions_on_one_state_are_conflicts(everything, state, day, pair):
    assert (f"iso:{state}", frozenset(pair)) in contradictions(everything, day)


def test_what_japans_premier_said_on_one_day_is_a_conflict(everything):
    found = contradictions(everything, "2025-08-20", "guarantee")
    assert ("iso:JP", frozenset({"F039", "F040"})) in found


@pytest.mark.parametrize("about_ten", ["F038", "F041"])
def test_twenty_six_senders_against_about_ten_within_a_month_is_a_conflict(everything, about_ten):
    """Of reports that give one number the first by its id stands for all."""
    found = contradictions(everything, "2025-09-05")
    against = {f for h, pair in found if h is None and about_ten in pair for f in pair}
    assert against & {"F051", "F052", "F053"}
    assert not against & {"F054", "F062"}, "these are about guarantees"


@pytest.mark.parametrize(
    "changes_",
    ["F034 F079", "F013 F047", "F060 F078 F100", "F022 F048 F099", "F004 F069 F083",
     "F049 F061 F084", "F003 F059", "F014 F067 F072", "F021 F057 F080", "F026 F094"],
)  # fmt: skip
def test_changes_of_mind_and_refusals_kept_up_are_no_conflicts(everything, changes_):
    """Point 7 of the dossier, but for F008 and F034: the second is another's word on Spain."""
    pairs = {pair for day in DAYS for _, pair in contradictions(everything, day)}
    assert not [pair for pair in pairs if pair <= set(changes_.split())]


def test_fifteen_open_to_it_and_six_ready_are_no_conflict(everything):
    """F027 against F028: those who weigh and those who are ready can both be so many."""
    assert not [pair for h, pair in contradictions(everything, "2025-04-15") if h is None]


@pytest.mark.parametrize("copies", [{"F015", "F017"}, {"F051", "F052", "F053"}, {"F080", "F081"}])
def test_the_dossiers_copies_are_one_origin(everything, copies):
    entries, _ = everything
    assert len({e.origin for e in entries if fact_of(e) in copies}) == 1
    assert {fact_of(e) for e in entries} >= copies


def test_what_the_rows_tell_differently_stays_two_origins(everything):
    """Retellings that give another stance or kind: the register does not guess."""
    entries, _ = everything
    origin = {fact_of(e): e.origin for e in entries}
    for one, other in (("F039", "F040"), ("F069", "F070"), ("F076", "F077"), ("F010", "F011")):
        assert origin[one] != origin[other]


def test_a_contradicted_position_says_by_what(everything):
    entries, actors = everything
    asked = Question(as_of=date(2025, 3, 31))
    (greece,) = [e for e in entries if fact_of(e) == "F026"]
    caveats = standing_caveats(greece, entries, actors, U, asked).position.caveats
    assert "RBC-Ukraine" in {c.name: c.why for c in caveats}["disputed"]


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
