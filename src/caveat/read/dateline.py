"""Datelines ("MOSCOW, August 21. /TASS/."), lines of date and time, and bylines.

A dateline needs evidence beside a capitalised word: a date, an agency, or capitals before a dash.
"Poland — which refused —" and "The European Union (EU) said" have none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from caveat.errors import BadDate
from caveat.model import Span
from caveat.read.dates import DAY, MONTH, WEEKDAY, YEAR, day_number, month_number, parse_date
from caveat.read.lexicons import agency, not_cities

LONGEST = 160
"""Characters of a line in which a dateline must end."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day as a line gives it; `year` is None where the line gives none."""

    year: int | None
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Dateline:
    """What a dateline or a line of date and time says, in offsets of the text it was found in."""

    span: Span
    day: Day | None = None
    agencies: tuple[Span, ...] = ()


_WORD = r"[^\W\d_a-z][\w'’.-]*"
_LINK = r"(?:de|del|di|da|do|la|las|los|of|the|al|el|du|upon|am|an|on|sur|and|i|y|e)"
_NO_DATE = rf"(?!(?i:{MONTH}[ \t]+[0-9]|{WEEKDAY}[,\s]))"
_NAME = rf"{_WORD}(?:[ \t/–-]{{1,2}}{_NO_DATE}(?:{_LINK}[ \t])?{_WORD}){{0,4}}"
_DATE = (
    rf"(?:{WEEKDAY},?[ \t]+)?"
    rf"(?:(?P<m1>{MONTH})[ \t]+(?P<d1>{DAY})|(?P<d2>{DAY})[ \t]+(?:of[ \t]+)?(?P<m2>{MONTH}))"
    rf"(?:,?[ \t]+(?P<y>{YEAR}))?"
)
_DATELINE = re.compile(
    rf"(?P<place>(?-i:{_NO_DATE}{_NAME}(?:,[ \t]+{_NO_DATE}{_NAME}){{0,2}}))?"
    rf"(?P<before>[,.]?[ \t]*)"
    rf"(?:{_DATE}(?P<after>[,.]?[ \t]*))?"
    r"(?:\((?P<round>[^()\n]{2,60})\)|\[(?P<square>[^\[\]\n]{2,60})\]|/(?P<slash>[^/\n]{2,40})/)?"
    r"(?P<end>[ \t]*(?:[.:,]?[ \t]*(?:—|–|--|-)(?=\s|[^\W\d_]|[\"“‘']|$)|[.:](?=\s|$)|$|(?=\s)))",
    re.IGNORECASE,
)
_CLOCK = r"[0-2]?[0-9][:.h][0-5][0-9](?:[:.][0-5][0-9])?(?:[ \t]*[ap]\.?m\.?)?"
_STAMP = re.compile(
    rf"(?:(?:first[ \t]+)?(?:published|posted|released|date)(?:[ \t]+(?:on|at))?:?[ \t]*)?"
    rf"(?:{_CLOCK},?[ \t]+)?(?:{_DATE}|(?P<digits>[0-9]{{1,4}}[-./][0-9]{{1,2}}[-./][0-9]{{1,4}}))"
    rf"(?:[,.]?[ \t]*(?:at[ \t]+|[-–—|/·•][ \t]*)?{_CLOCK})?"
    r"(?:[ \t]*\(?(?-i:[A-Z]{2,5})(?:[+-][0-9:]{1,5})?\)?)?[.,]?"
    r"(?:[ \t]*[-–—|/·•][ \t]*(?:last[ \t]+)?(?:updated|modified)\b.{0,60})?",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"by[ \t]+(?P<names>[^.!?;:\n]{2,100})", re.IGNORECASE)
_BYLINE_SMALL = frozenset(
    "and in for of at the de la van von al el bin staff with agencies".split()
)


