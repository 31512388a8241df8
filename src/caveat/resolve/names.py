"""People's names: runs of capitalised words, and which of them are forms of one name.

Two spellings are one surname if their keys agree: accents folded, Slavic endings and a few
transliterations levelled (Zelensky, Zelenskiy, Zelenskyy; Shmyhal, Shmygal). First names keep
people apart: they agree if their keys do, if one is the other's initial, or if both stand in one
group of `caveat/data/first-names.tsv` (Volodymyr, Vladimir).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from caveat.model import Span
from caveat.resolve.lexicon import first_names, fold, given_gender, words
from caveat.resolve.tokens import Text

LONGEST = 5
"""Tokens of a name at most; longer runs of capitals are headlines and titles."""

BEHIND = frozenset("Jr Sr II III KC QC MP MSP MEP TD OBE CBE PhD".split())
"""What may stand behind a surname and is none."""

_LEVEL = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"[^a-z]", ""),
        (r"kh", "h"),
        (r"ph", "f"),
        (r"ck|q", "k"),
        (r"x", "ks"),
        (r"w", "v"),
        (r"(?<!^)[yj]|^y", "i"),
        (r"i{2,}", "i"),
        (r"i(?=[aeu])", ""),
        (r"([aou])e", r"\1"),
        (r"(.)\1+", r"\1"),
    )
)
"""In order. Swept on the spellings in tests/test_resolve.py, both the alike and the different."""


@lru_cache(maxsize=65536)
def key(name: str) -> str:
    """What a name's spellings share; for surnames of six letters and more g and h are one."""
    out = fold(name)
    for pattern, to in _LEVEL:
        out = pattern.sub(to, out)
    return out.replace("g", "h") if len(out) > 5 else out


@cache
def label(word: str) -> str:
    """The gender or nothing that a title before a name says: "m", "f", "-", or "" for no title."""
    for name, gender in (("title-m", "m"), ("title-f", "f"), ("title", "-")):
        if word in words(name):
            return gender
    return ""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of capitalised words that may be a person's name: tokens, words, gender by title."""

    first: int
    last: int
    span: Span
    names: tuple[str, ...]
    title: str = ""

    @property
    def surname(self) -> str:
        """The last of the names, without an Arabic article."""
        return self.names[-1].removeprefix("al-").removeprefix("el-").removeprefix("Al-")

    @property
    def gender(self) -> str:
        """m or f by the title, else by the first name if the lists know it, else nothing."""
        if self.title in ("m", "f"):
            return self.title
        return given_gender(self.names[0]) if len(self.names) > 1 else ""

    @property
    def given(self) -> tuple[str, ...]:
        """All names before the surname, particles left out."""
        small = words("particle")
        return tuple(n for n in self.names[:-1] if n.lower() not in small)


def agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two lists of first names can be one person's; no first name agrees with all."""
    if not one or not other:
        return True
    return any(_alike(a, b) for a in one for b in other)


def _alike(a: str, b: str) -> bool:
    if len(a) == 1 or len(b) == 1 or (a.isupper() and len(a) == 2):
        return a[0].lower() == b[0].lower()
    if key(a) == key(b):
        return True
    groups = first_names()
    none: frozenset[int] = frozenset()
    return bool(groups.get(fold(a), none) & groups.get(fold(b), none))


def runs(text: Text, taken: bytearray) -> list[Run]:
    """All runs of capitalised words outside the tokens that are taken by other readings."""
    out: list[Run] = []
    i, n = 0, len(text)
    while i < n:
        if not _starts(text, taken, i):
            i += 1
            continue
        end = _end(text, taken, i)
        first = _drop_opener(text, i, end)
        run = _run(text, _with_particles(text, first), end)
        if run is not None:
            out.append(run)
        i = max(end, i + 1)
    return out


def _plain(text: Text, taken: bytearray, i: int) -> bool:
    word = text.words[i]
    if taken[i] or not word[0].isupper() or any(c.isdigit() for c in word):
        return False
    return not (len(word) > 3 and word.isupper())


def _starts(text: Text, taken: bytearray, i: int) -> bool:
    word = text.words[i]
    return _plain(text, taken, i) and _no_other_word(word)


