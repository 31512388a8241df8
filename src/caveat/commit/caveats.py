"""The caveats that one article decides, each with its reason in one sentence.

Those that need other articles (single-origin, disputed, superseded, stale) are the register's and
the question's; by-bloc is told here and shown for each member there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from caveat.model import (
    CAVEATS,
    Article,
    Caveat,
    Condition,
    Interval,
    Position,
    PositionMark,
    Resolution,
    Scope,
    Span,
    Voice,
)

LOW_CONFIDENCE = 0.5
"""Below it a position is `low-confidence`: its reader, calibrated on held-out passages, gives more
for wrong than for right (stance and all holders)."""

_MARKER = {
    "if": "if", "only_if": "only if", "unless": "unless", "until": "until", "after": "after",
    "no_longer_if": "no longer if",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """What the article shows of a position: its marks, its holders and who is who."""

    article: Article
    mark: PositionMark
    holders: tuple[str, ...]
    resolution: Resolution


def caveats(
    seen: Seen,
    conditions: tuple[Condition, ...],
    voice: Voice,
    scope: Scope | None,
    said: Interval | None,
    *,
    machine: bool,
) -> tuple[Caveat, ...]:
    """All caveats of a position that its article shows, in the order of the design's list."""
    return (
        *_of_word(seen, conditions, voice),
        *_of_holder(seen),
        *_of_text(seen.mark, scope, said, machine=machine),
    )


def _of_word(seen: Seen, conditions: tuple[Condition, ...], voice: Voice) -> Iterator[Caveat]:
    article, mark = seen.article, seen.mark
    if conditions:
        words = "; ".join(f"{_MARKER[c.relation]} {article.words(c.span)}" for c in conditions)
        yield Caveat("conditional", f"It depends: {words}.", tuple(c.span for c in conditions))
    if voice == "third-party":
        if mark.speaker:
            why = f"{article.words(mark.speaker)} says so, not the holder."
            yield Caveat("third-party", why, (mark.speaker,))
        else:
            yield Caveat("third-party", "The outlet says so in its own voice.")
    if mark.relay:
        names = ", ".join(article.words(r) for r in mark.relay)
        yield Caveat("relayed", f"The words came through {names}.", mark.relay)
    unnamed = {a.id for a in seen.resolution.actors if a.anonymous}
    links = [r for r in mark.relay if unnamed.intersection(seen.resolution.of(r))]
    if voice == "anonymous" and mark.speaker:
        links.insert(0, mark.speaker)
    if links:
        why = f"Nobody is named: {', '.join(article.words(s) for s in links)}."
        yield Caveat("anonymous", why, tuple(links))


def _of_holder(seen: Seen) -> Iterator[Caveat]:
    mark = seen.mark
    actors = {a.id: a for a in seen.resolution.actors}
    held_by = [actors[h] for h in seen.holders if h in actors]
    words = ", ".join(seen.article.words(h) for h in mark.holder)
    if not held_by:
        why = f"{words} resolves to nobody." if words else "The text names no holder."
        yield Caveat("unnamed-holder", why, mark.holder)
    elif any(a.type == "group" for a in held_by):
        yield Caveat("unnamed-holder", f"{words}: the text does not name them.", mark.holder)
    if any(a.members for a in held_by):
        yield Caveat("by-bloc", f"Said of {words}, shown for each member.", mark.holder)


def _of_text(
    mark: PositionMark,
    scope: Scope | None,
    said: Interval | None,
    *,
    machine: bool,
) -> Iterator[Caveat]:
    if said is None or not (said.start or said.end):
        yield Caveat("undated", "Neither the text nor its metadata gives a day.")
    if scope is not None and not scope.inside:
        yield Caveat("out-of-scope", f"It is about {scope.reason}.", (mark.action,))
    if machine:
        yield Caveat("machine-read", "No person has reviewed it.")
        if mark.confidence < LOW_CONFIDENCE:
            why = (
                f"The reader's confidence that stance and holders are right is "
                f"{mark.confidence:.2f}."
            )
            yield Caveat("low-confidence", why)


def headline_only(article: Article, positions: tuple[Position, ...]) -> tuple[Position, ...]:
    """Mark the positions of the headline that no position of the body bears out.

    The body does where it holds one of the same stance, kind and negation with a holder in common.
    """
    if not any(p.kind == "body" for p in article.parts):
        return positions
    body = [p for p in positions if not _in_headline(article, p.action)]
    out = []
    for p in positions:
        if _in_headline(article, p.action) and not any(_same(p, b) for b in body):
            flag = Caveat("headline-only", "Only the headline says it.", (p.action,))
            out.append(replace(p, caveats=_in_order((*p.caveats, flag))))
        else:
            out.append(p)
    return tuple(out)


def _same(a: Position, b: Position) -> bool:
    return (a.stance, a.kind, a.negated) == (b.stance, b.kind, b.negated) and bool(
        set(a.holder_actors) & set(b.holder_actors)
    )


def _in_order(found: tuple[Caveat, ...]) -> tuple[Caveat, ...]:
    return tuple(sorted(found, key=lambda c: CAVEATS.index(c.name)))


def _in_headline(article: Article, span: Span) -> bool:
    return any(p.kind == "headline" and p.span[0] <= span[0] < p.span[1] for p in article.parts)
