"""Whose word a position is, and when it was said."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from importlib import resources

from caveat.commit.times import dates_in, interval
from caveat.model import (
    Article,
    Attribution,
    Interval,
    PositionMark,
    Resolution,
    Span,
    Voice,
)

_PARAGRAPH = re.compile(r"[^\n\r]+")
_PAIRS = {"“": "”", '"': '"', "«": "»", "„": "“"}


@cache
def _speech_acts() -> re.Pattern[str]:
    path = resources.files("caveat.commit") / "data" / "speech_acts.txt"
    words = [w for w in path.read_text("utf-8").splitlines() if w and not w.startswith("#")]
    return re.compile(rf"\b(?:{'|'.join(sorted(words, key=len, reverse=True))})\b", re.IGNORECASE)


def quotations(text: str) -> tuple[Span, ...]:
    """Stretches in double quotation marks, marks included.

    A quotation that no mark closes ends with its paragraph, as in speech that runs on over
    paragraphs each of which opens anew.
    """
    out = []
    for paragraph in _PARAGRAPH.finditer(text):
        start, closing = None, ""
        for i in range(*paragraph.span()):
            c = text[i]
            if start is None and c in _PAIRS:
                start, closing = i, _PAIRS[c]
            elif start is not None and c == closing:
                out.append((start, i + 1))
                start = None
        if start is not None:
            out.append((start, paragraph.end()))
    return tuple(out)


def parties(actor: str, resolution: Resolution) -> frozenset[str]:
    """An actor and all that it speaks for by the article's evidence."""
    return frozenset({actor} | {s.party for s in resolution.speaks_for if s.speaker == actor})


def voice(
    article: Article,
    mark: PositionMark,
    holders: Iterable[str],
    speaker: str | None,
    resolution: Resolution,
    quoted: tuple[Span, ...],
) -> Voice:
    """Whose word a position is (DESIGN.md, "voice")."""
    held_by = frozenset(p for h in holders for p in parties(h, resolution))
    if mark.speaker is None:
        return _own_voice_of_outlet(article, mark, holders, resolution)
    anonymous = {a.id for a in resolution.actors if a.anonymous}
    if speaker is None:
        return "third-party"
    if speaker in anonymous:
        return "anonymous"
    if not parties(speaker, resolution) & held_by:
        return "third-party"
    return "quoted" if _inside(mark.action, quoted) else "reported"


def _own_voice_of_outlet(
    article: Article, mark: PositionMark, holders: Iterable[str], resolution: Resolution
) -> Voice:
    """Without an attribution: an act, or a speech act of a person or office, is reported."""
    if mark.stance == "done" and not mark.negated:
        return "reported"
    people = {a.id for a in resolution.actors if a.type in ("person", "body")}
    if mark.holder and set(holders) & people:
        start = min(s[1] for s in mark.holder)
        if start < mark.action[0] and _speech_acts().search(article.text, start, mark.action[0]):
            return "reported"
    return "third-party"


def _inside(span: Span, quoted: tuple[Span, ...]) -> bool:
    i = bisect_right(quoted, span[0], key=lambda q: q[0]) - 1
    return i >= 0 and quoted[i][1] >= span[1]


def said(
    article: Article, mark: PositionMark, attributions: tuple[Attribution, ...], sentence: Span
) -> Interval | None:
    """When the position was taken: a day that its words give, else up to the report.

    Looked for in the sentence of the cue outside the content, else in the position's own sentence
    outside its action, times and conditions.
    """
    published = article.published
    for stretch in _frames(article, mark, attributions, sentence):
        for span in dates_in(article.text, stretch):
            found = interval(article.words(span), published, "past")
            if found and _not_after(found, published):
                return found
    return Interval(None, published.end) if published else None


def _not_after(found: Interval, published: Interval | None) -> bool:
    if found.start is None or found.end is None:
        return False
    return published is None or published.end is None or found.start <= published.end


def _frames(
    article: Article, mark: PositionMark, attributions: tuple[Attribution, ...], sentence: Span
) -> Iterable[Span]:
    """Stretches that can say when: those around the words that carry the position."""
    shut = [mark.action, *mark.time, *(c.span for c in mark.conditions)]
    if mark.attribution is not None:
        one = attributions[mark.attribution]
        cue = one.cue or one.source
        if cue:
            start = article.text.rfind("\n", 0, cue[0][0]) + 1
            end = article.text.find("\n", cue[-1][1])
            paragraph = (start, end if end >= 0 else len(article.text))
            stretch = _sentence_around(article.text, paragraph, cue[0])
            yield from _outside(stretch, [*one.content, *shut])
    yield from _outside(sentence, shut)


def _sentence_around(text: str, paragraph: Span, cue: Span) -> Span:
    ends = [m.end() for m in re.finditer(r"[.!?][”\"’']?\s+(?=[A-Z“\"])", text[slice(*paragraph)])]
    cuts = [paragraph[0], *(paragraph[0] + e for e in ends), paragraph[1]]
    i = max(0, bisect_right(cuts, cue[0]) - 1)
    return cuts[i], cuts[min(i + 1, len(cuts) - 1)]


def _outside(stretch: Span, shut: Iterable[Span]) -> Iterable[Span]:
    at = stretch[0]
    for a, b in sorted(shut):
        if b <= at or a >= stretch[1]:
            continue
        if a > at:
            yield at, a
        at = max(at, b)
    if at < stretch[1]:
        yield at, stretch[1]
