"""The people of one article: which runs of capitals are people, and which are one person.

A run is a person's name where the text treats it so: beside a role or title, as a source or
holder, before or after a verb of saying, or under a reader's label. Everything else that is
capitalised stays nobody.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from caveat.model import Marks, Span
from caveat.resolve.lexicon import given_gender, slug, words
from caveat.resolve.names import BEHIND, Run, agree, key
from caveat.resolve.roles import Ground, Phrase
from caveat.resolve.tokens import Text

_NEAR = 20
"""Names that a pronoun may look back over."""
_FAR = 300
"""Names on either side among which a description may find its person: whole reports, and no
more of a book, so that the time stays in step with the text."""


@dataclass(slots=True, eq=False)
class Person:
    """One person: the names that mean them, in order, and the roles that the text gives them."""

    runs: list[Run] = field(default_factory=list)
    phrases: list[Phrase] = field(default_factory=list)
    states: set[str] = field(default_factory=set)
    """States that the text puts them to without a role ("Britain's Starmer")."""
    gender: str = ""

    id: str = ""
    """ "per:" and the folded fullest name."""
    name: str = ""
    """The fullest name as written."""

    @property
    def fullest(self) -> Run:
        """The name with the most words, the first of these."""
        return max(self.runs, key=lambda r: (len(r.names), -r.first))

    def parties(self) -> set[str]:
        """States and bodies that their roles and mentions put them to."""
        return self.states | {p.party for p in self.phrases if p.party is not None}


@dataclass(slots=True)
class People:
    """All people of an article and whom each name means."""

    all: list[Person] = field(default_factory=list)
    by_run: dict[int, Person] = field(default_factory=dict)
    """Person by the first token of the run."""
    by_id: dict[str, Person] = field(default_factory=dict)
    places: list[tuple[int, Person]] = field(default_factory=list)
    """Offsets of all names in order, and who it is."""

    def before(self, offset: int) -> list[tuple[int, Person]]:
        """The last names that begin before an offset, the nearest last."""
        end = bisect_right(self.places, offset - 1, key=lambda p: p[0])
        return self.places[max(0, end - _NEAR) : end]

    def around(self, offset: int) -> Iterator[Person]:
        """Who is named before an offset, the nearest first, then who is named after it."""
        middle = bisect_right(self.places, offset - 1, key=lambda p: p[0])
        back = range(middle - 1, max(-1, middle - 1 - _FAR), -1)
        ahead = range(middle, min(len(self.places), middle + _FAR))
        seen: set[int] = set()
        for i in (*back, *ahead):
            person = self.places[i][1]
            if id(person) not in seen:
                seen.add(id(person))
                yield person

    def note(self, offset: int, person: Person) -> None:
        """Keep that a description at an offset means somebody."""
        insort(self.places, (offset, person), key=lambda p: p[0])


def find_people(ground: Ground, found: list[Phrase], marks: Marks) -> People:
    """Group the names of an article into people, with their roles."""
    text = ground.text
    marked = _marked_spans(marks)
    doubtful = _elsewhere_else(text, marks)
    named = [
        n for n in marks.names if n.label == "person" and text.text[slice(*n.span)] not in doubtful
    ]
    others = [n.span for n in marks.names if n.label != "person"]
    with_role = {p.name.first for p in found if p.name is not None}
    with_role |= {p.owner.first for p in found if isinstance(p.owner, Run)}
    sure: list[Run] = []
    rest: list[Run] = []
    labelled = _Cover([n.span for n in named])
    denied, in_marks = _Cover(others), _Cover(sorted(marked))
    firms = _firms(ground)
    once = Counter(run.names[0] for run in ground.run_from.values())
    for run in ground.run_from.values():
        nobody = run.names in firms or _within_a_name(text, run)
        if (nobody and run.first not in with_role) or _ballot(run):
            continue
        if denied.holds(run.span):
            if len(run.names) == 1 and denied.tight(run.span):
                rest.append(run)  # a reader's label, and the text may know the surname better
            continue
        if _organisation(run):
            continue
        says = run.first in with_role or run.title or labelled.holds(run.span)
        if not says and text.title_case(run.span[0]):
            rest.append(run)
        elif (
            says
            or _acts(text, run)
            or (not _opener(text, run, once) and _heads(text, run, in_marks))
        ):
            sure.append(run)
        else:
            rest.append(run)
    return _group(sure, rest, found, ground)


def _elsewhere_else(text: Text, marks: Marks) -> set[str]:
    """Words that a reader labels no person as often as one ("the city of Izyum")."""
    count: Counter[str] = Counter()
    for name in marks.names:
        count[text.text[slice(*name.span)]] += 1 if name.label == "person" else -1
    return {word for word, n in count.items() if n <= 0}


class _Cover:
    """Answers whether a span lies in one of many, by the spans that begin before it."""

    def __init__(self, spans: list[Span]) -> None:
        self.spans = sorted(spans)
        self.starts = [s for s, _ in self.spans]

    def around(self, span: Span) -> list[Span]:
        """The spans that hold this one; they seldom nest deeper than a few."""
        i = bisect_right(self.starts, span[0])
        return [s for s in self.spans[max(0, i - 8) : i] if s[1] >= span[1]]

    def holds(self, span: Span) -> bool:
        """Whether one of the spans holds this one."""
        return bool(self.around(span))

    def tight(self, span: Span) -> bool:
        """Whether one of the spans is just this one."""
        return span in self.around(span)


def _marked_spans(marks: Marks) -> set[Span]:
    spans: set[Span] = set()
    for a in marks.attributions:
        spans.update(a.source)
    for p in marks.positions:
        spans.update(p.holder)
        spans.update(p.addressee)
        spans.update(p.beneficiary)
        if p.speaker is not None:
            spans.add(p.speaker)
    return spans


def _ballot(run: Run) -> bool:
    """Whether it is the party behind a lawmaker's name: "(R-S.C.)", ", D-Ohio"."""
    return len(run.names) == 1 and len(run.names[0].partition("-")[0]) == 1


