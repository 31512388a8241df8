"""Where the evaluation data lies, and its digest."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any, TypeVar

Counts = dict[str, tuple[int, int, int]]
"""Hits, predicted and gold of each figure."""
DRAWS = 1000
SEED = 20261121
"""Of the draws by which intervals are found (bootstrap)."""
FAST = ("--reader", "attributions")
"""The attributions of every packaged reader are the same: they are measured on the quick one."""
ROOT = Path(__file__).resolve().parent.parent


T = TypeVar("T")


def interval(items: Sequence[T], value: Callable[[Sequence[T]], float]) -> list[float]:
    """95 % of the values over items drawn again, to one decimal."""
    rng = Random(SEED)
    drawn = sorted(value([items[rng.randrange(len(items))] for _ in items]) for _ in range(DRAWS))
    return [round(drawn[int(share * DRAWS)], 1) for share in (0.025, 0.975)]


def folder() -> Path:
    """The evaluation data's folder by CAVEAT_DATA; ends the program with a sentence without it."""
    path = Path(os.environ.get("CAVEAT_DATA", ROOT.parent / "shared"))
    if not (path / "score" / "positions.py").is_file():
        raise SystemExit(f"no evaluation data in {path}: set CAVEAT_DATA to its folder")
    return path


def scorer(name: str) -> Any:
    """The scorer `attributions` or `positions` of the evaluation data, counting raw.

    Its tallies are made to give (hits, predicted, gold) instead of percentages, so that articles
    can be drawn again (bootstrap) without scoring them again. It is a copy of its own: whoever
    imports the scorer by its name gets it as it is.
    """
    path = folder() / "score"
    kept = sys.modules.get("spans")
    spans = sys.modules["spans"] = _loaded("spans", path / "spans.py")
    spans.Tally.figures = lambda self: (self.hit, self.predicted, self.gold)
    try:
        return _loaded(f"counting_{name}", path / f"{name}.py")
    finally:
        if kept is None:
            del sys.modules["spans"]
        else:
            sys.modules["spans"] = kept


def _loaded(name: str, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON lines file."""
    with path.open(encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def digest(paths: Iterable[Path]) -> str:
    """16 hex digits over the names and bytes of files, in order of name."""
    h = hashlib.sha256()
    for path in sorted(paths):
        h.update(path.name.encode() + b"\0" + path.read_bytes())
    return h.hexdigest()[:16]


def read_through_cli(
    records: Sequence[dict[str, Any]], options: Sequence[str] = ()
) -> tuple[dict[str, Any], float]:
    """What `caveat read --jsonl -` prints for the records, by id, and the seconds it took.

    `options` are more options of `caveat read`, such as which reader reads.
    """
    fed = "".join(
        json.dumps({"id": r["id"], "text": r["text"]}, ensure_ascii=False) + "\n" for r in records
    )
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "caveat", "read", "--jsonl", "-", *options],
        input=fed.encode(), capture_output=True, check=False, cwd=ROOT,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"caveat read failed: {done.stderr.decode()[-2000:]}")
    out = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return {o["id"]: o for o in out}, seconds
