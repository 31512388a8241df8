"""Positions of an article by the packaged weights, each in the attribution it stands in."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

import numpy as np

from caveat.model import Article, Attribution, Name, Part, PositionMark, Span
from caveat.tag.looks import Settings, candidates, marks_of
from caveat.tag.pieces import Array, Pieces
from caveat.tag.sentences import paragraphs, sentences
from caveat.tag.sessions import session
from caveat.tag.weights import Weights

_NAMES_BACK = 8
"""How many names that begin before a span ends are looked at."""
_DEEPEST = 12
"""How many contents that begin before a place are looked at: they nest a few deep at most."""


class PositionTagger:
    """Positions of a text of any length, by two ONNX graphs that share one encoder."""

    def __init__(self, held: Weights, threads: int = 1) -> None:
        self.version = held.version
        self.settings = Settings.load(held.file("settings.json"))
        self._first = session(held.file("encode.onnx"), threads)
        self._second = session(held.file("look.onnx"), threads)
        self._pieces = Pieces(held.file("tokenizer.json"))

    def __call__(self, text: str) -> tuple[PositionMark, ...]:
        """The positions in the order of the text, not yet tied to attributions."""
        # 1. text → word pieces with offsets and surface codes
        tokens = self._pieces(text)
        # 2. windows → proposed actions → a second look at each
        found = candidates(tokens, self._encode, self._look, self.settings)
        # 3. the looks that hold → positions
        return marks_of(text, tokens, found, self.settings)

    def _encode(self, ids: Array, surface: Array) -> tuple[Array, Array]:
        feed = {"ids": ids[None].astype(np.int32), "surface": surface[None].astype(np.int32)}
        states, spots = self._first.run(None, feed)
        return states[0], spots[0]

    def _look(self, states: Array, flags: Array) -> tuple[Array, Array]:
        feed = {"states": states[None], "flags": flags[None].astype(np.int32)}
        tags, whole = self._second.run(None, feed)
        return tags[0], whole[0]


def whole_names(
    marks: tuple[PositionMark, ...], names: tuple[Name, ...]
) -> tuple[PositionMark, ...]:
    """The positions with no name cut in two by one of their parties ("Zealand's Cabinet")."""
    ordered = sorted(n.span for n in names)

    def widened(span: Span) -> Span:
        start, end = span
        place = bisect_right(ordered, end, key=lambda n: n[0])
        for a, b in ordered[max(0, place - _NAMES_BACK) : place]:
            if a < start < b:
                start = a
            if a < end < b:
                end = b
        return start, end

    def all_of(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        return tuple(dict.fromkeys(widened(s) for s in spans))

    return tuple(
        replace(
            m,
            holder=all_of(m.holder),
            addressee=all_of(m.addressee),
            beneficiary=all_of(m.beneficiary),
            speaker=widened(m.speaker) if m.speaker else None,
        )
        for m in marks
    )


def framed(
    article: Article, marks: tuple[PositionMark, ...], attributions: tuple[Attribution, ...]
) -> tuple[PositionMark, ...]:
    """The positions with their sentences and the attributions they stand in."""
    frames = sorted((a, b, k) for k, one in enumerate(attributions) for a, b in one.content)
    parts = article.parts or (Part("body", (0, len(article.text))),)
    cut = [
        s
        for part in parts
        for paragraph in paragraphs(article.text, part.span)
        for s in sentences(article.text, paragraph)
    ]
    out = []
    for mark in marks:
        at = bisect_right(cut, mark.action[0], key=lambda s: s[0]) - 1
        k = _frame(mark, frames, attributions)
        out.append(
            replace(
                mark,
                sentence=(cut[at][0], max(cut[at][1], mark.action[1])) if at >= 0 else mark.action,
                attribution=k,
            )
        )
    return tuple(out)


def _frame(
    mark: PositionMark, frames: list[tuple[int, int, int]], attributions: tuple[Attribution, ...]
) -> int | None:
    """The innermost attribution around the action whose source the position's speaker is."""
    if mark.speaker is None:
        return None
    at = mark.action[0]
    place = bisect_right(frames, at, key=lambda f: f[0])
    around = [
        (b - a, k)
        for a, b, k in frames[max(0, place - _DEEPEST) : place]
        if at < b and any(_touch(s, mark.speaker) for s in attributions[k].source)
    ]
    return min(around)[1] if around else None


def _touch(a: Span, b: Span) -> bool:
    return a[0] < b[1] and b[0] < a[1]
