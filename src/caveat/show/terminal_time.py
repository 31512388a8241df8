"""Timelines on a terminal: the bounds as bars down the days, and who moved between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from caveat.ask import Point, Timeline
from caveat.model import Actor
from caveat.show.terminal import words
from caveat.show.words import TIER_WORDS, bounds_words, name_of, plural

WIDEST = 30
"""Characters of the longest bar."""


def show_timeline(console: Console, found: Timeline, actors: Mapping[str, Actor]) -> None:
    """The bounds on each day on which they or a party's tier moved."""
    if not found.points:
        console.print("nothing was said on this")
        return
    scale = max(1, *(p.upper for p in found.points))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("day", no_wrap=True)
    table.add_column("bounds", no_wrap=True)
    table.add_column("", no_wrap=True, min_width=min(WIDEST, scale))
    table.add_column("what moved", overflow="fold")
    shown = 0
    for before, point in zip([None, *found.points], found.points, strict=False):
        moved = "; ".join(moves_words(before, point, actors))
        if before is not None and not moved and _bounds(before) == _bounds(point):
            continue
        shown += 1
        table.add_row(
            point.day.isoformat(), bounds_words(point.lower, point.upper), _bar(point, scale),
            words(moved),
        )  # fmt: skip
    console.print(table)
    told = "█ lower bound  ░ to the upper bound"
    if len(found.points) < found.days:
        told += f"; {len(found.points)} of the {plural(found.days, 'day')} on which words came"
    console.print(told, style="dim")


def _bounds(p: Point) -> tuple[int, int]:
    return p.lower, p.upper


def _bar(p: Point, scale: int) -> Text:
    width = min(WIDEST, scale)
    low, high = (round(n * width / scale) for n in (p.lower, p.upper))
    return Text("█" * low, style="blue").append("░" * (high - low), style="cyan")


def moves_words(before: Point | None, point: Point, actors: Mapping[str, Actor]) -> Iterator[str]:
    """ "Norway: refused → conditional", a party each, by name."""
    known = before.tiers if before else {}
    parties = sorted({*known, *point.tiers}, key=lambda a: name_of(a, actors))
    for party in parties:
        was, now = known.get(party), point.tiers.get(party)
        if was != now:
            came = TIER_WORDS[now] if now else "nothing said"
            left = f"{TIER_WORDS[was]} → " if was else ""
            yield f"{name_of(party, actors)}: {left}{came}"
