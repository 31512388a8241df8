"""Which conditions that no rule of the undertaking foresaw mean one thing.

Such a condition is a proposition of its own, "text:" and its content words. Two whose words agree
but for inflection and emphasis ("agreements are reached", "an agreement is reached") are one
unasked; others that share half of their words are proposed, and a person joins them, also with a
proposition of the undertaking, or splits them (the habit of merges.py: decisions are kept,
clusters derived). A cluster is named by its plainest wording: the undertaking's own proposition,
else the one of fewest words, of these the most frequent.

Words are compared by their stems (the library snowballstemmer, Porter's English one). What is
denied or numbered differently is never proposed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import snowballstemmer

from caveat.register.derive.merges import Decision, Merges, Proposal, settled

TEXT = "text:"
JOINS = 1.0
SHOWN = 0.5
COMMON = 200
"""Stems that more propositions share than this propose no pairs: these would be most of them."""
_LIGHT = frozenset("also both finally first fully indeed only really still then too truly".split())
_DENIALS = frozenset("no not never nor neither without none nobody nothing cannot".split())


def wordings(counts: Mapping[str, int], decisions: Iterable[Decision]) -> Merges:
    """Join propositions; `counts` are their positions, by name without denial."""
    found = settled(_proposals(sorted(n for n in counts if n.startswith(TEXT))), decisions, JOINS)
    named = {}
    for member in found.clusters.known():
        named[member] = min(
            found.clusters.members(member),
            key=lambda n: (n.startswith(TEXT), n.count("-"), -counts.get(n, 0), n),
        )
    return found.merges(named)


def renamed(proposition: str | None, same: Mapping[str, str]) -> str | None:
    """The name that stands for a proposition, which may be denied."""
    if proposition is None or not same:
        return proposition
    plain = proposition.removeprefix("not:")
    return proposition.replace(plain, same[plain]) if plain in same else proposition


def _proposals(names: list[str]) -> Iterator[Proposal]:
    stem = snowballstemmer.stemmer("porter")
    words = {n: frozenset(n.removeprefix(TEXT).split("-")) for n in names}
    stems = {n: frozenset(stem.stemWords(sorted(w - _LIGHT))) for n, w in words.items()}
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for n in names:
        for each in stems[n]:
            alike[each].append(n)
    seen = set()
    for some in alike.values():
        if len(some) > COMMON:
            continue
        for i, one in enumerate(some):
            for other in some[i + 1 :]:
                if (one, other) in seen:
                    continue
                seen.add((one, other))
                score = len(stems[one] & stems[other]) / len(stems[one] | stems[other])
                if score >= SHOWN and not _set_apart(words[one] ^ words[other]):
                    reason = "the same words" if score == 1 else "words that they share"
                    yield Proposal(one, other, round(score, 2), reason)


def _set_apart(words: frozenset[str]) -> bool:
    """Whether words that only one of two has turn or number it differently."""
    return bool(words & _DENIALS) or any(w.isdigit() for w in words)
