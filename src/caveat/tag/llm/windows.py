"""Passages to ask about: overlapping windows of whole paragraphs, and who was met before each.

Who was met is found by capital letters alone, not by the replies to earlier windows: so each
passage's question depends on the article only, windows can be asked at once, and a reply that is
kept answers the same question tomorrow.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from caveat.model import Article, Part, Span
from caveat.tag.sentences import paragraphs, sentences

HIDDEN = "\x00"
"""Stands for each character that is not sent: no word of a reply can match it, offsets hold."""
_SENT = frozenset({"headline", "body"})
_MOST_NAMES = 20
_NAME = re.compile(
    r"[A-Z][\w’'-]*(?:\s(?:(?:of|the|de|von|van|al|bin)\s)?[A-Z][\w’'-]*)+|[A-Z]\w*-[A-Z]\w*"
)
_GAPS = re.compile(rf"{HIDDEN}+")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of an article, its text with the same offsets, and who was met before it."""

    span: Span
    text: str
    names: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The text as it is sent."""
        return _GAPS.sub("\n", self.text)


def readable(article: Article) -> str:
    """The article's text, as long as it is, with all but headline and body hidden."""
    text = article.text
    kept = [p.span for p in _parts(article)]
    out, at = [], 0
    for start, end in sorted(kept):
        out.append(HIDDEN * (start - at))
        out.append(text[max(start, at) : end].replace(HIDDEN, " "))
        at = max(at, end)
    out.append(HIDDEN * (len(text) - at))
    return "".join(out)


def windows(
    article: Article, size: int, overlap: int, around: Collection[Span] | None = None
) -> tuple[Window, ...]:
    """The windows of an article, each `size` characters at most where a paragraph allows it.

    With `around`, only the paragraphs that hold these spans, with one before and one after.
    """
    text = readable(article)
    units = [u for p in _parts(article) for u in _units(article.text, p.span, size)]
    units = [u for u in units if text[u[0] : u[1]].strip(HIDDEN + " \n\r\t")]
    spans = _windows(units, size, overlap) if around is None else _around(units, around, size)
    met = _met(text)
    return tuple(Window((a, b), text[a:b], *_before(met, a)) for a, b in spans)


def _parts(article: Article) -> list[Part]:
    parts = article.parts or (Part("body", (0, len(article.text))),)
    return [p for p in parts if p.kind in _SENT]


def _units(text: str, span: Span, size: int) -> list[Span]:
    """Paragraphs; one that is longer than a window in runs of sentences."""
    out: list[Span] = []
    for paragraph in paragraphs(text, span):
        if paragraph[1] - paragraph[0] <= size:
            out.append(paragraph)
            continue
        run: Span | None = None
        for a, b in sentences(text, paragraph):
            if run is not None and b - run[0] <= size // 2:
                run = (run[0], b)
            else:
                out += [run] if run is not None else []
                run = (a, b)
        out += [run] if run is not None else []
    return out


def _windows(units: Sequence[Span], size: int, overlap: int) -> list[Span]:
    out: list[Span] = []
    i = 0
    while i < len(units):
        j = i + 1
        while j < len(units) and units[j][1] - units[i][0] <= size:
            j += 1
        out.append((units[i][0], units[j - 1][1]))
        if j == len(units):
            break
        k = j
        while k - 1 > i and units[j - 1][1] - units[k - 1][0] <= overlap:
            k -= 1
        while k < j and units[j][1] - units[k][0] > size:
            k += 1  # else the next window would end where this one does
        i = k
    return out


def _around(units: Sequence[Span], around: Collection[Span], size: int) -> list[Span]:
    wanted: list[Span] = []
    for n, (a, b) in enumerate(units):
        if any(a < end and start < b for start, end in around):
            first, last = max(0, n - 1), min(len(units) - 1, n + 1)
            new = (units[first][0], units[last][1])
            if new[1] - new[0] > 2 * size:
                new = (a, b)
            if wanted and new[0] < wanted[-1][1] and new[1] - wanted[-1][0] <= size:
                new = (wanted.pop()[0], new[1])
            wanted.append(new)
    return wanted


# ------------------------------------------------------------------ who was met


@cache
def _speech() -> re.Pattern[str]:
    text = (resources.files("caveat.tag.llm") / "data" / "speech.txt").read_text("utf-8")
    verbs = "|".join(w for w in text.splitlines() if w and not w.startswith("#"))
    return re.compile(rf"(?:{verbs})\b")


def _met(text: str) -> list[tuple[int, str, bool]]:
    """Names of several words in the text: where, which, and whether one speaks."""
    out = []
    for m in _NAME.finditer(text):
        name = " ".join(m.group().split())
        behind = text[max(0, m.start() - 12) : m.start()].rstrip().rpartition(" ")[2]
        speaks = bool(_speech().fullmatch(behind)) or bool(
            _speech().match(text, m.end() + 1, m.end() + 14)
        )
        out.append((m.start(), name, speaks))
    return out


def _before(
    met: Sequence[tuple[int, str, bool]], start: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The last names before an offset, and those of them who speak, in the order of the text."""
    names: dict[str, None] = {}
    speakers: dict[str, None] = {}
    for i in range(bisect_left(met, start, key=lambda m: m[0]) - 1, -1, -1):
        _, name, speaks = met[i]
        names.setdefault(name)
        if speaks:
            speakers.setdefault(name)
        if len(names) >= _MOST_NAMES:
            break
    return tuple(reversed(names)), tuple(reversed(speakers))
