"""Whom one name or description means: a person, a state by its government, a ministry, an outlet.

The words are looked at up to their first preposition or comma; a listed actor or a person there
settles them, then nouns that point back ("the ministry"), then any proper name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from caveat.model import Actor, Span, SpeaksFor
from caveat.resolve.again import Again
from caveat.resolve.describe import Link
from caveat.resolve.gazetteer import Hit
from caveat.resolve.lexicon import roles, slug, words
from caveat.resolve.names import BEHIND, Run
from caveat.resolve.people import Person
from caveat.resolve.roles import Phrase, listed_type
from caveat.resolve.scene import Scene

_LEADING = frozenset("the a an this that these those whole entire".split())
CUT = frozenset(
    "of in at from for with by to on who that which including like near under against close"
    " familiar about than among within as".split()
)
"""Words that end what a noun phrase is about; what follows only says more of it."""
_SELF = frozenset(("himself", "herself", "itself", "themselves", "alone", "too"))
_SMALL = frozenset("of for the and in on s de la du des".split())
"""Words that may stand uncapitalised within an organisation's name."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whom some words mean; `named` unless they are an unnamed group."""

    actors: tuple[str, ...]
    how: str
    named: bool = True


NOBODY = Found((), "in doubt, nobody")


@dataclass(slots=True)
class Nouns:
    """Settles names and descriptions on the scene of one article."""

    scene: Scene
    by_start: dict[int, list[Phrase]]
    links: dict[int, Link]
    again: Again
    relays: frozenset[Span]

    def group(self, span: Span) -> Found:
        """The unnamed group that a span's words are."""
        return Found((self.scene.group(span),), "unnamed group", named=False)

    def hits(self, first: int, last: int) -> Iterator[Hit]:
        """The listed actors within the tokens first to last (excluded)."""
        for i in range(first, last):
            hit = self.scene.ground.hit_from.get(i)
            if hit is not None and hit.last <= last:
                yield hit

    def single(self, first: int, last: int) -> Found | None:
        """Whom the tokens first to last (excluded) mean, None for an unnamed group."""
        text = self.scene.text
        start, end = first, last
        while start < end - 1 and text.lowers[start] in _LEADING:
            start += 1
        if end - start > 1 and (text.possessive(end - 1) or text.lowers[end - 1] in _SELF):
            end -= 1
        while end - start > 2 and text.words[end - 1] in BEHIND:
            end -= 1
        if end - start > 1 and text.gap(end - 1) == " (" and _acronym(text.words[end - 1]):
            end -= 1  # "the Border Monitoring Mission (BMM)"
        hit = self.scene.ground.hit_from.get(start)
        if hit is None and start > first:
            hit = self.scene.ground.hit_from.get(first)
        body = self.scene.ground.hit_from.get(hit.last) if hit is not None else None
        if hit is not None and body is not None and body.side == hit.actor and body.last == end:
            hit = body  # "the US State Department"
        if hit is not None and hit.last == end:
            return Found((self.scene.use(hit.actor),), hit.kind)
        for step in (self._phrase, self._core, self._again, self._unknown):
            found = step(first, start, end)
            if found is not None:
                return found
        return None

    def _phrase(self, first: int, start: int, end: int) -> Found | None:
        """A role phrase, with or without its name, that the words begin with."""
        for at in dict.fromkeys((first, start)):
            for phrase in self._owned(at, end):
                name = phrase.name
                if name is not None:
                    person = self.scene.people.by_run.get(name.first)
                    if person is not None:
                        return self._person(person, "role and name")
                link = self.links.get(id(phrase))
                if link is not None:
                    return Found((link.actor,), link.how)
                if phrase.last == end and name is None:
                    before = self.again.person(phrase)
                    if before is not None:
                        return Found(*before)
                    return self.group(self.scene.text.span(first, end))
        return None

    def _owned(self, at: int, end: int) -> list[Phrase]:
        """Phrases from token `at`; those that another one in the words belongs to come last."""
        here = [p for p in self.by_start.get(at, ()) if p.last <= end]
        owners = [p.name for p in here if p.name is not None]
        later = [
            p
            for i in range(at, end)
            for p in self.by_start.get(i, ())
            if p.owner is not None and (p.owner in owners or p.owner in here)
        ]
        return later or here

    def _core(self, _: int, start: int, end: int) -> Found | None:
        """What the words say before their first preposition or comma: names, states, outlets."""
        text, ground = self.scene.text, self.scene.ground
        cut = start + 1
        while cut < end and text.lowers[cut] not in CUT and "," not in text.gap(cut):
            if "(" in text.gap(cut):
                break
            cut += 1
        core_end = cut - 1 if text.possessive(cut - 1) and cut - 1 > start else cut
        run = self._last_run(start, core_end)
        if run is not None and run.last == core_end:
            return self._person(self.scene.people.by_run[run.first], "name")
        ending = self._ending(start, end)
        if ending is not None:
            return self._person(ending, "name")
        apposed = self._apposed(start, end)
        if apposed is not None:
            return Found((self.scene.use(apposed.actor),), apposed.kind)
        counted = _counted(text.lowers[start:core_end])
        head = text.lowers[core_end - 1]
        owned = core_end - 2 > start and text.possessive(core_end - 2)
        ruler = ground.run_to.get(core_end - 2 if owned else core_end - 1)
        if ruler is not None and ruler.first >= start and head in words("state-noun"):
            return self._administration(ruler, start, core_end)
        if counted:
            return self._listed_group(start, core_end)
        hits = list(self.hits(start, core_end))
        if hits:
            return self._with_hit(hits, start, core_end, head)
        behind = ground.hit_from.get(cut + 1) or ground.hit_from.get(cut + 2)
        of = cut < end and text.lowers[cut] in ("of", "in") and behind is not None
        if of and behind is not None and behind.last <= end and head in words("state-noun"):
            return Found((self.scene.use(behind.side),), "state by its government or forces")
        return None

    def _ending(self, start: int, end: int) -> Person | None:
        """Who is named at the end of "son-in-law Jared Kushner" and "his counsel, Pat Philbin"."""
        text, run = self.scene.text, self.scene.ground.run_to.get(end)
        if run is None or run.first <= start or text.lowers[run.first - 1] in CUT:
            return None
        near = text.spaced(run.first) or text.gap(run.first) == ", "
        return self.scene.people.by_run.get(run.first) if near else None

    def _apposed(self, start: int, end: int) -> Hit | None:
        """The body named at the end of "the UN's refugee agency, the UNHCR"."""
        hit = next((h for h in self.hits(start + 1, end) if h.last == end), None)
        if hit is None or listed_type(hit.actor) not in ("body", "bloc", "outlet"):
            return None
        first = hit.first - (self.scene.text.lowers[hit.first - 1] == "the")
        return hit if first > start and self.scene.text.gap(first) == ", " else None

    def _last_run(self, start: int, end: int) -> Run | None:
        found = None
        for i in range(start, end):
            run = self.scene.ground.run_from.get(i)
            if run is None or run.last > end or run.first not in self.scene.people.by_run:
                continue
            if not (run.last < end and self.scene.text.possessive(run.last)):
                found = run
        return found

    def _person(self, person: Person, how: str) -> Found:
        return Found((self.scene.use_person(person),), how)

    def _administration(self, run: Run, start: int, end: int) -> Found:
        """The state of "the Doe administration" if the text says it, else a body of that name.

        The body speaks for Doe, so that a register can follow it to Doe's state.
        """
        found = self.again.administration(run, self.scene.text.lowers[end - 1])
        if found is not None:
            return Found(*found)
        body, span = self._body(start, end), self.scene.text.span(start, end)
        noun = self.scene.text.lowers[end - 1]
        one = SpeaksFor(body.actors[0], self._ruler(run), span, noun)
        if not any(e.speaker == one.speaker for e in self.scene.evidence):
            self.scene.evidence.append(one)
        return body

    def _ruler(self, run: Run) -> str:
        """The person of "the Doe administration", whose party other articles may tell."""
        person = self.scene.people.by_run.get(run.first)
        if person is not None:
            return self.scene.use_person(person)
        name = " ".join(run.names)
        return self.scene.own(Actor("per:" + slug(name), name, "person"))

    def _with_hit(self, hits: list[Hit], start: int, end: int, head: str) -> Found | None:
        """Words that hold a listed actor: its government, its forces, its outlet, or others."""
        text, hit, last = self.scene.text, hits[0], hits[-1]
        whole = last.last == end - 1 and listed_type(last.actor) == "bloc"
        if whole and text.spaced(end - 1) and head in words("again-bloc"):
            return Found((self.scene.use(last.actor),), last.kind)  # "the NATO alliance"
        if whole and head in words("several-states") and text.lowers[hit.first - 1] == "the":
            return Found((self.scene.use(last.actor),), last.kind)  # "the NATO nations"
        if hit.last < end and text.gap(hit.last) in ("-", "‑"):
            return None  # "Russian-backed authorities"
        lower = not any(text.is_capital(i) for i in range(start, hit.first))
        if last.last == end and last.kind != "adjective" and last is hit and lower:
            return Found((self.scene.use(last.actor),), last.kind)
        generic = words("generic")
        for one in hits:
            rest = [*range(start, one.first), *range(one.last, end)]
            outlet = listed_type(one.actor) == "outlet"
            if outlet and all(text.lowers[i] in generic or self._in_hit(i, hits) for i in rest):
                return Found((self.scene.use(one.actor),), "outlet")
        bloc = listed_type(hit.actor) == "bloc"
        if head in words("state-noun") and listed_type(hit.side) in ("state", "bloc") and lower:
            return Found((self.scene.use(hit.side),), "state by its government or forces")
        if bloc and head in words("collective") | words("again-bloc"):
            return Found((self.scene.use(hit.actor),), "institution by its leaders")
        return None

    @staticmethod
    def _in_hit(i: int, hits: list[Hit]) -> bool:
        return any(h.first <= i < h.last or h.last == i for h in hits)

    def _listed_group(self, start: int, end: int) -> Found | None:
        """ "All three Baltic states" is the listed group; "two Baltic states" is not."""
        hit = next((h for h in self.hits(start, end) if h.last == end), None)
        if hit is None:
            return None
        members = self.scene.actors[self.scene.use(hit.actor)].members
        before = self.scene.text.lowers[start : hit.first]
        whole = {"all", "both", "the", _NUMBERS.get(len(members), "all")}
        if members and set(before) <= whole:
            return Found((hit.actor,), hit.kind)
        return None

    def _again(self, first: int, start: int, end: int) -> Found | None:
        """ "The ministry", "the alliance", "his country", "the two sides"."""
        found = self.again.noun(first, start, end)
        return Found(*found) if found is not None else None

    def _unknown(self, first: int, start: int, end: int) -> Found | None:
        """A proper name that nothing else explains: a body, or an outlet where it relays."""
        text = self.scene.text
        kept = [i for i in range(start, end) if text.words[i] not in words("generic")]
        while len(kept) > 1 and not text.is_capital(kept[0]) and text.is_capital(kept[-1]):
            if text.is_capital(kept[1]) and text.lowers[kept[0]] not in words("firm"):
                return None  # only "chip maker Voltrex" is known to be what its last word names
            kept = kept[1:]
        names = [text.words[i] for i in kept]
        small = [n for n in names if not n[0].isupper()]
        if not kept or (small and (not set(small) <= _SMALL or names[-1] in small)):
            return None
        party = len(names) > 1 and names[-1] in ("Party", "party")
        if any(n in words("wide") or n in words("not-a-name") for n in names) and not party:
            return None
        if all(any(h.first <= i < h.last for h in self.hits(start, end)) for i in kept):
            return None  # "Russian state TV"
        opener = len(kept) == 1 and text.sentence_start(first) and not names[0].isupper()
        if opener and (names[0].endswith("s") or text.lowers[kept[0]] in text.uncapitalised):
            return None
        short = self._short(names[0]) if len(names) == 1 else None
        if short is not None:
            return Found((self.scene.use(short.actor),), "name by its initials")
        relay = any(s[0] <= text.starts[first] < s[1] for s in self.relays)
        return self._body(kept[0], kept[-1] + 1, "out:" if relay else "org:")

    def _short(self, name: str) -> Hit | None:
        """The only listed body of the article whose name has these initials."""
        if not name.isupper() or len(name) < 2:
            return None
        named = self.scene.text.words
        fit = {
            h.actor: h
            for h in self.scene.hits
            if "".join(w[0] for w in named[h.first : h.last] if w[0].isupper()) == name
        }
        return fit.popitem()[1] if len(fit) == 1 else None

    def _body(self, start: int, end: int, prefix: str = "org:") -> Found:
        if " ".join(self.scene.text.lowers[start:end]) in roles():
            return self.group(self.scene.text.span(start, end))  # "Minister": nobody's name
        name = " ".join(self.scene.article.words(self.scene.text.span(start, end)).split())
        kind = "outlet" if prefix == "out:" else "body"
        id_ = prefix + slug(name)
        actor = Actor(id_, name, "outlet" if kind == "outlet" else "body")
        return Found((self.scene.own(actor),), f"unlisted {kind}")


_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 8: "eight", 9: "nine"}


def _counted(lowers: list[str]) -> bool:
    """Whether words say how many; "the 47-member council" is one."""
    return any(
        (w in words("quantifier") or w.isdigit()) and lowers[i + 1 : i + 2] != ["member"]
        for i, w in enumerate(lowers[:4])
    )


def _acronym(word: str) -> bool:
    """Whether a word is "BMM" or "MoD"."""
    return sum(c.isupper() for c in word) > 1
