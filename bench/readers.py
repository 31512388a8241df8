"""Any reader on position gold, in the tables of the quality gate, with cost and time.

python -m bench.readers                                        the built-in reader
python -m bench.readers --reader llm --cache replies.db        CAVEAT_LLM_… name the model
python -m bench.readers --reader llm --gold my-gold.jsonl

Every passage must have been read: a run in which the model left some out gives no figures. A gold
file has lines {"id", "text", "positions"}; without --gold the two dev files are taken.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bench import quality
from bench.data import digest, folder, lines
from caveat.tag import load_reader


def main(given: Sequence[str] | None = None) -> int:
    """Measure, print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.readers", description=__doc__)
    parser.add_argument("--reader", help="a reader's name; by default the built-in one")
    parser.add_argument("--gold", action="append", type=Path, help="a gold file; repeatable")
    parser.add_argument("--cache", type=Path, help="keep the model's replies here")
    parser.add_argument("--cap", type=int, help="most tokens to spend on one gold file")
    parser.add_argument("--yes", action="store_true", help="send the texts without asking")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    args = parser.parse_args(given)
    found = {str(path.name): measure(path, args) for path in args.gold or _dev_files()}
    if args.json:
        print(json.dumps(found, indent=1))
        return 0
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}")
    for name, one in found.items():
        print(f"\n{name}, gold {one['gold']}, read by {one['reader']}")
        print(f"{'':>16}   F1   (95 % interval)    P      R")
        for figure, (f, low, high, p, r) in one["figures"].items():
            print(f"{figure:>16} {f:5.1f}  ({low:4.1f} to {high:4.1f})  {p:5.1f}  {r:5.1f}")
        print(_cost(one))
    return 0


def measure(gold: Path, args: argparse.Namespace) -> dict[str, Any]:
    """Figures, words, seconds and what the model was asked, of one gold file."""
    words = sum(len(p["text"].split()) for p in lines(gold))
    with tempfile.TemporaryDirectory() as place:
        bill = Path(place) / "usage.json"
        options = ["--reader", args.reader] if args.reader else []
        if args.reader == "llm":
            options += ["--usage", str(bill), *(["--yes"] if args.yes else [])]
            options += ["--cache", str(args.cache.absolute())] if args.cache else []
            options += ["--cap", str(args.cap)] if args.cap is not None else []
        started = time.perf_counter()
        counts = quality.positions(gold, options)
        seconds = time.perf_counter() - started
        usage = json.loads(bill.read_text("utf-8")) if bill.is_file() else None
    return {
        "gold": digest([gold]),
        "reader": usage["reader"] if usage else _version(args.reader),
        "figures": quality.figures(counts, quality.POSITION_FIGURES),
        "words": words,
        "seconds": round(seconds, 3),
        "usage": usage,
    }


def _version(name: str | None) -> str:
    return (load_reader(name) if name else load_reader()).version


def _cost(one: dict[str, Any]) -> str:
    per = 1000 / max(1, one["words"])
    told = f"{one['words']:,} words; {one['seconds'] * per:.2f} s per 1,000 words"
    usage = one["usage"]
    if usage is None:
        return f"{told}; no cost but the machine's"
    told += f"; {usage['tokens_in'] * per:,.0f} tokens in and {usage['tokens_out'] * per:,.0f} out"
    if usage["money"] is not None:
        told += f", {usage['money'] * per:.4f} by the prices set"
    told += " per 1,000 words"
    if usage["from_kept_replies"]:
        told += (
            f"\n{usage['from_kept_replies']} answers came from kept replies: time and cost "
            "are those of this run alone"
        )
    dropped = ", ".join(f"{n} {reason}" for reason, n in usage["dropped"].items()) or "nothing"
    return f"{told}\ndropped: {dropped}"


def _dev_files() -> list[Path]:
    gold = folder() / "gold"
    return [gold / "positions-dev.jsonl", gold / "positions-dev-recent.jsonl"]


if __name__ == "__main__":
    raise SystemExit(main())
