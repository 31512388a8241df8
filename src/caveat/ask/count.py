"""`count`: tiers, bounds, group claims, what would move the answer. The main path is `count`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from caveat.ask.claims import GroupClaim, group_claims, towards_others
from caveat.ask.current import Current, asked, by_holder, currents, in_scope, is_party
from caveat.ask.others import Settled, kinds_named, nodes_of, own_currents, settle
from caveat.ask.question import Question, Truths, question
from caveat.ask.solve import Node, Solved
from caveat.ask.tiers import TIERS, Standing, Tier, standing
from caveat.model import Actor, Entry
from caveat.succession import Held, standing_words
from caveat.undertaking import Undertaking


@dataclass(frozen=True, slots=True)
class Move:
    """What the bounds would be if one open proposition were true (or false)."""

    assumption: str
    lower: int
    upper: int
    gains_lower: tuple[str, ...]
    leaves_upper: tuple[str, ...]
    joins_upper: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """An answered count: bounds, every holder's standing, and what stands beside them.

    `lower` and `upper` are logical bounds on the number of named holders, not statistical ones.
    """

    question: Question
    definition: str
    standings: tuple[Standing, ...]
    towards_others: tuple[Held, ...]
    unattached: tuple[Held, ...]
    """Positions of people and outlets whom nothing in the register ties to a party."""
    out_of_scope: tuple[Held, ...]
    group_claims: tuple[GroupClaim, ...]
    moves: tuple[Move, ...]
    solved: Solved | None
    """Who waits for whom, where conditions speak of others; None where none does."""
    voices: tuple[tuple[str, int], ...]
    """How many of the positions that the tiers rest on come in each voice."""
    reviewed: int
    rested_on: int

    def tier(self, tier: Tier) -> tuple[Standing, ...]:
        """The standings in one tier."""
        return tuple(s for s in self.standings if s.tier == tier)

    @property
    def firm(self) -> tuple[str, ...]:
        """Holders of the firm tier."""
        return tuple(s.holder for s in self.tier("firm"))

    @property
    def lower(self) -> int:
        """How many are in on what was said alone."""
        return self.solved.least if self.solved else sum(s.in_lower for s in self.standings)

    @property
    def upper(self) -> int:
        """How many would be in if every open condition were met, as far as they go together."""
        return self.solved.most if self.solved else sum(s.in_upper for s in self.standings)


def count(
    entries: Iterable[Entry],
    actors: Mapping[str, Actor],
    undertaking: Undertaking,
    asked_question: Question,
) -> Count:
    """Answer a count from the register's entries. Pure: the same entries give the same answer."""
    entries = list(entries)
    # 1. what the question is about, and what stands apart from the undertaking's scope
    about = asked(entries, asked_question)
    everyone = by_holder([e for e in about if in_scope(e)], actors)
    inside = {h: held for h, held in everyone.items() if is_party(actors[h])}
    apart = by_holder([e for e in about if not in_scope(e)], actors)
    # 2. every holder's standing under the assumptions, and what hangs together
    beside = _beside(entries, inside, actors, undertaking, asked_question)
    sides = _Sides.of(inside, beside, undertaking, asked_question)
    standings, solved = _standings(sides, undertaking, asked_question)
    # 3. what stands beside the count
    others = tuple(h for held in everyone.values() for h in towards_others(held))
    people = [
        h for holder, held in everyone.items() if holder not in inside for h in standing_words(held)
    ]
    claims = group_claims(entries, actors, asked_question)
    # 4. what would move it
    moves = _moves(sides, undertaking, asked_question, standings)
    rests = [h for s in standings for h in s.rests_on]
    return Count(
        question=asked_question,
        definition=define(asked_question),
        standings=standings,
        towards_others=others,
        unattached=tuple(h for h in people if h not in others),
        out_of_scope=tuple(h for held in apart.values() for h in standing_words(held)),
        group_claims=claims,
        moves=moves,
        solved=solved,
        voices=tuple((v, n) for v in ("quoted", "reported", "third-party", "anonymous")
                     if (n := sum(h.voice == v for h in rests))),
        reviewed=sum(h.entry.reviewed for h in rests),
        rested_on=len(rests),
    )  # fmt: skip


