"""Amounts on a tracker's package descriptions: is the stated sum read, and what else is.

python -m bench.amounts            the two figures
python -m bench.amounts --json     with what was missed, by id

*stated*: the share of descriptions whose stated value and currency are the amount of some
position. *own*: of the money amounts printed for the first thirty descriptions by id, the share
that are amounts of the package itself, by the offsets in `kiel-own.jsonl`, marked by reading.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from babel import Locale

from bench.data import Counts, folder, lines, read_through_cli

OWN = Path(__file__).with_name("kiel-own.jsonl")
FIGURES = ("stated", "own")


def money(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The money amounts of all positions of an article, each span once."""
    currencies = Locale("en").currencies
    amounts = {
        tuple(a["span"]): a
        for p in found["positions"]
        for a in p["amount"]
        if a["unit"] in currencies
    }
    return list(amounts.values())


def states(found: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Whether the stated value with its currency is the amount of some position."""
    return any(
        a["unit"] == row["currency"]
        and any(v is not None and abs(v - row["value"]) <= 1e-6 * row["value"]
                for v in (a["value"], a["max"]))
        for a in money(found)
    )  # fmt: skip


def amounts(gold: Path) -> list[Counts]:
    """Raw counts of each description."""
    rows = lines(gold)
    own = {m["id"]: m["own"] for m in lines(OWN)}
    found, _ = read_through_cli(rows)
    out = []
    for row in rows:
        seen = found[row["id"]]
        asked = row.get("currency") and row.get("value")
        stated = int(bool(asked) and states(seen, row))
        counts = {"stated": (stated, int(bool(asked)), int(bool(asked))), "own": (0, 0, 0)}
        if row["id"] in own:
            spans = [tuple(a["span"]) for a in money(seen)]
            good = sum(any(_touch(s, o) for o in own[row["id"]]) for s in spans)
            counts["own"] = (good, len(spans), len(spans))
        out.append(counts)
    return out


def _touch(a: Sequence[int], b: Sequence[int]) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _share(cells: Iterable[tuple[int, int, int]]) -> tuple[int, int]:
    cells = list(cells)
    return sum(c[0] for c in cells), sum(c[1] for c in cells)


def main() -> int:
    """Print the figures; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.amounts", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, with the ids missed")
    args = parser.parse_args()
    gold = folder() / "gold" / "kiel-dev.jsonl"
    counts = amounts(gold)
    figures = {name: _share(c[name] for c in counts) for name in FIGURES}
    missed = [
        row["id"]
        for row, c in zip(lines(gold), counts, strict=True)
        if c["stated"][1] and not c["stated"][0]
    ]
    if args.json:
        print(json.dumps({"figures": figures, "missed": missed}))
        return 0
    for name, (good, of) in figures.items():
        print(f"{name:>8} {good} of {of}, {100 * good / max(1, of):.1f} %")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
