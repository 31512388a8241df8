"""Descriptions that point back: "the ministry", "the senator", "the two sides", "his country".

Each kind looks for the last thing of its sort named before it, a few sentences back at most, and
finds nobody rather than somebody far off.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from caveat.model import Actor, Span
from caveat.resolve.gazetteer import Hit
from caveat.resolve.lexicon import slug, words
from caveat.resolve.names import Run
from caveat.resolve.offices import office_at
from caveat.resolve.people import Person
from caveat.resolve.phrases import PARTIES
from caveat.resolve.pronouns import Pronouns, pronoun
from caveat.resolve.roles import THE, Phrase
from caveat.resolve.scene import BACK, GOVERNING, Scene

_US = "iso:US"
_NUMBER = {"two": 2, "both": 2, "three": 3, "four": 4, "five": 5}
_AS_FIRMS = frozenset("brand chain house tank".split())
"""Behind another word, nouns of firms and the like: "the fashion house", "the think tank"."""
_FAR = 300
"""Names among which a body is looked for by a noun of its name: a whole report's."""
_REACH = 120
"""Words over which a document is still the same."""
_BY_BODIES = frozenset("analysis assessment data poll report review study survey update".split())
"""Documents of bodies and outlets; people write letters and statements."""
_LONGEST = 3
"""Words that such a description has at most ("the state energy giant")."""
_UNNAMED = frozenset(("official", "diplomat", "resident", "citizen", "refugee"))
"""What people of whom the text gives no name are told as: they point back to no name."""
_RULERS = frozenset(("head", "leader", "bodyhead"))
Found = tuple[tuple[str, ...], str]
"""Actors and how they were found."""


