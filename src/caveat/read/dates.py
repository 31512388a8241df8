"""Absolute dates as metadata, front matter, options and datelines write them.

A date is the day that the words name, in the writer's own time zone: "2025-08-21T23:30:00-05:00"
is 21 August, never the 22nd of some other place. Partial dates are intervals, "2025-08" is the
whole month (the habit of rigour's `dates.py`). Nothing is filled in: general parsers were tried
and left (htmldate 1.11 reads "2025-02-30" as 1 February and "2025-08" as a day of that month).
"""

from __future__ import annotations

import calendar
import re
from datetime import date

from caveat.errors import BadDate
from caveat.model import Interval

FIRST_YEAR = 1600
"""No newspaper is older (the Relation of Strasbourg, 1605); smaller years are null values such
as 0001-01-01 or slips."""
LAST_YEAR = 2199

UNKNOWN = frozenset(
    {"", "-", "?", "unknown", "none", "null", "n/a", "na", "nan", "nat", "undated", "no date"}
)
"""What sources write where they have no date; not an error."""

_MONTHS = {
    name[:3]: number
    for number, name in enumerate(
        "january february march april may june july august september october november december"
        .split(), start=1,
    )
}  # fmt: skip
# `calendar.month_name` follows the machine's locale, the articles do not.

MONTH = (
    r"(?:jan(?:uary|\.)?|feb(?:ruary|\.)?|mar(?:ch|\.)?|apr(?:il|\.)?|may|june?\.?|july?\.?|"
    r"aug(?:ust|\.)?|sept?(?:ember|\.)?|oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?)(?![^\W_])"
)
"""An English month's name or abbreviation, for `re.IGNORECASE`."""
WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|"
    r"sat(?:urday)?|sun(?:day)?)\.?"
)
DAY = r"[0-3]?[0-9](?:st|nd|rd|th)?(?!\w)"
YEAR = r"[12][0-9]{3}(?!\w)"

_WORDS = re.compile(
    rf"(?:{WEEKDAY},?\s+)?"
    rf"(?:(?P<d1>{DAY})\s+(?:of\s+)?(?P<m1>{MONTH}),?\s+(?P<y1>{YEAR})"
    rf"|(?P<m2>{MONTH})\s+(?P<d2>{DAY}),?\s+(?P<y2>{YEAR})"
    rf"|(?P<m3>{MONTH}),?\s+(?P<y3>{YEAR}))"
    r"(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_ISO = re.compile(
    r"(?P<y>[0-9]{4})(?:(?P<s>[-/.])(?P<m>[0-9]{1,2})(?:(?P=s)(?P<d>[0-9]{1,2}))?)?(?P<rest>(?![0-9]).*)",
    re.DOTALL,
)
_COMPACT = re.compile(
    r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?P<rest>(?![0-9]).*)", re.DOTALL
)
_NUMBERS = re.compile(
    r"(?P<a>[0-9]{1,2})(?P<s>[/.])(?P<b>[0-9]{1,2})(?P=s)(?P<y>[0-9]{4})(?P<rest>(?![0-9]).*)",
    re.DOTALL,
)
_TIME_OF_DAY = re.compile(
    r"(?:T|(?:,\s*|\s+)(?:at\s+|-\s+)?)[0-9]{1,2}(?:[:.h]?[0-9]{2}){0,2}(?:[.,][0-9]+)?"
    r"\s*(?:[ap]\.?\s?m\.?)?\s*(?:Z|\(?[A-Z]{2,5}\)?)?\s*(?:[+-][0-9]{2}:?[0-9]{2})?"
    r"\s*(?:\(?[A-Z]{1,5}\)?)?\s*(?:\[[\w/+-]+\])?",
    re.IGNORECASE,
)


def parse_date(words: str) -> Interval | None:
    """Read an absolute date; None where the words say that there is none.

    Forms: ISO 8601 with or without a time ("2025-08-21T10:00:00Z", "2025-08", "2025"),
    "20250821", "2025/08/21", "21 August 2025", "Aug. 21, 2025", "August 2025", RFC 2822
    ("Thu, 21 Aug 2025 10:00:00 +0300"), "21.08.2025", and "21/08/2025" where only one order of
    day and month is possible.

    Raises `BadDate` for a day that no calendar has, an ambiguous order and any other words.
    """
    text = words.strip()
    if text.casefold() in UNKNOWN:
        return None
    for read in (_from_words, _from_compact, _from_iso, _from_numbers):
        found = read(text)
        if found:
            (year, month, day), rest = found
            if rest.strip() and not _TIME_OF_DAY.fullmatch(rest.rstrip()):
                break
            return interval(year, month, day, words)
    raise BadDate(f"not a date that can be read: {_short(words)}")


def interval(year: int, month: int | None, day: int | None, words: str) -> Interval:
    """The days that a year, a month or a day spans; `BadDate` naming `words` if none does."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadDate(f"no plausible year: {_short(words)}")
    try:
        first = date(year, month or 1, day or 1)
    except ValueError as e:
        raise BadDate(f"no calendar has this day: {_short(words)}") from e
    if month is None:
        return Interval(first, date(year, 12, 31))
    if day is None:
        return Interval(first, date(year, month, calendar.monthrange(year, month)[1]))
    return Interval(first, first)


def month_number(name: str) -> int:
    """1 to 12 from a month's English name or abbreviation."""
    return _MONTHS[name[:3].casefold()]


def day_number(words: str) -> int:
    """21 from "21" or "21st"."""
    return int(words.rstrip("stndrhSTNDRH"))


_Found = tuple[tuple[int, int | None, int | None], str] | None


def _from_words(text: str) -> _Found:
    m = _WORDS.match(text)
    if not m:
        return None
    year = m["y1"] or m["y2"] or m["y3"]
    month = m["m1"] or m["m2"] or m["m3"]
    day = m["d1"] or m["d2"]
    return (int(year), month_number(month), day_number(day) if day else None), m["rest"]


def _from_iso(text: str) -> _Found:
    m = _ISO.match(text)
    if not m:
        return None
    month, day = m["m"], m["d"]
    return (int(m["y"]), int(month) if month else None, int(day) if day else None), m["rest"]


def _from_compact(text: str) -> _Found:
    m = _COMPACT.match(text)
    return ((int(m["y"]), int(m["m"]), int(m["d"])), m["rest"]) if m else None


def _from_numbers(text: str) -> _Found:
    m = _NUMBERS.match(text)
    if not m:
        return None
    first, second = int(m["a"]), int(m["b"])
    if m["s"] == "." or first > 12 or first == second:  # dots are written day first everywhere
        day, month = first, second
    elif second > 12:
        day, month = second, first
    else:
        raise BadDate(f"day and month could be either way round: {_short(text)}")
    return (int(m["y"]), month, day), m["rest"]


def _short(words: str) -> str:
    return repr(words if len(words) <= 60 else words[:57] + "...")
