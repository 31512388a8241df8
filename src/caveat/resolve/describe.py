"""Whom role phrases without a name mean ("the Ukrainian leader"), and who speaks for whom.

In this order: somebody whom the text gives that role and party; somebody with that role whose
party it does not say (which the description then says); for heads, the one source of the article
whom it puts nowhere; else the holder of the office, unnamed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass

from caveat.model import Actor, Span, SpeaksFor
from caveat.resolve.lexicon import slug, words
from caveat.resolve.names import Run
from caveat.resolve.people import Person
from caveat.resolve.roles import POSSESSIVE, THAT_COUNTRY, THE, THE_COUNTRY, A, Phrase
from caveat.resolve.scene import BACK, Scene

_OFFICE_RANKS = frozenset(("head", "leader", "minister", "spokesperson", "bodyhead"))
_POSTS = frozenset(("head", "minister", "bodyhead"))
_RULERS = frozenset(("head", "leader"))
_FEW = 20
"""Role phrases looked back over for an unnamed one."""
_MANY = frozenset(("official", "diplomat"))
"""What many are told as whom the text does not name."""
_SEVERAL = frozenset(("leader", "minister", "secretary", "commissioner"))
"""Words of posts that a party has several of, or that do not say which."""
_OFFICES = frozenset(
    ("ambassador", "chief of staff", "national security adviser", "security council secretary",
     "chief of the general staff")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """Whom a phrase means and how that was found."""

    phrase: Phrase
    actor: str
    how: str


def link(scene: Scene) -> list[Link]:
    """Settle the parties of all phrases and link the nameless ones; notes what they say."""
    _settle_counterparts(scene)
    for phrase in scene.phrases:
        _settle_party(scene, phrase)
    for phrase in scene.phrases:  # again: an owner's party may have come from a later phrase
        _settle_owner(scene, phrase)
    nameless = [p for p in scene.phrases if p.name is None]
    _open_source(scene, nameless)
    return [found for p in nameless if (found := _link(scene, p))]


def speaks_for(scene: Scene, links: list[Link]) -> list[SpeaksFor]:
    """Evidence that somebody speaks for a party, one piece for each role that the text gives."""
    found: dict[tuple[str, str, str], SpeaksFor] = {}
    for hit in scene.hits:
        if hit.side != hit.actor:
            one = SpeaksFor(scene.use(hit.actor), scene.use(hit.side), hit.span, "office")
            found.setdefault((one.speaker, one.party, one.role), one)
    evidence = [(scene.use_person(p), phrase) for p in scene.people.all for phrase in p.phrases]
    evidence += [(x.actor, x.phrase) for x in links]
    ordered = sorted(evidence, key=lambda e: e[1].whole)
    for speaker, phrase in ordered:
        if phrase.speaks and phrase.party is not None:
            party = scene.use(phrase.party)
            one = SpeaksFor(speaker, party, phrase.whole, phrase.told, single=_single(phrase))
            found.setdefault((one.speaker, one.party, one.role), one)
    speaking = {speaker for speaker, _, _ in found}
    for speaker, phrase in ordered:
        if speaker not in speaking and speaker.startswith("per:") and not phrase.speaks:
            told = f"former {phrase.told}" if phrase.past else phrase.told
            found.setdefault(
                (speaker, speaker, ""), SpeaksFor(speaker, speaker, phrase.whole, told)
            )
    return sorted(found.values(), key=lambda one: one.span)


def _single(phrase: Phrase) -> bool:
    """Whether one person at a time holds a role for its party: another's then ends it."""
    several = phrase.told.startswith(("deputy", "vice", "junior")) or phrase.told in _SEVERAL
    return phrase.rank in _POSTS and not several


def _settle_counterparts(scene: Scene) -> None:
    """Give "his Russian counterpart" the role of the person or description before it.

    That is the last in its sentence that speaks for another party; its role is then evidence for
    whoever is named with the words ("her Polish counterpart Jane Doe").
    """
    before: Phrase | None = None
    for phrase in sorted(scene.phrases, key=lambda p: p.span):
        if phrase.told != "counterpart":
            before = phrase if phrase.speaks else before
        elif phrase.party is not None and phrase.article in POSSESSIVE:
            held = _before_counterpart(scene, phrase, before)
            if held is not None and held.party != phrase.party:
                phrase.rank, phrase.told, phrase.generic = held.rank, held.told, held.generic


def _before_counterpart(scene: Scene, phrase: Phrase, before: Phrase | None) -> Phrase | None:
    """The role of whoever is named or described last in the sentence before a phrase."""
    offset, number = phrase.span[0], scene.text.sentence(phrase.span[0])
    if before is not None and scene.text.sentence(before.span[0]) == number:
        return before
    named = [x for place, x in scene.people.before(offset) if scene.text.sentence(place) == number]
    return next((p for x in reversed(named) for p in x.phrases if p.speaks), None)


