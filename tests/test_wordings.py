"""Conditions that no rule foresaw: which wordings are one, unasked and by people's decisions."""

from __future__ import annotations

from datetime import date

import pytest

from build import make_report
from caveat.ask import Question, count, gather, question
from caveat.errors import UnknownProposition
from caveat.register import Decision, Register
from caveat.register.derive.wordings import renamed, wordings
from caveat.undertaking import load_undertaking

U = load_undertaking()


def same(*names, decisions=(), **counts):
    found = {n: counts.get(n, 1) for n in names}
    return wordings(found, decisions).same


def decision(number, one, other, verdict="same"):
    return Decision(number, *sorted((one, other)), verdict, "Ada", "", "2026-01-01")


def test_inflection_and_emphasis_make_no_new_proposition_and_the_plainest_wording_names_it():
    assert same("text:agreements-reached", "text:agreement-finally-reached") == {
        "text:agreement-finally-reached": "text:agreements-reached"
    }
    assert same("text:guns-fall-silent", "text:borders-open") == {}


def test_of_equally_plain_wordings_the_most_frequent_names_the_cluster():
    found = wordings({"text:agreement-reached": 1, "text:agreements-reached": 5}, ())
    assert found.same == {"text:agreement-reached": "text:agreements-reached"}


@pytest.mark.parametrize(("one", "other"), [
    ("text:troops-leave-region", "text:troops-never-leave-region"),
    ("text:10-partners-contribute-funds", "text:20-partners-contribute-funds"),
])  # fmt: skip
def test_what_is_denied_or_numbered_differently_is_not_even_proposed(one, other):
    found = wordings({one: 1, other: 1}, ())
    assert not found.same and not found.open


def test_words_that_are_half_the_same_wait_for_a_person():
    found = wordings({"text:clear-rules-force": 1, "text:clear-rules-whole-force": 1}, ())
    assert not found.same
    assert [(p.one, p.other) for p in found.open] == [
        ("text:clear-rules-force", "text:clear-rules-whole-force")
    ]


def test_a_person_joins_splits_and_takes_back_and_the_undertakings_name_stands():
    names = ("text:guns-silent", "text:agreements-reached", "text:agreement-reached")
    joined = [decision(1, "ceasefire", "text:guns-silent")]
    assert same(*names, decisions=joined)["text:guns-silent"] == "ceasefire"
    back = [*joined, decision(2, "ceasefire", "text:guns-silent", "withdrawn")]
    assert "text:guns-silent" not in same(*names, decisions=back)
    split = [decision(1, "text:agreements-reached", "text:agreement-reached", "different")]
    assert same(*names, decisions=split) == {}


def test_a_denied_proposition_keeps_its_denial():
    assert renamed("not:text:guns-silent", {"text:guns-silent": "ceasefire"}) == "not:ceasefire"
    assert renamed(None, {"a": "b"}) is None


@pytest.fixture
def register(tmp_path):
    with Register(tmp_path / "r.db", undertaking=U) as register:
        for holder, actor, words, name in (
            ("France", "iso:FR", "agreements are reached", "text:agreements-reached"),
            ("Spain", "iso:ES", "an agreement is reached", "text:agreement-reached"),
            ("Norway", "iso:NO", "the guns are silent", "text:guns-silent"),
        ):
            register.add(make_report(holder, actor, conditions=[("if", words, name)]))
        yield register


def lower(register, *assume):
    template = Question(as_of=date(2025, 4, 1))
    given = [register.stands_as(a) for a in assume]
    q = question(U, ["troops"], given, template=template)
    found = gather(register, U, q)
    return count(found.entries, found.actors, U, q)


@pytest.mark.parametrize("fresh", [True, False])
def test_joined_wordings_open_and_close_together_in_a_count(register, fresh):
    if fresh:
        register.refresh()
    base = lower(register)
    assert (base.lower, base.upper) == (0, 3)
    assert {m.assumption: m.lower for m in base.moves if not m.assumption.startswith("not:")} == {
        "text:agreement-reached": 2, "text:guns-silent": 1,
    }  # fmt: skip
    assert lower(register, "text:agreements-reached").lower == 2
    assert lower(register, "ceasefire").lower == 0
    register.decide_propositions("text:guns-silent", "ceasefire", "same", who="Ada", why="")
    if fresh:
        register.refresh()
    assert lower(register, "ceasefire").lower == 1
    # the undertaking's implications hold for what a person joined
    assert lower(register, "peace-deal").lower == 1
    register.decide_propositions("ceasefire", "text:guns-silent", "withdrawn", who="Ada", why="")
    if fresh:
        register.refresh()
    assert lower(register, "ceasefire").lower == 0


def test_propositions_that_the_undertaking_tells_apart_or_nobody_names_are_not_joined(register):
    with pytest.raises(UnknownProposition, match="both told apart by the undertaking"):
        register.decide_propositions("ceasefire", "peace-deal", "same", who="Ada", why="")
    with pytest.raises(UnknownProposition, match="no condition speaks of 'text:nothing'"):
        register.decide_propositions("text:nothing", "ceasefire", "same", who="Ada", why="")
    with pytest.raises(Exception, match="is one proposition, not two"):
        register.decide_propositions("ceasefire", "ceasefire", "same", who="Ada", why="")


def test_the_command_lists_joins_and_takes_back(caveat, register, tmp_path):
    register.close()
    path = str(tmp_path / "r.db")
    code, out, _ = caveat("propositions", "-r", path)
    assert code == 0 and "text:agreements-reached" in out and "guns are silent" in out
    code, out, _ = caveat(
        "propositions", "join", "text:guns-silent", "ceasefire", "-r", path, "--by", "Ada"
    )
    assert code == 0 and "they stand as ceasefire" in out
    asked = ("count", "--assume", "text:guns-silent", "--as-of", "2025-04-01", "-r", path)
    code, out, _ = caveat(*asked, "--json")
    assert code == 0 and '"lower": 1' in out
    code, out, _ = caveat("propositions", "undo", "text:guns-silent", "ceasefire", "-r", path)
    assert code == 0
    code, _, err = caveat("propositions", "join", "text:x", "ceasefire", "-r", path)
    assert code == 4 and "no condition speaks of 'text:x'" in err
