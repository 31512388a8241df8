"""Attributions: who says what, by quotation marks, cue verbs and "according to"."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

from caveat.model import Span
from caveat.tag.lexicon import index, words
from caveat.tag.phrases import QUOTES, Range, group_start, is_mark, np_after, party, subject, verbs
from caveat.tag.words import Hit, Token, adverb, matches, quotations, sentences, tokens_of, trim

_NONE = (0, 0)


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


@dataclass(frozen=True, slots=True)
class _Scene:
    """A sentence and the quotations of its paragraph."""

    text: str
    sentence: Span
    tokens: list[Token]
    quotes: list[Span]

    def span(self, r: Range) -> Span:
        return self.tokens[r[0]].start, self.tokens[r[1] - 1].end

    def low(self, k: int) -> str:
        return self.tokens[k].low if 0 <= k < len(self.tokens) else ""

    def ahead(self, k: int) -> Span:
        """The content from token `k` to the end of its sentence or of the quotation there."""
        end = next(
            (t.start for i, t in enumerate(self.tokens) if i > k and t.text == "," and self._turns(i)),
            self.sentence[1],
        )
        at = bisect_right(self.quotes, (end, 0)) - 1
        if at >= 0 and end < self.quotes[at][1]:
            end = self.quotes[at][1]
        while end > self.tokens[k].start and self.text[end - 1] in ".; ":
            end -= 1
        return trim(self.text, (self.tokens[k].start, end))

    def _turns(self, i: int) -> bool:
        after = self.low(i + 1), self.low(i + 2)
        return after in {("according", "to"), ("as", "quoted"), ("as", "reported"), ("as", "cited")}

    def behind(self, left: int) -> tuple[Span, ...]:
        """The content that ends before offset `left`: a quotation, or the clause up to there."""
        ends = [q[1] for q in self.quotes]
        at = bisect_right(ends, left) - 1
        start = self.sentence[0]
        if at >= 0 and left - ends[at] <= 2 and self.quotes[at][0] <= start:
            return (self.quotes[at],)
        end = left
        while end > start and self.text[end - 1] in ", \n":
            end -= 1
        return (trim(self.text, (start, end)),) if end - start > 8 else ()

    def later(self, k: int) -> tuple[Span, ...]:
        """A quotation that goes on behind the cue, in this sentence or right after it."""
        after = self.tokens[k].start if k < len(self.tokens) else self.sentence[1]
        at = bisect_left(self.quotes, (after, 0))
        if at < len(self.quotes) and not self.text[after : self.quotes[at][0]].strip(" .,:\n"):
            return (self.quotes[at],)
        return ()


def attributions(text: str, paragraph: Span) -> list[Said]:
    """The attributions of one paragraph in the order of their cues; `within` counts in the list."""
    quotes = quotations(text, paragraph)
    found: list[Said] = []
    for sentence in sentences(text, paragraph):
        scene = _Scene(text, sentence, tokens_of(text, sentence), quotes)
        found = _sentence(scene, found)
    return _nested(found)


def _sentence(scene: _Scene, found: list[Said]) -> list[Said]:
    last, before, waiting = _NONE, len(found), ()
    for hit in matches(scene.tokens, index("cues.tsv")):
        kind = hit.phrase.cells[0]
        if kind == "by" or (kind == "citing" and len(found) > before):
            who = (hit.end, np_after(scene.tokens, hit.end))
            named = who[0] < who[1] and scene.low(who[1] - 1) not in words("reporters")
            if named and kind == "citing":
                one = found[-1]
                found[-1] = replace(one, source=(scene.span(who),), relay=one.relay + one.source)
            elif named and found:
                found[-1] = replace(found[-1], relay=(*found[-1].relay, scene.span(who)))
            elif named:
                waiting = (scene.span(who),)
        elif kind == "according":
            found += _according(scene, hit)
        elif kind != "citing":
            one, last = _read(scene, hit, kind, last)
            if one and one.content[0][0] < one.cue[0]:  # what was said before ends where this begins
                left = one.content[0][1]
                for i in range(before, len(found)):
                    cut = tuple((a, left if a < left < b and found[i].cue[0] < left else b) for a, b in found[i].content)
                    found[i] = replace(found[i], content=cut)
            found += [replace(one, relay=one.relay + waiting)] if one else []
    return found


def _according(scene: _Scene, hit: Hit) -> list[Said]:
    end = np_after(scene.tokens, hit.end)
    if end == hit.end:
        return []
    end = _apposed(scene, end) if hit.start else end
    if hit.start:
        content = scene.behind(scene.tokens[hit.start].start)
    else:
        k = end + (scene.low(end) == ",")
        content = (scene.ahead(k),) if k < len(scene.tokens) else ()
    cue = scene.span((hit.start, hit.end))
    return [Said((scene.span((hit.end, end)),), cue, content)] if content else []


def _read(scene: _Scene, hit: Hit, kind: str, last: Range) -> tuple[Said | None, Range]:
    tokens = scene.tokens
    group = group_start(tokens, hit.start)
    lows = {t.low for t in tokens[group : hit.start]}
    k = hit.end
    nominal = tokens[hit.start].low in words("noun") and k < len(tokens)
    if nominal and not (is_mark(tokens[k]) or tokens[k].low == "that"):
        return None, last
    if tokens[hit.start].text[0].isupper() and group and tokens[hit.start - 1].text[0].isupper():
        return None, last  # "the United States"
    if "to" in lows or scene.low(group - 1) in {"the", "a", "of"} | words("possessive"):
        return None, last
    end = hit.end
    who = (end, np_after(tokens, end))
    ing = tokens[hit.start].low.endswith("ing")
    opens = group == 0 or scene.low(group - 1) in QUOTES | {",", "’", "'"}
    inverted = opens and not ing and party(tokens, who) and scene.low(who[1]) != "that"
    if inverted:
        end = _apposed(scene, who[1])
        who = who[0], end
    else:
        who, stated = subject(tokens, hit.start, last)
        if who[0] == who[1] or not (party(tokens, who) or (stated and kind == "report")):
            return None, last
    told = (end, np_after(tokens, end) if kind == "tell" else end)
    relay = (scene.span(told),) if told[0] < told[1] and _outlet(tokens, told) else ()
    left = tokens[group if inverted else min(who[0], group)].start
    content = _content(scene, left, _past_adverbials(scene, told[1]), inverted)
    if not content:
        return None, who
    supposed = bool(lows & words("hypothetical"))
    cue = scene.span((group, hit.end))
    return Said((scene.span(who),), cue, content, relay, kind == "report", supposed), who


def _apposed(scene: _Scene, end: int) -> int:
    """Where a source ends that an apposition follows: "its minister, Andris Spruds,"."""
    if scene.low(end) != ",":
        return end
    after = np_after(scene.tokens, end + 1)
    closes = after > end + 1 and (after == len(scene.tokens) or scene.low(after) in {",", ".", ";"})
    first = scene.tokens[end + 1] if closes else None
    named = first and (first.text[0].isupper() or first.low in words("possessive") | {"the", "a"})
    return after if named else end


def _outlet(tokens: list[Token], r: Range) -> bool:
    return any(t.low in words("outlets.txt") for t in tokens[r[0] : r[1]])


def _past_adverbials(scene: _Scene, k: int) -> int:
    """Skip "on Tuesday", "in an interview with X", "to reporters" behind a cue."""
    lead = {"in", "on", "at", "to", "during", "after", "with", "of", "for", "via", "late", "last"}
    for _ in range(6):
        while k < len(scene.tokens) and (adverb(scene.tokens[k]) or scene.low(k).endswith("day")):
            k += 1
        if scene.low(k) not in lead:
            return k
        k = max(np_after(scene.tokens, k + 1), k + 1)
    return k


def _content(scene: _Scene, left: int, k: int, inverted: bool) -> tuple[Span, ...]:
    tokens = scene.tokens
    opened = k + (scene.low(k) in {",", ":"})
    quoted = scene.low(opened) in QUOTES or scene.low(opened) in {"'", "‘"} or scene.low(k) == ":"
    past = scene.text[scene.sentence[0] : left].rstrip()
    closed = (len(past) > 1 and past[-1] in {",", "”", '"', "'", "’"}) or (not past and scene.behind(left))
    if closed and (inverted or k >= len(tokens) or is_mark(tokens[k]) or scene.low(k) == "as"):
        rest = scene.later(opened)
        ends = scene.low(k) == "," and not quoted and not scene.low(k + 1).endswith("ing")
        if not rest and ends and scene.low(k + 1) not in {"as", "who", "but", "citing", "according"}:
            rest = (scene.ahead(k + 1),) if len(tokens) - k > 4 else ()
        return scene.behind(left) + rest
    if quoted and opened < len(tokens):
        return (scene.ahead(opened),)
    if k < len(tokens) - 2 and not is_mark(tokens[k]):
        finite = any(t.low in verbs() for t in tokens[k : k + 40])
        return (scene.ahead(k),) if finite or tokens[k].low == "that" else ()
    return ()


def _covers(one: Said, cue: Span) -> bool:
    return any(a <= cue[0] < b for a, b in one.content)


def _nested(found: list[Said]) -> list[Said]:
    """Set `within`; what an outlet reports others to say has that outlet as relay."""
    out = []
    for i, one in enumerate(found):
        near = range(max(0, i - 9), min(len(found), i + 10))  # an attribution's neighbours
        holds = [
            (b - a, k)
            for k in near
            if k != i
            for a, b in found[k].content
            if not (one.content[0][0] < one.cue[0] and _covers(one, found[k].cue))
            and a <= one.cue[0] and one.cue[1] <= b and not a <= found[k].cue[0] < b
        ]
        outer = min(holds)[1] if holds else None
        if outer is not None and found[outer].reports:
            one = replace(one, relay=one.relay + found[outer].source)
        out.append(replace(one, within=outer))
    return out
