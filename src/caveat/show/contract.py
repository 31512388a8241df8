"""Findings as the JSON object that others build on (DESIGN.md, "Interfaces").

The keys and their order are a contract: scorers and exports read this form. Lists are never
null, and "skipped" is there only where an article was skipped.
"""

from __future__ import annotations

from typing import Any

from caveat.model import Article, Attribution, Findings, Interval, Position, Span


def to_object(findings: Findings, id_: object = None) -> dict[str, Any]:
    """One article's findings; `id_` stands in for the name that the article was read under."""
    if findings.skipped is not None:
        return skipped_object(_id(findings.article, id_), findings.skipped)
    pairs = zip(findings.attributions, findings.attribution_actors, strict=False)
    return {
        "id": _id(findings.article, id_),
        "attributions": [_attribution(a, actor) for a, actor in pairs],
        "positions": [_position(p) for p in findings.positions],
    }


def skipped_object(id_: object, reason: str) -> dict[str, Any]:
    """What stands for an article that was not read: both lists, empty, and the reason."""
    return {"id": id_, "attributions": [], "positions": [], "skipped": reason}


def _id(article: Article, id_: object) -> object:
    return id_ if id_ is not None else article.name or article.id


def _attribution(attribution: Attribution, actor: str | None) -> dict[str, Any]:
    return {
        "source": _spans(attribution.source),
        "cue": _spans(attribution.cue),
        "content": _spans(attribution.content),
        "within": attribution.within,
        "relay": _spans(attribution.relay),
        "actor": actor,
    }


def _position(p: Position) -> dict[str, Any]:
    return {
        "holder": _spans(p.holder),
        "holder_actors": list(p.holder_actors),
        "stance": p.stance,
        "kind": p.kind,
        "negated": p.negated,
        "action": list(p.action),
        "addressee": _spans(p.addressee),
        "beneficiary": _spans(p.beneficiary),
        "amount": [
            {"span": list(a.span), "value": a.value, "max": a.max, "unit": a.unit} for a in p.amount
        ],
        "time": [
            {"span": list(t.span), **interval_object(Interval(t.start, t.end))} for t in p.time
        ],
        "conditions": [
            {
                "span": list(c.span),
                "relation": c.relation,
                "proposition": c.proposition,
                "group": c.group,
            }
            for c in p.conditions
        ],
        "speaker": None if p.speaker is None else list(p.speaker),
        "speaker_actor": p.speaker_actor,
        "relay": _spans(p.relay),
        "voice": p.voice,
        "confidence": round(p.confidence, 4),
        "caveats": [c.name for c in p.caveats],
    }


def interval_object(interval: Interval | None) -> dict[str, str | None]:
    """{"start", "end"} in ISO 8601, null where an end is open or nothing is known."""
    start, end = (interval.start, interval.end) if interval else (None, None)
    return {
        "start": start.isoformat() if start else None,
        "end": end.isoformat() if end else None,
    }


def _spans(spans: tuple[Span, ...]) -> list[list[int]]:
    return [list(s) for s in spans]
