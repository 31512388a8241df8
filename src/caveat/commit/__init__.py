"""Marked spans to positions: kind, amounts, times, propositions, scope, voice, caveats."""

from __future__ import annotations

from caveat.commit.amounts import amounts, numbers_of
from caveat.commit.caveats import Seen, caveats, headline_only
from caveat.commit.propositions import proposition, scope
from caveat.commit.times import interval
from caveat.commit.voice import quotations, said, voice
from caveat.model import (
    Article,
    Condition,
    Marks,
    Position,
    PositionMark,
    Resolution,
    Span,
    Time,
)
from caveat.undertaking import Undertaking

__all__ = ["amounts", "commit", "numbers_of", "proposition", "scope"]


def commit(
    article: Article, marks: Marks, resolution: Resolution, undertaking: Undertaking | None
) -> tuple[Position, ...]:
    """The positions of an article, in the order of their actions; each one once.

    Without an undertaking, propositions and scope are None.
    """
    quoted = quotations(article.text)
    found = [_position(article, marks, m, resolution, undertaking, quoted) for m in marks.positions]
    kept = {p.id(article.id): p for p in sorted(found, key=lambda p: (p.action, p.stance))}
    return headline_only(article, tuple(kept.values()))


def _position(
    article: Article,
    marks: Marks,
    mark: PositionMark,
    resolution: Resolution,
    undertaking: Undertaking | None,
    quoted: tuple[Span, ...],
) -> Position:
    sentence = mark.sentence or mark.action
    holders = _actors(mark.holder, resolution)
    speaker = next(iter(resolution.of(mark.speaker)), None) if mark.speaker else None
    beneficiaries = _actors(mark.beneficiary, resolution)
    conditions = tuple(
        Condition(
            c.span,
            c.relation,
            proposition(article, c.span, resolution, holders, undertaking, c.kind, mark.kind)
            if undertaking
            else None,
            c.group,
        )
        for c in mark.conditions
    )
    whose = voice(article, mark, holders, speaker, resolution, quoted)
    when = said(article, mark, marks.attributions, sentence)
    where = (
        scope(article, mark.action, sentence, beneficiaries, undertaking) if undertaking else None
    )
    return Position(
        holder=mark.holder,
        holder_actors=holders,
        stance=mark.stance,
        kind=mark.kind or "other",
        negated=mark.negated,
        action=mark.action,
        addressee=mark.addressee,
        beneficiary=mark.beneficiary,
        amount=tuple(a for s in mark.amount for a in amounts(article.text, s)),
        time=tuple(_time(article, mark, s) for s in mark.time),
        conditions=conditions,
        speaker=mark.speaker,
        speaker_actor=speaker,
        relay=mark.relay,
        voice=whose,
        confidence=mark.confidence,
        caveats=caveats(
            Seen(article, mark, holders, resolution), conditions, whose, where, when,
            machine=marks.reader != "hand",
        ),
        sentence=sentence,
        said=when,
        scope=where,
        addressee_actors=_actors(mark.addressee, resolution),
        beneficiary_actors=beneficiaries,
        relay_actors=_actors(mark.relay, resolution),
        group_size=_group_size(article, mark, resolution),
        attribution=mark.attribution,
    )  # fmt: skip


def _actors(spans: tuple[Span, ...], resolution: Resolution) -> tuple[str, ...]:
    """Ids of the actors of several spans, each once, in the order of the text."""
    return tuple(dict.fromkeys(a for s in spans for a in resolution.of(s)))


def _time(article: Article, mark: PositionMark, span: Span) -> Time:
    past = mark.stance == "done"
    found = interval(article.words(span), article.published, "past" if past else "future")
    return Time(span, found.start if found else None, found.end if found else None)


def _group_size(
    article: Article, mark: PositionMark, resolution: Resolution
) -> tuple[int | None, int | None] | None:
    groups = {a.id for a in resolution.actors if a.type == "group"}
    for span in mark.holder:
        if set(resolution.of(span)) & groups:
            return numbers_of(article.words(span))
    return None
