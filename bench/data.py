"""Where the evaluation data lies, and its digest."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def folder() -> Path:
    """The evaluation data's folder by CAVEAT_DATA; ends the program with a sentence without it."""
    path = Path(os.environ.get("CAVEAT_DATA", ROOT.parent / "shared"))
    if not (path / "score" / "positions.py").is_file():
        raise SystemExit(f"no evaluation data in {path}: set CAVEAT_DATA to its folder")
    return path


def scorer(name: str) -> Any:
    """The scorer `attributions` or `positions` of the evaluation data, counting raw.

    Its tallies are made to give (hits, predicted, gold) instead of percentages, so that articles
    can be drawn again (bootstrap) without scoring them again.
    """
    path = str(folder() / "score")
    if path not in sys.path:
        sys.path.insert(0, path)
    spans = importlib.import_module("spans")
    spans.Tally.figures = lambda self: (self.hit, self.predicted, self.gold)
    return importlib.import_module(name)


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
