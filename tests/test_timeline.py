"""Timelines: each point is the count of its day, and nothing between is made up."""

from __future__ import annotations

import json
from datetime import date

from build import make_report
from caveat.ask import Question, count, question, timeline
from caveat.ask.timeline import spread
from caveat.register import Register
from caveat.undertaking import load_undertaking

U = load_undertaking()


def filled(path):
    with Register(path, undertaking=U) as register:
        for report in (
            make_report("France", "iso:FR", published="2025-03-01",
                        conditions=[("if", "a ceasefire", "ceasefire")]),
            make_report("Spain", "iso:ES", published="2025-03-05"),
            make_report("Norway", "iso:NO", "refused", published="2025-03-05"),
            make_report("Spain", "iso:ES", "refused", published="2025-04-01"),
        ):  # fmt: skip
            register.add(report)
        register.refresh()
        return register.entries(), register.actors()


def test_each_point_is_the_count_of_its_day(tmp_path):
    entries, actors = filled(tmp_path / "r.db")
    q = question(U, ["troops"], ["ceasefire"], template=Question(as_of=date(2025, 4, 30)))
    found = timeline(entries, actors, U, q)
    assert [p.day.isoformat() for p in found.points] == ["2025-03-01", "2025-03-05", "2025-04-01"]
    assert [(p.lower, p.upper) for p in found.points] == [(1, 1), (2, 2), (1, 1)]
    for p in found.points:
        at = question(U, ["troops"], ["ceasefire"], template=Question(as_of=p.day))
        answer = count(entries, actors, U, at)
        assert (p.lower, p.upper) == (answer.lower, answer.upper)
        assert dict(p.tiers) == {s.holder: s.tier for s in answer.standings}


def test_a_first_day_starts_with_the_answer_of_that_day(tmp_path):
    entries, actors = filled(tmp_path / "r.db")
    q = question(U, ["troops"])
    found = timeline(entries, actors, U, q, date(2025, 3, 10))
    assert [(p.day.isoformat(), p.lower, p.upper) for p in found.points] == [
        ("2025-03-10", 1, 2), ("2025-04-01", 0, 1),
    ]  # fmt: skip


def test_too_many_days_are_thinned_out_evenly_and_the_last_one_is_kept():
    days = [date.fromordinal(730000 + n) for n in range(100)]
    taken = spread(days, 7)
    assert len(taken) == 7 and (taken[0], taken[-1]) == (days[0], days[-1])
    assert spread(days, 200) == days


def test_the_command_draws_the_bounds_and_names_who_moved(caveat, tmp_path):
    filled(tmp_path / "r.db")
    path = str(tmp_path / "r.db")
    code, out, _ = caveat("timeline", "-r", path, "--to", "2025-04-30")
    assert code == 0
    assert "2025-03-05" in out and "firm" in out and "█░" in out
    code, out, _ = caveat("timeline", "-r", path, "--to", "2025-04-30", "--points", "2")
    assert "2 of the 3 days on which words came" in " ".join(out.split())
    code, out, _ = caveat("timeline", "-r", path, "--to", "2025-04-30", "--json")
    told = json.loads(out)
    assert [p["upper"] for p in told["points"]] == [1, 2, 1] and told["days"] == 3


def test_nothing_said_is_said_so(caveat, tmp_path):
    filled(tmp_path / "r.db")
    code, out, _ = caveat("timeline", "-r", str(tmp_path / "r.db"), "--kind", "naval")
    assert code == 0 and "nothing was said on this" in out
