"""The shape of replies: as JSON Schema for servers that hold to one, and the reading of it.

What a reply holds beyond the schema, or outside of the guidelines' lists, is left out and counted
by reason. A finding is left out whole where what remains of it would say more than the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from caveat.model import KINDS, RELATIONS, STANCES, Kind, Relation, Stance

T = TypeVar("T")
MOST = 200
"""Findings of one kind that are taken from one reply; a passage of 6,000 characters holds fewer
than 60."""
LONGEST = 4000
"""Characters of one quotation."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that a reply claims to stand in the passage, and what stands around them.

    With `until`, the stretch from `words` up to and with those.
    """

    words: str
    before: str = ""
    after: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class SaidAttribution:
    """An attribution as a reply gives it."""

    source: tuple[Quote, ...]
    cue: tuple[Quote, ...]
    content: tuple[Quote, ...]
    relay: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class SaidPosition:
    """A position as a reply gives it; a kind that is not listed is None."""

    action: Quote
    stance: Stance
    kind: Kind | None
    negated: bool
    holder: tuple[Quote, ...]
    addressee: tuple[Quote, ...]
    beneficiary: tuple[Quote, ...]
    amount: tuple[Quote, ...]
    time: tuple[Quote, ...]
    conditions: tuple[tuple[Quote, Relation, int | None], ...]
    speaker: Quote | None
    relay: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A reply's findings before any word of them has been looked up."""

    attributions: tuple[SaidAttribution, ...] = ()
    positions: tuple[SaidPosition, ...] = ()


# ------------------------------------------------------------------ for servers