def _organisation(run: Run) -> bool:
    last = run.names[-1]
    inner = any(c.isupper() for c in last[2:]) and last[:2] not in ("Mc", "Ma", "De", "Di", "O'")
    if len(run.names) == 2 and last in words("surname") and given_gender(run.names[0]):
        return False  # "Tom Hall"
    return (inner and "-" not in last) or any(n in words("organisation") for n in run.names)


def _within_a_name(text: Text, run: Run) -> bool:
    """Whether a number or a capitalised common word stands right before ("60 Minutes")."""
    i = run.first - 1
    if i < 0 or not text.spaced(run.first):
        return False
    common = text.lowers[i] in words("domain") or text.lowers[i] in words("aside")
    common = common and not given_gender(run.names[0])  # "speaker of the House Jane Doe"
    return text.words[i].isdigit() or (common and text.is_capital(i) and not text.sentence_start(i))


def _acts(text: Text, run: Run) -> bool:
    """Whether a name of two words and more stands right beside a verb of saying."""
    if len(run.names) < 2:
        return False
    say = words("say")
    after = run.last < len(text) and text.spaced(run.last) and text.lowers[run.last] in say
    before = run.first > 0 and text.spaced(run.first) and text.lowers[run.first - 1] in say
    return after or before


def _firms(ground: Ground) -> set[tuple[str, ...]]:
    """Names that stand beside "company" or "giant" somewhere in the text."""
    text, nouns = ground.text, words("firm")
    out = set()
    for run in ground.run_from.values():
        before = run.first > 0 and text.spaced(run.first) and text.lowers[run.first - 1] in nouns
        after = run.last < len(text) and text.spaced(run.last) and text.lowers[run.last] in nouns
        if before or after:
            out.add(run.names)
    return out


def _opener(text: Text, run: Run, once: Mapping[str, int]) -> bool:
    """Whether a name is only a sentence's first word, capitalised as such ("Residents said").

    `once` counts the first words of all runs of capitals.
    """
    word = text.words[run.first]
    if len(run.names) > 1 or word in words("surname"):
        return False
    plural = word.endswith("s") and once[word] == 1
    return word.lower() in text.uncapitalised or (plural and text.sentence_start(run.first))


