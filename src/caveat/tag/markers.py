"""The words that introduce a condition, as a check on the relation that the reader gives it.

A learned relation that its marker rules out ("unless" read as `if`) gives way to the likeliest
one that the marker allows; a marker inside the span is cut off; "even if" makes no condition.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import NamedTuple

from caveat.model import RELATIONS, Relation, Span

_REACH = 60
"""Characters before a condition in which its marker ends."""
_BETWEEN = r"(?:\W+\w+){0,2}"
"""Two words may stand between a marker and the span that was read."""
_NO_LIMIT = re.compile(
    r"\W*(?:(?:it|that)\s+(?:takes|is needed|is necessary)|necessary|needed|possible|required)\b",
    re.IGNORECASE,
)
"""What makes "as long as" a time without limit, no condition."""


class Marker(NamedTuple):
    """The relations that a marker allows, on any stance but a refusal and on a refusal.

    An empty tuple: no condition. None: the marker decides nothing.
    """

    willing: tuple[Relation, ...] | None
    refused: tuple[Relation, ...] | None


def rows() -> list[tuple[str, ...]]:
    """The rows of `data/markers.tsv` in order."""
    text = (resources.files("caveat.tag") / "data" / "markers.tsv").read_text("utf-8")
    return [tuple(r.split("\t")) for r in text.splitlines() if r and not r.startswith("#")]


def _relations(cell: str) -> tuple[Relation, ...] | None:
    if cell == "*":
        return None
    return tuple(r for r in RELATIONS if r in cell.split(","))


@cache
def _table() -> dict[str, Marker]:
    return {m: Marker(_relations(a), _relations(b)) for m, a, b in rows()}


@cache
def _pattern() -> re.Pattern[str]:
    longest = sorted(_table(), key=len, reverse=True)
    either = "|".join(r"\s+".join(m.split()) for m in longest)
    return re.compile(rf"\b({either})\b", re.IGNORECASE)


@cache
def _before() -> re.Pattern[str]:
    return re.compile(_pattern().pattern + rf"{_BETWEEN}[^\w.;:!?]*\Z", re.IGNORECASE)


def checked(
    text: str, span: Span, refused: bool, likeliest: list[Relation]
) -> tuple[Span, Relation] | None:
    """The condition's span without its marker, and its relation; None where it is no condition.

    `likeliest` are all relations by the reader's own score, best first.
    """
    start, end = span
    inside = _pattern().match(text, start, end)
    if inside:
        words = inside[1]
        rest = text[inside.end() : end]
        start = inside.end() + len(rest) - len(rest.lstrip())
        if start >= end:
            return None
    else:
        before = _last_before(text, start)
        if before is None:
            return span, likeliest[0]
        words = before
    marker = re.sub(r"\s+", " ", words.lower())
    if marker in ("as long as", "so long as") and _NO_LIMIT.match(text, start, end):
        return None
    allowed = _table()[marker].refused if refused else _table()[marker].willing
    if allowed is None:
        return (start, end), likeliest[0]
    relation = next((r for r in likeliest if r in allowed), None)
    return None if relation is None else ((start, end), relation)


def _last_before(text: str, start: int) -> str | None:
    """The marker that stands before a span, nearest and then longest."""
    low = max(0, start - _REACH)
    found = None
    for m in _pattern().finditer(text, low, start):
        if _before().match(text, m.start(), start):
            found = m[1]
    return found
