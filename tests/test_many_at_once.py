"""Eight processes at one register: nothing is lost, nothing is doubled."""

from __future__ import annotations

import multiprocessing

import pytest
from sqlalchemy import event

import databases
from build import make_report
from caveat.errors import RegisterError
from caveat.register import Register
from caveat.undertaking import load_undertaking

PROCESSES = 8
NAMES = ("Chad", "Cuba", "Fiji", "Iran", "Iraq", "Mali", "Oman", "Peru", "Togo", "Laos")


def reports(n: int):
    """Seven of ten reports, others for each process, in another order."""
    some = [NAMES[(n + 3 * i) % len(NAMES)] for i in range(7)]
    return [make_report(name, f"iso:{name[:2].upper()}") for name in some]


def work(place: str, n: int) -> None:
    """What one process does: add, import rows, review what is there, refresh."""
    with Register(place) as register:
        for report in reports(n):
            register.add(report)
            first = register.entries()[0]
            register.review(first.id, "accept", who=f"person {n}")
        for name in NAMES[:3]:
            by_hand = make_report(name, f"iso:{name[:2].upper()}", "refused", reader="hand")
            register.import_row("table", name, by_hand)
        register.refresh()


def test_eight_processes_that_add_review_and_import_lose_and_double_nothing(tmp_path):
    path = tmp_path / "r.db"
    with Register(path, undertaking=load_undertaking()) as register:
        pass
    place = databases.url_of(path) if databases.URL else str(path)
    context = multiprocessing.get_context("spawn")
    running = [context.Process(target=work, args=(place, n)) for n in range(PROCESSES)]
    for process in running:
        process.start()
    for process in running:
        process.join(120)
    assert [process.exitcode for process in running] == [0] * PROCESSES

    with Register(tmp_path / "alone.db", undertaking=load_undertaking()) as alone:
        for n in range(PROCESSES):
            for report in reports(n):
                alone.add(report)
        for name in NAMES[:3]:
            by_hand = make_report(name, f"iso:{name[:2].upper()}", "refused", reader="hand")
            alone.import_row("table", name, by_hand)
        wanted = list(alone.dump())
        entries = {e.id for e in alone.entries()}
    with Register(path) as register:
        found = list(register.dump())
        for kept in ("articles", "positions", "imported_rows", "position_actors"):
            assert [r for r in found if r[0] == kept] == [r for r in wanted if r[0] == kept]
        reviews = [r for r in found if r[0] == "reviews"]
        assert len(reviews) == 7 * PROCESSES
        assert len({r[1][0] for r in reviews}) == 7 * PROCESSES, "each has a number of its own"
        assert register.refresh()
        assert {e.id for e in register.entries()} == entries


@pytest.mark.skipif(not databases.URL, reason="a file's connection is not lost")
def test_a_lost_connection_is_one_sentence_and_leaves_nothing_half_written(tmp_path):
    import psycopg

    with Register(tmp_path / "r.db") as register:

        @event.listens_for(register._engine, "before_cursor_execute")
        def _end(_connection, _cursor, statement, *_):
            if statement.startswith("INSERT INTO positions"):
                with psycopg.connect(databases.URL, autocommit=True) as admin:
                    admin.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE pid <> pg_backend_pid() AND state = 'idle in transaction'"
                    )

        with pytest.raises(RegisterError) as told:
            register.add(make_report())
        assert "\n" not in str(told.value) and str(tmp_path / "r.db") in str(told.value)
        event.remove(register._engine, "before_cursor_execute", _end)
        assert register.counts().articles == 0
        assert register.add(make_report())


@pytest.mark.skipif(not databases.URL, reason="of PostgreSQL")
def test_a_server_that_is_not_there_is_one_sentence():
    with pytest.raises(RegisterError, match="nobody@") as told:
        Register("postgresql://nobody@127.0.0.1:1/x")
    assert "\n" not in str(told.value)
