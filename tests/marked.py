"""Helpers of the tests of `caveat.resolve`: texts of our own with marked words."""

from __future__ import annotations

from caveat.model import Article, Attribution, Marks, Name, PositionMark, Resolution, Span
from caveat.resolve import resolve

NONE = Marks("none")


def at(text: str, words: str, nth: int = 1) -> Span:
    """Span of the nth occurrence of some words."""
    start = -1
    for _ in range(nth):
        start = text.index(words, start + 1)
    return start, start + len(words)


def read(text: str, **marks: object) -> Resolution:
    """Resolve a text; `sources`, `holders`, `relays`, `names` are lists of words or spans."""

    def spans(key: str) -> list[Span]:
        given_ = marks.get(key, [])
        assert isinstance(given_, list)
        return [at(text, w) if isinstance(w, str) else w for w in given_]

    attributions = tuple(Attribution((s,), (), (), None, ()) for s in spans("sources"))
    relays = tuple(Attribution((), (), (), None, (s,)) for s in spans("relays"))
    positions = tuple(PositionMark((0, 1), "ready", holder=(s,)) for s in spans("holders"))
    names = tuple(Name(s, "person") for s in spans("people"))
    names += tuple(Name(s, "organisation") for s in spans("organisations"))
    return resolve(Article(text), Marks("test", (*attributions, *relays), names, positions))


def who(text: str, words: str, **marks: object) -> tuple[str, ...]:
    """Actors of some words, marked as a holder if nothing else is given."""
    marks = marks or {"holders": [words]}
    return read(text, **marks).of(at(text, words))


def speaking(resolution: Resolution) -> set[tuple[str, str, str]]:
    return {(s.speaker, s.party, s.role) for s in resolution.speaks_for}


def bracketed(marked_text: str) -> tuple[str, Span]:
    """A text without its one pair of square brackets, and the span that stood in them."""
    start, end = marked_text.index("["), marked_text.index("]") - 1
    return marked_text.replace("[", "").replace("]", ""), (start, end)


def whom(marked_text: str) -> tuple[str, ...]:
    """Actors of the words in square brackets, marked as a holder."""
    text, span = bracketed(marked_text)
    return read(text, holders=[span]).of(span)


def found(text: str) -> dict[str, tuple[str, ...]]:
    """What an unmarked text mentions: words → actors."""
    return {text[m.span[0] : m.span[1]]: m.actors for m in resolve(Article(text), NONE).mentions}
