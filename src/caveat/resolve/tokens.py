"""The words of an article by number, with its sentences and quotations.

All of `resolve` works on token numbers; offsets into the text come back in at the door. A token
is a run of letters and digits, or a dotted abbreviation ("U.S."), so that hyphens, apostrophes
and possessives stand between tokens: "Russia's" is "Russia" and "s".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from caveat.model import Span

TOKEN = re.compile(r"(?:[A-Z]\.)+[A-Z](?!\w)\.?|[^\W_]+")
JOINS = frozenset((" ", "-", "‑", "–", "'", "’", "´", ".", "/", "\n", " & ", "\u00a0", "\u202f"))
"""What may stand between the tokens of one name or phrase."""
BLANKS = frozenset((" ", "\n", "\u00a0", "\u202f", "  "))
APOSTROPHES = frozenset(("'", "’", "´"))

_CONTRACTED = frozenset("a an been being not the also always never already going".split())
"""What follows the s of "Russia's been", that is no possessive."""
_SHORT = frozenset(("st", "no"))
_BREAK = re.compile(r"\n\s*\n|[.!?…][\"”’')\]]*\s+(?=[\"“‘'(\[]*[^\Wa-z_])")
_ABBREVIATED = frozenset(
    "mr mrs ms dr prof gen lt col maj capt adm brig sgt rep sen gov st no jr vs inc jan feb aug"
    " sept oct nov dec".split()
)
_QUOTE = re.compile(r"[“”\"]|\n\s*\n")
_SINGLE = re.compile(
    r"(?<![\w’'.,])['‘](?=[^\W_])(?P<said>(?:(?!\s['‘][^\W_])(?!(?<=[^\WsS])['’]\W)[^\n\"“”]){2,1500}?"
    r"[,.?!…])['’](?!\w)"
)
"""Speech between single marks, as the British press sets it; it ends with a stop or a comma, which
parts it from titles and from words held at arm's length ('special operation')."""


@dataclass(slots=True)
class Text:
    """Tokens of one text: where they start and end, as written, in lower case."""

    text: str
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    lowers: list[str] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    """Offsets at which a sentence begins, ascending, the first is 0."""
    quoted: list[Span] = field(default_factory=list)
    uncapitalised: frozenset[str] = frozenset()
    """The words that the text also writes in lower case."""

    def __len__(self) -> int:
        return len(self.words)

    def gap(self, i: int) -> str:
        """What stands between token i - 1 and token i; a full stop where there is no token."""
        return self.text[self.ends[i - 1] : self.starts[i]] if 0 < i < len(self.words) else "."

    def joined(self, i: int) -> bool:
        """Whether token i goes on from token i - 1 within one name or phrase."""
        gap = self.gap(i)
        return gap in JOINS or (gap == ". " and self.lowers[i - 1] in _SHORT)

    def spaced(self, i: int) -> bool:
        """Whether only a blank stands before token i."""
        return self.gap(i) in BLANKS

    def possessive(self, i: int) -> bool:
        """Whether token i is the s of "Russia's"; "states' " has none and is not asked for."""
        if not (
            0 < i < len(self.words) and self.lowers[i] == "s" and self.gap(i).strip() in APOSTROPHES
        ):
            return False
        return not (i + 1 < len(self.words) and self.lowers[i + 1] in _CONTRACTED)

    def is_capital(self, i: int) -> bool:
        """Whether token i begins with a capital letter."""
        return self.words[i][0].isupper()

    def span(self, first: int, last: int) -> Span:
        """Offsets of the tokens first to last, last excluded."""
        return self.starts[first], self.ends[last - 1]

    def tokens_in(self, span: Span) -> tuple[int, int]:
        """First and last (excluded) of the tokens that lie wholly in a span."""
        first = bisect_right(self.starts, span[0] - 1)
        return first, max(first, bisect_right(self.ends, span[1]))

    def sentence(self, offset: int) -> int:
        """Number of the sentence that holds an offset."""
        return bisect_right(self.breaks, offset) - 1

    def sentence_start(self, i: int) -> bool:
        """Whether token i is the first of its sentence."""
        return i == 0 or self.sentence(self.starts[i]) != self.sentence(self.starts[i - 1])

    def in_quotation(self, offset: int) -> bool:
        """Whether an offset lies between quotation marks."""
        i = bisect_right(self.quoted, (offset, len(self.text) + 1)) - 1
        return i >= 0 and self.quoted[i][0] <= offset < self.quoted[i][1]

    def title_case(self, offset: int) -> bool:
        """Whether the sentence at an offset capitalises its words, as headlines do."""
        n = self.sentence(offset)
        start = self.breaks[n]
        end = self.breaks[n + 1] if n + 1 < len(self.breaks) else len(self.text)
        first, last = self.tokens_in((start, end))
        long = [w for w in self.words[first:last] if len(w) > 3]
        return len(long) >= 4 and sum(w[0].isupper() for w in long) >= 0.75 * len(long)


def tokenize(text: str) -> Text:
    """Cut a text into tokens, sentences and quotations."""
    starts: list[int] = []
    ends: list[int] = []
    words: list[str] = []
    for m in TOKEN.finditer(text):
        word = m.group()
        starts.append(m.start())
        ends.append(m.end())
        words.append(word.replace(".", "") if "." in word else word)
    lowers = [w.lower() for w in words]
    plain = frozenset(w for w in words if w.islower())
    return Text(text, starts, ends, words, lowers, _sentences(text), _quotations(text), plain)


def _sentences(text: str) -> list[int]:
    starts = [0]
    for m in _BREAK.finditer(text):
        if m.group()[0] == ".":
            before = re.search(r"[^\W_]*$", text[max(0, m.start() - 12) : m.start()])
            word = before.group() if before else ""
            if (len(word) == 1 and word.isupper()) or word.lower() in _ABBREVIATED:
                continue
        starts.append(m.end())
    return starts


def _quotations(text: str) -> list[Span]:
    """Stretches between quotation marks; one that is never closed ends with its paragraph.

    A straight mark that can only open does so, even where the one before was never closed.
    """
    spans: list[Span] = []
    opened: int | None = None
    for m in _QUOTE.finditer(text):
        mark = m.group()
        opens = mark == "“" or (mark == '"' and (opened is None or _only_opens(text, m.start())))
        if opened is not None and (mark != "“" or opens):
            spans.append((opened, m.start()))
            opened = None
        if opens:
            opened = m.end()
    if opened is not None:
        spans.append((opened, len(text)))
    return sorted([*spans, *_single_marks(text, spans)])


def _single_marks(text: str, double: list[Span]) -> list[Span]:
    """Stretches between single marks that lie outside those between double ones."""
    out: list[Span] = []
    for m in _SINGLE.finditer(text):
        begin, end = m.span("said")
        i = bisect_right(double, (begin, len(text) + 1)) - 1
        if i < 0 or double[i][1] <= begin:
            out.append((begin, end))
    return out


def _only_opens(text: str, i: int) -> bool:
    """Whether the straight mark at an offset stands after a blank and before a capital letter."""
    after = text[i + 1 : i + 2]
    return text[max(0, i - 1) : i].isspace() and after.isupper()
