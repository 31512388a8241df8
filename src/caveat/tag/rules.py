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
                    local = attributions(article.text, paragraph)
                    found += _positions(article.text, paragraph, local, len(said))
                    said += [replace(s, within=_moved(s.within, len(said))) for s in local]
        marked = tuple(Attribution(s.source, (s.cue,), s.content, s.within, s.relay) for s in said)
        return Marks(self.version, marked, (), tuple(found))


def _moved(within: int | None, first: int) -> int | None:
    return None if within is None else within + first


def _positions(text: str, paragraph: Span, said: list[Said], first: int) -> list[PositionMark]:
    """The positions of a paragraph, each in the innermost attribution around its action."""
    frames = sorted((a, b, k) for k, s in enumerate(said) for a, b in s.content)
    found: list[PositionMark] = []
    before = 0
    for sentence in sentences(text, paragraph):
        here, loose = positions(text, sentence)
        if loose and before < len(found):
            found[-1] = replace(found[-1], conditions=(*found[-1].conditions, *loose))
        before = len(found)
        for position, obliges in here:
            framed = _framed(text, position, frames, said, first)
            if not obliges:
                found.append(framed)
            elif framed.speaker:  # "must" and "should" are demands of whoever says so
                found.append(replace(framed, holder=(framed.speaker,)))
    return found


def _framed(
    text: str, mark: PositionMark, frames: list[tuple[int, int, int]], said: list[Said], first: int
) -> PositionMark:
    at = mark.action[0]
    place = bisect_right(frames, (at, len(text), 0))  # contents nest at most a few deep
    holds = [(b - a, k) for a, b, k in frames[max(0, place - 12) : place] if a <= at < b]
    k = min(holds)[1] if holds else None
    if k is not None and said[k].supposed:  # whoever "may say we are ready" holds it
        own = any(text[slice(*h)].lower() in {"we", "i"} for h in mark.holder)
        mark, k = replace(mark, holder=said[k].source if own else mark.holder), said[k].within
    elif k is not None and mark.holder == said[k].source:
        k = said[k].within  # "announced talks": the holder's own verb carries the stance
    if k is None:
        return mark
    one = said[k]
    kept = tuple(c for c in mark.conditions if any(a <= c.span[0] < b for a, b in one.content))
    return replace(
        mark, conditions=kept, speaker=one.source[0], relay=one.relay, attribution=k + first
    )