def _settle_party(scene: Scene, phrase: Phrase) -> None:
    """Find the party of "its prime minister" and the person of "his chief of staff"."""
    if phrase.party is not None or phrase.owner is not None:
        return
    offset = phrase.span[0]
    named = scene.people.by_run.get(phrase.name.first) if phrase.name is not None else None
    if named is not None and named.parties():
        if len(named.parties()) == 1 and named.states == named.parties() and phrase.speaks:
            (phrase.party,) = named.states  # "Spain's Vega" is the foreign minister elsewhere
        return  # plainer words say it elsewhere
    if phrase.article == "its" and phrase.told != "official":
        hit = scene.just_before(phrase.first) or scene.only_one(offset, ("state", "bloc", "body"))
        phrase.party = hit.side if hit is not None else None
    elif phrase.article == THE_COUNTRY:
        hit = scene.only_one(offset)
        phrase.party = hit.side if hit is not None else None
    elif phrase.article == THAT_COUNTRY:
        hit = scene.last_of(offset, ("state",))
        phrase.party = hit.side if hit is not None else None
    elif phrase.article in ("his", "her") and phrase.told != "official":
        person = scene.last_person(offset, "m" if phrase.article == "his" else "f")
        if person is not None and phrase.name not in person.runs:
            phrase.owner = person.fullest


def _settle_owner(scene: Scene, phrase: Phrase) -> None:
    """Give "Zelensky's chief of staff" the party that Zelensky speaks for."""
    if phrase.party is not None or phrase.owner is None:
        return
    if isinstance(phrase.owner, Run):
        person = scene.people.by_run.get(phrase.owner.first)
        phrase.party = _spoken_for(person) if person is not None else None
    elif phrase.owner.speaks:
        phrase.party = phrase.owner.party


def _spoken_for(person: Person) -> str | None:
    return next((p.party for p in person.phrases if p.speaks and p.party is not None), None)


def _link(scene: Scene, phrase: Phrase) -> Link | None:
    if phrase.article == A:
        return _office(scene, phrase) if phrase.rank == "spokesperson" else None
    if phrase.told in _MANY and _unnamed_before(scene, phrase):
        return None
    person, how = _same_role(scene, phrase), phrase.how or "description: role and party in the text"
    if person is None and phrase.party is not None and phrase.speaks:
        person, how = _party_open(scene, phrase), "description: role, party only said here"
        if person is not None:
            person.phrases.append(phrase)
    if person is None and phrase.article == THE:
        person, how = _abused(scene, phrase), "description: who is named most"
    if person is not None:
        person.gender = person.gender or phrase.gender
        scene.people.note(phrase.span[0], person)
        return Link(phrase, scene.use_person(person), how)
    return _office(scene, phrase)


def _unnamed_before(scene: Scene, phrase: Phrase) -> bool:
    """Whether "the official" comes after "a senior defence official", none named since."""
    at = bisect_left(scene.phrases, phrase.first, key=lambda p: p.first)
    for before in reversed(scene.phrases[max(0, at - _FEW) : at]):
        if before.told.endswith(phrase.told) or (before.name and phrase.fits(before)):
            return before.name is None and before.article in (THE, A)
    return False


def _abused(scene: Scene, phrase: Phrase) -> Person | None:
    """Whom "the tyrant" abuses: who is named before it, more often in the article than all others.

    Abuse is for those who need no introduction, so that the text may give them no role.
    """
    if scene.text.lowers[phrase.last - 1] not in words("epithet"):
        return None
    most = sorted(scene.people.all, key=lambda p: len(p.runs))[-2:]
    if not most or (len(most) > 1 and len(most[0].runs) == len(most[1].runs)):
        return None
    person = most[-1]
    ruler = not person.phrases or any(p.rank in _RULERS for p in person.phrases)
    fits = phrase.party is None or person.parties() <= {phrase.party}
    early = person.runs[0].span[0] < phrase.span[0] and len(person.runs) > 1
    return person if ruler and fits and early else None


def _same_role(scene: Scene, phrase: Phrase) -> Person | None:
    """Who has this role for this party; without a party, who has this role."""
    if phrase.owner is not None and phrase.party is None:
        return None  # somebody's aide, and whose side that is the text does not say
    return next(
        (
            person
            for person in scene.people.around(phrase.span[0])
            if any(_holds(held, phrase) for held in person.phrases)
        ),
        None,
    )


def _holds(held: Phrase, phrase: Phrase) -> bool:
    """Whether a role that somebody is named with is the one that a description asks for."""
    same = phrase.party is None or held.party == phrase.party
    if not phrase.speaks and held.party is None:
        same = True
    known = phrase.party or held.party or phrase.article not in POSSESSIVE
    return bool(same and known) and held.past == phrase.past and phrase.fits(held)


