"""Positions in detail: by stance, kind, relation and outlet, confusion, errors, reliability.

python -m bench.positions                          print the tables
python -m bench.positions --reader NAME            of another reader
python -m bench.positions --card docs/model-card.md
    write them between the card's two "measured" marks, and the reliability plot beside it
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bench import errors
from bench.data import folder, lines, read_through_cli
from caveat.model import RELATIONS, STANCES
from caveat.tag import DEFAULT_READER, load_reader

SETS = {
    "dev": "gold/positions-dev.jsonl",
    "dev recent": "gold/positions-dev-recent.jsonl",
}
OPENS, CLOSES = "<!-- measured -->", "<!-- /measured -->"


def main(given: Sequence[str] | None = None) -> int:
    """Read, count, print or write; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.positions", description=__doc__)
    parser.add_argument("--reader", default=DEFAULT_READER, help="a packaged reader")
    parser.add_argument("--card", type=Path, help="write the tables into this file")
    args = parser.parse_args(given)
    rows: list[dict[str, Any]] = []
    predictions: dict[str, list[dict[str, Any]]] = {}
    parts = []
    for name, path in SETS.items():
        mine = lines(folder() / path)
        read, _ = read_through_cli(mine, ["--reader", args.reader])
        found = {i: o["positions"] for i, o in read.items()}
        parts.append(_turned(name, mine, found))
        rows += mine
        predictions |= found
    version = load_reader(args.reader).version
    head = (
        f"`python -m bench.positions`, {date.today()}, {platform.machine()}, reader `{version}`: "
        f"both dev files together, {len(rows)} passages, "
        f"{sum(len(r['positions']) for r in rows)} positions."
    )
    pairs = errors.judged(rows, predictions)
    text = "\n\n".join(
        [
            head,
            *_tables(errors.breakdown(rows, predictions)),
            "### Errors that turn an answer round",
            *parts,
            "### Confidence",
            _sure(pairs),
            "### The surest errors",
            _worst(errors.worst(rows, predictions)),
        ]
    )
    if args.card is None:
        print(text)
        return 0
    plot = args.card.with_name("reliability.svg")
    card = args.card.read_text("utf-8")
    before, rest = card.split(OPENS, 1)
    _, after = rest.split(CLOSES, 1)
    plot.write_text(reliability_svg(errors.reliability(pairs)), "utf-8")
    args.card.write_text(f"{before}{OPENS}\n{text}\n{CLOSES}{after}", "utf-8")
    return 0


def table(head: Sequence[str], body: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    rows = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join(rows + [f"| {' | '.join(map(str, r))} |" for r in body])


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}" if whole else "–"


def _tables(found: dict[str, Any]) -> list[str]:
    out = []
    for name in ("stance", "kind", "outlet"):
        body = [
            (value, c["gold"], _share(c.get("found", 0), c["gold"]),
             *(_share(c.get(k, 0), c.get("found", 0)) for k in ("stance", "right", "kind")))
            for value, c in sorted(found[name].items(), key=lambda v: -v[1]["gold"])
        ]  # fmt: skip
        head = (name, "in the gold", "found %", "stance right %", "and holders %", "kind right %")
        out += [f"### By {name}, of those found", table(head, body)]
    body = [
        (r, c["gold"], _share(c.get("found", 0), c["gold"]), _share(c.get("span", 0), c["gold"]),
         _share(c.get("right", 0), c["gold"]))
        for r in RELATIONS
        if (c := found["relation"].get(r))
    ]  # fmt: skip
    head = ("relation", "in the gold", "its position found %", "its words found %", "and right %")
    out += ["### Conditions by relation", table(head, body)]
    columns = (*STANCES, "not found")
    body = [
        (a, *(found["confusion"].get((a, b), "·") for b in columns))
        for a in (*STANCES, "no position")
    ]
    out += ["### Stances: gold (rows) against read (columns)", table(("", *columns), body)]
    return out


def _turned(name: str, rows: Sequence[Any], predictions: Any) -> str:
    found = errors.breakdown(rows, predictions)
    count = sum(map(len, found["turned"].values()))
    ways = "; ".join(
        f"{way} {len(ids)} ({', '.join(dict.fromkeys(ids))})"
        for way, ids in sorted(found["turned"].items())
    )
    share = 100 * count / max(1, found["found"])
    return f"**{name}**: {count} of {found['found']} found, {share:.1f} %. {ways}."


def _sure(pairs: list[tuple[float, bool]]) -> str:
    bound, share = errors.sure_share(pairs)
    good, sure, printed = errors.above(pairs, bound)
    low = [ok for p, ok in pairs if p < 0.5]
    return (
        "![reliability](reliability.svg)\n\n"
        f"Stance and holders are right in {100 * sum(ok for _, ok in pairs) / printed:.0f} % of "
        f"the {printed} positions printed. At a confidence of {bound:.2f} or more stand "
        f"{sure} of them ({100 * share:.0f} %), of which {_share(good, sure)} % are right. "
        f"Below 0.50 a position is `low-confidence`: {len(low)} of them, "
        f"{_share(sum(low), len(low))} % right."
    )


def _worst(found: list[tuple[str, str]]) -> str:
    classes: dict[str, list[str]] = {}
    for kind, name in found:
        classes.setdefault(kind, []).append(name)
    body = [(k, len(v), ", ".join(v)) for k, v in sorted(classes.items(), key=lambda c: -len(c[1]))]
    return "The twenty wrong positions that the reader was surest of:\n\n" + table(
        ("class", "count", "passages"), body
    )


def reliability_svg(bins: Sequence[tuple[float, float, int]]) -> str:
    """The reliability plot: confidence across, share right upwards, areas by count."""
    size, edge = 320, 40
    most = max((n for _, _, n in bins), default=1)

    def at(x: float, y: float) -> tuple[float, float]:
        return edge + x * size, edge / 2 + (1 - y) * size

    dots = "".join(
        f'<circle cx="{at(p, ok)[0]:.1f}" cy="{at(p, ok)[1]:.1f}" '
        f'r="{3 + 9 * (n / most) ** 0.5:.1f}"><title>confidence {p:.2f}: {ok:.2f} right of {n}'
        "</title></circle>"
        for p, ok, n in bins
    )
    ticks = "".join(
        f'<text x="{at(v, 0)[0]:.0f}" y="{at(0, 0)[1] + 16:.0f}" text-anchor="middle">'
        f"{v:.1f}</text>"
        f'<text x="{edge - 6}" y="{at(0, v)[1] + 4:.0f}" text-anchor="end">{v:.1f}</text>'
        for v in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    )
    (x0, y0), (x1, y1) = at(0, 0), at(1, 1)
    width, height = size + 2 * edge, size + 2 * edge
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="sans-serif" font-size="11">'
        "<title>Reliability: share of positions right by confidence</title>"
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
        f'<rect x="{x0}" y="{y1}" width="{size}" height="{size}" fill="none" stroke="#999"/>'
        f'<line x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}" stroke="#999" stroke-dasharray="4 4"/>'
        f'<g fill="#1f5fa8" fill-opacity="0.75">{dots}</g><g fill="#222">{ticks}'
        f'<text x="{(x0 + x1) / 2}" y="{height - 12}" text-anchor="middle">confidence</text>'
        f'<text transform="translate(11 {(y0 + y1) / 2}) rotate(-90)" text-anchor="middle">'
        "share right (stance and all holders)</text></g></svg>\n"
    )


if __name__ == "__main__":
    raise SystemExit(main())