def tally(
    entries: Iterable[Entry], actors: Mapping[str, Actor], undertaking: Undertaking, q: Question
) -> tuple[tuple[Standing, ...], tuple[int, int]]:
    """The standings and bounds alone, without what would move them and what stands beside."""
    entries = list(entries)
    about = [e for e in asked(entries, q) if in_scope(e)]
    inside = {h: held for h, held in by_holder(about, actors).items() if is_party(actors[h])}
    beside = _beside(entries, inside, actors, undertaking, q)
    standings, solved = _standings(_Sides.of(inside, beside, undertaking, q), undertaking, q)
    if solved is not None:
        return standings, (solved.least, solved.most)
    lower, upper = _ins(standings)
    return standings, (len(lower), len(upper))


Words = Mapping[str, list[Held]]
"""Each holder's words."""


@dataclass(frozen=True, slots=True)
class _Sides:
    """What assumptions leave as it is: each holder's current positions, found once."""

    counted: Mapping[str, tuple[tuple[list[Current], list[Current]], ...]]
    """Each holder's own ones and others' word of them; with `all_of` a pair for each kind."""
    nodes: Mapping[Node, list[Current]]
    conditions: frozenset[str]
    """Propositions that may be about others; empty where none is, and nothing has to be solved."""

    @classmethod
    def of(cls, inside: Words, beside: Words, undertaking: Undertaking, q: Question) -> _Sides:
        groups = [(kind,) for kind in q.kinds] if q.all_of else [q.kinds]
        counted = {
            holder: tuple(
                (own_currents(mine, undertaking, q),
                 currents([h for h in mine if not h.own], q, undertaking.max_age_days))
                for kinds in groups
                for mine in ([h for h in held if h.entry.position.kind in kinds],)
            )
            for holder, held in inside.items()
        }  # fmt: skip
        names = (
            c.proposition
            for held in beside.values()
            for h in held
            for c in h.entry.position.conditions
        )
        return cls(
            counted,
            nodes_of(beside, undertaking, q),
            frozenset(n.removeprefix("not:") for n in names if n is not None),
        )


def _beside(
    entries: list[Entry],
    inside: Words,
    actors: Mapping[str, Actor],
    undertaking: Undertaking,
    q: Question,
) -> Words:
    """All holders' entries on every kind that conditions on others speak of, and those asked.

    Empty where no condition speaks of others: then nothing has to be solved.
    """  # fmt: skip
    kinds: set[str] = set()
    found, more = inside, _kinds_named(inside, undertaking)
    while more - kinds:
        kinds |= more
        about = asked(entries, replace(q, kinds=tuple(sorted({*kinds, *q.kinds}))))
        everyone = by_holder([e for e in about if in_scope(e)], actors)
        found = {h: held for h, held in everyone.items() if is_party(actors[h])}
        more = _kinds_named(found, undertaking)
    return found if kinds else {}


def _kinds_named(sides: Words, undertaking: Undertaking) -> set[str]:
    """The kinds that conditions of standing words on others speak of."""
    everything = (h.entry for held in sides.values() for h in held)
    if not kinds_named(everything, undertaking):
        return set()
    standing = (h.entry for held in sides.values() for h in standing_words(held))
    return kinds_named(standing, undertaking)


def _standings(
    sides: _Sides, undertaking: Undertaking, q: Question
) -> tuple[tuple[Standing, ...], Solved | None]:
    truths = Truths(undertaking, q.assumptions)
    settled = None
    if sides.nodes:
        settled = settle(sides.nodes, sides.conditions, undertaking, q, truths)
        truths = Truths(undertaking, q.assumptions, settled.truths)
    out = [_placed(_one(h, found, q, truths), settled) for h, found in sides.counted.items()]
    heard = [s for s in out if s is not None]
    silent = [
        Standing(a, "unheard", False, False, ())
        for a in undertaking.roster
        if a not in {s.holder for s in heard}
    ]
    ordered = sorted(heard + silent, key=lambda s: (TIERS.index(s.tier), s.holder))
    return tuple(ordered), settled.solved if settled else None