def _no_other_word(word: str) -> bool:
    lists = words("not-a-name"), words("wide")
    lower = words("domain"), words("aside")
    return not any(word in one for one in lists) and not any(word.lower() in one for one in lower)


def _end(text: Text, taken: bytearray, i: int) -> int:
    end = i + 1
    while end < len(text) and end - i < LONGEST:
        if not _same_name(text, end):
            break
        gap, word = text.gap(end), text.words[end]
        if _goes_on(text, taken, end):
            end += 1
        elif word in words("particle") and (after := _past_particles(text, end)) < len(text):
            if not _goes_on(text, taken, after):
                break
            end = after + 1
        elif gap == "-" and end - i >= 2 and word.islower() and _syllable(word):
            end += 1
        else:
            break
    return end


def _same_name(text: Text, i: int) -> bool:
    """Whether what stands before token i does not end a name: "J. Doe", "Gen. Doe", "Jong-un".

    An editor's bracket does not either: "[Minister Jane] Doe".
    """
    gap = text.gap(i)
    if text.possessive(i):
        return False
    initial = gap == ". " and (len(text.words[i - 1]) == 1 or _title(text, i - 1))
    return initial or gap == "] " or (text.joined(i) and gap not in ("/", ".", "–"))


def _past_particles(text: Text, i: int) -> int:
    """The token after "von der", the number of tokens if the text or name ends there."""
    while i < len(text) and text.words[i] in words("particle") and text.joined(i):
        i += 1
    return i if i < len(text) and text.joined(i) else len(text)


def _syllable(word: str) -> bool:
    """Whether a word after a hyphen can belong to a name (Jong-un), not to "Putin-led"."""
    return len(word) <= 5 and word not in ("led", "era", "style", "like", "based", "free", "made")


def _goes_on(text: Text, taken: bytearray, i: int) -> bool:
    if i >= len(text) or not _plain(text, taken, i):
        return False
    word = text.words[i]
    return word in words("surname") or _no_other_word(word) or _initial(text, i)


def _initial(text: Text, i: int) -> bool:
    """Whether token i is the middle letter of "Mark A. Doe"; "A" and "I" are words otherwise."""
    return len(text.words[i]) == 1 and text.gap(i + 1) == ". "


def _title(text: Text, i: int) -> bool:
    return bool(label(text.words[i]))


def _drop_opener(text: Text, first: int, end: int) -> int:
    """Leave out a sentence's first word that is capitalised only because it is the first."""
    if end - first < 2 or not text.sentence_start(first) or not text.spaced(first + 1):
        return first
    word = text.lowers[first]
    if (len(word) > 4 and word.endswith(("ing", "ly", "ed"))) or word in text.uncapitalised:
        return first + 1
    known = first_names()
    named = end - first > 2 and fold(text.words[first + 1]) in known
    if named and fold(word) not in known and not _title(text, first):
        return first + 1  # "Baker Tom Okafor"
    return first


def _with_particles(text: Text, first: int) -> int:
    """Take in "von der" before a surname."""
    start = first
    while start > 0 and text.words[start - 1] in words("particle") and text.spaced(start):
        start -= 1
    return start


def _run(text: Text, first: int, end: int) -> Run | None:
    gender = ""
    for i in range(first, end - 1):
        if _title(text, i) and text.gap(i + 1) in (". ", " "):  # "Mexico Gov. Jane Doe"
            gender = label(text.words[i]) if gender in ("", "-") else gender
            first = i + 1
    while end - 1 > first and text.words[end - 1] in BEHIND:
        end -= 1
    alone = end - first == 1 and (text.words[first].isupper() or _title(text, first))
    if alone or all(len(w) == 1 for w in text.words[first:end]):
        return None
    return Run(first, end, text.span(first, end), tuple(_join(text, first, end)), gender)


def _join(text: Text, first: int, end: int) -> list[str]:
    """Words of a run, those joined by a hyphen or apostrophe as one."""
    out = [text.words[first]]
    for i in range(first + 1, end):
        gap = text.gap(i)
        if gap in ("-", "‑", "'", "’"):
            out[-1] += ("-" if gap in ("-", "‑") else "'") + text.words[i]
        else:
            out.append(text.words[i])
    return out
