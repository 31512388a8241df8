"""The index of what stands: the same answers as from all words, whatever was said and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

import databases
from build import make_actor, make_article, make_findings, make_position, make_report
from caveat.ask import Question, board, count, gather, gather_board, question
from caveat.ask.gather import by_index
from caveat.model import Interval, Scope
from caveat.register import Register
from caveat.undertaking import load_undertaking

U = load_undertaking()
FIRST = date(2025, 3, 1)
BLOC = make_actor("org:lakes", "the Lake states", type="bloc", members=("iso:AA", "iso:BB"))
CROWD = make_actor("grp:1", "several states", type="group")
HOLDERS = ("iso:AA", "iso:BB", "iso:CC", "org:lakes", "grp:1")
CONDITIONS = (
    (), (("if", "ceasefire"),), (("only_if", "ceasefire"), ("unless", "mandate")),
    (("if", "does(AA, troops)"),), (("unless", "does(BB, air)"),), (("after", "at-least(2, air)"),),
)  # fmt: skip

words = st.fixed_dictionaries({
    "holder": st.sampled_from(HOLDERS),
    "stance": st.sampled_from(
        ("done", "pledged", "ready", "considering", "refused", "demands", "opposes")
    ),
    "kind": st.sampled_from(("troops", "air", "weapons")),
    "action": st.sampled_from(("tanks", "tanks and jets", "jets", "old shells")),
    "negated": st.integers(0, 5).map(lambda n: n == 0),
    "voice": st.sampled_from(("quoted", "reported", "third-party", "anonymous")),
    "reported": st.integers(0, 8) | st.none(),
    "said": st.integers(0, 3) | st.just("month") | st.none(),
    "outside": st.integers(0, 6).map(lambda n: n == 0),
    "for": st.sampled_from(((), (), ("iso:UA",), ("iso:GE",))),
    "conditions": st.sampled_from(CONDITIONS),
    "size": st.sampled_from((None, (10, 10))),
})  # fmt: skip


def findings(number: int, w: dict):
    told = " ".join(f"{relation} {name}" for relation, name in w["conditions"])
    reported = None if w["reported"] is None else FIRST + timedelta(days=w["reported"])
    article = make_article(
        f"{number}: {w['holder']} on {w['action']} {told}.", published=reported, outlet=f"O{number}"
    )
    said = None
    if w["said"] == "month":
        said = Interval(FIRST, FIRST + timedelta(days=5))
    elif w["said"] is not None:
        said = (reported or FIRST) - timedelta(days=w["said"])
    position = make_position(
        article,
        w["action"],
        holder=w["holder"],
        actors=(w["holder"],),
        stance=w["stance"],
        kind=w["kind"],
        negated=w["negated"],
        voice=w["voice"],
        said=said,
        conditions=[(r, name, name) for r, name in w["conditions"]],
        scope=Scope(place="elsewhere", inside=False, reason="elsewhere")
        if w["outside"]
        else Scope(),
        beneficiary_actors=w["for"],
        group_size=w["size"] if w["holder"] == "grp:1" else None,
    )
    return make_findings(article, position, actors=(BLOC, CROWD))


def filled(found) -> Register:
    register = Register(":memory:")
    for n, w in enumerate(found):
        register.add(findings(n, w))
    return register


def plain(answer):
    """An answer but for what the index leaves out: words that later ones replaced."""
    standings = tuple(replace(s, superseded=()) for s in answer.standings)
    return replace(answer, standings=standings)


@settings(
    max_examples=20 if databases.URL else 150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.lists(words, max_size=14),
    st.integers(0, 10).map(lambda n: FIRST + timedelta(days=n)) | st.none(),
    st.booleans(),
    st.sampled_from(("strict", "generous")),
    st.sampled_from((["troops"], ["weapons"], ["troops", "air"])),
    st.sampled_from(([], ["ceasefire"], ["not:mandate"])),
)
def test_a_count_and_a_board_by_the_index_are_those_of_all_words(
    found, as_of, all_of, reading, kinds, assume
):
    template = Question(as_of=as_of, all_of=all_of, reading=reading)
    q = question(U, kinds, assume, template=template)
    with filled(found) as register:
        entries, actors = register.entries(), register.actors()
        whole = count(entries, actors, U, q), board(entries, actors, U, q)
        assert register.strongest() is None
        assert register.refresh()
        assert register.entries() == entries and register.actors() == actors
        assert register.strongest() is not None
        gathered = gather(register, U, q)
        assert plain(count(gathered.entries, gathered.actors, U, q)) == plain(whole[0])
        assert gather_board(register, U, q)[0] == whole[1]


@pytest.mark.parametrize("changes", [
    {"voices": ("quoted",)}, {"without_outlets": ("O1",)}, {"reviewed_only": True},
    {"hindsight": True}, {"beneficiary": "iso:UA"},
])  # fmt: skip
def test_questions_that_leave_words_out_are_not_asked_of_the_index(changes):
    assert by_index(Question())
    assert not by_index(Question(**changes))


def test_what_is_added_after_a_refresh_is_not_missed(tmp_path):
    with Register(tmp_path / "r.db") as register:
        register.add(make_report("France", "iso:FR", "ready", published="2025-03-02"))
        assert register.refresh()
        q = question(U, ["troops"])
        assert count(*_of(gather(register, U, q)), U, q).upper == 1
        register.add(make_report("France", "iso:FR", "refused", published="2025-03-03"))
        assert count(*_of(gather(register, U, q)), U, q).upper == 0
        assert gather_board(register, U, q)[0].cells["iso:FR", "troops"].stance == "refused"
        assert register.refresh()
        assert gather_board(register, U, q)[0].cells["iso:FR", "troops"].stance == "refused"


def _of(gathered):
    return gathered.entries, gathered.actors


def test_a_refresh_writes_only_what_changed(tmp_path):
    written = []
    with Register(tmp_path / "r.db") as register:
        register.add(make_report("France", "iso:FR"))
        register.refresh()
        register.add(make_report("Spain", "iso:ES"))

        @event.listens_for(register._engine, "before_cursor_execute")
        def _note(_connection, _cursor, statement, parameters, _context, many):
            if statement.startswith(("INSERT INTO standing", "DELETE FROM standing")):
                written.extend(parameters if many else [parameters])

        register.refresh()
        register.refresh()
    (row,) = written
    assert "iso:ES" in (row.values() if isinstance(row, dict) else row)


def test_reading_files_leaves_the_index_fresh(tmp_path):
    from caveat.run import read_into

    (tmp_path / "a.txt").write_text("France is ready to send troops to Ukraine, Macron said.\n")
    with Register(tmp_path / "r.db", undertaking=U) as register:
        read_into(register, [tmp_path / "a.txt"])
        assert register.strongest() is not None
