"""Tells headline, dateline, furniture and body of a text apart, without changing a character.

Careful on purpose: what is not surely headline or furniture is body, because nothing is read
out of furniture and headlines are read with a caveat. A text without line breaks is all body, its
dateline aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice, pairwise

from caveat.model import Part, PartKind, Span
from caveat.read.dateline import Day, byline_agencies, find_dateline, find_stamp
from caveat.read.lexicons import furniture

HEADER_LINES = 15
"""Lines with words, from the top, in which the body must begin."""
PARAGRAPHS_LOOKED_AT = 50
LONGEST_TITLE = 500
LONGEST_HEADLINE = 200
LONGEST_SUBHEADLINE = 350
LONGEST_FURNITURE = 200
LONGEST_LABEL = 60

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_ENDS_SENTENCE = re.compile(r"[.;:,…][\"'”’)\]]*\Z")
_ABBREVIATION_AT_END = re.compile(r"\b(?:[A-Z]\.){2,}\Z")
_TWO_SENTENCES = re.compile(r"[^\W\d_]{4}\.[\"”’)]*\s+[\"“‘(]?[^\W\d_]")
_FULL = re.compile(r"[.!?…][\"'”’)\]]*\Z")
_WRAPPING = " \t\u00a0:.…»›>«‹<|*•·-–—_[]()→►▶✓"
_CRUMBS = re.compile(r"[^.!?]{2,}\s[>›»|/]\s[^.!?]{2,}")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})


@dataclass(frozen=True, slots=True)
class Layout:
    """Parts in the order of the text, agencies of dateline and byline, the day of the dateline."""

    parts: tuple[Part, ...]
    carried_by: tuple[Span, ...]
    day: Day | None

    @property
    def headline(self) -> Span | None:
        """The first headline part's span."""
        return next((p.span for p in self.parts if p.kind == "headline"), None)


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    words: str
    alone: bool
    """Whether an empty line, or the end of the text, follows."""


@dataclass(slots=True)
class _Reading:
    """What has been told apart so far; `at` is the first line not yet decided."""

    lines: list[_Line]
    title: str
    parts: list[Part] = field(default_factory=list)
    agencies: list[Span] = field(default_factory=list)
    day: Day | None = None
    at: int = 0
    headline: bool = False

    def put(self, kind: PartKind, span: Span) -> None:
        self.parts.append(Part(kind, span))

    def see_day(self, day: Day | None) -> None:
        if day and (self.day is None or (self.day.year is None and day.year is not None)):
            self.day = day


def lay_out(text: str, title: str | None = None) -> Layout:
    """Tell the parts of a text apart; `title` is what other data say its title is.

    Parts cover the text but for blanks; adjoining body lines are one part.
    """
    every = _lines(text)
    top = list(islice(every, HEADER_LINES + PARAGRAPHS_LOOKED_AT))
    known = title if title and len(title) <= LONGEST_TITLE else ""
    reading = _Reading(top, _plain(known))
    body_from = _header(text, reading)
    _body(chain(top[reading.at :], every), reading, body_from)
    return Layout(tuple(reading.parts), tuple(reading.agencies), reading.day)


def _lines(text: str) -> Iterator[_Line]:
    """Lines that hold more than blanks, trimmed; one by one, as hostile texts have millions."""
    found = (m for m in _LINE.finditer(text) if not m[0].isspace())
    for m, following in pairwise(chain(found, [None])):
        if m is None:  # never: only the last is
            return
        gap = text[m.end() : following.start()] if following else ""
        start = m.end() - len(m[0].lstrip())
        end = m.start() + len(m[0].rstrip())
        yield _Line(start, end, text[start:end], not following or len(_BREAK.findall(gap)) > 1)


# ------------------------------------------------------------------ header


def _header(text: str, r: _Reading) -> int | None:
    """Decide the lines before the body; return where in the line `r.at` the body begins."""
    title_at = _title_line(r)
    while r.at < min(len(r.lines), HEADER_LINES):
        line = r.lines[r.at]
        if r.at == title_at:
            if (rest := _after_title(text, line, r)) is not None:
                return rest
        elif _take_dateline(text, line.start, line, r):
            return r.parts[-1].span[1]
        elif not (_take_furniture(line, r, title_at) or _take_headline(line, r)):
            break
        r.at += 1
    return r.lines[r.at].start if r.at < len(r.lines) else None


def _title_line(r: _Reading) -> int | None:
    """The index of the header line that is the given title, or begins with it."""
    if not r.title:
        return None
    for i, line in enumerate(r.lines[:HEADER_LINES]):
        words = _plain(line.words[: 2 * len(r.title) + 100])  # a line may be a whole article
        if words == r.title or (len(words) >= 15 and _is_title_without_outlet(words, r.title)):
            return i
        if i == 0 and words.startswith(r.title + " "):
            return i
    return None


def _is_title_without_outlet(words: str, title: str) -> bool:
    return title.startswith(words) and re.match(r"\s[-|:•·]\s", title[len(words) :]) is not None


def _after_title(text: str, line: _Line, r: _Reading) -> int | None:
    """Take the title line; where a dateline follows in the same line, return the body's start.

    A first sentence that begins with the title's words is no headline.
    """
    words = _plain(line.words)
    if words == r.title or r.title.startswith(words):
        r.put("headline", (line.start, line.end))
        r.headline = True
        return None
    end = line.start + _length_of(line.words, r.title)
    after = end + len(text[end : line.end]) - len(text[end : line.end].lstrip())
    if find_dateline(text, after, line.end) is None:
        return line.start
    r.put("headline", (line.start, end))
    r.headline = True
    _take_dateline(text, after, line, r)
    return r.parts[-1].span[1]