@dataclass(slots=True)
class Again:
    """Settles descriptions that point back on the scene of one article."""

    scene: Scene
    pronouns: Pronouns
    parties: Mapping[str, str]

    def noun(self, first: int, start: int, end: int) -> Found | None:
        """Whom the tokens first to end (excluded) mean; those from `start` lack the article."""
        text = self.scene.text
        offset, noun, determiner = text.starts[first], text.lowers[end - 1], text.lowers[first]
        if end - first == 2 and noun in words("own-country"):
            which = pronoun(determiner)
            if which is not None:
                return self._own_country(which, first, noun)
        if noun in words("several"):
            return self._several(first, end, noun)
        if determiner != "the" or end <= start:
            return None
        if text.lowers[start:end][-2:] == ["year", "old"]:
            return self._someone(offset)
        own = self._own_noun(offset, noun) if end - start == 1 else None
        if own is not None:
            return own
        hit = self._listed(offset, start, end)
        if hit is not None:
            return (self.scene.use(hit.actor),), "description: named before"
        if end - start > _LONGEST or not all(text.words[i].islower() for i in range(start, end)):
            return None
        return self._other(offset, noun, plain=end - start == 1)

    def _listed(self, offset: int, start: int, end: int) -> Hit | None:
        """The listed actor of some sort that was named last."""
        noun = self.scene.text.lowers[end - 1]
        office = office_at(self.scene.text, start)
        if office is not None and office[0] == end:
            return self._last_office(offset, office[1])
        if end - start == 2 and self.scene.text.lowers[start] == "news" and noun == "agency":
            return self.scene.last_of(offset, ("outlet",))
        if end - start != 1:
            return None
        if noun in words("again-bloc"):
            return self.scene.last_of(offset, ("bloc",))
        if noun in words("again-outlet"):
            return self.scene.last_of(offset, ("outlet",))
        return self._last_office(offset, None) if noun in words("again-ministry") else None

    def _other(self, offset: int, noun: str, plain: bool) -> Found | None:
        """Whom a noun means whose modifiers name nobody; `plain` if it has none."""
        if noun in words("document"):
            return self._owner(offset, noun) or self._issuer(offset, noun)
        if noun in words("firm") or (noun in _AS_FIRMS and not plain):
            return self._last_body(offset)
        if not plain:
            return None
        if noun == "administration":
            return self._administered()
        if noun in words("again-state"):
            state = self._state(offset)
            return ((self.scene.use(state),), "description: last state") if state else None
        return self._named_body(offset, noun) if noun in words("again-body") else None

    def _own_noun(self, offset: int, noun: str) -> Found | None:
        """The last body whose name holds the noun ("the council" after a Human Rights Council)."""
        text, word = self.scene.text, noun.capitalize()
        if noun in words("again-state") or noun in words("state-noun"):
            return None
        end = bisect_left(self.scene.starts, offset)
        for hit in reversed(self.scene.hits[max(0, end - _FAR) : end]):
            body = hit.actor.startswith("org:") and hit.kind in ("name", "office")
            if body and word in text.words[hit.first : hit.last]:
                return (self.scene.use(hit.actor),), "description: a noun of its name"
        for _, span in islice(self.pronouns.back(offset), _FAR):
            first, last = text.tokens_in(span)
            settled = self.pronouns.settled[span]
            if settled.how == "unlisted body" and word in text.words[first:last]:
                return settled.actors, "description: a noun of its name"
        return None

    def _owner(self, offset: int, noun: str) -> Found | None:
        """Whose document the last words with the same noun say it is ("the Kremlin statement")."""
        text, ground = self.scene.text, self.scene.ground
        last = text.tokens_in((offset, len(text.text)))[0]
        for i in range(last - 1, max(0, last - _REACH), -1):
            if text.lowers[i] != noun:
                continue
            hit = ground.hit_to.get(i - 1 if text.possessive(i - 1) else i)
            if hit is not None and hit.kind != "adjective" and text.spaced(i):
                return (self.scene.use(hit.actor),), "description: whose it was before"
        return None

    def _issuer(self, offset: int, noun: str) -> Found | None:
        """Whose "the statement" is: who spoke last, else the state or body spoken of."""
        text = self.scene.text
        for place, span in self.pronouns.back(offset):
            if self.scene.away(place, offset) > BACK:
                break
            actors = self.pronouns.settled[span].actors
            if span in self.pronouns.sources and actors and not text.in_quotation(place):
                if any(a.startswith("grp:") for a in actors):
                    actors = self._named_in(span)
                elif noun in _BY_BODIES and actors[0].startswith("per:"):
                    continue  # who only spoke between
                return (actors, "description: who issued it") if actors else None
        hit = self.scene.subject(offset, ("state", "bloc", "body"))
        if hit is None or not self.scene.governs(hit):
            return None
        return (self.scene.use(hit.actor),), "description: who issued it"

    def _named_in(self, span: Span) -> tuple[str, ...]:
        """The one body that words for nobody name ("estimates from the General Staff of Chad")."""
        inside = {h.actor for h in self.scene.hits if span[0] <= h.span[0] and h.span[1] <= span[1]}
        bodies = {a for a in inside if a.startswith("org:")}
        return (self.scene.use(bodies.pop()),) if len(bodies) == 1 else ()

    def _named_body(self, offset: int, noun: str) -> Found | None:
        """The body that is no state's voice, or for "the agency" the outlet, named last."""
        types = ("bloc", "body", "outlet") if noun == "agency" else ("bloc", "body")
        hit = self.scene.last_of(offset, types)
        label = max(self._labelled(offset), default=None)
        if label is not None and (hit is None or hit.span < label):
            return self._own(label), "description: last body"
        return ((self.scene.use(hit.actor),), "description: last body") if hit else None

    def _own(self, span: Span) -> tuple[str, ...]:
        name = " ".join(self.scene.article.words(span).split())
        return (self.scene.own(Actor("org:" + slug(name), name, "body")),)

    def _state(self, offset: int) -> str | None:
        """The state that a sentence is about, else the only one whose own bodies are named."""
        hit = self.scene.subject(offset)
        if hit is not None and (self.scene.governs(hit) or self.scene.text.possessive(hit.last)):
            return hit.side
        # "near the border with Estonia. The government": not Estonia's
        home = {h.side for h in self.scene.hits if h.side != h.actor and h.side.startswith("iso:")}
        return home.pop() if len(home) == 1 else None

    def _last_office(self, offset: int, slug_: str | None) -> Hit | None:
        for hit in reversed(self.scene.hits):
            if hit.span[0] >= offset or hit.side == hit.actor:
                continue
            if slug_ is None or hit.actor.endswith("-" + slug_):
                return hit
        return None

    def _last_body(self, offset: int) -> Found | None:
        """The last body that is in no list, as companies are; else the only one a reader labels."""
        for span in self._near(offset):
            actors = self.pronouns.settled[span].actors
            if self.pronouns.settled[span].how == "unlisted body":
                return actors, "description: last body"
        found = {self.scene.article.words(s): s for s in self._labelled(offset)}
        if len(found) != 1:
            return None
        return self._own(found.popitem()[1]), "description: only body near"

    def _labelled(self, offset: int) -> Iterator[Span]:
        """The names of organisations in the sentences before that are nobody listed or known."""
        text, ground, people = self.scene.text, self.scene.ground, self.scene.people
        for name in self.scene.marks.names:
            begin = name.span[0]
            if name.label != "organisation" or not 0 <= begin < offset:
                continue
            first, last = text.tokens_in(name.span)
            known = any(i in ground.hit_from or i in people.by_run for i in range(first, last))
            if first < last and not known and self.scene.away(begin, offset) <= BACK:
                yield name.span

    def _near(self, offset: int) -> Iterator[Span]:
        """The settled spans in the sentences before an offset, the nearest first."""
        for place, span in self.pronouns.back(offset):
            if self.scene.away(place, offset) > BACK:
                return
            yield span

    # ------------------------------------------------------------------ states of leaders

    def administration(self, run: Run, noun: str) -> Found | None:
        """The state of "the Doe administration" if the text says whose leader Doe is.

        Of an administration it is the United States where the article names them.
        """
        person = self.scene.people.by_run.get(run.first)
        party = self.parties.get(person.id) if person is not None else None
        if party is not None:
            return (self.scene.use(party),), "administration of who speaks for it"
        return self._administered() if noun == "administration" else None

    def _administered(self) -> Found | None:
        named = any(h.side == _US for h in self.scene.hits)
        return ((self.scene.use(_US),), "administration, by its word") if named else None

    def _own_country(self, which: str, first: int, noun: str) -> Found | None:
        """The state of "his country" and "our country" is his party, if the text says it."""
        span = self.scene.text.span(first, first + 1)
        if which in ("it", "they"):
            hit = self.scene.subject(span[0])
            return ((self.scene.use(hit.side),), "its own country") if hit else None
        actors, _ = self.pronouns.settle(which, span, first)
        if len(actors) == 1 and actors[0].startswith("iso:"):
            return actors, "country of who speaks for it"
        party = self.parties.get(actors[0]) if len(actors) == 1 else None
        if party is None:
            return self._administered() if noun == "administration" else None
        return (self.scene.use(party),), "country of who speaks for it"

    # ------------------------------------------------------------------ people

    def person(self, phrase: Phrase) -> Found | None:
        """The last speaker or subject who may hold the role of "the senator"."""
        if phrase.article != THE or phrase.party or phrase.owner or phrase.told in _UNNAMED:
            return None
        aside = phrase.aside and phrase.rank != "politician"
        if phrase.past or aside or self._titled(phrase):
            return None
        ruler = phrase.rank in _RULERS or self.scene.text.in_quotation(phrase.span[0])
        speakers = self.pronouns.source_around(phrase.span) if ruler else ()  # they mean another
        for person in self._near_people(phrase.span[0]):
            if person.id not in speakers and self._may_hold(person, phrase):
                person.gender = person.gender or phrase.gender
                self.scene.people.note(phrase.span[0], person)
                return (self.scene.use_person(person),), "description: last person it may mean"
        return None

    def _titled(self, phrase: Phrase) -> bool:
        """Whether the words name a body that is in no list ("the Ethics Council chair")."""
        text = self.scene.text
        inner = range(phrase.first + 1, phrase.last)
        return any(text.is_capital(i) and text.words[i] not in PARTIES for i in inner)

    def _someone(self, offset: int) -> Found | None:
        found = next(self._subjects(offset), None)
        if found is None:
            return None
        person = found[1]
        return (self.scene.use_person(person),), "description: last person"

    def _near_people(self, offset: int) -> Iterator[Person]:
        """Subjects, and whom a source meant without a name ("he said"), the nearest first."""
        found: list[tuple[int, Person]] = []
        by_id = self.scene.people.by_id
        for span in self._near(offset):
            actors = self.pronouns.settled[span].actors
            spoke = span in self.pronouns.sources and not self.scene.text.in_quotation(span[0])
            if spoke and len(actors) == 1 and actors[0] in by_id:
                found.append((span[0], by_id[actors[0]]))
        found += self._subjects(offset)
        return (person for _, person in sorted(found, key=lambda f: -f[0]))

    def _subjects(self, offset: int) -> Iterator[tuple[int, Person]]:
        """Who is named before an offset outside quotations and owns nothing, the nearest first."""
        text = self.scene.text
        for place, person in reversed(self.scene.people.before(offset)):
            if self.scene.away(place, offset) > BACK:
                return
            run = self.scene.ground.run_from.get(text.tokens_in((place, len(text.text)))[0])
            owner = run is not None and run.last < len(text) and text.possessive(run.last)
            behind = run is not None and run.first and text.lowers[run.first - 1] in GOVERNING
            if not text.in_quotation(place) and not owner and not behind:
                yield place, person

    def _may_hold(self, person: Person, phrase: Phrase) -> bool:
        if phrase.gender and person.gender not in ("", phrase.gender):
            return False
        if person.phrases:
            return any(phrase.fits(held) or held.told == phrase.told for held in person.phrases)
        if phrase.rank not in _RULERS:
            return True
        settled = self.pronouns.settled
        spoke = any(s in settled and person.id in settled[s].actors for s in self.pronouns.sources)
        return spoke and len(person.fullest.names) == 1  # whom all know is not introduced

    # ------------------------------------------------------------------ several

    def _several(self, first: int, end: int, noun: str) -> Found | None:
        """The states of "the two sides", the people of "both men", where as many were joined."""
        text, offset = self.scene.text, self.scene.text.starts[first]
        lowers = text.lowers[first : end - 1]
        if not lowers or lowers[0] not in ("the", "both", "these"):
            return None
        if any(text.is_capital(i) for i in range(first + 1, end)):
            return None  # "the Baltic states"
        number = next((_NUMBER[w] for w in lowers if w in _NUMBER), 0)
        states = ("iso:",) if noun in ("countries", "nations", "states") else ("iso:", "org:")
        prefix = states if noun in words("several-states") else ("per:",)
        for span in self._near(offset):
            actors = self.pronouns.settled[span].actors
            if self._are(actors, prefix, number):
                return actors, "description: those named together"
        some = self._pair if prefix == ("per:",) else self.scene.joined
        actors = some(offset, number)
        if not self._are(actors, prefix, number):
            return None
        return actors, "description: those named together"

    @staticmethod
    def _are(actors: tuple[str, ...], prefix: tuple[str, ...], number: int) -> bool:
        fit = len(actors) > 1 and all(a.startswith(prefix) for a in actors)
        return fit and number in (0, len(actors))

    def _pair(self, offset: int, number: int) -> tuple[str, ...]:
        """The two people of the last sentence that names two, else the two who lead."""
        text, number_ = self.scene.text, self.scene.text.sentence(offset)
        for n in range(number_ - 1, max(-1, number_ - 1 - BACK), -1):
            names = self.scene.people.before(offset)
            here = list(dict.fromkeys(p for place, p in names if text.sentence(place) == n))
            heads = [p for p in here if any(h.rank in _RULERS for h in p.phrases)]
            for some in (here, heads):
                if len(some) == 2 and number in (0, 2):
                    return tuple(self.scene.use_person(p) for p in some)
        return ()
