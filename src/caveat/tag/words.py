"""Words, sentences and quotations with their offsets in the article's text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from caveat.model import Span
from caveat.tag.lexicon import Phrase, index, patterns, words

_FULL = {"wo": "will", "ca": "can", "'ll": "will", "'d": "would", "'ve": "have", "'m": "am"}
_LONGEST = 1500  # characters; a longer sentence is cut at a blank, so that no loop runs long


class Token(NamedTuple):
    """A word or mark, its folded form (`won't` is `will` and `n't`) and its offsets."""

    text: str
    low: str
    start: int
    end: int


class Hit(NamedTuple):
    """A phrase found at tokens `start` up to `end`, half-open."""

    start: int
    end: int
    phrase: Phrase


def tokens_of(text: str, span: Span) -> list[Token]:
    """The tokens of a stretch of text; a single quote behind a mark counts as closing double."""
    found = []
    for m in patterns()["token"].finditer(text, *span):
        low = m.group().lower().replace("’", "'") if len(m.group()) > 1 else m.group().lower()
        closes = low in {"’", "'"} and m.start() > span[0] and text[m.start() - 1] in ",.?!…"
        found.append(Token("”" if closes else m.group(), _FULL.get(low, low), *m.span()))
    return found


def adverb(token: Token) -> bool:
    """Whether a word only modifies the verb beside it."""
    ly = token.low.endswith("ly") and len(token.low) > 5 and token.text.islower()
    return ly or token.low in words("adverb")


def matches(tokens: list[Token], table: str) -> list[list[Hit]]:
    """A table's phrases left to right, at each place the readings, longest first."""
    found: list[list[Hit]] = []
    i = 0
    while i < len(tokens):
        readings = [Hit(i, _end(tokens, i, p), p) for p in index(table).get(tokens[i].low, ())]
        readings = [h for h in readings if h.end]
        found += [readings] if readings else []
        i = readings[0].end if readings else i + 1
    return found


def _end(tokens: list[Token], i: int, phrase: Phrase) -> int:
    """Where a phrase that begins at `i` ends, two adverbs between its words allowed; else 0."""
    for word in phrase.words[1:]:
        i = next((k for k in range(i + 1, min(i + 4, len(tokens))) if tokens[k].low == word
                  and all(adverb(t) for t in tokens[i + 1 : k])), len(tokens))  # fmt: skip
        if i == len(tokens):
            return 0
    return i + 1


def pieces(text: str, span: Span, cuts: Iterable[Span]) -> Iterator[Span]:
    """What the cuts leave of a span, trimmed, none empty and none over-long."""
    start = span[0]
    for a, b in (*cuts, (span[1], span[1])):
        while start < a:
            end = a if a - start <= _LONGEST else text.rfind(" ", start + 1, start + _LONGEST)
            end = end if end > start else start + _LONGEST
            left = end - len(text[start:end].lstrip())
            right = start + len(text[start:end].rstrip())
            if left < right:
                yield left, right
            start = end
        start = b


def paragraphs(text: str, span: Span) -> list[Span]:
    """Stretches between blank lines."""
    breaks = [m.span() for m in patterns()["break"].finditer(text, *span)]
    starts, ends = [span[0], *(b for _, b in breaks)], [*(a for a, _ in breaks), span[1]]
    return [p for p in zip(starts, ends, strict=True) if p[0] < p[1]]


def sentences(text: str, span: Span) -> list[Span]:
    """Sentences of a paragraph; a full stop after an abbreviation or an initial ends none."""
    cuts = []
    for m in patterns()["stop"].finditer(text, *span):
        word = patterns()["tail"].search(text, max(span[0], m.start() - 20), m.start() + 1)
        short = word and (word[1].lower() in words("abbreviation") or len(word[1]) == 1)
        if not (short or (word and patterns()["initials"].fullmatch(word[1]))):
            cuts.append((m.end(), m.end()))
    return list(pieces(text, span, cuts))


def quotations(text: str, span: Span) -> list[Span]:
    """Quoted stretches of a paragraph, marks included; single quotes where no double ones stand.

    A quotation that is never closed runs to the paragraph's end, as printers do with quotations
    of several paragraphs; one that was never opened begins with the paragraph.
    """
    marks = [m.span() for m in patterns()["double"].finditer(text, *span)]
    single = not marks
    marks = marks or [m.span() for m in patterns()["single"].finditer(text, *span)]
    found: list[Span] = []
    opened: int | None = None
    for start, end in marks:
        mark, before = text[start:end], text[start - 1] if start > span[0] else " "
        if mark in {"“", "„", "``", "‘"} or (mark not in "”’" and before in " \n\t(\xa0[—–-‘"):
            found += [(opened, start)] if opened is not None and not single else []
            opened = start
        elif opened is not None or not (found or single):
            found.append((span[0] if opened is None else opened, end))
            opened = None
    if opened is not None and not single:
        found.append((opened, span[1]))
    return [(a, a + len(text[a:b].rstrip())) for a, b in found if b - a > 2]
