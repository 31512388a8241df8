"""Where the evaluation data lies, and its digest."""

from __future__ import annotations

import hashlib
import importlib.util
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
