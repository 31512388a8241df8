"""Who is meant where an excerpt begins in the middle: whoever the headline is about.

A text that opens with "he said" names its man in the title. That is asked last, after everything
that stands in the text, and only where the title leaves no choice.
"""

from __future__ import annotations

from caveat.resolve.gazetteer import find
from caveat.resolve.lexicon import slug, words
from caveat.resolve.names import Run, key, runs
from caveat.resolve.people import Person
from caveat.resolve.roles import role_words
from caveat.resolve.scene import Scene
from caveat.resolve.tokens import Text, tokenize


def headliner(scene: Scene, gender: str) -> Person | None:
    """The one person whom the title names, if the gender does not speak against it.

    Whom the text itself names later, it does not take for known before.
    """
    text = tokenize(scene.article.title or "")
    if text.title_case(0):
        return None
    taken = bytearray(len(text) + 1)
    known = [(h.first, h.last) for h in find(text)]
    for first, last in [*known, *((r.first, r.last) for r in role_words(text))]:
        taken[first:last] = b"\1" * (last - first)
    named = [run for run in runs(text, taken) if _person(text, run)]
    if len({slug(" ".join(run.names)) for run in named}) != 1:
        return None
    run = named[0]
    later = any(key(p.fullest.surname) == key(run.surname) for p in scene.people.all)
    return None if later or run.gender not in ("", gender) else _new(run)


def _person(text: Text, run: Run) -> bool:
    """Whether a name is of two words or says something ("Doe warns of war")."""
    if len(run.names) > 1:
        return True
    return run.last < len(text) and text.spaced(run.last) and text.lowers[run.last] in words("say")


def _new(run: Run) -> Person:
    name = " ".join(run.names)
    return Person(runs=[run], gender=run.gender, id="per:" + slug(name), name=name)
