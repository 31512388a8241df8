"""How long a board and a count take over registers of growing size, from a fresh process.

python -m bench.board                     2,000, 20,000 and 200,000 positions
python -m bench.board --sizes 2000 20000  others
python -m bench.board --json              for machines

Each register is made up from a fixed seed: states and bodies say what they would do on kinds as
often as news do, over two years, in articles of twenty positions. Milliseconds are those of the
question alone (opening the register and the query), the first one in its process, and the best of
five; `refresh` is what adding costs at its end, in seconds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from random import Random

from caveat.ask import Question, count, gather, gather_board, question
from caveat.model import (
    Actor,
    Article,
    Condition,
    Findings,
    Interval,
    Part,
    Position,
    Resolution,
    Scope,
)
from caveat.register import Register
from caveat.undertaking import load_undertaking

SIZES = (2_000, 20_000, 200_000)
PARTIES = 220
AN_ARTICLE = 20
FIRST, DAYS = date(2025, 2, 1), 700
KINDS = {"troops": 20, "weapons": 18, "money": 12, "sanctions": 9, "talks": 9, "training": 5,
         "air": 5, "naval": 4, "humanitarian": 4, "guarantee": 4,
         "energy": 3, "other": 7}  # fmt: skip
STANCES = {"done": 14, "pledged": 26, "ready": 16, "considering": 13, "refused": 13,
           "demands": 10, "opposes": 6, "threatens": 2}  # fmt: skip
VOICES = {"quoted": 25, "reported": 35, "third-party": 30, "anonymous": 10}
PROPOSITIONS = ("ceasefire", "peace-deal", "us-backstop", "mandate")
WORDS = tuple(
    "tanks jets shells rifles radars drones trucks boats mines bridges fuel grain medicine euros "
    "loans grants bonds visas banks ships ports steel gas oil talks summit envoy hosts hospitals "
    "tents blankets generators turbines cables pipes rail roads helmets".split()
)


def _pick(rng: Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def findings(number: int, rng: Random) -> Findings:
    """An article of positions; a sentence each."""
    parties = [f"iso:X{n:03}" for n in range(PARTIES)]
    day = FIRST + timedelta(days=rng.randrange(DAYS))
    said = Interval(day, day)
    sentences, made, at = [], [], 0
    for _ in range(AN_ARTICLE):
        # some parties are in the news far more often than others
        holder = parties[min(int(rng.expovariate(1 / 45)), PARTIES - 1)]
        kind, stance, voice = _pick(rng, KINDS), _pick(rng, STANCES), _pick(rng, VOICES)
        action = f"{rng.choice(WORDS)} and {rng.choice(WORDS)}"
        words = f"{holder[4:]} on {action} if it holds, on day {rng.randrange(10**6)} they say. "
        start = words.index(action)
        conditional = rng.random() < 0.3
        if_ = words.index("it holds")
        made.append(Position(
            holder=((at, at + 4),), holder_actors=(holder,), stance=stance, kind=kind,
            negated=rng.random() < 0.03, action=(at + start, at + start + len(action)),
            addressee=(), beneficiary=(), amount=(), time=(),
            conditions=(Condition((at + if_, at + if_ + 8), "if", rng.choice(PROPOSITIONS)),)
            if conditional else (),
            speaker=None, speaker_actor=None, relay=(), voice=voice, confidence=0.8, caveats=(),
            sentence=(at, at + len(words) - 1), said=said, scope=Scope(),
        ))  # fmt: skip
        sentences.append(words)
        at += len(words)
    text = "".join(sentences)
    article = Article(
        text, title=f"Report {number}", outlet=f"Outlet {number % 40}", language="en",
        published=said, parts=(Part("body", (0, len(text))),), name=f"{number}.txt",
    )  # fmt: skip
    named = {h for p in made for h in p.holder_actors}
    actors = tuple(Actor(h, f"State {h[4:]}", "state") for h in sorted(named))
    return Findings(article, "bench 1", None, positions=tuple(made), resolution=Resolution(actors))


def make(path: Path, positions: int) -> tuple[float, float]:
    """A register of so many positions; seconds of adding, and of the refresh at its end."""
    rng = Random(20261122)
    with Register(path) as register:
        started = time.perf_counter()
        for n in range(positions // AN_ARTICLE):
            register.add(findings(n, rng))
        added = time.perf_counter()
        register.refresh()
        return added - started, time.perf_counter() - added


def ask(path: Path, what: str) -> float:
    """Milliseconds of one question, opening the register included."""
    undertaking = load_undertaking()
    q = question(undertaking, ["troops"], template=Question(as_of=FIRST + timedelta(days=DAYS)))
    started = time.perf_counter()
    with Register(path, read_only=True) as register:
        if what == "board":
            gather_board(register, undertaking, q)
        else:
            found = gather(register, undertaking, q)
            count(found.entries, found.actors, undertaking, q)
    return (time.perf_counter() - started) * 1000


def _fresh(path: Path, what: str) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "bench.board", "--ask", what, str(path)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(done.stdout)


def main() -> int:
    """Print the figures; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.board",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="positions")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--keep", type=Path, help="a folder to keep the registers in")
    parser.add_argument("--ask", nargs=2, metavar=("WHAT", "REGISTER"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.ask:
        print(ask(Path(args.ask[1]), args.ask[0]))
        return 0
    out = []
    with tempfile.TemporaryDirectory() as made:
        folder = args.keep or Path(made)
        for size in args.sizes:
            path = folder / f"{size}.db"
            adding, refresh = (0.0, 0.0) if path.exists() else make(path, size)
            row: dict[str, float] = {"positions": size, "adding_s": round(adding, 1),
                                     "refresh_s": round(refresh, 1)}  # fmt: skip
            for what in ("board", "count"):
                row[f"{what}_first_ms"] = round(_fresh(path, what), 1)
                row[f"{what}_best_ms"] = round(min(ask(path, what) for _ in range(5)), 1)
            out.append(row)
            if not args.json:
                print("  ".join(f"{name} {value:,}" for name, value in row.items()), flush=True)
    if args.json:
        print(json.dumps(out, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
