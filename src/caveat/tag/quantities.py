"""Amounts as whole quantities: a number is never cut, nor its scale or currency left outside."""

from __future__ import annotations

import re

from caveat.model import Span

_REACH = 40
"""Characters on either side within which the rest of a quantity is looked for."""
_CURRENCY = r"(?:[A-Z]{3}|US\$|[$€£¥]|(?:[A-Z]{1,2})\$)"
_LEFT = re.compile(rf"(?:(?<!\w){_CURRENCY}\s?)?(?:\d[\d.,\u00a0]*(?:\s(?=\d{{3}}\b))?)?\Z")
"""What stands before a span that begins inside a quantity: a currency, digits."""
_INSIDE = re.compile(r"\s*(?:\d|thousand\b|million\b|billion\b|trillion\b|bn\b|mln\b|[$€£¥])", re.I)
_RIGHT = re.compile(
    r"[\d.,]*\d?(?:\s?(?:thousand|million|billion|trillion|bn|mln|m)\b)?"
    r"(?:\s?(?:[A-Z]{3}\b|[$€£¥]|(?:US |Canadian |Australian )?(?:dollars?|euros?|pounds?)\b))?"
)
_ENDS_IN_NUMBER = re.compile(r"(?:\d|thousand|million|billion|trillion|bn|mln)\Z", re.IGNORECASE)


def whole(text: str, span: Span) -> Span:
    """The span with what belongs to its first and last number."""
    start, end = span
    if _INSIDE.match(text, start, end):
        before = text[max(0, start - _REACH) : start]
        gap = len(before) - len(before.rstrip(" \u00a0"))
        m = _LEFT.search(before[: len(before) - gap])
        if gap <= 1 and m and m[0]:
            start -= gap + len(m[0])
    if _ENDS_IN_NUMBER.search(text[start:end]):
        m = _RIGHT.match(text, end, min(len(text), end + _REACH))
        if m and m[0].strip(" .,"):
            end += len(m[0].rstrip(" .,"))
    return start, end
