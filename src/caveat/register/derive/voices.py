"""A third party's word that proves to be the holder's own by evidence from other articles.

Where an article does not say whom a speaker speaks for, `run` must take the speaker for a third
party. When the register knows it from another article, the voice is the holder's own: `quoted`
if the action stands in quotation marks, else `reported`. What is stored stays as it was read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from caveat.model import Position, Span, Voice

_OPEN, _CLOSE = "“«„", "”»"
_EITHER = '"'


def own_word(
    position: Position, text: str, party: str | None, holders: Collection[str]
) -> Position:
    """The position with its voice put right where its speaker's party is among the holders.

    `holders` are the holding parties, and the members of those that are listed groups.
    """
    if position.voice != "third-party" or party is None or party not in holders:
        return position
    voice: Voice = "quoted" if in_quotation_marks(text, position.action) else "reported"
    caveats = tuple(c for c in position.caveats if c.name != "third-party")
    return replace(position, voice=voice, caveats=caveats)


def in_quotation_marks(text: str, span: Span) -> bool:
    """Whether a quotation opened before the span, in its paragraph, is still open where it starts.

    Straight marks open and close in turn, beginning with the paragraph.
    """
    start = text.rfind("\n", 0, span[0]) + 1
    is_open = False
    for character in text[start : span[0]]:
        if character in _OPEN:
            is_open = True
        elif character in _CLOSE:
            is_open = False
        elif character == _EITHER:
            is_open = not is_open
    return is_open
