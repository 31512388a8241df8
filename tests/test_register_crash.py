"""A killed run leaves a whole register, and the run repeated gives the same one."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from build import make_article, make_findings, make_position, make_report
from caveat.model import Findings, Stance
from caveat.register import Register
from test_register import older

ARTICLES = 150
POSITIONS = 8
TESTS = Path(__file__).resolve().parent
SCRIPT = "import sys, test_register_crash as t; t.{work}(t.Path(sys.argv[1]))"


def findings(n: int) -> Findings:
    """One article with enough rows that a kill falls within its transaction at times."""
    text = " ".join(f"Land {n} is ready to send troops, batch {k}." for k in range(POSITIONS))
    article = make_article(text, outlet=f"outlet {n}")
    positions = [
        make_position(article, f"troops, batch {k}", holder=f"Land {n}", actors=(f"iso:{n}",))
        for k in range(POSITIONS)
    ]
    return make_findings(article, *positions)


def write_all(path: Path) -> None:
    with Register(path) as register:
        for n in range(ARTICLES):
            register.add(findings(n))
            print(n, flush=True)
    print("done", flush=True)


def import_all(path: Path) -> None:
    """Import rows, each in two states, as a table that was corrected in between."""
    with Register(path) as register:
        for n in range(ARTICLES):
            for stance in ("ready", "refused"):
                register.import_row("table", str(n), by_hand(n, stance))
            print(n, flush=True)
        register.refresh()
    print("done", flush=True)


def by_hand(n: int, stance: Stance) -> Findings:
    return make_report(f"Land {n}", f"iso:{n}", stance, reader="hand")


def review_all(path: Path) -> None:
    """Review what nobody has reviewed yet, as a session does."""
    with Register(path) as register:
        known = {r.position for o in register.reviewed().outcomes.values() for r in o.reviews}
        for n, e in enumerate(e for e in register.entries() if e.id not in known):
            register.review(e.id, "correct", {"stance": "refused"}, who="Ada", why=str(e.id))
            if n % POSITIONS == 0:
                print(n, flush=True)
        register.refresh()
    print("done", flush=True)


def update(path: Path) -> None:
    """Open an older register, which brings it up to date."""
    print("opening", flush=True)
    Register(path).close()
    print("done", flush=True)


def run_and_kill(path: Path, after: int, wait: float, work: str = "write_all") -> bool:
    """Kill a run some time after it has added so many articles; whether it was not done yet."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])
    }
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(work=work), str(path)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for _ in range(after):
            if not process.stdout.readline():
                break
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        return "done" not in process.stdout.read()


@pytest.mark.sqlite
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system kills differently")
def test_a_killed_run_leaves_a_whole_register(tmp_path: Path) -> None:
    clean, killed = tmp_path / "clean.db", tmp_path / "killed.db"
    write_all(clean)
    rng = random.Random(5)
    kills = sum(run_and_kill(killed, 15 * n, rng.uniform(0, 0.01)) for n in range(1, 6))
    assert kills >= 2, "the runs were over before they could be killed: add more articles"

    # anyone may read at once what was left, and every article is there whole or not at all
    with Register(killed, read_only=True) as register:
        found = register.entries()
        assert len(found) == POSITIONS * register.counts().articles > 0
    with closing(sqlite3.connect(f"file:{killed}?mode=ro", uri=True)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []

    write_all(killed)
    with Register(clean, read_only=True) as one, Register(killed, read_only=True) as other:
        assert list(one.dump()) == list(other.dump())
        assert one.entries() == other.entries()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clean.db", "killed.db"]


def rows(path: Path) -> list[tuple[str, tuple[object, ...]]]:
    """All rows; of reviews without their numbers, which tell in which run they were given."""
    with Register(path, read_only=True) as register:
        return [(name, values[1:] if name == "reviews" else values)
                for name, values in register.dump()]  # fmt: skip


def is_whole(path: Path) -> None:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.sqlite
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system kills differently")
def test_a_killed_import_doubles_no_row_and_ends_as_an_unbroken_one(tmp_path: Path) -> None:
    clean, killed = tmp_path / "clean.db", tmp_path / "killed.db"
    import_all(clean)
    rng = random.Random(6)
    kills = sum(
        run_and_kill(killed, 20 * n, rng.uniform(0, 0.01), "import_all") for n in range(1, 6)
    )
    assert kills >= 2
    is_whole(killed)
    with Register(killed, read_only=True) as register:
        holders = [h for e in register.entries() for h in e.holders]
        assert len(holders) == len(set(holders)), "of each row one state counts"
    # the table in its last state again, as after a crash
    import_all(killed)
    with Register(clean, read_only=True) as one, Register(killed, read_only=True) as other:
        assert one.entries() == other.entries()
        assert one.imported("table") == other.imported("table")


@pytest.mark.sqlite
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system kills differently")
def test_a_killed_review_loses_no_answer_and_ends_as_an_unbroken_one(tmp_path: Path) -> None:
    start, clean, killed = (tmp_path / n for n in ("start.db", "clean.db", "killed.db"))
    with Register(start) as register:
        for n in range(40):
            register.add(findings(n))
        register.refresh()
    for path in (clean, killed):
        shutil.copy(start, path)
    review_all(clean)
    rng = random.Random(7)
    kills = sum(run_and_kill(killed, 5 * n, rng.uniform(0, 0.01), "review_all") for n in (1, 2, 3))
    assert kills >= 2
    is_whole(killed)
    review_all(killed)
    assert sorted(map(str, rows(killed))) == sorted(map(str, rows(clean)))
    with Register(clean, read_only=True) as one, Register(killed, read_only=True) as other:
        assert one.entries() == other.entries()


@pytest.mark.sqlite
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system kills differently")
def test_a_killed_migration_leaves_the_older_register_or_the_newer_one(tmp_path: Path) -> None:
    start, clean = tmp_path / "start.db", tmp_path / "clean.db"
    older(start, "0001_first_schema", [findings(n) for n in range(120)])
    shutil.copy(start, clean)
    Register(clean).close()
    rng = random.Random(8)
    kills = 0
    for n in range(7):
        killed = tmp_path / f"killed{n}.db"
        shutil.copy(start, killed)
        kills += run_and_kill(killed, 1, rng.uniform(0.0, 0.25), "update")
        is_whole(killed)
        Register(killed).close()
        assert rows(killed) == rows(clean)
    assert kills >= 2