def find_dateline(text: str, start: int, end: int) -> Dateline | None:
    """The dateline that text[start:end] begins with, if it begins with one."""
    line = text[start : min(end, start + LONGEST)]
    m = _DATELINE.match(line)
    if not m or not _is_dateline(m, len(line)):
        return None
    agencies = tuple((start + s, start + e) for s, e in _agencies(m))
    stop = start + len(line[: m.end()].rstrip())
    return Dateline((start, stop), _day(m), agencies)


def find_stamp(line: str) -> Day | None:
    """The day of a line that holds a date (and a time) and nothing else."""
    m = _STAMP.fullmatch(line) if len(line) <= LONGEST else None
    if m and m["digits"]:
        try:
            given = parse_date(m["digits"])
        except BadDate:
            return None
        first = given.start if given and given.is_day else None
        return Day(first.year, first.month, first.day) if first else None
    return _day(m) if m else None


def byline_agencies(line: str, start: int) -> tuple[Span, ...] | None:
    """Agencies of a byline ("By AFP", "Reuters staff"), () where it names people; else None."""
    if len(line) > 110 or line.endswith((".", "!", "?")):
        return None
    whole = line.strip(" \t()[]—–-/|")
    whole = re.sub(r"(?i)^(?:source|by|from|with)\b:?[ \t]*|[ \t]+staff$", "", whole)
    if agency(True).fullmatch(whole):
        at = start + line.index(whole)
        return ((at, at + len(whole)),)
    m = _BYLINE.fullmatch(line)
    if not m or not line[:1].isupper():
        return None
    words = re.findall(r"[^\W\d_][\w'’.-]*", m["names"])
    if len(words) > 14 or not all(w[0].isupper() or w in _BYLINE_SMALL for w in words):
        return None
    return tuple(
        (start + a.start(), start + a.end()) for a in agency(True).finditer(line, m.start("names"))
    )


def _is_dateline(m: re.Match[str], length: int) -> bool:
    place, dated = m["place"], bool(m["m1"] or m["m2"])
    city = bool(place) and _in_capitals(place)
    mark = bool(re.search(r"[—–:-]", m["end"])) or m.end() == length
    stop = mark or "." in m["end"] or "." in (m["after"] or "")
    if _brackets(m):
        if not _agencies(m, guess=False):
            return city and stop and m[_brackets(m)].isupper()
        return stop or city or (not (place or dated) and _only_agencies(m[_brackets(m)]))
    if dated:
        return mark or (stop and (city or not place))  # "August 21. The minister"
    spaced = re.search(r"\s[—–-]", m["before"] + m["end"])
    return city and bool(spaced) and _first(place) not in not_cities()


def _in_capitals(place: str) -> bool:
    return _first(place).isupper() and sum(map(str.isalpha, _first(place))) >= 4


def _first(place: str) -> str:
    return place.partition(",")[0].strip()


def _brackets(m: re.Match[str]) -> str:
    """The name of the group of the brackets that matched, "" without any."""
    return next((group for group in ("round", "square", "slash") if m[group]), "")


def _agencies(m: re.Match[str], guess: bool = True) -> list[Span]:
    """Agencies in the brackets, or without any in the place ("TASS, August 21.")."""
    group = _brackets(m) or ("place" if m["place"] else "")
    if not group:
        return []
    in_brackets = group != "place"
    known = [a.span() for a in agency(in_brackets).finditer(m.string, *m.span(group))]
    return known or ([m.span(group)] if guess and in_brackets else [])


def _only_agencies(words: str) -> bool:
    """Whether brackets that open a text hold a credit ("(AFP)") rather than "(AP Photo, file)"."""
    return not re.search(r"[a-z]", agency(True).sub("", words).replace(" and ", " "))


def _day(m: re.Match[str]) -> Day | None:
    month, day = m["m1"] or m["m2"], m["d1"] or m["d2"]
    if not month:
        return None
    return Day(int(m["y"]) if m["y"] else None, month_number(month), day_number(day))