def _heads(text: Text, run: Run, marked: _Cover) -> bool:
    """Whether a name is what a marked span is about, not what it belongs to or mentions."""
    if text.possessive(run.last) and run.last < len(text):
        return any(text.tokens_in(s)[1] <= run.last + 1 for s in marked.around(run.span))
    for span in marked.around(run.span):
        first, last = text.tokens_in(span)
        before = text.lowers[first : run.first]
        if len(run.names) == 1 and before and before[-1] in ("the", "a", "an"):
            continue
        follows = text.words[run.last] if run.last < last else ""
        plain = not follows or not text.spaced(run.last) or follows in BEHIND
        plain = plain or follows.lower() in _NEXT
        if plain and not _AFTER.intersection(before):
            return True
    return False


_NEXT = frozenset("of from who in and or".split())
_AFTER = frozenset(
    "of with for by to from like near against including that which in at on about".split()
)


def _group(sure: list[Run], rest: list[Run], found: list[Phrase], ground: Ground) -> People:
    by_surname: dict[str, list[Person]] = {}
    by_first: dict[str, list[Person]] = {}
    people = People()
    long = [r for r in sure if len(r.names) > 1]
    single = [r for r in sure if len(r.names) == 1]
    for run in long:
        person = _match(by_surname.get(key(run.surname), ()), run)
        _join(people, person, run, by_surname, by_first)
    for run in single:
        person = _known(run, by_surname, by_first)
        _join(people, person, run, by_surname, by_first)
    for run in rest:
        person = _known(run, by_surname, by_first)
        if person is not None:
            _join(people, person, run, by_surname, by_first)
    for person in people.all:
        person.runs.sort(key=lambda r: r.first)
        person.name = " ".join(person.fullest.names)
        person.id = "per:" + slug(person.name)
        people.by_id.setdefault(person.id, person)
        people.places += [(r.span[0], person) for r in person.runs]
    people.places.sort(key=lambda p: p[0])
    _add_roles(people, found)
    _add_states(people, ground)
    return people


def _known(
    run: Run, by_surname: dict[str, list[Person]], by_first: dict[str, list[Person]]
) -> Person | None:
    person = _match(by_surname.get(key(run.surname), ()), run)
    if person is None and len(run.names) == 1:
        person = _match(by_first.get(key(run.surname), ()), run)
    return person


def _match(candidates: list[Person] | tuple[()], run: Run) -> Person | None:
    """Who of one surname a name means: the last one named before it, else the next one."""
    fit = [p for p in candidates if agree(p.fullest.given, run.given) or len(run.names) == 1]
    if run.gender:
        fit = [p for p in fit if p.gender in ("", run.gender)]
    before = [p for p in fit if any(r.first < run.first for r in p.runs)]
    if before:
        return max(before, key=lambda p: max(r.first for r in p.runs if r.first < run.first))
    return min(fit, key=lambda p: min(r.first for r in p.runs)) if fit else None


def _join(
    people: People,
    person: Person | None,
    run: Run,
    by_surname: dict[str, list[Person]],
    by_first: dict[str, list[Person]],
) -> None:
    if person is None:
        person = Person()
        people.all.append(person)
        by_surname.setdefault(key(run.surname), []).append(person)
        if len(run.names) > 1:
            by_first.setdefault(key(run.names[0]), []).append(person)
    person.runs.append(run)
    people.by_run[run.first] = person
    person.gender = person.gender or run.gender


def _add_roles(people: People, found: list[Phrase]) -> None:
    for phrase in found:
        person = people.by_run.get(phrase.name.first) if phrase.name is not None else None
        if person is not None:
            person.phrases.append(phrase)
            person.gender = person.gender or phrase.gender


def _add_states(people: People, ground: Ground) -> None:
    """Note "Britain's Starmer" and "Starmer of Britain"; the words give no role."""
    text = ground.text
    for person in people.all:
        for run in person.runs:
            before = run.first - 1
            if text.possessive(before) and (hit := ground.hit_to.get(before)) is not None:
                person.states.add(hit.side)
            hit = ground.hit_from.get(run.last + 1)
            if hit is not None and text.lowers[run.last] == "of" and hit.kind == "name":
                person.states.add(hit.side)
