"""Quotations to offsets: exact words, found once, or nothing.

A quotation counts where its words stand in the passage character by character (any run of blanks
equals any other, for line breaks are set by printers) between whole words. Several occurrences
are told apart by the words around them, else by the sentence of the position's action if it holds
one of them only. Nothing is ever moved to something similar.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from caveat.model import Attribution, ConditionMark, PositionMark, Span
from caveat.tag.llm.schema import Quote, Said, SaidAttribution, SaidPosition
from caveat.tag.llm.windows import HIDDEN, Window
from caveat.tag.sentences import paragraphs, sentences

NOWHERE = "words not in the text"
SEVERAL = "words more than once"
_REACH = 5000
"""Characters between the first and the last words of a content."""


@dataclass(frozen=True, slots=True)
class Grounded:
    """The findings of a passage on the words of the article, and the quotes that were not found."""

    attributions: tuple[Attribution, ...]
    positions: tuple[PositionMark, ...]
    lost: tuple[Quote, ...]


class _Lost(Exception):
    """A finding whose words were not found once; its message is the reason counted."""


def ground(
    said: Said, window: Window, dropped: Counter[str], fixes: Mapping[Quote, Quote] | None = None
) -> Grounded:
    """Put a reply's findings on the article's text; what cannot be placed is counted.

    `fixes` are the quotes given on the second question for those that were lost on the first. A
    position is dropped whole where its action, a holder, a condition, its speaker or a relay is
    lost: what remained would say more than the text (be unconditional, or at first hand). Of
    other spans only the lost one goes.
    """
    place = _Place(window, fixes or {})
    attributions = [a for one in said.attributions if (a := _attribution(place, one, dropped))]
    positions = [p for one in said.positions if (p := _position(place, one, dropped))]
    return Grounded(tuple(attributions), tuple(positions), tuple(place.lost))


class _Place:
    """Looks quotations up in a window; offsets are the article's."""

    def __init__(self, window: Window, fixes: Mapping[Quote, Quote]) -> None:
        self._text = window.text
        self._start = window.span[0]
        self._fixes = fixes
        self.lost: dict[Quote, None] = {}

    def find(self, quote: Quote, near: Span | None = None) -> Span:
        """The one place of a quotation. Raises `_Lost`."""
        try:
            found = self._find(self._fixes.get(quote, quote), near)
        except _Lost:
            self.lost[quote] = None
            raise
        return found[0] + self._start, found[1] + self._start

    def sentence(self, span: Span) -> Span:
        """The sentence that a span begins in."""
        at = bisect_right(self._sentences, span[0], key=lambda s: s[0]) - 1
        return self._sentences[at] if at >= 0 else span

    @cached_property
    def _sentences(self) -> list[Span]:
        text, start = self._text.replace(HIDDEN, "\n"), self._start
        whole = (0, len(text))
        cut = [s for p in paragraphs(text, whole) for s in sentences(text, p)]
        return [(a + start, b + start) for a, b in cut]

    def _find(self, quote: Quote, near: Span | None) -> Span:
        found = self._candidates(quote.words)
        if len(found) > 1 and (quote.before.strip() or quote.after.strip()):
            found = [s for s in found if self._stands(s, quote)] or found
        if len(found) > 1 and near is not None:
            a, b = near[0] - self._start, near[1] - self._start
            found = [s for s in found if a <= s[0] < b] or found
        if len(found) != 1:
            raise _Lost(SEVERAL if found else NOWHERE)
        return found[0] if not quote.until.strip() else self._up_to(found[0], quote.until)

    def _up_to(self, start: Span, until: str) -> Span:
        ends = [b for a, b in self._candidates(until) if a >= start[0] and b >= start[1]]
        ends = [b for b in ends if b - start[0] <= _REACH]
        if len(ends) > 1:  # the one within the same paragraph, if it is one
            stop = re.compile(r"\n\s*\n").search(self._text, start[1])
            ends = [b for b in ends if stop is None or b <= stop.start()] or ends
        if len(ends) != 1:
            raise _Lost(SEVERAL if ends else NOWHERE)
        return start[0], ends[0]

    def _candidates(self, words: str) -> list[Span]:
        if HIDDEN in words or not words.strip():
            return []
        pattern = re.compile(_blanks(words))
        return [m.span() for m in pattern.finditer(self._text) if self._whole(*m.span())]

    def _whole(self, a: int, b: int) -> bool:
        """Whether neither end cuts a word in two."""
        text = self._text
        opens = a == 0 or not (text[a - 1].isalnum() and text[a].isalnum())
        return opens and (b == len(text) or not (text[b - 1].isalnum() and text[b].isalnum()))

    def _stands(self, span: Span, quote: Quote) -> bool:
        """Whether the words around a span are those given; marks and blanks between are free."""
        before, after = quote.before.strip(), quote.after.strip()
        reach = 2 * (len(before) + len(after)) + 40
        left = self._text[max(0, span[0] - reach) : span[0]]
        right = self._text[span[1] : span[1] + reach]
        return (not before or bool(re.search(rf"{_blanks(before)}\W*\Z", left))) and (
            not after or bool(re.match(rf"\W*{_blanks(after)}", right))
        )


def _blanks(words: str) -> str:
    return r"\s+".join(map(re.escape, words.split()))


def _attribution(place: _Place, said: SaidAttribution, dropped: Counter[str]) -> Attribution | None:
    found = {}
    failed: str | None = None
    near: Span | None = None
    for name in ("cue", "source", "content", "relay"):
        spans = []
        for quote in getattr(said, name):
            try:
                spans.append(place.find(quote, near))
            except _Lost as e:
                failed = str(e)  # the rest is looked up too, so that one question asks for all
        found[name] = tuple(sorted(set(spans)))
        if name == "cue" and spans:
            near = place.sentence(spans[0])
    if failed:
        dropped[f"attribution: {failed}"] += 1
        return None
    return Attribution(found["source"], found["cue"], found["content"], None, found["relay"])


def _position(place: _Place, said: SaidPosition, dropped: Counter[str]) -> PositionMark | None:
    failed: list[str] = []
    try:
        action = place.find(said.action)
        near: Span | None = place.sentence(action)
    except _Lost as e:
        failed.append(str(e))
        action, near = (0, 0), None

    def some(quotes: Iterable[Quote], reasons: list[str]) -> tuple[Span, ...]:
        out = []
        for quote in quotes:
            try:
                out.append(place.find(quote, near))
            except _Lost as e:
                reasons.append(str(e))
        return tuple(dict.fromkeys(out))

    holder, relay = some(said.holder, failed), some(said.relay, failed)
    speaker = some([said.speaker] if said.speaker else [], failed)
    conditions = [
        ConditionMark(span, relation, group)
        for quote, relation, group in said.conditions
        for span in some([quote], failed)
    ]
    details: list[str] = []
    addressee, beneficiary = some(said.addressee, details), some(said.beneficiary, details)
    amount, time = some(said.amount, details), some(said.time, details)
    if failed:
        dropped[f"position: {failed[0]}"] += 1
        return None
    for reason in details:
        dropped[f"detail: {reason}"] += 1
    return PositionMark(
        action=action, stance=said.stance, holder=holder, negated=said.negated, kind=said.kind,
        conditions=tuple(conditions), speaker=speaker[0] if speaker else None, relay=relay,
        sentence=near, addressee=addressee, beneficiary=beneficiary, amount=amount, time=time,
    )  # fmt: skip
