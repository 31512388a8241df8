"""A killed run leaves a whole register, and the run repeated gives the same one."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from build import make_article, make_findings, make_position
from caveat.model import Findings
from caveat.register import Register

ARTICLES = 150
POSITIONS = 8
TESTS = Path(__file__).resolve().parent
SCRIPT = "import sys, test_register_crash as t; t.write_all(t.Path(sys.argv[1]))"


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


def run_and_kill(path: Path, after: int, wait: float) -> bool:
    """Kill a run some time after it has added so many articles; whether it was not done yet."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])
    }
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(path)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for _ in range(after):
            assert process.stdout.readline()
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
