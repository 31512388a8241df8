"""The two seed reports, and copies of them with other names, figures and order of paragraphs."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

# Words swapped one for one, each for another of its own sort, so that a reader that had learned
# the seeds by heart would find nothing in the copies.
SWAPS = {
    "Zelensky": "Kovalenko", "Zelenskiy": "Kovalenko", "Vladimir": "Anton", "Bashirov": "Terekhov",
    "Marat": "Oleg", "Danilin": "Sobolev", "Pavel": "Igor", "Lavrov": "Makarov", "Sergey": "Dmitry",
    "Shoigu": "Belov", "Trump": "Harding", "Donald": "Walter", "UNIAN": "Interfax-Ukraine",
    "Higher": "Moscow", "HSE": "MSE", "Paris": "Rome", "March": "April", "27": "14", "30": "22",
    "21": "19", "August": "June", "January": "February", "7": "9", "French": "Italian",
    "German": "Spanish",
}  # fmt: skip
_WORD = re.compile(rf"\b(?:{'|'.join(SWAPS)})\b")


def load(data: Path) -> list[dict[str, Any]]:
    """The seeds as gold lines: id, text, date, positions."""
    lines = (data / "seeds" / "positions.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line]


def with_other_names(gold: dict[str, Any]) -> dict[str, Any]:
    """The same report with every name and figure of SWAPS replaced."""
    cuts, out, at = [], [], 0
    for m in _WORD.finditer(gold["text"]):
        out += [gold["text"][at : m.start()], SWAPS[m[0]]]
        cuts.append((m.start(), m.end(), len(SWAPS[m[0]]) - len(m[0])))
        at = m.end()
    out.append(gold["text"][at:])

    def moved(offset: int) -> int:
        return offset + sum(shift for _, end, shift in cuts if end <= offset)

    return {**gold, "text": "".join(out), "positions": _mapped(gold["positions"], moved)}


def in_another_order(gold: dict[str, Any]) -> dict[str, Any]:
    """The same report with the paragraphs after the headline and lead turned round."""
    text = gold["text"]
    paragraphs = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text)]
    # what stands before the second-last third is the head: furniture, headline, dateline, lead
    head = next(i for i, (a, b) in enumerate(paragraphs) if b - a > 300) + 1
    order = [*paragraphs[:head], *reversed(paragraphs[head:])]
    starts, out = {}, ""
    for a, b in order:
        out += "\n\n" if out else ""
        starts[a] = len(out)
        out += text[a:b]

    def moved(offset: int) -> int:
        a = max(p for p, _ in paragraphs if p <= offset)
        return starts[a] + offset - a

    return {**gold, "text": out, "positions": _mapped(gold["positions"], moved)}


def _mapped(value: Any, moved: Any) -> Any:
    if isinstance(value, dict):
        return {k: _mapped(v, moved) for k, v in value.items()}
    if isinstance(value, list):
        if len(value) == 2 and all(type(v) is int for v in value):
            # the end is moved with the last character, for a swap may touch it
            return [moved(value[0]), moved(value[1] - 1) + 1]
        return [_mapped(v, moved) for v in value]
    return value


def scorer(data: Path) -> Any:
    """The scorer of positions, from the evaluation data."""
    folder = str(data / "score")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    import positions

    return positions
