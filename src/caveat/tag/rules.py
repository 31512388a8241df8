"""Positions by rules, in the attributions that a reader has found: clauses and a stance lexicon."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from caveat.model import Article, Attribution, Part, PositionMark, Span
from caveat.tag.lexicon import words
from caveat.tag.positions import positions
from caveat.tag.words import paragraphs, sentences

_MODAL = 12
"""Characters before a cue in which its modal stands."""
_DEEPEST = 12
"""How many contents that begin before a place are looked at: they nest a few deep at most."""


def positions_by_rules(
    article: Article, attributions: tuple[Attribution, ...]
) -> tuple[PositionMark, ...]:
    """The positions of headline and body; furniture and dateline are left out."""
    frames = sorted((a, b, k) for k, one in enumerate(attributions) for a, b in one.content)
    found: list[PositionMark] = []
    for part in article.parts or (Part("body", (0, len(article.text))),):
        if part.kind in {"headline", "body"}:
            for paragraph in paragraphs(article.text, part.span):
                found += _positions(article.text, paragraph, attributions, frames)
    return tuple(found)


def _positions(
    text: str,
    paragraph: Span,
    attributions: tuple[Attribution, ...],
    frames: list[tuple[int, int, int]],
) -> list[PositionMark]:
    """The positions of a paragraph, each in the innermost attribution around its action."""
    found: list[PositionMark] = []
    before = 0
    for sentence in sentences(text, paragraph):
        here, loose = positions(text, sentence)
        if loose and before < len(found):
            found[-1] = replace(found[-1], conditions=(*found[-1].conditions, *loose))
        before = len(found)
        for position, obliges in here:
            framed = _framed(text, position, frames, attributions)
            if not obliges:
                found.append(framed)
            elif framed.speaker:  # "must" and "should" are demands of whoever says so
                found.append(replace(framed, holder=(framed.speaker,)))
    return found


def _framed(
    text: str,
    mark: PositionMark,
    frames: list[tuple[int, int, int]],
    attributions: tuple[Attribution, ...],
) -> PositionMark:
    at = mark.action[0]
    place = bisect_right(frames, (at, len(text), 0))
    holds = [(b - a, k) for a, b, k in frames[max(0, place - _DEEPEST) : place] if a <= at < b]
    k = min(holds)[1] if holds else None
    if k is not None and _supposed(text, attributions[k]):
        # whoever "may say 'we are ready'" holds it
        own = any(text[slice(*h)].lower() in {"we", "i"} for h in mark.holder)
        holder = attributions[k].source if own else mark.holder
        mark, k = replace(mark, holder=holder), attributions[k].within
    elif k is not None and _is_source(mark, attributions[k]):
        k = attributions[k].within  # "announced talks": the holder's own verb carries the stance
    if k is None:
        return mark
    one = attributions[k]
    # "after the talks" outside the content says when it was said; "if …" outside it is a condition
    kept = tuple(
        c
        for c in mark.conditions
        if c.relation in ("if", "only_if", "unless")
        or any(a <= c.span[0] < b for a, b in one.content)
    )
    return replace(
        mark,
        conditions=kept,
        speaker=one.source[0] if one.source else None,
        relay=one.relay,
        attribution=k,
    )


def _is_source(mark: PositionMark, one: Attribution) -> bool:
    """Whether the holder's words are the source's, or stand inside them."""
    return bool(mark.holder) and all(
        any(a <= h[0] and h[1] <= b for a, b in one.source) for h in mark.holder
    )


def _supposed(text: str, one: Attribution) -> bool:
    """Speech that did not happen: "a country may say 'we are ready'"."""
    for start, end in one.cue:
        before = text[max(0, start - _MODAL) : start].split()[-1:]  # a cue may leave its modal out
        if not words("hypothetical").isdisjoint(
            [w.lower() for w in (*before, *text[start:end].split())]
        ):
            return True
    return False