def _object(**properties: Any) -> dict[str, Any]:
    # all required and nothing more: what strict servers ask of a schema
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(of: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


_TEXT = {"type": "string"}


def findings_schema() -> dict[str, Any]:
    """JSON Schema of a reply."""
    quote = _object(words=_TEXT, before=_TEXT, after=_TEXT)
    stretch = _object(words=_TEXT, before=_TEXT, after=_TEXT, until=_TEXT)
    number = {"type": ["integer", "null"]}
    condition = _object(
        words=_TEXT, before=_TEXT, after=_TEXT, group=number,
        relation={"type": "string", "enum": list(RELATIONS)},
    )  # fmt: skip
    attribution = _object(
        source=_list(quote), cue=_list(quote), content=_list(stretch), relay=_list(quote)
    )
    position = _object(
        holder=_list(quote),
        stance={"type": "string", "enum": list(STANCES)},
        kind={"type": "string", "enum": list(KINDS)},
        negated={"type": "boolean"},
        action=quote,
        addressee=_list(quote),
        beneficiary=_list(quote),
        amount=_list(quote),
        time=_list(quote),
        conditions=_list(condition),
        speaker={"anyOf": [quote, {"type": "null"}]},
        relay=_list(quote),
    )
    return _object(attributions=_list(attribution), positions=_list(position))


def corrections_schema() -> dict[str, Any]:
    """JSON Schema of the reply to the question where words stand that were not found."""
    span = _object(
        id={"type": "integer"}, words=_TEXT, before=_TEXT, after=_TEXT, until=_TEXT
    )  # fmt: skip
    return _object(spans=_list(span))


# ------------------------------------------------------------------ reading


class _Shape(Exception):
    """A finding that is not of the shape asked for; its message is the reason counted."""


def read_findings(reply: Mapping[str, Any], dropped: Counter[str]) -> Said:
    """The findings of a reply; what is left out is counted in `dropped` by reason."""
    _extra(reply, {"attributions", "positions"}, dropped)
    return Said(
        _each(reply.get("attributions"), lambda a: _attribution(a, dropped), dropped),
        _each(reply.get("positions"), lambda p: _position(p, dropped), dropped),
    )


def read_corrections(reply: Mapping[str, Any], asked: list[Quote]) -> dict[Quote, Quote]:
    """For each quote that was asked about by its place in the list, the one given instead."""
    out: dict[Quote, Quote] = {}
    spans = reply.get("spans")
    for one in spans[: 4 * MOST] if isinstance(spans, list) else ():
        if isinstance(one, dict):
            number = one.get("id")
            if type(number) is int and 0 <= number < len(asked):
                try:
                    out[asked[number]] = _quote({k: v for k, v in one.items() if k != "id"}, None)
                except _Shape:
                    continue
    return out


def _each(found: object, read: Callable[[Any], T], dropped: Counter[str]) -> tuple[T, ...]:
    if found is None:
        return ()
    if not isinstance(found, list):
        dropped["wrong shape"] += 1
        return ()
    out = []
    for one in found[:MOST]:
        try:
            out.append(read(one))
        except _Shape as e:
            dropped[str(e)] += 1
    dropped["too many findings"] += max(0, len(found) - MOST)
    return tuple(out)


def _attribution(raw: object, dropped: Counter[str]) -> SaidAttribution:
    found = _mapping(raw)
    _extra(found, {"source", "cue", "content", "relay"}, dropped)
    read = {
        name: _quotes(found.get(name), dropped) for name in ("source", "cue", "content", "relay")
    }
    if not read["cue"] or not read["content"]:
        raise _Shape("wrong shape")
    return SaidAttribution(**read)


_SPANS = ("holder", "addressee", "beneficiary", "amount", "time", "relay")


def _position(raw: object, dropped: Counter[str]) -> SaidPosition:
    found = _mapping(raw)
    scalars = {"action", "stance", "kind", "negated", "conditions", "speaker"}
    _extra(found, {*_SPANS, *scalars}, dropped)
    stance, kind, negated = found.get("stance"), found.get("kind"), found.get("negated", False)
    if stance not in STANCES:
        raise _Shape("stance not listed")
    if kind is not None and kind not in KINDS:
        dropped["kind not listed"] += 1
        kind = None  # left to the lexicon, as where a reader gives none
    if not isinstance(negated, bool):
        raise _Shape("wrong shape")
    given = found.get("conditions")
    if given is not None and not isinstance(given, list):
        raise _Shape("wrong shape")
    return SaidPosition(
        action=_quote(found.get("action"), dropped),
        stance=cast(Stance, stance),
        kind=cast("Kind | None", kind),
        negated=negated,
        conditions=tuple(_condition(c, dropped) for c in (given or ())[:MOST]),
        speaker=None if found.get("speaker") is None else _quote(found["speaker"], dropped),
        **{name: _quotes(found.get(name), dropped) for name in _SPANS},
    )


def _condition(raw: object, dropped: Counter[str]) -> tuple[Quote, Relation, int | None]:
    found = _mapping(raw)
    relation, group = found.get("relation"), found.get("group")
    if relation not in RELATIONS:
        # without it the position would look unconditional: it goes as a whole
        raise _Shape("relation not listed")
    quote = _quote({k: v for k, v in found.items() if k not in ("relation", "group")}, dropped)
    return quote, cast(Relation, relation), group if type(group) is int else None


def _quotes(found: object, dropped: Counter[str]) -> tuple[Quote, ...]:
    if found is None:
        return ()
    if not isinstance(found, list):
        raise _Shape("wrong shape")
    return tuple(dict.fromkeys(_quote(one, dropped) for one in found[:MOST]))


def _quote(raw: object, dropped: Counter[str] | None) -> Quote:
    if isinstance(raw, str):  # servers without schemas: a bare string is clear enough
        raw = {"words": raw}
    found = _mapping(raw)
    known = ("words", "before", "after", "until")
    if dropped is not None:
        _extra(found, set(known), dropped)
    given = {name: found.get(name) or "" for name in known}
    if not all(isinstance(v, str) and len(v) <= LONGEST for v in given.values()):
        raise _Shape("wrong shape")
    if not given["words"].strip():
        raise _Shape("wrong shape")
    return Quote(**given)


def _mapping(raw: object) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise _Shape("wrong shape")
    return raw


def _extra(found: Mapping[str, Any], known: set[str], dropped: Counter[str]) -> None:
    dropped["extra field"] += len(set(found) - known)
