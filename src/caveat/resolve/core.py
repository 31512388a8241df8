"""The main path of `resolve`, and look-ups by name for options."""

from __future__ import annotations

from collections.abc import Iterable

from caveat.model import Actor, ActorType, Article, Marks, Mention, Resolution, Span
from caveat.resolve.describe import Link, link, speaks_for
from caveat.resolve.gazetteer import by_words
from caveat.resolve.implied import implied
from caveat.resolve.lexicon import listed
from caveat.resolve.offices import office_actor
from caveat.resolve.refer import refer
from caveat.resolve.scene import Scene, set_scene
from caveat.resolve.tokens import tokenize

_SHOWN = frozenset(("head", "leader", "minister", "bodyhead", "spokesperson", "envoy"))


def resolve(article: Article, marks: Marks) -> Resolution:
    """Find the actors of one article, all mentions of them, and who speaks for whom.

    Every span that `marks` gives as source, relay, speaker, holder, addressee or beneficiary
    has exactly one mention, with no actors where the text leaves it in doubt; spans that do not
    lie in the text are dropped. Every other mention of a listed actor or of a person found in
    the text has one too, in the order of the text. Raises nothing on any text.
    """
    # 1. words, listed actors, offices, role phrases, people
    scene = set_scene(article, marks)
    # 2. descriptions without a name, and the parties of all roles
    links = link(scene)
    # 3. who speaks for whom, by which words
    plain = tuple(speaks_for(scene, links))
    # 4. what the marked spans mean
    mentions = refer(scene, links, {s.speaker: s.party for s in reversed(plain)})
    # 5. everybody else who is named
    mentions += _elsewhere(scene, links, {m.span for m in mentions})
    # 6. who speaks for whom by what is announced
    evidence = (*plain, *scene.evidence, *implied(scene, marks, mentions, plain))
    mentions.sort(key=lambda m: m.span)
    return Resolution(tuple(scene.actors.values()), tuple(mentions), evidence)


def _elsewhere(scene: Scene, links: list[Link], done: set[Span]) -> Iterable[Mention]:
    for hit in scene.hits:
        if hit.span not in done and not hit.place:
            done.add(hit.span)
            yield Mention(hit.span, (scene.use(hit.actor),), hit.kind)
    for found in links:
        if found.phrase.span not in done and found.phrase.rank in _SHOWN:
            done.add(found.phrase.span)
            yield Mention(found.phrase.span, (found.actor,), found.how)
    for person in scene.people.all:
        for run in person.runs:
            if run.span not in done:
                done.add(run.span)
                yield Mention(run.span, (scene.use_person(person),), "name")


def actor_named(word: str) -> str | None:
    """Id of the listed actor that a user means: "RU", "iso:RU", "Russia", "Kremlin", "NATO".

    Case does not count, except that two capitals are tried as a code first. None if unknown.
    """
    plain = word.strip()
    prefix, _, rest = plain.partition(":")
    for id_ in (plain, f"{prefix.lower()}:{rest}", f"iso:{rest.upper()}", f"iso:{plain}"):
        if id_ in listed() or office_actor(id_) is not None:
            return id_
    key = tokenize(plain).lowers
    for start in (0, 1):
        if len(key) > start and (start == 0 or key[0] == "the"):
            found = by_words().get(" ".join(key[start:]).removesuffix(" s"))
            if found is not None:
                return found
    lower = f"iso:{plain.upper()}"
    return lower if lower in listed() else None


def actor_name(id: str) -> str:
    """Name to show for an actor id: "iso:FR" → "France"; one that is not listed by its slug."""
    one = listed().get(id)
    if one is not None:
        return one.actor.name
    office = office_actor(id)
    if office is not None:
        return office.name
    prefix, _, rest = id.partition(":")
    if prefix == "grp":
        return "unnamed group"
    return " ".join(w.capitalize() for w in rest.split("-")) if rest else id


def actor_known(id_: str) -> Actor:
    """The listed actor with an id, its members included; of another what its id tells."""
    one = listed().get(id_)
    if one is not None:
        return one.actor
    office = office_actor(id_)
    if office is not None:
        return office
    types: dict[str, ActorType] = {"iso": "state", "per": "person", "out": "outlet", "grp": "group"}
    return Actor(id_, actor_name(id_), types.get(id_.partition(":")[0], "body"))
