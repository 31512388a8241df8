"""The reader by rules: quotations, cues, clauses and a stance lexicon."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from caveat.model import Article, Attribution, Marks, Part, PositionMark, Span
from caveat.tag.attributions import Said, attributions
from caveat.tag.positions import positions
from caveat.tag.words import paragraphs, sentences


class RuleReader:
    """Marks attributions and positions by rules; see the tables in `data/`."""

    version = "rules-1"

    def mark(self, article: Article) -> Marks:
        """Mark headline and body; furniture and dateline are left out."""
        said: list[Said] = []
        found: list[PositionMark] = []
        for part in article.parts or (Part("body", (0, len(article.text))),):
            if part.kind in {"headline", "body"}:
                for paragraph in paragraphs(article.text, part.span):
                    _paragraph(article.text, paragraph, said, found)
        marked = tuple(Attribution(s.source, (s.cue,), s.content, s.within, s.relay) for s in said)
        return Marks(self.version, marked, (), tuple(found))


def _paragraph(
    text: str, paragraph: Span, said: list[Said], found: list[PositionMark]
) -> None:
    first = len(said)
    local = attributions(text, paragraph)
    said += [replace(s, within=None if s.within is None else s.within + first) for s in local]
    frames = sorted((a, b, k) for k, s in enumerate(local, first) for a, b in s.content)
    for sentence in sentences(text, paragraph):
        for position, obliges in positions(text, sentence):
            framed = _framed(text, position, _frame(frames, position.action[0]), said)
            if not obliges:
                found.append(framed)
            elif framed.speaker:  # "must" and "should" are demands of whoever says so
                found.append(replace(framed, holder=(framed.speaker,)))


def _frame(frames: list[tuple[int, int, int]], at: int) -> int | None:
    """The innermost content around an offset; contents nest at most a few deep."""
    place = bisect_right(frames, (at, at + 10**9, 0))
    holds = [(b - a, k) for a, b, k in frames[max(0, place - 12) : place] if a <= at < b]
    return min(holds)[1] if holds else None


def _framed(text: str, position: PositionMark, k: int | None, said: list[Said]) -> PositionMark:
    if k is not None and said[k].supposed:
        own = tuple(h for h in position.holder if text[slice(*h)].lower() in {"we", "i"})
        position = replace(position, holder=said[k].source if own else position.holder)
        k = said[k].within
    if k is None or (said[k].cue[0] <= position.action[0] < said[k].cue[1]):
        return position
    said_here = tuple(
        c for c in position.conditions if any(a <= c.span[0] < b for a, b in said[k].content)
    )
    position = replace(position, conditions=said_here)
    speaker = said[k].source[0] if said[k].source else None
    return replace(position, speaker=speaker, relay=said[k].relay, attribution=k)
