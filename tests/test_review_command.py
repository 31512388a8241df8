"""Reviewing in the terminal: one key each, kept at once, taken back by a key."""

from __future__ import annotations

import json

import pytest

from build import make_report
from caveat.errors import ReviewError
from caveat.register import Register
from caveat.show.reviewing import Session, parse_changes, queue
from caveat.undertaking import load_undertaking

U = load_undertaking()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "r.db"
    with Register(path, undertaking=U) as register:
        for n, name in enumerate(("France", "Norway", "Spain")):
            register.add(
                make_report(name, f"iso:{name[:2].upper()}", published=f"2025-03-0{n + 1}")
            )
        register.refresh()
    return str(path)


def session(register, keys, lines=(), who="Ada"):
    """What a person with these keys and lines does, and what they were shown."""
    shown, keys, lines = [], iter(keys), iter(lines)
    made = Session(register, who, lambda: next(keys), lambda _: next(lines),
                   lambda what, *_: shown.append(what))  # fmt: skip
    done = made.run(queue(register, U, register.actors(), who))
    return done, shown


def verdicts(register):
    return {
        register.positions([id_])[id_].holders[0] if register.positions([id_]) else id_: [
            (r.who, r.verdict) for r in outcome.reviews
        ]
        for id_, outcome in register.reviewed().outcomes.items()
    }


def test_a_key_is_an_answer_and_is_kept_at_once(path):
    with Register(path) as register:
        done, shown = session(register, "acq", ["stance=considering", "only weighs it"])
        assert done.verdicts == {"accept": 1, "correct": 1} and done.left == 1
        assert len(shown) == 3
        assert sorted(v for [(_, v)] in verdicts(register).values()) == ["accept", "correct"]


def test_undo_takes_the_last_answer_back_and_returns_to_it(path):
    with Register(path) as register:
        done, shown = session(register, "aruq", ["not said"])
        assert done.verdicts == {"accept": 1}
        assert shown[1] == shown[3], "the rejected position is shown again"
        assert [v for [(_, v)] in verdicts(register).values()] == ["accept"]


def test_what_is_not_understood_changes_nothing_and_asks_again(path):
    with Register(path) as register:
        done, shown = session(register, "xcuq", ["colour=red"])
        assert done.verdicts == {} and done.left == 3
        told = [s for s in shown if isinstance(s, str)]
        assert "keys:" in told[0] and "no correction" in told[1] and "nothing to undo" in told[2]


def test_the_whole_queue_is_gone_through_and_then_nothing_waits(path):
    with Register(path) as register:
        assert session(register, "aaa")[0].left == 0
        assert queue(register, U, register.actors(), "Ada") == []


def test_what_a_bound_rests_on_comes_first(tmp_path):
    with Register(tmp_path / "r.db", undertaking=U) as register:
        today = "2099-01-01"
        register.add(make_report("France", "iso:FR", "demands", published=today))
        register.add(make_report("Spain", "iso:ES", "ready", published="2098-12-01"))
        waiting = queue(register, U, register.actors(), "Ada")
        assert [w.entry.holders for w in waiting] == [("iso:ES",), ("iso:FR",)]
        assert waiting[0].why == "a bound rests on it"


def test_second_looks_and_disagreements_have_queues_of_their_own(path):
    with Register(path) as register:
        register.set_two_person(True)
        session(register, "aaa")
        actors = register.actors()
        assert len(queue(register, U, actors, "Ben", "second")) == 3
        assert queue(register, U, actors, "Ada", "second") == []
        first, other, _ = queue(register, U, actors, "Ben", "second")
        register.review(first.entry.id, "accept", who="Ben")
        register.review(other.entry.id, "correct", {"kind": "air"}, who="Ben")
        assert len(queue(register, U, actors, "Ben", "second")) == 1
        (differ,) = queue(register, U, actors, "Cem", "disagreements")
        assert differ.entry.id == other.entry.id and len(differ.reviews) == 2


@pytest.mark.parametrize(("given", "read"), [
    ("stance=ready", {"stance": "ready"}),
    ("holders=iso:FR,iso:GB", {"holders": ["iso:FR", "iso:GB"]}),
    ("negated=no", {"negated": False}),
    ("said=2025-03-01/2025-03-05", {"said": ["2025-03-01", "2025-03-05"]}),
    ("conditions=none", {"conditions": []}),
    ("conditions=if:ceasefire;only_if:does(US,air)", {"conditions": [
        {"relation": "if", "proposition": "ceasefire"},
        {"relation": "only_if", "proposition": "does(US,air)"},
    ]}),
])  # fmt: skip
def test_corrections_are_read_as_people_write_them(given, read):
    assert parse_changes([given]) == read


@pytest.mark.parametrize("given", ["stance", "colour=red", "negated=perhaps", "conditions=peace"])
def test_a_correction_that_says_nothing_is_an_error(given):
    with pytest.raises(ReviewError):
        parse_changes([given])


def test_the_command_accepts_corrects_rejects_and_undoes_by_id(caveat, path):
    code, out, _ = caveat("review", "-r", path, "--json")
    waiting = [w["position"]["id"] for w in json.loads(out)]
    assert code == 0 and len(waiting) == 3
    a, b, c = waiting
    assert caveat("review", a[:8], "--accept", "--by", "Ada", "-r", path)[0] == 0
    code, out, _ = caveat(
        "review", b, "--correct", "stance=refused", "--by", "Ada", "--why", "said no", "-r", path
    )
    assert code == 0 and "correct by Ada" in out
    assert caveat("review", c, "--reject", "--by", "Ada", "-r", path)[0] == 0
    code, _, err = caveat("why", c, "-r", path)
    assert code == 4 and "was rejected" in err
    _, out, _ = caveat("review", "--list", "-r", path)
    assert "correct: stance refused (said no)" in out
    assert caveat("review", c, "--undo", "--by", "Ada", "-r", path)[0] == 0
    _, out, _ = caveat("review", "--stats", "-r", path)
    assert "accepted 1, corrected 1, rejected 0" in out and "50 %" in out
    _, out, _ = caveat("review", "--stats", "--json", "-r", path)
    assert json.loads(out)["precision"] == 0.5
    _, out, _ = caveat("review", "--list", "--json", "-r", path)
    assert {o["reviews"][0]["by"] for o in json.loads(out)} == {"Ada"}
    assert json.loads(caveat("review", "--orphans", "--json", "-r", path)[1]) == []


@pytest.mark.parametrize(("given", "code", "message"), [
    (["0" * 16, "--accept"], 4, "no current position begins with"),
    (["a", "--accept", "--reject"], 2, "say one of"),
    (["--two-person", "maybe"], 2, "is on or off"),
    (["--kind", "tanks"], 2, "is no kind"),
])  # fmt: skip
def test_bad_reviews_get_one_sentence(caveat, path, given, code, message):
    found, _, err = caveat("review", *given, "-r", path)
    assert found == code and message in " ".join(err.split())


def test_two_person_mode_is_kept_in_the_register(caveat, path):
    assert "a second person agrees" in caveat("review", "--two-person", "on", "-r", path)[1]
    with Register(path, read_only=True) as register:
        assert register.two_person
    caveat("review", "--two-person", "off", "-r", path)
    with Register(path, read_only=True) as register:
        assert not register.two_person
