"""Whom somebody speaks for, by the evidence of the whole register and by its dates.

Evidence of the same article decides first. Elsewhere the links that are in force on the article's
day count, each as often as articles give it; a tie decides nothing. A link by a post that one
person holds at a time (a head, a minister) ends when another holds that post and begins when the
one before gave it up; others (a spokesperson) do not end by another's. Evidence that somebody
speaks for themself ("the former minister", "an analyst") says that in this article they speak for
nobody else.

Who is who across names is decided before, in merges.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from caveat.model import Actor

STAND_ALONE = frozenset({"state", "bloc"})
"""Actors that are parties themselves: what they say is nobody else's."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """That in one article a speaker is said to speak for a party."""

    article: str
    speaker: str
    party: str
    role: str = ""
    single: bool = False
    """Whether the role is a post that one person holds at a time."""
    day: int | None = None
    """The last day on which the article can have been published, as an ordinal."""
    local: bool = False
    """No words state it: it counts in its own article and is no evidence for others."""


@dataclass(frozen=True, slots=True)
class Link:
    """That a person or body speaks for a party, by some role, in a stretch of time.

    `since` and `until` are ordinals, None where open; `until` is the day on which another holds
    the post.
    """

    speaker: str
    party: str
    role: str
    articles: tuple[str, ...]
    since: int | None = None
    until: int | None = None
    successor: str | None = None

    def holds(self, day: int | None) -> bool:
        """Whether it is in force on a day; an undated article is taken for a recent one."""
        if day is None:
            return self.until is None
        after = self.since is None or day >= self.since
        return after and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Parties:
    """Answers who stands behind an actor. Built once from everything that the register holds."""

    actors: Mapping[str, Actor]
    same: Mapping[str, str]
    """For each actor id the one that stands for the same actor."""
    by_article: Mapping[tuple[str, str], Counter[str]]
    """Parties by article and speaker, counted by pieces of evidence."""
    links: Mapping[str, Sequence[Link]]
    """The links of each speaker."""
    days: Mapping[str, int | None]
    """The last day of each article."""
    _known: dict[tuple[str, str], str] = field(default_factory=dict)

    def person(self, actor: str) -> str:
        """The id that stands for this actor across articles."""
        return self.same.get(actor, actor)

    def party(self, actor: str, article: str) -> str:
        """The state, bloc or body that an actor of an article speaks for, or the actor itself."""
        key = (article, actor)
        if key not in self._known:
            self._known[key] = self._follow(self.person(actor), article)
        return self._known[key]

    def _follow(self, actor: str, article: str) -> str:
        seen: set[str] = set()
        while actor not in seen and not self._stands_alone(actor):
            seen.add(actor)
            actor = self._next(actor, article) or actor
        return actor

    def _stands_alone(self, actor: str) -> bool:
        known = self.actors.get(actor)
        return known is not None and known.type in STAND_ALONE

    def _next(self, actor: str, article: str) -> str | None:
        votes: Counter[str] = Counter()
        for link in self.links.get(actor, ()):
            if link.holds(self.days.get(article)):
                votes[link.party] += len(link.articles)
        near = self.by_article.get((article, actor))
        if not near:
            return _only(_leaders(votes))
        # evidence of one article that disagrees with itself is settled by the others
        top = _leaders(near)
        return _only(top) or _only(_leaders(votes, among=top))


def parties(
    actors: Mapping[str, Actor],
    evidence: Iterable[Evidence],
    same: Mapping[str, str],
    days: Mapping[str, int | None],
) -> Parties:
    """Count the evidence of actors that are one already (`same`)."""
    joined = [_joined(e, same) for e in evidence]
    near: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for e in joined:
        near[e.article, e.speaker][e.party] += 1
    far = [e for e in joined if not e.local and e.speaker != e.party]
    links: defaultdict[str, list[Link]] = defaultdict(list)
    for link in dated(far):
        links[link.speaker].append(link)
    return Parties(actors, same, dict(near), dict(links), days)


def _joined(e: Evidence, same: Mapping[str, str]) -> Evidence:
    speaker, party = same.get(e.speaker, e.speaker), same.get(e.party, e.party)
    return Evidence(e.article, speaker, party, e.role, e.single, e.day, e.local)


def dated(evidence: Iterable[Evidence]) -> list[Link]:
    """The links that evidence gives, each with its time; in order of speaker, party and role."""
    posts: defaultdict[tuple[str, str], list[Evidence]] = defaultdict(list)
    others: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for e in evidence:
        if e.single and not nameless(e):
            posts[e.party, e.role].append(e)
        else:
            others[e.speaker, e.party, e.role].add(e.article)
    out = [Link(*key, tuple(sorted(articles))) for key, articles in others.items()]
    for (party, role), found in posts.items():
        out += _tenures(party, role, found)
    return sorted(out, key=lambda link: (link.speaker, link.party, link.role))


def nameless(e: Evidence) -> bool:
    """Whether the speaker is only known by the post ("the Latvian defence minister")."""
    party, role = e.party.partition(":")[2].lower(), "-".join(e.role.split())
    return e.speaker == f"per:{party}-{role}"


def _tenures(party: str, role: str, evidence: Sequence[Evidence]) -> list[Link]:
    """The holders of one post, each until the next one's time begins.

    Holders follow each other by the middle of their evidence. Where articles of two overlap (one
    tells of the past), the change is the day that puts the fewest of them on the wrong side.
    """
    articles: defaultdict[str, set[str]] = defaultdict(set)
    days: defaultdict[str, list[int]] = defaultdict(list)
    for e in sorted(evidence, key=lambda e: e.day or 0):
        if e.article not in articles[e.speaker] and e.day is not None:
            days[e.speaker].append(e.day)
        articles[e.speaker].add(e.article)
    order = sorted(days, key=lambda p: (days[p][(len(days[p]) - 1) // 2], p))
    pairs = (_change(days[one], days[other]) for one, other in pairwise(order))
    changes = list(accumulate(pairs, max))  # nobody leaves a post before it is theirs
    out = []
    for n, person in enumerate(order):
        since = changes[n - 1] if n else None
        until = changes[n] if n < len(changes) else None
        successor = order[n + 1] if n < len(changes) else None
        ids = tuple(sorted(articles[person]))
        if since is None or until is None or since < until:
            out.append(Link(person, party, role, ids, since, until, successor))
    for person in sorted(set(articles) - set(days)):  # no article of theirs is dated
        out.append(Link(person, party, role, tuple(sorted(articles[person]))))
    return out


def _change(before: Sequence[int], after: Sequence[int]) -> int:
    """The day on which a post changes hands: among the days of the later holder's evidence."""
    return min(
        after,
        key=lambda day: (sum(d >= day for d in before) + sum(d < day for d in after), day),
    )


def _leaders(votes: Counter[str], among: Set[str] | None = None) -> Set[str]:
    standing = {p: n for p, n in votes.items() if among is None or p in among}
    most = max(standing.values(), default=0)
    return {p for p, n in standing.items() if n == most}


def _only(parties_: Set[str]) -> str | None:
    return next(iter(parties_)) if len(parties_) == 1 else None
