"""Attributions: who says what, by quotation marks, cue verbs and "according to"."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace

from caveat.model import Span
from caveat.tag.lexicon import verbs, words
from caveat.tag.phrases import NONE, QUOTES, Line, Range
from caveat.tag.words import Hit, matches, quotations, sentences


@dataclass(frozen=True, slots=True)
class Said:
    """A cue with source and content; `relay` passed the words on, `reports` if the source did.

    `supposed` marks speech that did not happen ("a country may say 'we are ready'").
    """

    source: tuple[Span, ...]
    cue: Span
    content: tuple[Span, ...]
    relay: tuple[Span, ...] = ()
    reports: bool = False
    supposed: bool = False
    within: int | None = None


def attributions(text: str, paragraph: Span) -> list[Said]:
    """The attributions of one paragraph in the order of their cues; `within` counts in the list."""
    quotes = quotations(text, paragraph)
    found: list[Said] = []
    for sentence in sentences(text, paragraph):
        _sentence(Line(text, sentence), quotes, found)
    return _nested(found)


def _sentence(line: Line, quotes: list[Span], found: list[Said]) -> None:
    last, before = NONE, len(found)
    waiting: tuple[Span, ...] = ()
    for hit, *_ in matches(line.tokens, "cues.tsv"):
        kind, who = hit.phrase.cells[0], (hit.end, line.after(hit.end))
        named = who[0] < who[1] and line.low(who[1] - 1) not in words("reporters")
        if kind == "citing" and named and len(found) > before:
            one = found[-1]
            found[-1] = replace(one, source=(line.chars(who),), relay=one.relay + one.source)
        elif kind == "by" and named and found:
            found[-1] = replace(found[-1], relay=(*found[-1].relay, line.chars(who)))
        elif kind == "by" and named:
            waiting = (line.chars(who),)
        elif kind in {"say", "tell", "report", "according"}:
            new, last = _read(line, quotes, hit, last)
            if new and new.content[0][1] <= new.cue[0]:  # what was said before ends where this does
                found[before:] = [_cut(f, new.content[0][1]) for f in found[before:]]
            found += [replace(new, relay=new.relay + waiting)] if new else []


def _cut(one: Said, end: int) -> Said:
    content = ((a, min(b, end) if a < end and one.cue[0] < end else b) for a, b in one.content)
    return replace(one, content=tuple(content))


def _read(line: Line, quotes: list[Span], hit: Hit, last: Range) -> tuple[Said | None, Range]:
    """An attribution by its cue, and the source it leaves for ", adding that"."""
    kind, group, first = hit.phrase.cells[0], line.group(hit.start), line.low(hit.start)
    lows = line.lows((group, hit.start))
    noun = first in words("noun") and not (line.mark(hit.end) or line.low(hit.end) == "that")
    name = line.capital(hit.start) and line.capital(hit.start - 1)  # "the United States"
    article = line.low(group - 1) in {"the", "a", "of"} | words("possessive")
    if noun or name or "to" in lows or article:
        return None, last
    end, who = hit.end, (hit.end, line.after(hit.end))
    opens = (
        line.mark(group - 1)
        and not first.endswith("ing")
        and line.low(who[1]) not in verbs() | {"that"}
    )
    if kind == "according" or (opens and line.party(who)):
        inverted, left = hit.start > 0, line.tokens[group].start
        end = who[1] + (hit.start == 0 and line.low(who[1]) == ",")
        after = line.after(end + 1)  # "its minister, Andris Spruds,"
        if inverted and line.low(end) == "," and after > end + 1 and line.mark(after):
            named = line.capital(end + 1) or line.low(end + 1) in words("possessive") | {"the", "a"}
            end = after if named else end
        who = who[0], max(who[1], end) if inverted else who[1]
    else:
        inverted, (who, stated) = False, line.subject(hit.start, last)
        if not line.party(who) and not (stated and kind == "report"):
            return None, last
        left = line.tokens[min(who[0], group)].start
    told = (end, line.after(end) if kind == "tell" else end)
    relay = (line.chars(told),) if not words("outlets.txt").isdisjoint(line.lows(told)) else ()
    content = _content(line, quotes, left, _past_adverbials(line, told[1]), inverted)
    if who[0] == who[1] or not content:
        return None, last
    supposed = not words("hypothetical").isdisjoint(lows)
    cue = line.chars((group, hit.end))
    return Said((line.chars(who),), cue, content, relay, kind == "report", supposed), who


def _past_adverbials(line: Line, k: int) -> int:
    """Skip "on Tuesday", "in an interview with X", "to reporters" behind a cue."""
    for _ in range(6):
        k = line.past_adverbs(k)
        while line.low(k).endswith("day"):
            k += 1
        if line.low(k) not in words("adverbial"):
            break
        k = line.after(k + 1)
    return k


def _content(line: Line, quotes: list[Span], left: int, k: int, inverted: bool) -> tuple[Span, ...]:
    """What is said: before offset `left`, from token `k` on, or both around the cue."""
    past = line.text[line.span[0] : left].rstrip()
    opened = k + (line.low(k) in {",", ":"})
    quoted = line.low(opened) in QUOTES or line.low(k) == ":"
    behind = _behind(line, quotes, left)
    closed = (len(past) > 1 and past[-1] in ",”\"'’") or not past
    if behind and closed and (inverted or line.mark(k) or line.low(k) == "as"):
        after = line.tokens[k].start if k < len(line.tokens) else line.span[1]
        at = bisect_right(quotes, (after, 0))
        more = quotes[at : at + 1]
        if more and line.text[after : more[0][0]].strip(" .,:\n"):
            more = []
        goes_on = line.low(k) == "," and not line.low(k + 1).endswith("ing")
        if (
            not more
            and goes_on
            and line.low(k + 1) not in words("aside")
            and len(line.tokens) > k + 4
        ):
            more = [_ahead(line, quotes, k + 1)]
        return (behind, *more)
    finite = any(w in verbs() for w in line.lows((k, k + 40))) or line.low(k) == "that"
    if opened < len(line.tokens) and (quoted or (finite and not line.mark(k))):
        return (_ahead(line, quotes, opened),)
    return ()


def _ahead(line: Line, quotes: list[Span], k: int) -> Span:
    """From token `k` to the end of its sentence, of a quotation over it, or to ", according to"."""
    turns = (n for n in range(k + 1, len(line.tokens) - 1)
             if line.low(n) == "," and line.low(n + 1) in {"according", "as"})  # fmt: skip
    turn = next(turns, None)
    end = line.span[1] if turn is None else line.tokens[turn].start
    at = bisect_right(quotes, (end, 0)) - 1
    end = max(end, quotes[at][1]) if at >= 0 else end
    while end > line.tokens[k].end and line.text[end - 1] in ".; \n":
        end -= 1
    return line.tokens[k].start, end


def _behind(line: Line, quotes: list[Span], left: int) -> Span | None:
    """The quotation that ends before `left`, or its sentence up to there."""
    start = line.span[0]
    at = bisect_right(quotes, (left, 0)) - 1
    if at >= 0 and 0 <= left - quotes[at][1] <= 2 and quotes[at][0] <= start:
        return quotes[at]
    end = start + len(line.text[start:left].rstrip(", \n"))
    return (start, end) if end - start > 8 else None


def _nested(found: list[Said]) -> list[Said]:
    """Set `within`; what an outlet reports others to say has that outlet as relay."""
    out = []
    for i, one in enumerate(found):
        holds = [
            (b - a, k)
            for k in range(max(0, i - 9), min(len(found), i + 10))  # its neighbours
            for a, b in found[k].content
            if a <= one.cue[0] < b and b - a > max(y - x for x, y in one.content)
        ]
        outer = min(holds)[1] if holds else None
        via: tuple[Span, ...] = ()
        if outer is not None and found[outer].reports:
            via = found[outer].source + found[outer].relay
        out.append(replace(one, within=outer, relay=one.relay + via))
    return out
