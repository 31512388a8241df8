"""Reviews: beside the machine's output, reversible, carried over to a better reader's."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import make_article, make_findings, make_position, make_report
from caveat.ask import Question, count, gather, question
from caveat.errors import ReviewError, UnknownPosition
from caveat.register import Register, stats
from caveat.undertaking import load_undertaking

U = load_undertaking()


@pytest.fixture(params=["refreshed", "not refreshed"])
def register(request, tmp_path):
    """A register whose answers come by the index, and one whose answers are derived anew."""
    with Register(tmp_path / "r.db", undertaking=U) as register:
        register.fresh = request.param == "refreshed"
        yield register


def filled(register, *reports):
    for report in reports or (
        make_report("France", "iso:FR", conditions=[("if", "a ceasefire", "ceasefire")]),
        make_report("Norway", "iso:NO", "refused"),
    ):
        register.add(report)
    settle(register)
    return {e.holders[0]: e.id for e in register.entries()}


def settle(register):
    if register.fresh:
        register.refresh()


def answer(register, **changes):
    settle(register)
    q = question(U, ["troops"], template=Question(as_of=date(2025, 4, 1), **changes))
    found = gather(register, U, q)
    return count(found.entries, found.actors, U, q)


def tier(found, holder):
    return next((s.tier for s in found.standings if s.holder == holder), None)


def entry(register, holder):
    settle(register)
    return next((e for e in register.entries() if e.holders == (holder,)), None)


def test_an_accepted_position_is_reviewed_and_no_longer_machine_read(register):
    ids = filled(register)
    assert answer(register).reviewed == 0
    register.review(ids["iso:FR"], "accept", who="Ada", why="read it")
    found = answer(register)
    assert (found.reviewed, found.upper) == (1, 1)
    assert entry(register, "iso:FR").reviewed and not entry(register, "iso:NO").reviewed


def test_a_corrected_position_counts_as_corrected_and_what_was_read_stays(register):
    ids = filled(register)
    stored = [row for row in register.dump() if row[0] == "positions"]
    register.review(ids["iso:FR"], "correct", {"stance": "considering"}, who="Ada")
    register.review(
        ids["iso:NO"], "correct", {"holders": ["iso:SE"], "stance": "pledged"}, who="Ada"
    )
    found = answer(register)
    assert tier(found, "iso:FR") == "considering"
    assert tier(found, "iso:NO") is None and tier(found, "iso:SE") == "firm"
    assert [row for row in register.dump() if row[0] == "positions"] == stored


def test_a_rejected_position_leaves_every_count_and_comes_back_when_taken_back(register):
    ids = filled(register)
    register.review(ids["iso:FR"], "reject", who="Ada", why="another country")
    assert answer(register).upper == 0 and entry(register, "iso:FR") is None
    register.review(ids["iso:FR"], "withdrawn", who="Ada")
    assert answer(register).upper == 1 and not entry(register, "iso:FR").reviewed
    assert len([row for row in register.dump() if row[0] == "reviews"]) == 2


def test_a_condition_that_the_reader_missed_or_misread_is_put_right(register):
    ids = filled(register)
    changes = {"conditions": [
        {"of": 0, "relation": "only_if", "proposition": "peace-deal"},
        {"relation": "if", "proposition": "parliament-approves(FR)"},
    ]}  # fmt: skip
    register.review(ids["iso:FR"], "correct", changes, who="Ada")
    conditions = entry(register, "iso:FR").position.conditions
    assert [(c.relation, c.proposition) for c in conditions] == [
        ("only_if", "peace-deal"), ("if", "parliament-approves(FR)"),
    ]  # fmt: skip
    register.review(ids["iso:FR"], "correct", {"conditions": []}, who="Ada")
    assert tier(answer(register), "iso:FR") == "firm"
    assert "conditional" not in {c.name for c in entry(register, "iso:FR").position.caveats}


def test_reviewed_only_counts_what_people_reviewed(register):
    ids = filled(register)
    assert answer(register, reviewed_only=True).standings == ()
    register.review(ids["iso:NO"], "accept", who="Ada")
    assert [s.holder for s in answer(register, reviewed_only=True).standings] == ["iso:NO"]


def test_in_two_person_mode_a_second_person_must_agree(register):
    ids = filled(register)
    register.set_two_person(True)
    assert register.two_person
    register.review(ids["iso:FR"], "correct", {"stance": "refused"}, who="Ada")
    assert tier(answer(register), "iso:FR") == "conditional"
    register.review(ids["iso:FR"], "correct", {"stance": "refused"}, who="Ada")
    assert tier(answer(register), "iso:FR") == "conditional", "the same person twice is one"
    register.review(ids["iso:FR"], "correct", {"stance": "refused"}, who="Ben")
    assert tier(answer(register), "iso:FR") == "refused"
    register.review(ids["iso:FR"], "accept", who="Cem")
    assert tier(answer(register), "iso:FR") == "conditional"
    outcome = register.reviewed().outcomes[ids["iso:FR"]]
    assert outcome.disagree and outcome.counts is None
    register.set_two_person(False)
    assert entry(register, "iso:FR").reviewed


def again(stance="ready", reader="test-reader 2", action="send troops", holder="iso:FR"):
    """The same article, read by another reader."""
    article = make_article("France is ready to send troops to Ukraine, Test Post reported.")
    position = make_position(article, action, stance=stance, actors=(holder,))
    return make_findings(article, position, reader=reader)


def test_a_review_is_carried_over_to_a_better_readers_position(register):
    ids = filled(register, again("considering", "test-reader 1"))
    register.review(ids["iso:FR"], "correct", {"stance": "refused"}, who="Ada", why="denied it")
    register.add(again("ready", action="send troops to Ukraine"))
    found = entry(register, "iso:FR")
    assert found.id != ids["iso:FR"]
    assert found.position.stance == "refused" and found.reviewed
    assert not register.reviewed().orphans


def test_a_review_that_finds_no_position_is_an_orphan_and_kept(register):
    ids = filled(register, again("considering", "test-reader 1"))
    register.review(ids["iso:FR"], "accept", who="Ada")
    register.add(again("ready", holder="iso:DE"))
    assert not entry(register, "iso:DE").reviewed
    (orphan,) = register.reviewed().orphans
    assert (orphan.position, orphan.who) == (ids["iso:FR"], "Ada")


def test_reviews_tell_the_machines_precision_and_the_agreement_of_people(register):
    reports = [
        make_report(name, f"iso:{name[:2].upper()}") for name in ("Oman", "Peru", "Qatar", "Chad")
    ]
    ids = filled(register, *reports)
    for holder in ("iso:OM", "iso:PE"):
        register.review(ids[holder], "accept", who="Ada")
        register.review(ids[holder], "accept", who="Ben")
    register.review(ids["iso:QA"], "correct", {"kind": "air", "stance": "done"}, who="Ada")
    register.review(ids["iso:QA"], "reject", who="Ben")
    register.review(ids["iso:CH"], "correct", {"kind": "air"}, who="Ada")
    found = stats(register.reviewed())
    assert (found.positions, found.accepted, found.corrected, found.rejected) == (4, 2, 1, 1)
    assert found.precision == 0.5 and found.fields == {"kind": 1}
    assert (found.pairs, found.agreeing) == (3, 2)
    # by hand: seen 2/3; verdicts 4 accept, 1 correct, 1 reject of 6: chance 18/36
    assert found.kappa == pytest.approx((2 / 3 - 0.5) / 0.5)


@pytest.mark.parametrize(("verdict", "changes", "message"), [
    ("correct", {}, "a correction names what it corrects"),
    ("accept", {"stance": "done"}, "no other verdict does"),
    ("correct", {"stance": "willing"}, "'willing' is no stance"),
    ("correct", {"kind": "tanks"}, "'tanks' is no kind"),
    ("correct", {"negated": "no"}, "true or false"),
    ("correct", {"holders": ["France"]}, "ids such as iso:FR"),
    ("correct", {"said": "2025-02-30"}, "is no day"),
    ("correct", {"said": ["2025-03-02", "2025-03-01"]}, "no stretch of days"),
    ("correct", {"conditions": [{"relation": "when", "proposition": "x"}]}, "no relation"),
    ("correct", {"colour": "red"}, "is no field of a review"),
    ("correct", {"stance": "ready"}, "changes nothing"),
])  # fmt: skip
def test_what_no_field_takes_is_refused_and_nothing_is_written(tmp_path, verdict, changes, message):
    with Register(tmp_path / "r.db", undertaking=U) as register:
        register.add(make_report())
        (e,) = register.entries()
        with pytest.raises(ReviewError, match=message):
            register.review(e.id, verdict, changes, who="Ada")
        with pytest.raises(UnknownPosition):
            register.review("0" * 16, "accept", who="Ada")
        with pytest.raises(ReviewError, match="names its reviewer"):
            register.review(e.id, "accept", who=" ")
        assert not [row for row in register.dump() if row[0] == "reviews"]


moves = st.lists(
    st.tuples(
        st.sampled_from(["accept", "reject", "withdrawn", "considering", "done"]),
        st.sampled_from(["Ada", "Ben", "Cem"]),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(moves, st.booleans())
def test_what_counts_follows_from_the_definition_alone(made, two_person):
    """An independent account: each person's last word, and who must agree."""
    with Register(":memory:", undertaking=U) as register:
        register.add(make_report())
        (before,) = register.entries()
        register.set_two_person(two_person)
        last: dict[str, str] = {}
        for what, who in made:
            stance = what in ("considering", "done")
            register.review(
                before.id, "correct" if stance else what, {"stance": what} if stance else None,
                who=who,
            )  # fmt: skip
            last.pop(who, None)
            if what != "withdrawn":
                last[who] = "ready" if what == "accept" else what
        words = list(last.values())
        if two_person and (len(words) < 2 or len(set(words)) > 1):
            words = []
        derived = register.entries()
        register.refresh()
        assert register.entries() == derived
        if not words:
            assert derived == (before,)
        elif words[-1] == "reject":
            assert derived == ()
        else:
            assert (derived[0].position.stance, derived[0].reviewed) == (words[-1], True)
