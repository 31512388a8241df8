"""Pronouns as sources and holders: who speaks, who is spoken of, and nobody where in doubt."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from caveat.model import Mention, Span
from caveat.resolve.gazetteer import Hit
from caveat.resolve.headline import headliner
from caveat.resolve.people import Person
from caveat.resolve.scene import BACK, Scene
from caveat.resolve.speech import Speech

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
_OFFICIALS = frozenset(
    "official officials diplomat diplomats spokesman spokeswoman spokesperson minister ministers"
    " commander commanders".split()
)
"""Whose "we" is their state's, though nobody is named."""
_FORCES = frozenset(
    "troops forces soldiers paratroopers marines authorities negotiators warplanes warships".split()
)
"""Plurals that act for the state whose adjective stands before them."""
_US = "iso:US"
_BODIES = ("iso:", "org:", "out:")
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
    groups: set[tuple[str, ...]] = field(default_factory=set)
    """The actors of the spans in `plural`."""
    words_of: dict[tuple[str, ...], Span] = field(default_factory=dict)
    """The first settled span that means just these actors."""
    parties: Mapping[str, str] = field(default_factory=dict)
    """The state or body that somebody speaks for by the words of the article."""
    sources: frozenset[Span] = field(init=False)
    speech: Speech = field(init=False)

    def __post_init__(self) -> None:
        marks = self.scene.marks
        spans = [s for a in marks.attributions for s in a.source]
        self.sources = frozenset(spans) | {
            p.speaker for p in marks.positions if p.speaker is not None
        }
        self.speech = Speech(self.scene, self.settled, self.trail, self.sources)

    def remember(self, mention: Mention, plural: bool) -> None:
        """Keep a settled mention for the pronouns after it."""
        self.settled[mention.span] = mention
        insort(self.trail, (mention.span[0], mention.span))
        self.words_of.setdefault(mention.actors, mention.span)
        if plural:
            self.plural.add(mention.span)
            self.groups.add(mention.actors)

    def settle(self, which: str, span: Span, token: int) -> tuple[tuple[str, ...], str]:
        """Actors of a pronoun and how they were found; none where it is in doubt."""
        if which in ("he", "she"):
            return self._person(span, "m" if which == "he" else "f")
        if which == "we":
            return self._we(span)
        if which == "i":
            return self._own_source(span), "pronoun: source of the words around it"
        if which == "it":
            return self._it(span)
        if which == "they":
            return self._they(span)
        if which == "both":
            return self._both(span), "pronoun: the two named last"
        if which == "who":
            return self._relative(token), "pronoun: the name before it"
        return (), ""

    def source_around(self, span: Span) -> tuple[str, ...]:
        """Actors of the source of the innermost attribution whose content holds a span.

        Within a quotation that no attribution holds, who speaks it.
        """
        best: tuple[int, tuple[str, ...]] | None = None
        for attribution in self.speech.around(span[0]):
            if span in attribution.source:
                continue
            for a, b in attribution.content:
                if self.speech.strange(attribution, (a, b)):
                    continue
                if a <= span[0] and span[1] <= b and (best is None or b - a < best[0]):
                    actors = self._actors_of(attribution.source)
                    best = (b - a, actors) if actors else best
        return best[1] if best is not None else self.speech.speaker(span[0])

    def _actors_of(self, spans: tuple[Span, ...]) -> tuple[str, ...]:
        found = [self.settled[s].actors for s in spans if s in self.settled]
        return tuple(dict.fromkeys(actor for actors in found for actor in actors))

    def _own_source(self, span: Span) -> tuple[str, ...]:
        around = self.source_around(span)
        if around:
            return around
        for position in self.scene.marks.positions:
            if position.speaker is not None and span in position.holder:
                return self._actors_of((position.speaker,))
        return ()

    def _we(self, span: Span) -> tuple[tuple[str, ...], str]:
        """The party that the speaker speaks for, the speaker where the article names none."""
        own = self._own_source(span)
        if len(own) == 1 and self._outsider(own[0]):
            return (), ""  # an analyst's "we" is whoever is concerned
        party = self.parties.get(own[0]) if len(own) == 1 else None
        if own in self.words_of and len(own) == 1 and own[0].startswith("grp:"):
            party = self._party_of_group(own)
        if party is not None:
            return (self.scene.use(party),), "pronoun: party of the source of the words around it"
        return own, "pronoun: source of the words around it"

    def _outsider(self, actor: str) -> bool:
        """Whether somebody is only told to know about things."""
        person = self.scene.people.by_id.get(actor)
        ranks = {p.rank for p in person.phrases} if person is not None else set()
        return ranks == {"expert"}

    def _party_of_group(self, group: tuple[str, ...]) -> str | None:
        """The one state or body that "a senior German official" is of."""
        text = self.scene.text
        first, last = text.tokens_in(self.words_of[group])
        lowers = text.lowers[first:last]
        if not _OFFICIALS.intersection(lowers):
            return None
        hits = (self.scene.ground.hit_from.get(i) for i in range(first, last))
        sides = {h.side for h in hits if h is not None and h.last <= last}
        if not sides and "administration" in lowers:
            sides = {h.side for h in self.scene.hits if h.side == _US}
        return sides.pop() if len(sides) == 1 else None

    def _person(self, span: Span, gender: str) -> tuple[tuple[str, ...], str]:
        around = self.source_around(span)
        speaker = self.speech.speaker(span[0])
        quoted = self.scene.text.in_quotation(span[0])
        if quoted and (around == speaker or not self._retold(span)):
            spoken_of = self._spoken_of(span, gender, around)
            return self._one(spoken_of, gender), "pronoun: last person that a quotation is about"
        inside = self._named_inside(span, gender)
        if inside is not None and around:
            return self._one(inside, gender), "pronoun: last person in what is said"
        if len(around) == 1 and around[0].startswith("per:") and self._fits(around[0], gender):
            return self._take(around[0], gender), "pronoun: source of what is said"
        spoken = self._last_speaker(span, gender)
        named = self._last_subject(span, gender)
        sentence = self.scene.text.sentence
        if spoken is not None and (named is None or sentence(spoken[0]) >= sentence(named[0])):
            return self._take(spoken[1], gender), "pronoun: last speaker"
        if named is not None:
            return self._one(named[1], gender), "pronoun: last subject"
        only = self._only_one(span, gender)
        if only is not None:
            return self._one(only, gender), "pronoun: only person near"
        after = self._introduced(span, gender) if span in self.sources else None
        if after is not None:
            return self._one(after, gender), "pronoun: person named after it"
        if any(True for p in self.scene.people.before(span[0])):
            return (), ""
        return self._one(headliner(self.scene, gender), gender), "pronoun: the headline's person"

    def _only_one(self, span: Span, gender: str) -> Person | None:
        """The one person who is named in the sentences before, owners and objects with them."""
        near = {
            person.id: person
            for place, person in self.scene.people.before(span[0])
            if not self.scene.text.in_quotation(place) and self.scene.away(place, span[0]) <= BACK
        }
        fit = [p for p in near.values() if p.gender in ("", gender)]
        return fit[0] if len(near) == len(fit) == 1 else None

    def _introduced(self, span: Span, gender: str) -> Person | None:
        """The only person who speaks in an excerpt that begins with "he said"."""
        people = self.scene.people
        if any(p.gender in ("", gender) for _, p in people.before(span[0])):
            return None
        named = (people.by_run.get(self.scene.text.tokens_in(s)[0]) for s in self.sources)
        fit = list({p.id: p for p in named if p is not None and p.gender in ("", gender)}.values())
        return fit[0] if len(fit) == 1 else None

    def _retold(self, span: Span) -> bool:
        """Whether a quotation itself tells what somebody said ("he has stated that he would")."""
        number = self.speech.quotation(span[0])
        return any(
            a <= span[0] and span[1] <= b and self.speech.quotation(cue[0]) == number
            for attribution in self.speech.around(span[0])
            for a, b in attribution.content
            for cue in attribution.cue
        )

    def _spoken_of(self, span: Span, gender: str, speakers: tuple[str, ...]) -> Person | None:
        """The last person named in or before a quotation who does not speak it."""
        text, number = self.scene.text, self.scene.text.sentence(span[0])
        for place, person in reversed(self.scene.people.before(span[0])):
            if number - text.sentence(place) > _SPEECH:
                return None
            if person.id not in speakers and person.gender in ("", gender):
                return person
        return None

    def _named_inside(self, span: Span, gender: str) -> Person | None:
        """The last person named before a pronoun within the same content."""
        begins = [
            a
            for attribution in self.speech.around(span[0])
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
        for place, other in self.back(span[0]):
            if number - self.scene.text.sentence(place) > _SPEECH:
                return None
            actors = self.settled[other].actors
            if other not in self.sources or len(actors) != 1:
                continue
            if actors[0].startswith("per:") and self._fits(actors[0], gender):
                return place, actors[0]
        return None

    def _last_subject(self, span: Span, gender: str) -> tuple[int, Person] | None:
        """The first person who stands near the beginning of a sentence before.

        Names within a quotation and owners ("Doe's lawyer") are no subjects.
        """
        text = self.scene.text
        found: tuple[int, Person] | None = None
        for place, person in reversed(self.scene.people.before(span[0])):
            n = text.sentence(place)
            other = found is not None and text.sentence(found[0]) != n
            if other or self.scene.away(place, span[0]) > BACK:
                break
            early = text.tokens_in((text.breaks[n], place))
            if early[1] - early[0] > _SUBJECT or text.in_quotation(place):
                continue
            run = self.scene.ground.run_from.get(early[1])
            owner = run is not None and run.last < len(text) and text.possessive(run.last)
            if not owner and person.gender in ("", gender):
                found = place, person
        return found

    def back(self, offset: int) -> Iterator[tuple[int, Span]]:
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
        text, around = self.scene.text, self.source_around(span)
        quoted = text.in_quotation(span[0])
        if not quoted and len(around) == 1 and around[0].startswith(_BODIES):
            return around, "pronoun: source of what is said"
        if span in self.sources and not quoted:
            spoken = self._last_body(span)
            if spoken:
                return spoken, "pronoun: last speaker"
        hit = self.scene.subject(span[0], ("state", "bloc", "body"))
        if hit is None:
            return (), ""
        return (self.scene.use(hit.actor),), "pronoun: last state or body"

    def _last_body(self, span: Span) -> tuple[str, ...]:
        """The state or body, listed or not, that is the last source; a person ends the search."""
        number = self.scene.text.sentence(span[0])
        for place, other in self.back(span[0]):
            if number - self.scene.text.sentence(place) > BACK:
                return ()
            actors = self.settled[other].actors
            if other in self.sources and len(actors) == 1:
                return actors if actors[0].startswith(_BODIES) else ()
        return ()

    def _they(self, span: Span) -> tuple[tuple[str, ...], str]:
        """The last group; in a quotation also the last state or body, but never the speakers."""
        text = self.scene.text
        quoted, around = text.in_quotation(span[0]), self.source_around(span)
        if not quoted and around and self._plural(around):
            return around, "pronoun: source of what is said"
        hit = self.scene.subject(span[0], ("state", "bloc", "body") if quoted else ("state",))
        forces, place = self._forces(span)
        group = self._last_group(span, hit, quoted)
        if forces and forces[0] not in around and not self._settled_after(place, group[0], span):
            return forces, "pronoun: state of the last forces"
        if group[0]:
            return group
        joined = self.scene.joined(span[0], 0, free_only=True) if hit is None else ()
        if joined:
            return joined, "pronoun: states named together"
        if quoted and (hit is None or not self.scene.governs(hit)):
            return self._spoken_of_state(span, around)
        if not quoted or hit is None or hit.actor in around:
            return (), ""
        return (self.scene.use(hit.actor),), "pronoun: last state or body"

    def _last_group(self, span: Span, hit: Hit | None, quoted: bool) -> tuple[tuple[str, ...], str]:
        """The last group in the sentences before, none further back than a state is subject.

        In a quotation it is whom the "they" before it meant, and no source.
        """
        text, number = self.scene.text, self.scene.text.sentence(span[0])
        for place, other in self.back(span[0]):
            n, actors = text.sentence(place), self.settled[other].actors
            if number - n > BACK:
                break
            if quoted and actors and self._is_they(other) and text.in_quotation(place):
                return actors, "pronoun: the same again"
            if hit is not None and n < text.sentence(hit.span[0]):
                break
            if other in self.plural and not (quoted and other in self.sources):
                return actors, "pronoun: last group"
        return (), ""

    def _spoken_of_state(
        self, span: Span, speakers: tuple[str, ...]
    ) -> tuple[tuple[str, ...], str]:
        """The one state that a quotation names in the sentence before "they" ("Russian aims")."""
        number = self.scene.text.sentence(span[0])
        sides = {h.side for h in self.scene.states_of(number) if h.span[0] < span[0]}
        own = set(speakers) | {self.parties.get(s) for s in speakers}
        if len(sides) != 1 or sides & own:
            return (), ""
        return (self.scene.use(sides.pop()),), "pronoun: the one state spoken of"

    def _forces(self, span: Span) -> tuple[tuple[str, ...], int]:
        """The state of "Russian troops" that stand last in the sentence, and where they do."""
        text, hits = self.scene.text, self.scene.hits
        for i in range(bisect_left(self.scene.starts, span[0]) - 1, -1, -1):
            hit = hits[i]
            if text.sentence(hit.span[0]) != text.sentence(span[0]):
                break
            noun = text.lowers[hit.last] if hit.last < len(text) and text.spaced(hit.last) else ""
            if hit.kind == "adjective" and noun in _FORCES:
                return (self.scene.use(hit.side),), hit.span[0]
        return (), 0

    def _settled_after(self, place: int, group: tuple[str, ...], span: Span) -> bool:
        """Whether a group was last meant between a place and a pronoun."""
        for at, other in self.back(span[0]):
            if at <= place:
                break
            if group and self.settled[other].actors == group:
                return True
        return False

    def _is_they(self, span: Span) -> bool:
        return pronoun(self.scene.article.words(span)) == "they"

    def _plural(self, actors: tuple[str, ...]) -> bool:
        return len(actors) > 1 or actors in self.groups

    def _both(self, span: Span) -> tuple[str, ...]:
        """The two states or bodies that stand last before it joined by "and" or "or".

        Else the two whom the last words for two meant.
        """
        text = self.scene.text.text
        before = [h for h in self.scene.hits if h.span[1] <= span[0] and not h.place]
        for first, second in zip(reversed(before[:-1]), reversed(before[1:]), strict=True):
            if self.scene.text.sentence(span[0]) - self.scene.text.sentence(first.span[0]) > 1:
                break
            joined = text[first.span[1] : second.span[0]].strip() in ("and", "or", "nor")
            if joined and first.side != second.side:
                return self.scene.use(first.side), self.scene.use(second.side)
        for place, other in self.back(span[0]):
            if self.scene.text.sentence(span[0]) - self.scene.text.sentence(place) > BACK:
                break
            actors = self.settled[other].actors
            if len(actors) == 2 and not any(a.startswith("grp:") for a in actors):
                return actors
        return ()

    def _relative(self, token: int) -> tuple[str, ...]:
        run = self.scene.ground.run_to.get(token)
        hit = self.scene.ground.hit_to.get(token)
        if run is not None and run.first in self.scene.people.by_run:
            return (self.scene.use_person(self.scene.people.by_run[run.first]),)
        return (self.scene.use(hit.actor),) if hit is not None else ()
