"""Times as intervals, resolved against the day of publication by dateparser.

A year that neither the words nor the day of publication give is not assumed: the interval is
then open on both ends (after the habit of rigour's vague dates, "by 2026" is a range).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from dateparser.date import DateDataParser

from caveat.model import Interval, Span

Tense = Literal["past", "future"]

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan\.?|Feb\.?|Mar\.?|Apr\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
)
_WEEKDAY = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_ORDINAL = r"\d{1,2}(?:st|nd|rd|th)?"
DATE = re.compile(
    rf"\b(?:{_MONTH}\s+{_ORDINAL}(?:,?\s+(?:19|20)\d\d)?"
    rf"|{_ORDINAL}\s+(?:of\s+)?{_MONTH}(?:,?\s+(?:19|20)\d\d)?"
    rf"|\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|(?:early\s+|late\s+|mid-)?{_MONTH}(?:\s+of)?,?\s+(?:19|20)\d\d"
    rf"|(?:last|this|next)\s+(?:week|month|year|{_WEEKDAY}|{_MONTH}|spring|summer|autumn|fall|"
    rf"winter)"
    rf"|(?:last\s+|next\s+)?{_WEEKDAY}"
    rf"|yesterday|today|tomorrow|tonight|last\s+night|a\s+day\s+(?:earlier|before|ago)"
    rf"|the\s+(?:previous\s+day|day\s+before)"
    rf"|(?:a|an|one|two|three|four|five|six|\d+)\s+(?:days?|weeks?|months?|years?)\s+ago"
    rf"|(?:in|of|since|by|until|from)\s+{_MONTH}(?!\s*\d)(?=\W|$)"
    rf"|(?:in|by|since|until|of)\s+(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"^(?:on|in|by|at|of|since|until|till|from|before|after|during|within|as\s+of|the|late|early|"
    r"no\s+later\s+than|as\s+early\s+as|as\s+soon\s+as|mid-?)\s+",
    re.IGNORECASE,
)
_END_OF = re.compile(r"\b(?:the\s+)?end\s+of\s+", re.IGNORECASE)
_SEASON = {
    "spring": (3, 5),
    "summer": (6, 8),
    "autumn": (9, 11),
    "fall": (9, 11),
    "winter": (12, 2),
}
_DAY_BEFORE = re.compile(r"^(?:a day (?:earlier|before|ago)|the (?:previous day|day before))$")
_HAS_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def dates_in(text: str, span: Span) -> Iterator[Span]:
    """Where dates and relative days stand in a stretch of the text."""
    for m in DATE.finditer(text, *span):
        yield m.span()


def interval(words: str, published: Interval | None, tense: Tense) -> Interval | None:
    """The days that an expression of time covers, None where it fixes none.

    `tense` tells on which side of the publication a bare "March" or "Tuesday" lies. Words that say
    "by" or "until" give an interval open at its start, "since" and "from" one open at its end.
    """
    base = published.end if published else None
    head = words.strip().lower()
    bare = head
    while (m := _PREPOSITION.match(bare)) is not None:
        bare = bare[m.end() :]
    bare, at_end = _END_OF.subn("", bare)
    found = _season(bare, base, tense) or _parsed(bare.strip(" ,.;"), base, tense)
    if found is None:
        return None
    if at_end:
        found = Interval(found.end, found.end)
    if re.match(r"(?:by|until|till|before|no later than|within)\b", head):
        return Interval(None, found.end)
    if re.match(r"(?:since|from|after|as of)\b", head):
        return Interval(found.start, None)
    return found


def _season(bare: str, base: date | None, tense: Tense) -> Interval | None:
    m = re.fullmatch(r"(?:(last|this|next) )?(\w+)(?: (?:of )?(\d{4}))?", bare)
    if not m or m[2] not in _SEASON:
        return None
    if m[3]:
        year = int(m[3])
    elif base is None:
        return None
    else:
        first, last = _SEASON[m[2]]
        year = base.year
        if tense == "past" and first > base.month:
            year -= 1
        if tense == "future" and last < base.month and first < base.month:
            year += 1
    first, last = _SEASON[m[2]]
    return Interval(date(year, first, 1), _month_end(year + (last < first), last))


def _parsed(bare: str, base: date | None, tense: Tense) -> Interval | None:
    if base is None and not _HAS_YEAR.search(bare) and not re.match(r"\d{4}-\d\d-\d\d", bare):
        return None
    bare = re.sub(r"^(?:the )?(year|month|week)$", r"this \1", bare)
    bare = _DAY_BEFORE.sub("1 day ago", bare)
    bare = re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", bare)
    this = re.fullmatch(rf"(last|this|next) ({_MONTH}|{_WEEKDAY})", bare, re.IGNORECASE)
    if this:
        bare, tense = this[2], {"last": "past", "next": "future"}.get(this[1], tense)  # type: ignore[assignment]  # the dict's values are the two tenses
    day = base or date(2000, 1, 1)  # only for words that carry their own year
    if tense == "past" and bare == f"{day:%A}".lower():
        return Interval(day, day)  # a paper that says "Thursday" on a Thursday means that day
    found = _data(bare, day, tense)
    if found is None:
        return None
    moment, period = found
    if re.fullmatch(r"(?:19|20)\d\d", bare):
        period = "year"
    return _period(moment, period)


@lru_cache(maxsize=4096)
def _data(bare: str, base: date, tense: Tense) -> tuple[date, str] | None:
    data = _parser(base, tense).get_date_data(bare)
    return (data.date_obj.date(), data.period or "day") if data.date_obj else None


@lru_cache(maxsize=64)
def _parser(base: date, tense: Tense) -> DateDataParser:
    settings: dict[str, Any] = {
        "RELATIVE_BASE": datetime(base.year, base.month, base.day),
        "PREFER_DATES_FROM": tense,
        "DATE_ORDER": "DMY",
    }
    return DateDataParser(languages=["en"], settings=settings)


def _period(day: date, period: str) -> Interval:
    if period == "year":
        return Interval(date(day.year, 1, 1), date(day.year, 12, 31))
    if period == "month":
        return Interval(day.replace(day=1), _month_end(day.year, day.month))
    if period == "week":
        monday = day - timedelta(days=day.weekday())
        return Interval(monday, monday + timedelta(days=6))
    return Interval(day, day)


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
