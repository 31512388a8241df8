"""Paragraphs and sentences with their offsets in the article's text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from caveat.model import Span

_LONGEST = 1500
"""Characters; a longer sentence is cut at a blank, so that no loop over one runs long."""
_BREAK = re.compile(r"\n[^\S\n]*\n\s*")
_STOP = re.compile(
    r"[.!?…]{1,4}(?:''|[\"”’')\]]){0,3}(?=\s+[\"“‘'(\[`]{0,3}[A-Z0-9])|(?<=[.!?\"”:])\n"
)
_TAIL = re.compile(r"([\w.]*\w)\.$")
_INITIALS = re.compile(r"[A-Za-z](?:\.[A-Za-z])*")
_ABBREVIATIONS = frozenset(
    "adm asst aug brig bros capt cmdr co col corp dec dept dr feb fr gen gov hon inc jan jr jul "
    "jun lt ltd maj messrs mr mrs ms mt no nov oct p.m a.m prof pres rep reps rev sec sen sens "
    "sept sgt spc sr st supt u.k u.n u.s vs".split()
)


def paragraphs(text: str, span: Span) -> list[Span]:
    """Stretches between blank lines."""
    breaks = [m.span() for m in _BREAK.finditer(text, *span)]
    starts, ends = [span[0], *(b for _, b in breaks)], [*(a for a, _ in breaks), span[1]]
    return [p for p in zip(starts, ends, strict=True) if p[0] < p[1]]


def sentences(text: str, span: Span) -> list[Span]:
    """Sentences of a paragraph; a full stop after an abbreviation or an initial ends none."""
    cuts = []
    for m in _STOP.finditer(text, *span):
        word = _TAIL.search(text, max(span[0], m.start() - 20), m.start() + 1)
        short = word and (word[1].lower() in _ABBREVIATIONS or len(word[1]) == 1)
        if not (short or (word and _INITIALS.fullmatch(word[1]))):
            cuts.append((m.end(), m.end()))
    return list(_between(text, span, cuts))


def _between(text: str, span: Span, cuts: Iterable[Span]) -> Iterator[Span]:
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
