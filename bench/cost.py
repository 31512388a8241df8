"""What each packaged reader costs: words a second and core, memory, file size, share of stages.

python -m bench.cost            on the wire passages and dev passages (CAVEAT_DATA)
python -m bench.cost --json

Texts are the dev passages joined to articles of about 600 words, the length of an ordinary one.
Times are processor seconds of one thread, after the models are loaded. A second look is what the
position reader spends on one proposed action.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from bench.data import ROOT, folder, lines
from caveat.tag import READERS

WORDS = 600
ARTICLES = 12


def articles() -> list[str]:
    """Texts of about `WORDS` words, whole passages joined."""
    rows = [r for n in ("positions-dev", "positions-dev-recent")
            for r in lines(folder() / "gold" / f"{n}.jsonl")]  # fmt: skip
    out, now = [], ""
    for row in rows:
        now = f"{now}\n\n{row['text']}" if now else row["text"]
        if len(now.split()) >= WORDS:
            out.append(now)
            now = ""
    return out[:ARTICLES]


def measure(name: str) -> dict[str, Any]:
    """Figures of one reader, in this process."""
    from caveat import find_positions
    from caveat.model import Article
    from caveat.tag import learned, load_reader

    began = time.process_time()
    reader = load_reader(name)
    load = time.process_time() - began
    spent: Counter[str] = Counter()
    calls: Counter[str] = Counter()

    def timed(stage: str, f: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            started = time.process_time()
            try:
                return f(*args, **more)
            finally:
                spent[stage] += time.process_time() - started  # type: ignore[assignment]  # seconds
                calls[stage] += 1

        return call

    assert isinstance(reader, learned.LearnedReader)
    reader.mark = timed("tag", reader.mark)  # type: ignore[method-assign]  # to time it
    tagger = reader._tagger
    tagger._run = timed("attributions: graph", tagger._run)  # type: ignore[method-assign]
    if reader._positions is not None:
        found = reader._positions
        found._encode = timed("positions: first look", found._encode)  # type: ignore[method-assign]
        found._look = timed("positions: second looks", found._look)  # type: ignore[method-assign]
    texts = articles()
    words = sum(len(t.split()) for t in texts)
    find_positions(Article(text=texts[0]), reader=reader)
    spent.clear()
    calls.clear()
    began = time.process_time()
    for text in texts:
        find_positions(Article(text=text), reader=reader)
    total = time.process_time() - began
    stages = {
        "attributions: graph": spent["attributions: graph"],
        "positions: first look": spent["positions: first look"],
        "positions: second looks": spent["positions: second looks"],
        "rest of tagging": spent["tag"] - sum(v for k, v in spent.items() if k != "tag"),
        "actors, kinds, amounts, voices": total - spent["tag"],
    }
    looks = calls["positions: second looks"]
    size = sum(
        f.stat().st_size
        for one in {"attributions", READERS[name] or "attributions"}
        for f in (Path(learned.__file__).parent / "weights" / one).iterdir()
    )
    return {
        "reader": reader.version,
        "words per second": words / total,
        "seconds for 600 words": WORDS * total / words,
        "load, seconds": load,
        "peak memory, MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "files, MiB": size / 2**20,
        "second looks per 600 words": WORDS * looks / words,
        "seconds per second look": spent["positions: second looks"] / looks if looks else 0.0,
        "share of stages": {k: v / total for k, v in stages.items() if v > 0},
    }


def main() -> int:
    """Measure each reader in a process of its own; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.cost", description=__doc__)
    parser.add_argument("--reader", help="measure only this one, in this process")
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args()
    if args.reader:
        print(json.dumps(measure(args.reader)))
        return 0
    found = {}
    for name in READERS:
        done = subprocess.run(
            [sys.executable, "-m", "bench.cost", "--reader", name],
            check=True, stdout=subprocess.PIPE, cwd=ROOT,
        )  # fmt: skip
        found[name] = json.loads(done.stdout)
    if args.json:
        print(json.dumps(found, indent=1))
        return 0
    print(f"{date.today()}, {platform.machine()}, one thread, {ARTICLES} articles of {WORDS} words")
    for name, one in found.items():
        print(f"\n{name} ({one['reader']})")
        for key, value in one.items():
            if isinstance(value, float):
                print(f"  {key:<28}{value:10.3f}" if value < 10 else f"  {key:<28}{value:10.0f}")
        for stage, share in one["share of stages"].items():
            print(f"    {stage:<34}{100 * share:5.1f} %")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
