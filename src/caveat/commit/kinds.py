"""Kinds by the lexicon `data/kinds.tsv`, for readers that leave the kind open."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from caveat.model import KINDS, Kind

_ENOUGH = 2
"""A weight that speaks: below it the words around are asked."""
_EARLY = 30
"""Characters of an action within which every match counts in full."""


@cache
def lexicon() -> tuple[tuple[Kind, int, str], ...]:
    """The rows of the lexicon: kind, weight, words."""
    path = resources.files("caveat.commit") / "data" / "kinds.tsv"
    rows = (
        line.split("\t")
        for line in path.read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    )
    return tuple((kind, int(weight), words) for kind, weight, words in rows)


@cache
def _compiled() -> tuple[tuple[Kind, int, re.Pattern[str]], ...]:
    return tuple((kind, weight, _pattern(words)) for kind, weight, words in lexicon())


def _pattern(words: str) -> re.Pattern[str]:
    expression = words.replace("$", r"\$").replace("*", r"\w*").replace(" ", r"\s+")
    start = r"(?<!\w)" if words[0].isalpha() else ""
    end = r"(?!\w)" if not words.endswith("*") else ""
    return re.compile(start + expression + end, re.IGNORECASE)


def kind_of(action: str, *around: str) -> Kind:
    """The kind that the action's words speak for, else the nearest words around that speak.

    `around` are wider and wider stretches: the sentence, what precedes it, the headline. "They
    would contribute" says nothing of what; the sentences before do.

    What stands first in an action names it, what follows tells its purpose or its circumstances
    ("soldiers to protect a peace agreement"): a match late in a long action weighs half.
    """
    scores = _scores(action)
    for stretch in around:
        if max(scores.values()) >= _ENOUGH:
            break
        more = _scores(stretch)
        scores = {k: 3 * v + more[k] for k, v in scores.items()}
    best = max(scores.values())
    if best == 0:
        return "other"
    return next(k for k in KINDS if scores[k] == best)


def _scores(words: str) -> dict[Kind, float]:
    out: dict[Kind, float] = dict.fromkeys(KINDS, 0.0)
    for kind, weight, pattern in _compiled():
        m = pattern.search(words)
        if m:
            out[kind] += weight if m.start() < max(_EARLY, len(words) / 2) else weight / 2
    return out
