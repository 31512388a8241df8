"""Positions: each stance expression of a sentence with its holder, action and what hangs on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from caveat.model import ConditionMark, PositionMark, Relation, Span, Stance
from caveat.tag.lexicon import acts, index, patterns, words
from caveat.tag.phrases import (
    QUOTES, Range, extent, group_start, is_mark, members, np_after, np_before, party, subject, verbs,
)  # fmt: skip
from caveat.tag.words import Token, adverb, matches, tokens_of

_NOT = frozenset(["not", "n't", "never", "nobody", "neither", "no"])
_FUTURE = frozenset(["pledged", "ready", "considering"])
_CLOSED = frozenset(["refused", "opposes"])
_NONE = (0, 0)


@dataclass(frozen=True, slots=True)
class _Found:
    """A stance expression and its parts in token indices."""

    start: int
    end: int
    stance: Stance
    action: Range
    holder: tuple[Range, ...]
    addressee: tuple[Range, ...] = ()
    negated: bool = False
    obliges: bool = False


@dataclass(frozen=True, slots=True)
class _Trigger:
    start: int
    end: int
    stance: Stance
    takes: tuple[str, ...]
    kind: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Marker:
    """A condition: its marker begins at `start`, its words are `span`, alternatives split."""

    start: int
    spans: tuple[Range, ...]
    relation: Relation
    flags: tuple[str, ...]


def positions(text: str, sentence: Span) -> list[tuple[PositionMark, bool]]:
    """The positions of a sentence, each with whether it is an obligation put on its addressee."""
    tokens = tokens_of(text, sentence)
    markers = _markers(tokens)
    inside = {k for m in markers for a, b in m.spans for k in range(a, b)}
    starts = {m.start for m in markers}
    inside |= starts
    found = [c for f in _find(tokens) if f.start not in inside and (c := _clipped(tokens, f, markers))]
    return [
        (_dress(text, sentence, tokens, f, _conditions(tokens, f, found, markers)), f.obliges)
        for f in found
    ]


def _clipped(tokens: list[Token], f: _Found, markers: list[_Marker]) -> _Found | None:
    """The position with its action cut where a condition begins; None where nothing is left."""
    start, end = f.action
    for m in markers:
        if start <= m.start < end and ("refusal" not in m.flags or f.stance in _CLOSED):
            end = m.start
    if f.stance != "threatens" or end == f.action[1]:
        while end > start and (adverb(tokens[end - 1]) and tokens[end - 1].low in {"only", "but", "even"}):
            end -= 1
    return replace(f, action=(start, end)) if end > start else None


# ------------------------------------------------------------------ stances


def _triggers(tokens: list[Token]) -> Iterator[_Trigger]:
    """Stance expressions of the lexicon and, where none stands, finite forms of verbs of acts."""
    end = 0
    for hit in matches(tokens, index("stances.tsv")):
        for i in range(end, hit.start):
            yield from _act(tokens, i)
        stance, takes, kind = hit.phrase.cells
        end = hit.end
        if stance == "-":
            continue
        yield _Trigger(hit.start, hit.end, stance, tuple(takes.split()), kind, hit.phrase.words)  # type: ignore[arg-type]
        end = hit.end
    for i in range(end, len(tokens)):
        yield from _act(tokens, i)


def _act(tokens: list[Token], i: int) -> Iterator[_Trigger]:
    form = acts().get(tokens[i].low)
    before = {t.low for t in tokens[group_start(tokens, i) : i]}
    if not before & {"will", "would", "to", "could", "may", "might", "should", "must"}:
        be = before & words("be")
        progressive = tokens[i].low.endswith("ing") and be and (form or before & {"has", "have"})
        perfect = form in {"past", "part"} and (before & {"has", "have", "had"} or form == "past")
        if progressive or (perfect and not be) or (be and form in {"past", "part"}):
            passive = bool(be) and not progressive
            yield _Trigger(i, i + 1, "done", ("subj" if passive else "self",), "act")


def _find(tokens: list[Token]) -> list[_Found]:
    found: list[_Found] = []
    last = _NONE
    covered = 0
    for t in _triggers(tokens):
        one, last = _read(tokens, t, last)
        if one and not (t.start < covered and (t.kind in {"act", "n", "w"} or t.start < covered)):
            found.append(one)
            covered = max(one.action[1], covered)
    return found


def _read(tokens: list[Token], t: _Trigger, last: Range) -> tuple[_Found | None, Range]:
    group = group_start(tokens, t.start)
    stated = False
    if t.kind == "n":
        who = _possessor(tokens, t.start)
        who = last if who == _NONE else who
    else:
        who, stated = subject(tokens, t.start, last)
        last = who if stated else last
    if (_embedded(tokens, group, who) if stated else False) or _unfit(tokens, t, group):
        return None, last
    passive = t.kind == "v" and t.end - t.start == 1 and _passive(tokens, group, t.start)
    for take in t.takes:
        part = _TAKES[take](tokens, t, who)
        if part and part[0][1] > part[0][0]:
            action, addressee = part
            return _made(tokens, t, who, action, addressee, passive, group), last
    return None, last


def _made(tokens: list[Token], t: _Trigger, who: Range, action: Range, addressee: Range, passive: bool, group: int) -> _Found | None:  # noqa
    holder = who
    if t.kind == "o":
        holder, addressee = _NONE, who
    elif t.takes[0] in {"subj", "clause"} or passive:
        addressee = who if t.takes[0] == "clause" or passive else _NONE
        holder = _agent(tokens, t.end, ("to", "by", "for") if t.kind == "a" else ("by",))
    if holder == who and not party(tokens, who):
        return None
    if t.kind == "m" and tokens[who[0]].low == "it" and not _reported(tokens, who[0]):
        return None
    negated = not set(t.words) & _NOT and any(x.low in _NOT for x in tokens[group : t.start])
    if tokens[action[0]].low in {"no", "nothing"} or (t.kind == "n" and tokens[t.start - 1].low == "no"):
        negated = True
    nobody = t.kind == "m" and tokens[who[0]].low in _NOT and t.stance == "pledged"
    towards = t.stance in {"demands", "opposes", "threatens"}
    return _Found(
        t.start, t.end, "refused" if nobody else t.stance, action,
        tuple(members(tokens, holder)) if holder[0] < holder[1] else (),
        tuple(members(tokens, addressee)) if towards and addressee[0] < addressee[1] else (),
        negated, t.kind == "o",
    )  # fmt: skip


def _reported(tokens: list[Token], i: int) -> bool:
    """Whether "it" follows "said (that)": elsewhere it is mostly an event or a fact."""
    return i > 0 and (tokens[i - 1].low == "that" or tokens[i - 1].low in verbs())


def _passive(tokens: list[Token], group: int, i: int) -> bool:
    return tokens[i].low.endswith(("ed", "en", "ld")) and any(
        t.low in words("be") for t in tokens[group:i]
    )


def _agent(tokens: list[Token], i: int, markers: tuple[str, ...]) -> Range:
    for k in range(i, min(i + 8, len(tokens))):
        if is_mark(tokens[k]):
            break
        if tokens[k].low in markers:
            span = (k + 1, np_after(tokens, k + 1))
            if party(tokens, span):
                return span
    return _NONE


def _possessor(tokens: list[Token], i: int) -> Range:
    """ "Kyiv's recent request", "its refusal", "Russian demands", "the refusal of the states to"."""
    k = i - 1
    while k >= 0 and i - k < 5 and not is_mark(tokens[k]) and tokens[k].low not in verbs():
        if tokens[k].low in words("possessive"):
            return k, k + 1
        if tokens[k].low in {"'s", "'", "’"}:
            return np_before(tokens, k)
        if tokens[k].text[0].isupper() and tokens[k].low not in {"the", "a", "no"} and k > 0:
            return k, k + 1
        k -= 1
    return _NONE


def _embedded(tokens: list[Token], group: int, who: Range) -> bool:
    """Whether the clause is a question that somebody asks: "how many countries are ready"."""
    k = who[0]
    while k > 0 and not is_mark(tokens[k - 1]) and tokens[k - 1].low not in verbs():
        k -= 1
    lows = [t.low for t in tokens[max(k - 1, 0) : group]]
    return bool(words("opener") & set(lows)) or (
        "which" in lows[:-1] and tokens[group - 1].low != "which"
    )


def _unfit(tokens: list[Token], t: _Trigger, group: int) -> bool:
    """A modal before a verb of state, an aspect that makes a verb no stance, a bare adjective."""
    if "base" in t.takes or "self" in t.takes:
        k = t.end
        while k < len(tokens) and adverb(tokens[k]):
            k += 1
        after = tokens[k].low if k < len(tokens) else ""
        if t.kind in {"m", "o", "c"} and (
            t.stance == "considering" and acts().get(after) != "base" or after in words("states.txt") or after in words("stop") or after == "the"
        ):
            return True
    if t.kind == "a":
        if t.words[0] in words("predicative") and group == t.start: return True
        return group == t.start and t.start > 0 and tokens[t.start - 1].text == "the"
    if t.kind == "v" and t.start:
        return tokens[t.start - 1].low in {"the", "a", "an", "this", "that"} | words("possessive")
    return False


# ------------------------------------------------------------------ what a stance takes


_Part = tuple[Range, Range] | None


def _to(tokens: list[Token], t: _Trigger, _: Range) -> _Part:
    k = t.end
    while k < len(tokens) and adverb(tokens[k]):
        k += 1
    if k < len(tokens) and tokens[k].low == "to":
        return (k + 1, extent(tokens, k + 1)), _NONE
    return None


def _base(tokens: list[Token], t: _Trigger, _: Range) -> _Part:
    k = t.end
    while k < len(tokens) and (adverb(tokens[k]) or tokens[k].text in QUOTES):
        k += 1
    if k < len(tokens) and (tokens[k].text[0].islower()):
        return (k, extent(tokens, k)), _NONE
    return None


def _np(tokens: list[Token], t: _Trigger, _: Range) -> _Part:
    k = t.end
    if k >= len(tokens) or (is_mark(tokens[k]) and tokens[k].text not in QUOTES):
        return None
    if tokens[k].low in words("preposition") | words("stop") | words("auxiliary") | {"to", "and"}:
        return None
    end = extent(tokens, k)
    if end < len(tokens) and tokens[end].low in words("auxiliary"):
        return None  # "announced it would": a clause, read by its own verb
    return (k, end), _NONE


def _that(tokens: list[Token], t: _Trigger, _: Range) -> _Part:
    k = t.end
    if k < len(tokens) and tokens[k].low == "that":
        end = extent(tokens, k + 1)
        while end < len(tokens) and tokens[end].low in words("auxiliary"):
            end = extent(tokens, end + 1)
        return (k + 1, end), _NONE
    return None


def _addressed(link: str) -> object:
    def take(tokens: list[Token], t: _Trigger, who: Range) -> _Part:
        end = np_after(tokens, t.end)
        passive = end == t.end and t.end - t.start == 1
        addressee = who if passive else (t.end, end)
        if link == "notto":
            if end + 1 < len(tokens) and {tokens[end].low, tokens[end + 1].low} == {"not", "to"}:
                return (end + 2, extent(tokens, end + 2)), addressee
        elif end < len(tokens) and tokens[end].low == link and (end > t.end or link == "to"):
            return (end + 1, extent(tokens, end + 1)), addressee
        return None

    return take


def _self(tokens: list[Token], t: _Trigger, _: Range) -> _Part:
    after = tokens[t.end] if t.end < len(tokens) else None
    if after is None or is_mark(after) and after.text not in QUOTES or after.low in {"by", "that"}:
        return None
    return (t.start, extent(tokens, t.start)), _NONE


def _subj(tokens: list[Token], t: _Trigger, who: Range) -> _Part:
    return ((who[0], who[1]), _NONE) if t.kind != "act" else ((who[0], extent(tokens, t.start)), _NONE)


def _clause(tokens: list[Token], t: _Trigger, who: Range) -> _Part:
    return (who[0], t.end), who


def _tail(tokens: list[Token], t: _Trigger, _: Range) -> _Part:
    return (t.end - 1, extent(tokens, t.end)), _NONE


_TAKES = {
    "to": _to, "base": _base, "np": _np, "that": _that, "np_to": _addressed("to"),
    "np_notto": _addressed("notto"), "np_for": _addressed("for"), "np_with": _addressed("with"),
    "np_against": _addressed("against"), "self": _self, "subj": _subj, "clause": _clause,
    "tail": _tail,
}  # fmt: skip


# ------------------------------------------------------------------ conditions, amounts, times


def _markers(tokens: list[Token]) -> list[_Marker]:
    found = []
    for hit in matches(tokens, index("conditions.tsv")):
        relation, flags = hit.phrase.cells
        if relation != "-":
            end = (extent if "noun" in flags else _clause_end)(tokens, hit.end)
            spans = tuple(_alternatives(tokens, hit.end, end, flags))
            found.append(_Marker(hit.start, spans, relation, tuple(flags.split())))  # type: ignore[arg-type]
    for k in range(len(tokens) - 3):
        opens = k == 0 or is_mark(tokens[k - 1]) or tokens[k - 1].low in {"that", "it"}
        if tokens[k].low == "should" and opens:
            found.append(_Marker(k, ((k + 1, _clause_end(tokens, k + 1)),), "if", ("clause",)))
    return found


def _clause_end(tokens: list[Token], i: int) -> int:
    k = i
    while k < len(tokens) and not (is_mark(tokens[k]) and tokens[k].text not in {"-", "“", "‘", "'"}):
        if (tokens[k].low in {"if", "unless", "but"} and k > i) or k - i > 40:
            break
        k += 1
    return k - (k > i + 1 and tokens[k - 1].low in {"and", "or"})


def _alternatives(tokens: list[Token], start: int, end: int, flags: str) -> Iterator[Range]:
    if "noun" in flags:
        for k in range(start + 1, end - 1):
            if tokens[k].low == "or":
                yield start, k
                start = k + 1
    yield start, end


def _conditions(
    tokens: list[Token], f: _Found, found: list[_Found], markers: list[_Marker]
) -> list[tuple[_Marker, Relation]]:
    kept: list[tuple[_Marker, Relation]] = []
    for m in markers:
        if ("refusal" in m.flags and f.stance not in _CLOSED) or (
            "future" in m.flags and f.stance not in _FUTURE
        ):
            continue
        earlier = [x for x in found if x.start < m.start]
        opens = m.start == 0 or is_mark(tokens[m.start - 1]) or tokens[m.start - 1].low == "that"
        later = [x for x in found if x.start >= m.spans[-1][1]]
        owner = later[0] if opens and later and not (earlier and m.start - earlier[-1].action[1] < 2) else (earlier[-1] if earlier else None)
        if owner is None and later:
            owner = later[0]
        if owner is f:
            closed = f.stance in _CLOSED and m.relation == "until"
            kept.append((m, "unless" if closed or "refusal" in m.flags else m.relation))
    return kept


def _dress(
    text: str, sentence: Span, tokens: list[Token], f: _Found, kept: list[tuple[_Marker, Relation]]
) -> PositionMark:
    def span(r: Range) -> Span:
        return tokens[r[0]].start, tokens[r[1] - 1].end

    action = span(f.action)
    stop = tokens[f.action[1]].start if f.action[1] < len(tokens) else sentence[1]
    times = []
    stance = f.stance
    ahead = stance in _FUTURE
    if ahead and any(t.low in words("harms.txt") for t in tokens[f.action[0] : f.action[1]]):
        stance = "threatens"
    elif ahead and kept and tokens[f.start].low == "would":
        stance = "ready"
    for m in patterns()["time"].finditer(text, action[0], stop):
        times.append(m.span())
        if m.start() > action[0] and m.end() >= action[1]:
            action = action[0], len(text[: m.start()].rstrip())
    amounts = [m.span() for m in patterns()["amount"].finditer(text, *action)]
    amounts = [a for a in amounts if not any(s <= a[0] < e for s, e in times)]
    groups = [ConditionMark(span(r), rel, g if len(m.spans) > 1 else None)
              for g, (m, rel) in enumerate(kept) for r in m.spans if r[0] < r[1]]
    return PositionMark(
        action=action, stance=stance, negated=f.negated, holder=tuple(map(span, f.holder)),
        addressee=tuple(map(span, f.addressee)), amount=tuple(amounts), time=tuple(times),
        beneficiary=tuple(m.span(1) for m in patterns()["towards"].finditer(text, *action)),
        conditions=tuple(groups), sentence=sentence,
    )  # fmt: skip
