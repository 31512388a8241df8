"""The findings of an article's windows as one: overlaps merged, frames and nesting set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from caveat.model import Attribution, PositionMark, Span
from caveat.tag.llm.ground import Grounded

SAME = 0.5
"""Character F1 from which two spans count as one: what the gold's scorer pairs by."""


def merged(
    windows: Sequence[Grounded],
) -> tuple[tuple[Attribution, ...], tuple[PositionMark, ...]]:
    """All findings in the order of the text, those that two windows share once."""
    said: list[Attribution] = []
    found: list[PositionMark] = []
    before: Grounded | None = None
    for window in windows:
        said = _joined_attributions(said, window.attributions, before)
        found = _joined_positions(found, window.positions, before)
        before = window
    said = _nested(sorted(said, key=lambda a: (a.cue[0], a.content)))
    framed = [_framed(p, said) for p in found]
    return tuple(said), tuple(sorted(framed, key=lambda p: (p.action, p.stance)))


def overlap(a: Span, b: Span) -> float:
    """Character F1 of two spans, 0 to 1."""
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return 2 * max(0, shared) / (a[1] - a[0] + b[1] - b[0]) if a != b else 1.0


def _joined_attributions(
    held: list[Attribution], new: Sequence[Attribution], before: Grounded | None
) -> list[Attribution]:
    out = list(held)
    shared = set(before.attributions) if before else set()
    for one in new:
        twin = next(
            (n for n, a in enumerate(out) if a in shared and overlap(a.cue[0], one.cue[0]) >= SAME),
            None,
        )
        if twin is None:
            out.append(one)
        elif _length(one.content) > _length(out[twin].content):  # the other was cut by its window
            out[twin] = one
    return out


def _joined_positions(
    held: list[PositionMark], new: Sequence[PositionMark], before: Grounded | None
) -> list[PositionMark]:
    """Twins share stance and denial and act on the same words; the fuller one stays."""
    out = list(held)
    shared = set(before.positions) if before else set()
    for one in new:
        twins = [
            (overlap(p.action, one.action), n)
            for n, p in enumerate(out)
            if p in shared and (p.stance, p.negated) == (one.stance, one.negated)
        ]
        most, n = max(twins, default=(0.0, -1))
        if most < SAME:
            out.append(one)
            continue
        shared.discard(out[n])
        if _filled(one) > _filled(out[n]):
            out[n] = one
    return out


def _length(spans: Sequence[Span]) -> int:
    return sum(b - a for a, b in spans)


def _filled(p: PositionMark) -> int:
    lists = (p.holder, p.addressee, p.beneficiary, p.amount, p.time, p.conditions, p.relay)
    return sum(map(len, lists)) + (p.speaker is not None) + (p.kind is not None)


def _nested(said: list[Attribution]) -> list[Attribution]:
    """Set `within`: the smallest content that holds an attribution's cue."""
    order = sorted(range(len(said)), key=lambda n: _length(said[n].content))
    out = []
    for n, one in enumerate(said):
        holds = (
            k
            for k in order
            if k != n
            and any(a <= one.cue[0][0] < b for a, b in said[k].content)
            and _length(said[k].content) > _length(one.content)
        )
        out.append(replace(one, within=next(holds, None)))
    return out


def _framed(mark: PositionMark, said: Sequence[Attribution]) -> PositionMark:
    """The attribution a position stands in: the innermost around its action with its speaker."""
    if mark.speaker is None:
        return mark
    speaker, at = mark.speaker, mark.action[0]
    holds = [
        (_length(a.content), n)
        for n, a in enumerate(said)
        if any(s <= at < e for s, e in a.content)
        and any(overlap(s, speaker) >= SAME for s in a.source)
    ]
    return replace(mark, attribution=min(holds)[1]) if holds else mark
