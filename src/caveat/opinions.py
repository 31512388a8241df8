"""Second opinions: what a language model makes of the positions that matter or are unsure.

The reading that a register counts by stays what it is. An opinion stands beside it, with both
readers' versions, and says whether the model agrees and in what it differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caveat.ask import count, question
from caveat.errors import ReaderError
from caveat.model import (
    KINDS,
    NO_REPLY,
    Actor,
    Article,
    Condition,
    Entry,
    Marks,
    Position,
    Skipped,
    Span,
)
from caveat.register import Opinion, Register, Verdict
from caveat.run import find_positions
from caveat.tag.llm import SAME, LlmReader, overlap
from caveat.undertaking import Undertaking, load_undertaking

DECIDING = ("firm", "conditional", "disputed")
"""Tiers whose holders are in a bound, or would be: what their positions say moves a count."""

Ahead = Callable[
    [Iterable[Article | Skipped], Mapping[str, tuple[Span, ...]]], Iterable[Article | Skipped]
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking for opinions came to: positions by verdict, and articles without a reply."""

    verdicts: Mapping[str, int]
    not_read: tuple[Skipped, ...]


def doubtful(
    entries: Sequence[Entry], actors: Mapping[str, Actor], undertaking: Undertaking
) -> tuple[Entry, ...]:
    """The machine-read positions worth a second opinion.

    Those whose reader was unsure (`low-confidence`), and those that a count's bounds rest on, for
    each kind by itself, without assumptions.
    """
    wanted = {e.id for e in entries if any(c.name == "low-confidence" for c in e.position.caveats)}
    kinds = {e.position.kind for e in entries}
    for kind in (k for k in KINDS if k in kinds):
        of_kind = [e for e in entries if e.position.kind == kind]
        answer = count(of_kind, actors, undertaking, question(undertaking, [kind]))
        decides = (s for s in answer.standings if s.tier in DECIDING)
        wanted |= {h.entry.id for s in decides for h in s.rests_on}
    return tuple(e for e in entries if e.id in wanted and not e.reviewed)


def ask_opinions(register: Register, reader: LlmReader, ahead: Ahead) -> Asked:
    """Ask a model about every doubtful position that it has not been asked about before.

    `ahead` is told the articles and the passages wanted of each (by article id), and gives them
    back once the model has replied; `LlmReader.ahead` does, and the command line asks for leave
    before. Opinions are stored article by article, so that a run that is stopped goes on later.
    """
    entries, actors, undertaking = register.entries(), register.actors(), register.undertaking
    known = {(o.position, o.reader) for o in register.opinions()}
    wanted = [
        e
        for e in doubtful(entries, actors, undertaking or load_undertaking())
        if e.reader != reader.version and (e.id, reader.version) not in known
    ]
    around: dict[str, tuple[Span, ...]] = {}
    for e in wanted:
        around[e.article_id] = (*around.get(e.article_id, ()), e.position.sentence)
    verdicts: dict[str, int] = {}
    not_read: list[Skipped] = []
    for one in ahead([register.article(id_) for id_ in around], around):
        if isinstance(one, Skipped):
            not_read.append(one)
            continue
        try:
            found = find_positions(one, undertaking, _Passages(reader, around[one.id])).positions
        except ReaderError as e:
            not_read.append(Skipped(one.name or one.id, NO_REPLY, str(e)))
            continue
        mine = [e for e in entries if e.article_id == one.id]
        asked = {e.id for e in wanted}
        opinions = [o for o in _opinions(mine, found, reader.version) if o.position in asked]
        register.add_opinions(opinions)
        for o in opinions:
            verdicts[o.verdict] = verdicts.get(o.verdict, 0) + 1
    return Asked(verdicts, tuple(not_read))


class _Passages:
    """A reader of some passages of one article."""

    def __init__(self, reader: LlmReader, around: tuple[Span, ...]) -> None:
        self.version = reader.version
        self._reader = reader
        self._around = around

    def mark(self, article: Article) -> Marks:
        return self._reader.mark(article, self._around)


# ------------------------------------------------------------------ comparing


def _opinions(
    entries: Sequence[Entry], found: Sequence[Position], reader: str
) -> Iterator[Opinion]:
    """The second reading of each entry of one article: pairs as the gold's scorer makes them."""
    pairs = [
        (overlap(e.position.action, p.action), e.position.stance == p.stance, -n, -m)
        for n, e in enumerate(entries)
        for m, p in enumerate(found)
    ]
    twin: dict[int, int] = {}
    for share, _, n, m in sorted(pairs, reverse=True):
        if share >= SAME and -n not in twin and -m not in twin.values():
            twin[-n] = -m
    for n, e in enumerate(entries):
        if n not in twin:
            yield Opinion(e.id, e.article_id, e.reader, reader, "missing", (), None)
            continue
        other = found[twin[n]]
        differs = tuple(differences(e.position, other))
        verdict: Verdict = "disagree" if differs else "agree"
        yield Opinion(e.id, e.article_id, e.reader, reader, verdict, differs, finding(other))


def differences(one: Position, other: Position) -> Iterator[str]:
    """The fields in which two readings of a position differ, spans compared by their overlap."""
    if one.stance != other.stance:
        yield "stance"
    if one.kind != other.kind:
        yield "kind"
    if one.negated != other.negated:
        yield "negated"
    if set(one.holder_actors) != set(other.holder_actors) or not (
        one.holder_actors or _same(one.holder, other.holder)
    ):
        yield "holder"
    if not _same_conditions(one.conditions, other.conditions):
        yield "conditions"
    speakers = [(p.speaker,) if p.speaker else () for p in (one, other)]
    named = one.speaker_actor is not None and one.speaker_actor == other.speaker_actor
    if not named and not _same(*speakers):
        yield "speaker"


def _same(one: Sequence[Span], other: Sequence[Span]) -> bool:
    """Whether each span has its counterpart."""
    return len(one) == len(other) and all(
        overlap(a, b) >= SAME for a, b in zip(sorted(one), sorted(other), strict=True)
    )


def _same_conditions(one: Sequence[Condition], other: Sequence[Condition]) -> bool:
    pairs = zip(
        sorted(one, key=lambda c: c.span), sorted(other, key=lambda c: c.span), strict=False
    )
    return len(one) == len(other) and all(
        a.relation == b.relation and overlap(a.span, b.span) >= SAME for a, b in pairs
    )


def finding(p: Position) -> dict[str, Any]:
    """A position as an opinion keeps it: the names of `caveat read --json`, spans as offsets."""
    return {
        "holder": [list(s) for s in p.holder],
        "holder_actors": list(p.holder_actors),
        "stance": p.stance,
        "kind": p.kind,
        "negated": p.negated,
        "action": list(p.action),
        "conditions": [
            {"span": list(c.span), "relation": c.relation, "proposition": c.proposition}
            for c in p.conditions
        ],
        "speaker": None if p.speaker is None else list(p.speaker),
        "speaker_actor": p.speaker_actor,
        "relay": [list(s) for s in p.relay],
        "voice": p.voice,
    }