def _placed(found: Standing | None, settled: Settled | None) -> Standing | None:
    """A standing with its bounds as all positions together settle them."""
    if found is None or settled is None or found.tier not in ("firm", "conditional", "disputed"):
        return found
    low, high = settled.holds_on(found.holder)
    if not high:
        return replace(found, in_lower=False, in_upper=False, tier="unheard", note="silent")
    tier: Tier = found.tier if found.tier == "disputed" else "firm" if low else "conditional"
    stale_firm = found.tier == "firm" and found.stale
    return replace(found, in_lower=low, in_upper=high, tier="firm" if stale_firm else tier)


def _one(
    holder: str,
    found: tuple[tuple[list[Current], list[Current]], ...],
    q: Question,
    truths: Truths,
) -> Standing | None:
    """One holder's standing; with `all_of`, the weakest over the kinds asked."""
    each = [_of(holder, *pair, q, truths) for pair in found]
    known = [s for s in each if s is not None]
    if not known or len(each) == 1:
        return known[0] if known else None
    if len(known) < len(each):
        return replace(known[0], tier="unheard", in_lower=False, in_upper=False)
    weakest = max(known, key=lambda s: TIERS.index(s.tier))
    return replace(
        weakest,
        in_lower=all(s.in_lower for s in known),
        in_upper=all(s.in_upper for s in known),
        rests_on=tuple(h for s in known for h in s.rests_on),
    )


def _of(
    holder: str, own: list[Current], others: list[Current], q: Question, truths: Truths
) -> Standing | None:
    if not own and not others:
        return None
    found = standing(holder, own, others, truths, q)
    # silence of those whom nobody expects on a roster is no news
    return found if found.rests_on else None


def _moves(
    sides: _Sides,
    undertaking: Undertaking,
    q: Question,
    now: tuple[Standing, ...],
) -> tuple[Move, ...]:
    """For each open proposition that a standing rests on, the bounds if it held, or did not."""
    truths = Truths(undertaking, q.assumptions)
    open_ones = {
        c.proposition.removeprefix("not:")
        for s in now
        for h in s.rests_on
        for c in h.entry.position.conditions
        if c.proposition and truths.of(c.proposition) is None
    }
    given = [p if t else f"not:{p}" for p, t in q.assumptions]
    lower, upper = _ins(now)
    out = []
    for p in sorted(open_ones):
        for assumption in (p, f"not:{p}"):
            asked_then = question(undertaking, q.kinds, [*given, assumption], template=q)
            then = _ins(_standings(sides, undertaking, asked_then)[0])
            if then != (lower, upper):
                out.append(Move(
                    assumption, len(then[0]), len(then[1]),
                    gains_lower=tuple(sorted(then[0] - lower)),
                    leaves_upper=tuple(sorted(upper - then[1])),
                    joins_upper=tuple(sorted(then[1] - upper)),
                ))  # fmt: skip
    return tuple(sorted(out, key=lambda m: (-len(m.gains_lower), m.assumption)))


def _ins(standings: Iterable[Standing]) -> tuple[set[str], set[str]]:
    standings = tuple(standings)
    return {s.holder for s in standings if s.in_lower}, {s.holder for s in standings if s.in_upper}


def define(q: Question) -> str:
    """The definition of a count in one sentence, for people."""
    join = " and " if q.all_of else " or "
    parts = [f"named parties at least {q.at_least} on {join.join(q.kinds)}"]
    if q.beneficiary:
        parts.append(f"for {q.beneficiary}")
    if q.as_of:
        how = "said" if q.hindsight else "said and reported"
        parts.append(f"by what was {how} by {q.as_of.isoformat()}")
    parts.append(f"in the voices {', '.join(q.voices)}")
    if q.without_outlets:
        parts.append(f"without {', '.join(q.without_outlets)}")
    if q.reviewed_only:
        parts.append("reviewed positions only")
    if q.assumptions:
        parts.append("assuming " + ", ".join(p if t else f"not {p}" for p, t in q.assumptions))
    return "; ".join(parts) + f"; {q.reading} reading of conditions"
