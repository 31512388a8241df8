"""Words, sentences and quotations with their offsets in the article's text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from caveat.model import Span
from caveat.tag.lexicon import Index, Phrase, words

_TOKEN = re.compile(
    r"(?:[A-Za-z]\.){2,}|n[’']t\b|[’'](?:s|ll|ve|re|d|m)\b|[$€£]?\d+(?:[.,]\d+)*\w*"
    r"|\w+?(?=n[’']t\b)|\w+(?:-\w+|[’'](?!(?:s|ll|ve|re|d|m|t)\b)\w+)*|''|``|--|\S"
)
_FULL = {"wo": "will", "ca": "can", "'ll": "will", "'d": "would", "'ve": "have", "'m": "am"}
_STOP = re.compile(r"[.!?…]+(?:''|[\"”’')\]])*(?=\s+[\"“‘'(\[`]*[A-Z0-9])|\n\s*\n|(?<=[.!?\"”:])\n")
_TAIL = re.compile(r"([\w.]+)\.\W*$")
_INITIALS = re.compile(r"[A-Za-z](?:\.[A-Za-z])*")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or mark, its folded form (`won't` is `will` and `n't`) and its offsets."""

    text: str
    low: str
    start: int
    end: int


def tokens_of(text: str, span: Span) -> list[Token]:
    """The tokens of a stretch of text."""
    found = []
    for m in _TOKEN.finditer(text, *span):
        low = m.group().lower().replace("’", "'") if len(m.group()) > 1 else m.group().lower()
        found.append(Token(m.group(), _FULL.get(low, low), m.start(), m.end()))
    return found


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found at tokens `start` up to `end`, half-open."""

    start: int
    end: int
    phrase: Phrase


def matches(tokens: list[Token], table: Index) -> list[Hit]:
    """The longest phrases of a table, left to right, up to two adverbs between their words."""
    found: list[Hit] = []
    i = 0
    while i < len(tokens):
        hits = (Hit(i, _end(tokens, i, p), p) for p in table.get(tokens[i].low, ()))
        hit = next((h for h in hits if h.end), None)
        if hit:
            found.append(hit)
        i = hit.end if hit else i + 1
    return found


def _end(tokens: list[Token], i: int, phrase: Phrase) -> int:
    for word in phrase.words[1:]:
        i += 1
        skipped = 0
        while i < len(tokens) and tokens[i].low != word and skipped < 2 and adverb(tokens[i]):
            i, skipped = i + 1, skipped + 1
        if i >= len(tokens) or tokens[i].low != word:
            return 0
    return i + 1


def adverb(token: Token) -> bool:
    """Whether a word only modifies the verb beside it."""
    if token.low in words("adverb"):
        return True
    return token.low.endswith("ly") and len(token.low) > 5 and token.text.islower()


def trim(text: str, span: Span) -> Span:
    """The span without blanks at its ends."""
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def paragraphs(text: str, span: Span) -> Iterator[Span]:
    """Stretches between blank lines, trimmed, none empty."""
    start = span[0]
    for m in re.compile(r"\n[^\S\n]*\n\s*").finditer(text, *span):
        yield from _solid(text, (start, m.start()))
        start = m.end()
    yield from _solid(text, (start, span[1]))


def sentences(text: str, span: Span) -> Iterator[Span]:
    """Sentences of a paragraph, trimmed; a full stop after an abbreviation or initial ends none."""
    start = span[0]
    for m in _STOP.finditer(text, *span):
        tail = _TAIL.search(text, max(start, m.start() - 20), m.end())
        if m.group()[0] == "." and tail and _shortened(tail.group(1)):
            continue
        yield from _solid(text, (start, m.end()))
        start = m.end()
    yield from _solid(text, (start, span[1]))


def _shortened(word: str) -> bool:
    return word.lower() in words("abbreviation") or bool(_INITIALS.fullmatch(word))


def _solid(text: str, span: Span) -> Iterator[Span]:
    span = trim(text, span)
    if span[0] < span[1]:
        yield span


_DOUBLE = re.compile(r"[\"“”„]|''|``")
_SINGLE = re.compile(r"(?<!\w)[‘'](?=\w)|(?<=[\w.,!?…])[’'](?!\w)")


def quotations(text: str, span: Span) -> list[Span]:
    """Quoted stretches of a paragraph, marks included; single quotes where no double ones stand.

    A quotation that is never closed runs to the paragraph's end, as printers do with quotations
    of several paragraphs; one that was never opened begins with the paragraph.
    """
    marks = list(_DOUBLE.finditer(text, *span)) or list(_SINGLE.finditer(text, *span))
    single = bool(marks) and marks[0].group() in "‘’'"
    found: list[Span] = []
    opened: int | None = None
    for m in marks:
        before = text[m.start() - 1] if m.start() > span[0] else " "
        opens = m.group() in "“„``‘" or (m.group() not in "”’" and before in " \n\t([—–-‘'\u00a0")
        if opens:
            if opened is not None and not single:
                found.append((opened, m.start()))
            opened = m.start()
        elif opened is not None:
            found.append((opened, m.end()))
            opened = None
        elif not found and not single:
            found.append((span[0], m.end()))
    if opened is not None and not single:
        found.append((opened, span[1]))
    return [t for s in found if (t := trim(text, s))[1] - t[0] > 2]
