"""Whose office it is where the text does not say: "Prime Minister Keir Starmer".

News leaves the state of an office out where the sentence shows it: the prime minister who says
that Britain is ready speaks for Britain. That is taken as evidence only where everything that the
person says in the article about somebody's own will (the ladder and refusals) is about one state,
for which nobody else speaks there: a president who tells what Russia will do is none of Russia's
where the article names Russia's own. The register uses it for this article alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from caveat.model import IMPLIED, LADDER, Marks, Mention, SpeaksFor
from caveat.resolve.people import Person
from caveat.resolve.roles import Phrase
from caveat.resolve.scene import Scene

_RANKS = frozenset(("head", "minister"))
"""Offices of a state. A spokesperson or an envoy without a party may be anybody's."""


def implied(
    scene: Scene, marks: Marks, mentions: list[Mention], known: tuple[SpeaksFor, ...]
) -> Iterator[SpeaksFor]:
    """Evidence for office-holders whose party no words name, in the order of the text."""
    of = {m.span: m.actors for m in mentions}
    told: defaultdict[str, set[str]] = defaultdict(set)
    for mark in marks.positions:
        if mark.speaker is None or mark.stance not in (*LADDER, "refused"):
            continue
        holders = {a for h in mark.holder for a in of.get(h, ())}
        for speaker in of.get(mark.speaker, ()):
            told[speaker] |= holders - {speaker}
    spoken_for = {s.speaker for s in known}
    taken = {s.party for s in known}
    for person in scene.people.all:
        phrase = _open_office(person)
        states = {a for a in told[person.id] if not a.startswith("grp:")}
        if phrase is None or person.id in spoken_for or len(states) != 1:
            continue
        (state,) = states
        if state.startswith("iso:") and state not in taken:
            yield SpeaksFor(person.id, state, phrase.span, f"{phrase.told}, {IMPLIED}")


def _open_office(person: Person) -> Phrase | None:
    """The person's office of a state that names no party; None where another does."""
    held = [p for p in person.phrases if p.speaks and p.rank in _RANKS]
    if any(p.party is not None or p.owner is not None for p in held):
        return None
    return held[0] if held else None
