"""Who speaks a quotation where the reader marks no attribution around the words.

The reader marks "…," X said; it misses the sentence that goes on in a new pair of quotation marks.
So a quotation has, in this order: the source of an attribution that holds a part of it; a source
that stands beside it in its sentence; the speaker of the quotation right before it; that of the
next one in the paragraph.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from caveat.model import Attribution, Mention, Span
from caveat.resolve.lexicon import words
from caveat.resolve.names import Run
from caveat.resolve.scene import Scene
from caveat.resolve.tokens import Text

_CHAIN = 2
"""Quotations over which a speaker carries on at most."""
_AFTER = 6
"""Tokens from the end of a quotation to its verb of saying at most ("…," X of Y told Z)."""

_ENDED = tuple(stop + mark for stop in ".!?" for mark in '”"')
"""How a quotation ends that its sentence ends with."""
_LONG = 60
"""Sentences of one content or quotation that are looked at; no speech is as long."""

Actors = tuple[str, ...]


@dataclass(slots=True)
class Speech:
    """Finds the speakers of an article's quotations among the sources settled so far."""

    scene: Scene
    settled: dict[Span, Mention]
    trail: list[tuple[int, Span]]
    sources: frozenset[Span]
    contents: dict[int, list[Attribution]] = field(default_factory=dict)
    """Attributions by the sentences that what they say lies in."""

    def __post_init__(self) -> None:
        text = self.scene.text
        for one in self.scene.marks.attributions:
            numbers = {n for a, b in one.content for n in _numbers(text, a, b)}
            for n in sorted(numbers):
                self.contents.setdefault(n, []).append(one)

    def around(self, offset: int) -> list[Attribution]:
        """The attributions whose content lies in the sentence of an offset, in order."""
        return self.contents.get(self.scene.text.sentence(offset), [])

    def strange(self, one: Attribution, content: Span) -> bool:
        """Whether a reader took for what a source says what it cannot have said.

        It holds the source itself, or it is a whole quotation before a sentence that names the
        source behind other words ("We will stay.” In Kyiv, Doe announced …").
        """
        if any(content[0] <= s[0] and s[1] <= content[1] for s in one.source):
            return True
        text = self.scene.text
        quoted = text.in_quotation(content[0] + 1) and text.text[: content[1]].endswith(_ENDED)
        return (
            quoted
            and bool(one.source)
            and all(
                s[0] >= content[1]
                and text.sentence(s[0]) > text.sentence(content[0])
                and not text.sentence_start(text.tokens_in(s)[0])
                for s in one.source
            )
        )

    def quotation(self, offset: int) -> int | None:
        """Number of the quotation that holds an offset."""
        quoted = self.scene.text.quoted
        i = bisect_right(quoted, (offset, len(self.scene.text.text) + 1)) - 1
        return i if i >= 0 and quoted[i][0] <= offset < quoted[i][1] else None

    def speaker(self, offset: int) -> Actors:
        """Actors whose words the quotation at an offset holds; none where nobody is near."""
        i = self.quotation(offset)
        if i is None:
            return ()
        own = self._own(i)
        if own:
            return own
        for k in range(i, max(0, i - _CHAIN), -1):
            if not self._follows(k):
                break
            before = self._own(k - 1)
            if before:
                return before
        for k in range(i + 1, min(len(self.scene.text.quoted), i + 1 + _CHAIN)):
            if not self._follows(k):
                break
            after = self._own(k)
            if after:
                return after
        return ()

    def _follows(self, i: int) -> bool:
        """Whether quotation i goes on from the one before: no more than a sentence lies between."""
        text = self.scene.text
        between = text.text[text.quoted[i - 1][1] : text.quoted[i][0]]
        if "\n\n" in between.replace("\n \n", "\n\n"):
            return len(between.strip(" \n“”\"‘’'")) < 2  # a new paragraph of one long quotation
        first = text.sentence(text.quoted[i - 1][1])
        return text.sentence(text.quoted[i][0]) - first <= 1

    def _own(self, i: int) -> Actors:
        span = self.scene.text.quoted[i]
        return self._marked(span) or self._named(i) or self._beside(i)

    def _marked(self, quote: Span) -> Actors:
        """The source of the attribution that holds the most of a quotation."""
        best: tuple[int, Attribution] | None = None
        numbers = _numbers(self.scene.text, *quote)
        here = (one for n in numbers for one in self.contents.get(n, ()))
        for one in {id(x): x for x in here}.values():
            if any(quote[0] <= s[0] < quote[1] for s in one.source):
                continue
            content = [c for c in one.content if not self.strange(one, c)]
            shared = sum(max(0, min(b, quote[1]) - max(a, quote[0])) for a, b in content)
            if shared > 0 and (best is None or shared > best[0]):
                best = shared, one
        if best is None:
            return ()
        found = [self.settled[s].actors for s in best[1].source if s in self.settled]
        return tuple(dict.fromkeys(actor for actors in found for actor in actors))

    def _beside(self, i: int) -> Actors:
        """A settled source in the sentence of a quotation: after it, else right before it."""
        begin, end = self._reach(i)
        quote = self.scene.text.quoted[i]
        at = bisect_left(self.trail, (quote[1], (0, 0)))
        if at < len(self.trail) and self.trail[at][0] < end:
            span = self.trail[at][1]
            if span in self.sources:
                return self.settled[span].actors
        for k in range(at - 1, -1, -1):
            place, span = self.trail[k]
            if place < begin:
                break
            if span in self.sources and span[1] <= quote[0]:
                return self.settled[span].actors
        return ()

    def _named(self, i: int) -> Actors:
        """A name beside a verb of saying in the sentence of a quotation."""
        text, ground = self.scene.text, self.scene.ground
        begin, end = self._reach(i)
        quote = text.quoted[i]
        after, before = text.tokens_in((quote[1], end)), text.tokens_in((begin, quote[0]))
        for near in (range(after[0], min(after[1], after[0] + _AFTER)), range(*before)[::-1]):
            for k in near:
                run, hit = ground.run_from.get(k), ground.hit_from.get(k)
                known = run is not None and run.first in self.scene.people.by_run
                if run is not None and known and self._says(run.first, run.last):
                    return self._person(run)
                if hit is not None and self._says(hit.first, hit.last):
                    return (self.scene.use(hit.actor),)
        return ()

    def _says(self, first: int, last: int) -> bool:
        """Whether a verb of saying stands right before or after the tokens first to last."""
        text, say = self.scene.text, words("say")
        after = last < len(text) and text.spaced(last) and text.lowers[last] in say
        return after or (first > 0 and text.spaced(first) and text.lowers[first - 1] in say)

    def _person(self, run: Run) -> Actors:
        return (self.scene.use_person(self.scene.people.by_run[run.first]),)

    def _reach(self, i: int) -> Span:
        """How far the sentence goes that a quotation stands in, other quotations left out."""
        text = self.scene.text
        quoted, size = text.quoted, len(text.text)
        quote = quoted[i]
        number = text.sentence(quote[0])
        begin = max(text.breaks[number], quoted[i - 1][1] if i else 0)
        last = text.sentence(max(quote[0], quote[1] - 1))
        stop = text.breaks[last + 1] if last + 1 < len(text.breaks) else size
        end = min(stop, quoted[i + 1][0] if i + 1 < len(quoted) else size)
        return begin, max(end, quote[1])


def _numbers(text: Text, begin: int, end: int) -> range:
    """Numbers of the sentences between two offsets."""
    first = text.sentence(begin)
    return range(first, min(text.sentence(max(begin, end - 1)), first + _LONG) + 1)