def _length_of(words: str, title: str) -> int:
    """How many characters of `words`, as written, the folded `title` takes up."""
    low, high = len(title), min(len(words), 2 * len(title) + 20)
    return next((n for n in range(low, high + 1) if _plain(words[:n]) == title), low)


def _take_dateline(text: str, start: int, line: _Line, r: _Reading) -> bool:
    found = find_dateline(text, start, line.end)
    if found is None:
        return False
    r.put("dateline", found.span)
    r.agencies += found.agencies
    r.see_day(found.day)
    return True


def _take_furniture(line: _Line, r: _Reading, title_at: int | None) -> bool:
    """Take a line of date and time, a byline, or furniture; labels only before the headline."""
    if day := find_stamp(line.words):
        r.put("dateline", (line.start, line.end))
        r.see_day(day)
        return True
    agencies = byline_agencies(line.words, line.start)
    if agencies is not None and not (r.at == 0 and len(r.lines) == 1):
        r.put("furniture", (line.start, line.end))
        r.agencies += agencies
        return True
    if is_furniture(line.words) or (not r.headline and _is_label(line, r, title_at)):
        r.put("furniture", (line.start, line.end))
        return True
    return False


def _is_label(line: _Line, r: _Reading, title_at: int | None) -> bool:
    """A section label, known or of one or two words, above something that is a headline."""
    if len(line.words) > LONGEST_LABEL or _ENDS_SENTENCE.search(line.words):
        return False
    if title_at is not None:
        return r.at < title_at
    if r.at + 1 >= len(r.lines):
        return False
    if _bare(line.words) in furniture("label") or _CRUMBS.fullmatch(line.words):
        return True
    below = r.lines[r.at + 1]
    return (
        len(line.words.split()) <= 2
        and len(below.words.split()) >= 4
        and _is_headline(below, r, r.at + 1)
    )


def _take_headline(line: _Line, r: _Reading) -> bool:
    if r.headline:
        taken = _is_subheadline(line, r)
    else:
        taken = r.headline = _is_headline(line, r, r.at)
    if taken:
        r.put("headline", (line.start, line.end))
    return taken


def _is_headline(line: _Line, r: _Reading, index: int) -> bool:
    """Short, one sentence, no full stop, set apart from what follows."""
    if index + 1 >= len(r.lines) or not _is_title_like(line.words, LONGEST_HEADLINE):
        return False
    return line.alone or _heads(r.lines[index + 1]) or _lines_are_paragraphs(r.lines, index)


def _is_title_like(words: str, longest: int) -> bool:
    if len(words.split()) < 2 or len(words) > longest or words[:1].islower():
        return False
    if _ENDS_SENTENCE.search(words) and not _ABBREVIATION_AT_END.search(words):
        return False
    return not _TWO_SENTENCES.search(words)


def _heads(line: _Line) -> bool:
    """Whether a line is one that stands between headline and body."""
    return (
        find_dateline(line.words, 0, len(line.words)) is not None
        or find_stamp(line.words) is not None
        or byline_agencies(line.words, 0) is not None
    )


def _lines_are_paragraphs(lines: list[_Line], index: int) -> bool:
    """Whether the text parts paragraphs by single line breaks, rather than wrapping long lines."""
    below = lines[index + 1 : index + 1 + PARAGRAPHS_LOOKED_AT]
    if len(below) < 2 or any(line.alone for line in below[:-1]) or below[0].words[:1].islower():
        return False
    return sum(bool(_FULL.search(line.words)) for line in below) >= 0.6 * len(below)


def _is_subheadline(line: _Line, r: _Reading) -> bool:
    """A short paragraph without final punctuation, where a dateline is still to come."""
    if not line.alone or not _is_title_like(line.words, LONGEST_SUBHEADLINE):
        return False
    return any(
        find_dateline(ahead.words, 0, len(ahead.words))
        for ahead in r.lines[r.at + 1 : min(r.at + 4, HEADER_LINES)]
    )


# ------------------------------------------------------------------ body


def _body(lines: Iterator[_Line], r: _Reading, begins: int | None) -> None:
    """The lines that remain: one body part, parted by the furniture that stands in between."""
    start: int | None = None
    end = 0
    lone = len(r.lines) == 1
    for line, following in pairwise(chain(lines, [None])):
        if line is None:  # never: only the last is
            return
        at = max(line.start, begins or 0)
        words = line.words[at - line.start :].lstrip()
        if not words:  # the dateline was all of its line
            continue
        credit = following is None and end > 0
        agencies = byline_agencies(words, line.end - len(words)) if credit else None
        if agencies or (not lone and is_furniture(words)):
            if start is not None:
                r.put("body", (start, end))
                start = None
            r.put("furniture", (line.end - len(words), line.end))
            r.agencies += agencies or ()
            continue
        start = line.end - len(words) if start is None else start
        end = line.end
    if start is not None:
        r.put("body", (start, end))


def is_furniture(words: str) -> bool:
    """Whether a line is of the list that holds wherever it stands."""
    if len(words) > LONGEST_FURNITURE:
        return False
    return _bare(words) in furniture("whole") or _starts(words.casefold())


def _starts(folded: str) -> bool:
    return any(
        folded.startswith(s) and not (s[-1].isalpha() and folded[len(s) : len(s) + 1].isalpha())
        for s in furniture("start")
    )


def _bare(words: str) -> str:
    return " ".join(words.strip(_WRAPPING).translate(_QUOTES).casefold().split())


def _plain(words: str) -> str:
    """Words folded so that a title matches its line: case, blanks, quotation marks, dashes."""
    return " ".join(words.translate(_QUOTES).casefold().split())
