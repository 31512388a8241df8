"""Pronouns as sources and holders: the last fitting speaker, and nobody where in doubt."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field

from caveat.model import Mention, Span
from caveat.resolve.people import Person
from caveat.resolve.scene import BACK, Scene

_FORMS = {
    "he": "he him his himself",
    "she": "she her hers herself",
    "i": "i me my mine myself",
    "we": "we us our ours ourselves",
    "it": "it its itself",
    "they": "they them their theirs themselves",
    "both": "both neither",
    "you": "you your yours",
    "who": "who which that whom",
}
_PRONOUNS = {form: which for which, forms in _FORMS.items() for form in forms.split()}
_SPEECH = 6
"""Sentences that lie at most between a speaker and "he said": a quotation may be that long."""
_SUBJECT = 8
"""Tokens into a sentence up to which a person named is taken for its subject."""


def pronoun(word: str) -> str | None:
    """Which pronoun a word is a form of: he, she, i, we, it, they, both, you or who."""
    return _PRONOUNS.get(word.lower())


@dataclass(slots=True)
class Pronouns:
    """Settles pronouns by the marked spans that are settled already and the names around."""

    scene: Scene
    settled: dict[Span, Mention] = field(default_factory=dict)
    trail: list[tuple[int, Span]] = field(default_factory=list)
    """Settled spans by where they begin."""
    plural: set[Span] = field(default_factory=set)
    sources: frozenset[Span] = field(init=False)

    def __post_init__(self) -> None:
        marks = self.scene.marks
        spans = [s for a in marks.attributions for s in a.source]
        self.sources = frozenset(spans) | {
            p.speaker for p in marks.positions if p.speaker is not None
        }

    def remember(self, mention: Mention, plural: bool) -> None:
        """Keep a settled mention for the pronouns after it."""
        self.settled[mention.span] = mention
        insort(self.trail, (mention.span[0], mention.span))
        if plural:
            self.plural.add(mention.span)

    def settle(self, which: str, span: Span, token: int) -> tuple[tuple[str, ...], str]:
        """Actors of a pronoun and how they were found; none where it is in doubt."""
        if which in ("he", "she"):
            return self._person(span, "m" if which == "he" else "f")
        if which in ("i", "we"):
            return self._own_source(span), "pronoun: source of the words around it"
        if which == "it":
            return self._it(span)
        if which == "they":
            return self._they(span), "pronoun: last group"
        if which == "both":
            return self._both(span), "pronoun: the two named last"
        if which == "who":
            return self._relative(token), "pronoun: the name before it"
        return (), ""

    def _source_around(self, span: Span) -> tuple[str, ...]:
        """Actors of the source of the innermost attribution whose content holds a span."""
        best: tuple[int, tuple[str, ...]] | None = None
        for attribution in self.scene.marks.attributions:
            for a, b in attribution.content:
                if a <= span[0] and span[1] <= b and (best is None or b - a < best[0]):
                    best = b - a, self._actors_of(attribution.source)
        return best[1] if best is not None else ()

    def _actors_of(self, spans: tuple[Span, ...]) -> tuple[str, ...]:
        found = [self.settled[s].actors for s in spans if s in self.settled]
        return tuple(dict.fromkeys(actor for actors in found for actor in actors))

    def _own_source(self, span: Span) -> tuple[str, ...]:
        around = self._source_around(span)
        if around:
            return around
        for position in self.scene.marks.positions:
            if position.speaker is not None and span in position.holder:
                return self._actors_of((position.speaker,))
        return ()

    def _person(self, span: Span, gender: str) -> tuple[tuple[str, ...], str]:
        around = self._source_around(span)
        inside = self._named_inside(span, gender)
        if self.scene.text.in_quotation(span[0]) and around:
            other = inside if inside is not None and inside.id not in around else None
            return self._one(other, gender), "pronoun: last person in the quotation"
        if inside is not None and around:
            return self._one(inside, gender), "pronoun: last person in what is said"
        if len(around) == 1 and around[0].startswith("per:") and self._fits(around[0], gender):
            return self._take(around[0], gender), "pronoun: source of what is said"
        spoken = self._last_speaker(span, gender)
        named = self._last_subject(span, gender)
        if spoken is not None and (named is None or spoken[0] >= named[0]):
            return self._take(spoken[1], gender), "pronoun: last speaker"
        person = named[1] if named is not None else self.scene.last_person(span[0], gender)
        return self._one(person, gender), "pronoun: last person named"

    def _named_inside(self, span: Span, gender: str) -> Person | None:
        """The last person named before a pronoun within the same content."""
        begins = [
            a
            for attribution in self.scene.marks.attributions
            for a, b in attribution.content
            if a <= span[0] and span[1] <= b
        ]
        if not begins:
            return None
        near = self.scene.people.before(span[0])
        for place, person in reversed(near[-10:]):
            if place < max(begins):
                return None
            if person.gender in ("", gender):
                return person
        return None

    def _last_speaker(self, span: Span, gender: str) -> tuple[int, str] | None:
        number = self.scene.text.sentence(span[0])
        for place, other in self._back(span[0]):
            if number - self.scene.text.sentence(place) > _SPEECH:
                return None
            actors = self.settled[other].actors
            if other not in self.sources or len(actors) != 1:
                continue
            if actors[0].startswith("per:") and self._fits(actors[0], gender):
                return place, actors[0]
        return None

    def _last_subject(self, span: Span, gender: str) -> tuple[int, Person] | None:
        """The last person who stands near the beginning of a sentence before."""
        text = self.scene.text
        number = text.sentence(span[0])
        for place, person in reversed(self.scene.people.before(span[0])[-20:]):
            n = text.sentence(place)
            if number - n > BACK:
                return None
            early = text.tokens_in((text.breaks[n], place))
            if early[1] - early[0] <= _SUBJECT and person.gender in ("", gender):
                return place, person
        return None

    def _back(self, offset: int) -> Iterator[tuple[int, Span]]:
        """The settled spans before an offset, the nearest first."""
        for i in range(bisect_left(self.trail, (offset, (0, 0))) - 1, -1, -1):
            yield self.trail[i]

    def _fits(self, actor: str, gender: str) -> bool:
        person = self.scene.people.by_id.get(actor)
        return person is None or person.gender in ("", gender)

    def _take(self, actor: str, gender: str) -> tuple[str, ...]:
        person = self.scene.people.by_id.get(actor)
        return self._one(person, gender) if person is not None else (actor,)

    def _one(self, person: Person | None, gender: str) -> tuple[str, ...]:
        """A person as actor; the first pronoun that is theirs says the gender."""
        if person is None:
            return ()
        person.gender = person.gender or gender
        return (self.scene.use_person(person),)

    def _it(self, span: Span) -> tuple[tuple[str, ...], str]:
        around = self._source_around(span)
        spoken = not self.scene.text.in_quotation(span[0])
        if spoken and len(around) == 1 and around[0].startswith(("iso:", "org:")):
            return around, "pronoun: source of what is said"
        hit = self.scene.subject(span[0], ("state", "bloc", "body"))
        if hit is None:
            return (), ""
        return (self.scene.use(hit.actor),), "pronoun: last state or body"

    def _they(self, span: Span) -> tuple[str, ...]:
        number = self.scene.text.sentence(span[0])
        for place, other in self._back(span[0]):
            if number - self.scene.text.sentence(place) > BACK:
                return ()
            if other in self.plural:
                return self.settled[other].actors
        return ()

    def _both(self, span: Span) -> tuple[str, ...]:
        """The two states or bodies that stand last before it joined by "and" or "or"."""
        text = self.scene.text.text
        before = [h for h in self.scene.hits if h.span[1] <= span[0] and not h.place]
        for first, second in zip(reversed(before[:-1]), reversed(before[1:]), strict=True):
            if self.scene.text.sentence(span[0]) - self.scene.text.sentence(first.span[0]) > 1:
                return ()
            joined = text[first.span[1] : second.span[0]].strip() in ("and", "or", "nor")
            if joined and first.side != second.side:
                return self.scene.use(first.side), self.scene.use(second.side)
        return ()

    def _relative(self, token: int) -> tuple[str, ...]:
        run = self.scene.ground.run_to.get(token)
        hit = self.scene.ground.hit_to.get(token)
        if run is not None and run.first in self.scene.people.by_run:
            return (self.scene.use_person(self.scene.people.by_run[run.first]),)
        return (self.scene.use(hit.actor),) if hit is not None else ()
