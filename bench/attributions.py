"""Attributions on polnear/dev by outlet and by the manner of quoting.

python -m bench.attributions                           print the tables
python -m bench.attributions --card docs/model-card.md
    write them between the card's two "attributions measured" marks

Direct: all of a content stands in quotation marks; mixed: some of it; indirect: none. Recall is
over the gold attributions of a manner, precision over the predicted ones of it.
"""

from __future__ import annotations

import argparse
import platform
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bench.data import FAST, folder, read_through_cli, scorer
from bench.positions import table
from bench.quality import f1
from caveat.commit.voice import quotations

OPENS, CLOSES = "<!-- attributions measured -->", "<!-- /attributions measured -->"
MANNERS = ("direct", "mixed", "indirect")
ALL = 0.95
"""The share of a content's characters in quotation marks from which it is direct speech."""


def manner(content: Sequence[Sequence[int]], quoted: Sequence[tuple[int, int]]) -> str:
    """How a content is quoted."""
    length = sum(e - s for s, e in content)
    inside = sum(max(0, min(e, b) - max(s, a)) for s, e in content for a, b in quoted)
    return "direct" if inside >= ALL * length else "mixed" if inside else "indirect"


def tables() -> list[str]:
    """The two tables in Markdown."""
    score = scorer("attributions")
    articles = list(score.read_gold(str(folder() / "polnear" / "dev")))
    found, _ = read_through_cli([{"id": n, "text": t} for n, t, _ in articles], FAST)
    by_outlet: dict[str, list[Any]] = defaultdict(list)
    hits: Counter[tuple[str, str]] = Counter()
    for name, text, gold in articles:
        guess = [a for a in found[name]["attributions"] if score._whole(a)]
        by_outlet[name.split("_")[0]].append((name, text, gold, guess))
        _count(score, text, [a for a in gold if a["cue"] and a["content"]], guess, hits)
    outlets = []
    for outlet, some in sorted(by_outlet.items()):
        figures = score.score([(n, t, g) for n, t, g, _ in some], {n: p for n, _, _, p in some})
        outlets.append(
            (outlet, len(some), *(f"{f1(figures[k]):.1f}" for k in ("lenient", "strict")))
        )
    manners = []
    for kind in MANNERS:
        recall = 100 * hits[kind, "recalled"] / max(1, hits[kind, "gold"])
        precision = 100 * hits[kind, "right"] / max(1, hits[kind, "predicted"])
        strict = 100 * hits[kind, "recalled strictly"] / max(1, hits[kind, "gold"])
        manners.append(
            (kind, hits[kind, "gold"], f"{recall:.1f}", f"{precision:.1f}", f"{strict:.1f}")
        )
    return [
        table(("outlet", "articles", "lenient F1", "strict F1"), outlets),
        table(("manner", "in the gold", "recall", "precision", "strict recall"), manners),
    ]


def _count(score: Any, text: str, gold: Any, guess: Any, hits: Counter[tuple[str, str]]) -> None:
    quoted = quotations(text)
    for kind in MANNERS:
        mine = [a for a in gold if manner(a["content"], quoted) == kind]
        own = [a for a in guess if manner(a["content"], quoted) == kind]
        hits[kind, "gold"] += len(mine)
        hits[kind, "predicted"] += len(own)
        hits[kind, "recalled"] += score._matches(mine, guess, text, 0.5)
        hits[kind, "recalled strictly"] += score._matches(mine, guess, text, 0.9)
        hits[kind, "right"] += score._matches(gold, own, text, 0.5)


def main(given: Sequence[str] | None = None) -> int:
    """Read, count, print or write; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.attributions", description=__doc__)
    parser.add_argument("--card", type=Path, help="write the tables into this file")
    args = parser.parse_args(given)
    head = f"`python -m bench.attributions`, {date.today()}, {platform.machine()}, polnear/dev:"
    text = "\n\n".join([head, *tables()])
    if args.card is None:
        print(text)
        return 0
    card = args.card.read_text("utf-8")
    before, rest = card.split(OPENS, 1)
    _, after = rest.split(CLOSES, 1)
    args.card.write_text(f"{before}{OPENS}\n{text}\n{CLOSES}{after}", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
