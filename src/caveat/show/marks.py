"""Sentences cut into marked pieces: which words are holder, action, condition, speaker, relay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from caveat.model import Attribution, Entry, Position, Span

Role = Literal[
    "holder", "action", "condition", "amount", "speaker", "relay", "source", "cue", "content"
]  # fmt: skip
_FIRST: tuple[Role, ...] = (
    "action", "condition", "amount", "holder", "speaker", "relay", "cue", "source", "content"
)  # fmt: skip
"""Which role shows where spans overlap: the finer one, so that nothing is painted over."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and the role it shows, None between the marks."""

    text: str
    role: Role | None


def pieces(text: str, marks: Iterable[tuple[Span, Role]], start: int = 0) -> tuple[Piece, ...]:
    """Cut `text`, which stands at offset `start` of its article, at the ends of the marks.

    Marks are given in the article's offsets; what lies outside of the text is left out. The
    pieces joined are the text again, character by character.
    """
    inside = [
        (max(s - start, 0), min(e - start, len(text)), role)
        for (s, e), role in marks
        if s - start < len(text) and e > start and s < e
    ]
    cuts = sorted({0, len(text), *(s for s, _, _ in inside), *(e for _, e, _ in inside)})
    begins: dict[int, list[Role]] = {}
    ends: dict[int, list[Role]] = {}
    for s, e, role in inside:
        begins.setdefault(s, []).append(role)
        ends.setdefault(e, []).append(role)
    out: list[Piece] = []
    live: list[Role] = []
    for s, e in pairwise(cuts):
        for role in ends.get(s, ()):
            live.remove(role)
        live += begins.get(s, ())
        role_here = min(live, key=_FIRST.index, default=None)
        if out and out[-1].role == role_here:
            out[-1] = Piece(out[-1].text + text[s:e], role_here)
        else:
            out.append(Piece(text[s:e], role_here))
    return tuple(out)


def position_marks(position: Position) -> list[tuple[Span, Role]]:
    """The spans of a position with their roles."""
    found: list[tuple[Span, Role]] = [(position.action, "action")]
    found += [(s, "holder") for s in position.holder]
    found += [(c.span, "condition") for c in position.conditions]
    found += [(a.span, "amount") for a in position.amount]
    found += [(s, "relay") for s in position.relay]
    if position.speaker is not None:
        found.append((position.speaker, "speaker"))
    return found


def attribution_marks(attributions: Sequence[Attribution]) -> list[tuple[Span, Role]]:
    """The spans of attributions with their roles."""
    found: list[tuple[Span, Role]] = []
    for a in attributions:
        found += [(s, "content") for s in a.content]
        found += [(s, "source") for s in a.source]
        found += [(s, "cue") for s in a.cue]
        found += [(s, "relay") for s in a.relay]
    return found


def marked(entry: Entry) -> tuple[Piece, ...]:
    """An entry's evidence sentence with the words of its position marked."""
    return pieces(entry.sentence, position_marks(entry.position), entry.sentence_start)
