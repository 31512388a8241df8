"""One article as the later steps see it: words, listed actors, people, phrases, and what is near.

"Near" is kept simple on purpose: a state is the subject of its sentence or of the one before; a
person is the last one named. Where that gives nobody, nobody it is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from caveat.model import Actor, Article, Marks, Span, SpeaksFor, identity
from caveat.resolve.gazetteer import Hit, find
from caveat.resolve.lexicon import fold, listed
from caveat.resolve.names import runs
from caveat.resolve.offices import office_actor, with_offices
from caveat.resolve.people import People, Person, find_people
from caveat.resolve.phrases import phrases
from caveat.resolve.roles import Ground, Phrase, listed_type, role_words
from caveat.resolve.tokens import Text, tokenize

_FAR = 20
"""Sentences looked at for how far away a name is: more than any of the limits."""
BACK = 2
"""Sentences that a description or pronoun looks back; further away something else has come."""
GOVERNING = frozenset(
    "to for in on with against of from by at into over about between near under than via".split()
)


@dataclass(slots=True)
class Scene:
    """What is known of one article; `actors` fills as mentions are resolved."""

    article: Article
    marks: Marks
    text: Text
    ground: Ground
    hits: list[Hit]
    phrases: list[Phrase]
    people: People
    actors: dict[str, Actor] = field(default_factory=dict)
    evidence: list[SpeaksFor] = field(default_factory=list)
    """Who speaks for whom, found while mentions were resolved."""
    starts: list[int] = field(default_factory=list)
    """Offsets at which the hits begin."""

    def subject(self, offset: int, types: tuple[str, ...] = ("state",)) -> Hit | None:
        """The state (or bloc, or body) that a sentence is about before an offset.

        Its first that stands as a noun of its own; else that of the sentence before, where also
        one behind a preposition will do.
        """
        number = self.text.sentence(offset)
        for n in range(number, max(-1, number - 1 - BACK), -1):
            begin = bisect_left(self.starts, self.text.breaks[n])
            end = bisect_left(self.starts, offset)
            here = [
                h
                for h in self.hits[begin:end]
                if self.text.sentence(h.span[0]) == n and self._is(h, types)
            ]
            free = next((h for h in here if self.governs(h)), None)
            if free is not None:
                return None if self._one_of_several(free) else free
            owners = [h for h in here if self.text.possessive(h.last)]
            named = [h for h in here if h.kind != "adjective" and not h.place]
            fallback = owners if n == number else named
            if fallback or (n < number and here):
                return fallback[-1] if fallback else None
        return None

    def away(self, place: int, offset: int) -> int:
        """Sentences that begin after a place up to an offset, those within quotations left out.

        Not more than the last of them are counted, so that the time does not grow with the text.
        """
        text = self.text
        last = text.sentence(offset)
        numbers = range(max(text.sentence(place), last - _FAR) + 1, last + 1)
        return sum(not text.in_quotation(text.breaks[n]) for n in numbers)

    def just_before(self, token: int) -> Hit | None:
        """The actor of "Russia and its president", "North Korea, its leader" before a token."""
        last = token - 1 if token and self.text.lowers[token - 1] == "and" else token
        near = self.text.gap(token) in (", ", " ")
        return self.ground.hit_to.get(last) if near else None

    def only_one(self, offset: int, types: tuple[str, ...] = ("state",)) -> Hit | None:
        """The only actor of some types in a sentence up to an offset, else in the one before.

        Those that stand as nouns of their own go before the others.
        """
        number = self.text.sentence(offset)
        for n in range(number, max(-1, number - 2), -1):
            begin = bisect_left(self.starts, self.text.breaks[n])
            end = bisect_left(self.starts, offset)
            here = [
                h
                for h in self.hits[begin:end]
                if self.text.sentence(h.span[0]) == n and not h.place and self._is(h, types)
            ]
            here = [h for h in here if self.governs(h)] or here
            if here:
                return here[0] if len({h.side for h in here}) == 1 else None
        return None

    def last_of(self, offset: int, types: tuple[str, ...]) -> Hit | None:
        """The last listed actor of some types named before an offset, however far back."""
        end = bisect_left(self.starts, offset)
        back = (self.hits[i] for i in range(end - 1, -1, -1))
        return next((h for h in back if listed_type(h.actor) in types), None)

    def _one_of_several(self, hit: Hit) -> bool:
        """Whether the next hit is joined to this one ("Finland and Poland")."""
        last, lowers = hit.last, self.text.lowers
        return last in self.ground.hit_from or (
            last < len(lowers) and lowers[last] == "and" and last + 1 in self.ground.hit_from
        )

    def joined(self, offset: int, number: int, free_only: bool = False) -> tuple[str, ...]:
        """The last states and blocs before an offset that the text joins by commas and "and".

        They are as many as `number`, where it is not 0; those that stand as nouns of their own
        go before the others, which do not count with `free_only`.
        """
        begin = self.text.breaks[max(0, self.text.sentence(offset) - BACK)]
        some = self.hits[bisect_left(self.starts, begin) : bisect_left(self.starts, offset)]
        here = [h for h in some if not h.place and listed_type(h.actor) in ("state", "bloc")]
        fit = [
            (first, states)
            for first, states in self._groups(here)
            if len(states) > 1 and number in (0, len(states))
        ]
        free = next((states for first, states in fit if self.governs(first)), ())
        if free or free_only:
            return free
        return next((states for _, states in fit), ())

    def _groups(self, here: list[Hit]) -> Iterator[tuple[Hit, tuple[str, ...]]]:
        """The first and all of each "A, B and C" among hits, the last first."""
        for end in range(len(here) - 1, 0, -1):
            if self._between(here[end - 1], here[end]) not in ("and", ", and"):
                continue
            begin = end - 1
            while begin and self._between(here[begin - 1], here[begin]) == ",":
                begin -= 1
            states = (self.use(h.side) for h in here[begin : end + 1])
            yield here[begin], tuple(dict.fromkeys(states))

    def _between(self, one: Hit, other: Hit) -> str:
        return self.text.text[one.span[1] : other.span[0]].removesuffix("the ").strip()

    @staticmethod
    def _is(hit: Hit, types: tuple[str, ...]) -> bool:
        return listed_type(hit.actor) in types or listed_type(hit.side) in types

    def states_of(self, number: int) -> list[Hit]:
        """The states, and what speaks for them, in the sentence of a number."""
        breaks = self.text.breaks
        end = breaks[number + 1] if number + 1 < len(breaks) else len(self.text.text)
        begin, stop = bisect_left(self.starts, breaks[number]), bisect_left(self.starts, end)
        return [h for h in self.hits[begin:stop] if listed_type(h.side) == "state"]

    def governs(self, hit: Hit) -> bool:
        """Whether a hit stands as a noun of its own and not behind a preposition."""
        if hit.place or hit.kind == "adjective" or self.text.possessive(hit.last):
            return False
        before = hit.first - 1
        if before >= 0 and self.text.lowers[before] == "the":
            before -= 1
        return before < 0 or self.text.lowers[before] not in GOVERNING

    def last_person(self, offset: int, gender: str = "") -> Person | None:
        """The last person named before an offset, a few sentences back at most."""
        number = self.text.sentence(offset)
        for place, person in reversed(self.people.before(offset)[-20:]):
            if number - self.text.sentence(place) > BACK:
                return None
            if not gender or person.gender in ("", gender):
                return person
        return None

    def group(self, span: Span) -> str:
        """Id of the unnamed group that a span's words stand for in this article."""
        words = " ".join(fold(self.article.words(span)).split())
        id_ = "grp:" + identity(self.article.id, words)
        name = " ".join(self.article.words(span).split())
        self.actors.setdefault(id_, Actor(id_, name, "group", anonymous=True))
        return id_

    def use(self, id_: str) -> str:
        """Note a listed actor, or an office of a state, as one of the article's; returns its id."""
        if id_ not in self.actors:
            one = listed().get(id_)
            published = self.article.published
            day = (published.end or published.start) if published else None
            actor = one.at(day) if one is not None else office_actor(id_)
            if actor is not None:
                self.actors[id_] = actor
                for member in actor.members:
                    self.use(member)
        return id_

    def use_person(self, person: Person) -> str:
        """Note a person as one of the article's actors; returns the id."""
        id_ = person.id
        self.actors.setdefault(id_, Actor(id_, person.name, "person"))
        return id_

    def own(self, actor: Actor) -> str:
        """Note an actor that this article makes known; returns its id."""
        self.actors.setdefault(actor.id, actor)
        return actor.id


def set_scene(article: Article, marks: Marks) -> Scene:
    """Read an article's listed actors, role phrases and people."""
    text = tokenize(article.text)
    spelled = role_words(text)
    hits = with_offices(text, find(text), {r.first: r.last for r in spelled})
    ground = Ground(text, {h.first: h for h in hits}, {h.last: h for h in hits})
    taken = bytearray(len(text) + 1)
    for first, last in [(h.first, h.last) for h in hits] + [(r.first, r.last) for r in spelled]:
        for i in range(first, last):
            taken[i] = 1
    for run in runs(text, taken):
        ground.run_from[run.first] = run
        ground.run_to[run.last] = run
    found = phrases(ground, spelled)
    people = find_people(ground, found, marks)
    return Scene(
        article, marks, text, ground, hits, found, people, starts=[h.span[0] for h in hits]
    )
