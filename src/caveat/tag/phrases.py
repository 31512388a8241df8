"""Where noun phrases and actions begin and end, without a parser: closed classes and marks."""

from __future__ import annotations

from dataclasses import dataclass, field

from caveat.model import Span
from caveat.tag.lexicon import adverbials, patterns, verbs, words
from caveat.tag.words import Token, adverb, tokens_of

Range = tuple[int, int]
"""Half-open pair of token indices."""
NONE: Range = (0, 0)
QUOTES = frozenset(["“", "”", "‘", '"', "„", "''", "``"])
MARKS = frozenset([*QUOTES, *".,;:!?()[]{}—–…/", "--", "-"])
_LIMIT = 30  # tokens; the longest action in the training passages has 34, the 99th percentile 22


@dataclass(slots=True)
class Line:
    """A sentence as tokens; `stops` are tokens at which conditions begin: no action runs on."""

    text: str
    span: Span
    tokens: list[Token] = field(init=False)
    stops: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        self.tokens = tokens_of(self.text, self.span)

    def low(self, k: int) -> str:
        """The folded word at `k`, empty beyond the ends."""
        return self.tokens[k].low if 0 <= k < len(self.tokens) else ""

    def lows(self, r: Range) -> list[str]:
        """The folded words of a range."""
        return [t.low for t in self.tokens[r[0] : r[1]]]

    def chars(self, r: Range) -> Span:
        """The offsets of a range that is not empty."""
        return self.tokens[r[0]].start, self.tokens[r[1] - 1].end

    def mark(self, k: int) -> bool:
        """Whether `k` is punctuation or beyond the ends."""
        return not 0 <= k < len(self.tokens) or self.tokens[k].text in MARKS

    def capital(self, k: int) -> bool:
        """Whether the word at `k` begins with a capital."""
        return 0 <= k < len(self.tokens) and self.tokens[k].text[0].isupper()

    def past_adverbs(self, k: int) -> int:
        """The first token from `k` on that is no adverb."""
        while k < len(self.tokens) and adverb(self.tokens[k]):
            k += 1
        return k

    def group(self, i: int) -> int:
        """Where the verb group that holds `i` begins: auxiliaries and adverbs before it."""
        first = max(0, i - 8)
        while i > first:
            if f"{self.low(i - 2)} {self.low(i - 1)}" in adverbials():
                i -= 2
            elif self.low(i - 1) in words("auxiliary") | {"'re", "to"} or adverb(
                self.tokens[i - 1]
            ):
                i -= 1
            else:
                break
        return i

    def breaks(self, k: int) -> bool:
        """Whether no noun phrase runs over `k`."""
        return self.mark(k) or self.low(k) in verbs() or self.low(k) in words("stop") - {"or"}

    def before(self, end: int) -> Range:
        """The noun phrase that ends at `end`, with what hangs on it."""
        start = end
        while start > max(0, end - _LIMIT) and not self.breaks(start - 1):
            start -= 1
        relative = self.low(start - 1) in {"who", "which", "that"} and not self.breaks(start - 2)
        if relative and self.low(start).endswith("ed"):
            return self.before(start - 1)  # "the states that gathered in Paris will"
        lows = self.lows((start, end))
        if "and" in lows and self.low(start - 1) in verbs():
            start += lows.index("and") + 1  # "X did Y and Z will": the subject is Z
        while "and" in lows and self.low(start - 1) == ",":  # "X, Y and Z"
            k = start - 1
            while k > max(0, start - 6) and not self.breaks(k - 1):
                k -= 1
            named = any(self.capital(n) for n in range(k, start - 1))
            if not named or k == start - 1 or self.low(k) in words("preposition"):
                break
            start = k
        return self.strip((self._last_phrase(start, end), end))

    def _last_phrase(self, start: int, end: int) -> int:
        """Where the last of two noun phrases in a row begins: "after a truce | the country"."""
        joins = words("preposition") | {"and", "or", "as", "all", "both", "than", "but", "not"}
        for k in range(end - 1, start, -1):
            before = self.low(k - 1)
            if self.low(k) in {"the", "a", "an"} and not self.mark(k - 1) and before not in joins:
                return k
        return start

    def strip(self, r: Range) -> Range:
        """Cut adverbs, conjunctions and "on Tuesday" off a noun phrase."""
        start, end = r
        when = patterns()["when"]
        dated = [k for k in range(start, end - 1) if self.low(k) in {"on", "in", "last", "by"}
                 and when.match(self.tokens[k + 1].text)]  # fmt: skip
        if dated and dated[0] > start:
            end = dated[0]
        elif dated:
            start += 2 + (self.low(start + 2)[:1].isdigit() and start + 2 < end)
        while start < end and (adverb(self.tokens[start]) or self.low(start) in {"and", "but"}):
            start += 1
        while end > start and adverb(self.tokens[end - 1]):
            end -= 1
        return start, end

    def subject(self, i: int, last: Range) -> tuple[Range, bool]:
        """The subject of the verb group at `i`, and whether it is stated right there.

        `last` is the subject of the verb before: it is shared by "and …", ", pledging …", "to …".
        """
        start = self.group(i)
        before = self.low(start - 1)
        shared = before in {"", "and", "or", "but", "then", "to", "by", "yet"}
        participle = start == i and self.mark(start - 1) and self.low(i).endswith("ing")
        if shared or participle or self.low(start) == "to":
            return last, False
        if before in {"who", "which", "that"}:
            found = self.before(start - 1 - (self.low(start - 2) == ","))
            if self.low(found[0]) == "among":  # "X and Y are among the states that": X and Y
                found = self.before(found[0] - 1)
        elif before in {",", ")", "–", "—"}:  # "X, the head of Y, will"
            opens = "(" if before == ")" else before
            span = range(start - 2, max(start - 27, 0), -1)
            found = self.before(next((k for k in span if self.low(k) == opens), 0))
        else:
            found = self.before(start)
            if self.low(found[0]) in words("preposition") - {"around", "about", "over"}:
                found = self.before(found[0] - 1) if self.low(found[0] - 1) == "," else NONE
        return (found, True) if found[0] < found[1] else (last, False)

    def after(self, start: int) -> int:
        """Where the short noun phrase (source, addressee, agent) that begins at `start` ends."""
        inner = words("preposition") - {"of", "for"}
        for k in range(start, min(start + 14, len(self.tokens))):
            ends = (
                self.breaks(k)
                or self.low(k) in {"to", "not"}
                or (k > start and self.low(k) in inner)
            )
            joined = self.low(k) == "and" and not (self.capital(k + 1) or self.low(k + 1) == "the")
            if ends or joined:
                return k
        return min(start + 14, len(self.tokens))

    def extent(self, start: int) -> int:
        """Where the action or object that begins at `start` ends."""
        relative, opened = False, 0
        for k in range(start, min(len(self.tokens), start + _LIMIT)):
            low = self.low(k)
            relative = relative or low in {"that", "which", "who", "what", "how"}
            if low in QUOTES:
                glued = k + 1 < len(self.tokens) and self.tokens[k + 1].start == self.tokens[k].end
                opens = low in {"“", "„", "``", "‘"} or (glued and low == '"' and opened <= 0)
                opened += 1 if opens else -1
                if opened < 0:
                    return k
            elif k > start and (k in self.stops or self._closes(k, low, relative)):
                return k
        return min(len(self.tokens), start + _LIMIT)

    def _closes(self, k: int, low: str, relative: bool) -> bool:
        if low == ",":
            return not self.lists(k)
        if low in {"and", "or"}:  # a new clause follows
            k = self.past_adverbs(k + 1)
            if self.mark(k) or self.low(k) in {"it", "he", "she", "they", "we"}:
                return True
            rest = self.lows((k, k + 6))
            ends = (n for n, w in enumerate(rest) if w in words("closes") or w in MARKS)
            return any(w in verbs() for w in rest[: next(ends, 6)])
        if low == "as":
            return self.low(k + 1) not in {"well", "part", "much", "many", "a"}
        finite = low in words("auxiliary") - {"be", "been", "being", "have", "do", "got"}
        return self.mark(k) or low in words("stop") - words("inside") or (finite and not relative)

    def lists(self, k: int) -> bool:
        """Whether the comma at `k` stands between members of a list that closes with "and"."""
        length = 0
        for n in range(k + 1, k + _LIMIT):
            if self.low(n) in {"and", "or"} and length:
                return True
            if self.low(n) != "," and (length > 5 or self.breaks(n)):
                return False
            length = 0 if self.low(n) == "," else length + 1
        return False

    def members(self, r: Range) -> list[Range]:
        """The named members of a list, else the phrase as a whole."""
        cuts = [k for k in range(*r) if self.low(k) in {",", "and"}]
        parts = zip([r[0], *(c + 1 for c in cuts)], [*cuts, r[1]], strict=True)
        kept = [p for p in parts if p[0] < p[1]]
        named = all(self.capital(a) or self.low(a) == "the" or b - a == 1 for a, b in kept)
        return kept if named else [r]

    def party(self, r: Range) -> bool:
        """Whether a noun phrase names somebody who can hold a position."""
        lows = self.lows(r)
        if not lows or lows[0] in {"this", "that", "these", "there", "what", "which"}:
            return False
        if lows[0] in words("preposition") - {"over", "around", "about", "up"}:
            return False  # "in the words of X"; "over 30 states" is a party
        named = any(self.capital(k) for k in range(r[0] + (lows[0] in {"the", "a"}), r[1]))
        alone = len(lows) == 1 and lows[0] in words("pronoun")
        return named or alone or not words("party").isdisjoint(lows)