def _party_open(scene: Scene, phrase: Phrase) -> Person | None:
    """Who is named with this role and no party, if nothing speaks against it.

    A wrong link would make a president speak for another state, so much is asked: it is the only
    person with such a role and the last one named, in one of the sentences before and never in
    the same; nobody else goes without a role or a party; no other description of such a role
    names another party; and no other state is in as many of the sentences that name the person.
    Swept over 10,358 news reports: of the links whose person's party other reports say, 23 of 25
    are right; without the rules on sentences and on others without a role it was 248 of 352.
    """
    people = scene.people
    if any(not p.phrases and not p.states for p in people.all):
        return None
    fit = [p for p in people.all if any(_open(h, phrase) for h in p.phrases)]
    if len(fit) != 1:
        return None
    person, before = fit[0], people.before(phrase.span[0])
    if person.parties() - {phrase.party} or (before and before[-1][1] is not person):
        return None
    away = [scene.text.sentence(phrase.span[0]) - n for n in _sentences(scene, person)]
    if 0 in away or not any(0 < n <= BACK for n in away):
        return None  # "Biden told the Russian president"
    if len({p.party for p in scene.phrases if _rivals(scene, p, phrase)}) > 1:
        return None
    return person if _nearest_states(scene, person) == {phrase.party} else None


def _sentences(scene: Scene, person: Person) -> set[int]:
    return {scene.text.sentence(r.span[0]) for r in person.runs}


def _nearest_states(scene: Scene, person: Person) -> set[str]:
    """The states that the most of the sentences that name somebody hold."""
    count: Counter[str] = Counter()
    for number in _sentences(scene, person):
        count.update({h.side for h in scene.states_of(number) if not h.place})
    most = max(count.values(), default=0)
    return {state for state, n in count.items() if n == most}


def _open(held: Phrase, phrase: Phrase) -> bool:
    """Whether a held role fits a description and its party is not said."""
    return held.party is None and held.owner is None and held.speaks and phrase.fits(held)


def _rivals(scene: Scene, other: Phrase, phrase: Phrase) -> bool:
    """Whether another nameless description asks for the same sort of role."""
    if other.name is not None or other.party is None or not other.speaks or other.article == A:
        return False
    return other.rank == phrase.rank and (
        other.party == phrase.party or _same_role(scene, other) is None
    )


def _open_source(scene: Scene, nameless: list[Phrase]) -> None:
    """Give the one source whom the text gives no role the one head whom it gives no name.

    A report that writes "Zelensky said" and "according to the head of the Kiev regime" of one
    man gives him no role, and everybody else in it has one. It must be the only such person, the
    only such head, both must speak, no sentence may name both, and either no other state is in as
    many sentences that name the person, or the description begins the sentence after such a one
    in which the person speaks.
    """
    heads = [p for p in nameless if p.party and p.speaks and p.article != A and _is_head(p)]
    heads = [p for p in heads if _same_role(scene, p) is None and _party_open(scene, p) is None]
    open_ = [p for p in scene.people.all if not p.phrases]
    if len({p.party for p in heads}) != 1 or len(open_) != 1:
        return
    person, spans = open_[0], _source_spans(scene)
    if person.states - {heads[0].party} or not any(_speaks(scene, r, spans) for r in person.runs):
        return
    own = _sentences(scene, person)
    if any(scene.text.sentence(p.span[0]) in own for p in heads):
        return
    first = next((p for p in heads if _speaks(scene, p, spans)), None)
    said = {scene.text.sentence(r.span[0]) for r in person.runs if _speaks(scene, r, spans)}
    if first is not None and (
        _nearest_states(scene, person) == {first.party} or _follows(scene, first, said)
    ):
        person.phrases.append(first)
        first.how = "description: the one open source"


def _follows(scene: Scene, phrase: Phrase, sentences: set[int]) -> bool:
    number = scene.text.sentence(phrase.span[0])
    return scene.text.sentence_start(phrase.first) and number - 1 in sentences


def _is_head(phrase: Phrase) -> bool:
    return phrase.rank == "head" or (phrase.told == "leader" and phrase.generic)


def _source_spans(scene: Scene) -> list[Span]:
    spans = [s for a in scene.marks.attributions for s in a.source]
    spans += [p.speaker for p in scene.marks.positions if p.speaker is not None]
    return spans


def _speaks(scene: Scene, words_: Run | Phrase, spans: list[Span]) -> bool:
    """Whether a name or phrase is marked as a source, or stands by "said" or "according to"."""
    if any(s[0] <= words_.span[0] and words_.span[1] <= s[1] for s in spans):
        return True
    text, first, last = scene.text, words_.first, words_.last
    say, before = words("say"), text.lowers[max(0, first - 2) : first]
    after = last < len(text) and text.spaced(last) and text.lowers[last] in say
    return after or before == ["according", "to"] or (before[-1:] != [] and before[-1] in say)


def _office(scene: Scene, phrase: Phrase) -> Link | None:
    """The unnamed holder of an office of a state or body."""
    holds = phrase.rank in _OFFICE_RANKS or phrase.told in _OFFICES
    if phrase.party is None or not phrase.speaks or not holds:
        return None
    party = scene.actors[scene.use(phrase.party)]
    short = phrase.party.partition(":")[2].lower()
    actor = Actor(f"per:{short}-{slug(phrase.told)}", f"{phrase.told} of {party.name}", "person")
    return Link(phrase, scene.own(actor), "office, nobody named")
