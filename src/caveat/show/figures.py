"""The reader's measured figures, where the package carries them."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any


@functools.cache
def _figures() -> Mapping[str, Mapping[str, Any]]:
    """`tag/data/figures.json`: reader version → {"precision", "recall", "on"}; shares in 0..100."""
    file = resources.files("caveat") / "tag" / "data" / "figures.json"
    if not file.is_file():
        return {}
    found = json.loads(file.read_text("utf-8"))
    return found if isinstance(found, dict) else {}


def measured(reader: str) -> Mapping[str, Any] | None:
    """Measured precision and recall of one reader version; None where nobody measured it."""
    return _figures().get(reader)


def measured_words(reader: str) -> str | None:
    """ "precision 62 %, recall 68 % (193 passages)"; None where nobody measured it."""
    found = measured(reader)
    if found is None or "precision" not in found or "recall" not in found:
        return None
    on = f" ({found['on']})" if found.get("on") else ""
    return f"precision {found['precision']:.0f} %, recall {found['recall']:.0f} %{on}"
