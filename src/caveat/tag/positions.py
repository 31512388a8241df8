"""Positions: each stance expression of a sentence with its holder, action and what hangs on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

from caveat.model import ConditionMark, PositionMark, Relation, Span, Stance
from caveat.tag.lexicon import acts, patterns, verbs, words
from caveat.tag.phrases import NONE, QUOTES, Line, Range
from caveat.tag.words import Hit, matches

_NOT = frozenset(["not", "n't", "never", "nobody", "neither", "no", "nothing"])
_FUTURE = frozenset(["pledged", "ready", "considering"])
_CLOSED = frozenset(["refused", "opposes"])


class _Found(NamedTuple):
    """A stance expression (`start` to `end`) and its parts in token indices."""

    start: int
    end: int
    stance: Stance
    takes: str
    kind: str
    words: tuple[str, ...] = ()
    action: Range = NONE
    holder: Range = NONE
    addressee: Range = NONE
    negated: bool = False


class _Marker(NamedTuple):
    """A condition: where its marker begins, its words (alternatives apart), its relation."""

    start: int
    spans: list[Range]
    relation: Relation
    flags: str


def positions(text: str, span: Span) -> tuple[list[tuple[PositionMark, bool]], list[ConditionMark]]:
    """The positions of a sentence, each with whether it is an obligation put on its addressee.

    Where there is none, the "only if" of a sentence that speaks of what was said before ("But
    it comes with a caveat, only if …") is returned beside.
    """
    line = Line(text, span)
    markers = list(_markers(line))
    line.stops = frozenset(m.start for m in markers if "refusal" not in m.flags)
    inside = {k for m in markers for a, b in m.spans for k in range(a, b)} | line.stops
    found = [f for f in _find(line) if f.start not in inside]
    if not found and line.low(0) in {"but", "only", "it", "this"}:
        kept = [m for m in markers if m.relation == "only_if"]
        return [], [ConditionMark(line.chars(r), m.relation) for m in kept for r in m.spans]
    return [(_dress(line, f, _owned(line, f, found, markers)), f.kind == "o") for f in found], []


# ------------------------------------------------------------------ stances


def _find(line: Line) -> list[_Found]:
    found: list[_Found] = []
    last, covered = NONE, 0
    for readings in _expressions(line):
        for one in readings:
            read, last = _read(line, one, last)
            if read:
                if one.start >= covered:
                    found.append(read)
                    covered = read.action[1]
                break
    return found


def _expressions(line: Line) -> Iterator[list[_Found]]:
    """The readings of each stance expression; elsewhere, finite forms of verbs of acts."""
    end = 0
    for hits in matches(line.tokens, "stances.tsv"):
        yield from (_act(line, i) for i in range(end, hits[0].start))
        end = hits[0].end
        if hits[0].phrase.cells[0] != "-":
            yield [_reading(h) for h in hits]
    yield from (_act(line, i) for i in range(end, len(line.tokens)))


def _reading(hit: Hit) -> _Found:
    stance, takes, kind = hit.phrase.cells
    return _Found(hit.start, hit.end, cast(Stance, stance), takes, kind, hit.phrase.words)


def _act(line: Line, i: int) -> list[_Found]:
    """ "sent", "has sent", "is sending", "were sent": done; "is sending no": refused."""
    form, group = acts().get(line.low(i)), set(line.lows((line.group(i), i)))
    be = group & words("be")
    ing = line.low(i).endswith("ing") and be and (form or group & {"has", "have"})
    if group & words("modal") or not (ing or form == "past" or (form == "part" and group)):
        return []
    stance: Stance = "refused" if ing and line.low(i + 1) == "no" else "done"
    return [_Found(i, i + 1, stance, "undergone" if be and not ing else "self", "act")]


def _read(line: Line, f: _Found, last: Range) -> tuple[_Found | None, Range]:
    """The expression with its parts, None where it is no position; and the subject it leaves."""
    stated, who = False, _possessor(line, f.start) or last
    if f.kind != "n" or (who == last and line.low(f.start - 1) in verbs()):  # "has no plans to"
        who, stated = line.subject(f.start, last)
        last = who if stated else last
    group = line.group(f.start)
    if (stated and _asked(line, who, group)) or _unfit(line, f, group):
        return None, last
    be = any(w in words("be") for w in line.lows((group, f.start)))
    passive = (
        f.kind == "v" and f.end - f.start == 1 and be and line.low(f.start)[-2:] in {"ed", "en"}
    )
    k = line.past_adverbs(f.end)
    if f.kind == "m" and line.low(k) == "do" and line.low(k + 1) in words("be"):
        f = f._replace(end=k + 2)  # "what Warsaw will do is take responsibility"
    if f.kind == "m" and line.low(k) == "be":
        f = f._replace(takes="undergone", kind="act")
        if line.low(line.past_adverbs(k + 1)) in {"considered", "discussed"}:
            f = f._replace(takes="subj", stance="considering")
        elif acts().get(line.low(line.past_adverbs(k + 1))) not in {"past", "part"}:
            return None, last
    for take in f.takes.split():
        action, addressee = _fill(line, f, take, who)
        if action[0] < action[1] and line.low(action[0]) not in {",", ".", ";", ":", ")", "—", "–"}:
            return _made(line, f._replace(action=action, addressee=addressee), who, passive), last
    return None, last


def _fill(line: Line, f: _Found, take: str, who: Range) -> tuple[Range, Range]:
    """Action and addressee by a frame such as `x-to-v` (see stances.tsv), both empty if unfit."""
    k, addressee = f.end, NONE
    fixed = {
        "subj": who,
        "clause": (who[0], f.end),
        "undergone": (who[0], line.extent(line.past_adverbs(f.end) + 1)),
        "tail": (f.end - 1, line.extent(f.end - 1)),
        "inner": (f.end - 2, f.end - 1),
    }
    if take in fixed:
        return fixed[take], who if take == "clause" else NONE
    if take == "self":
        plain = line.low(k) not in {"by", "that", "to", "in"} and not line.mark(k)
        return (f.start, line.extent(f.start)) if plain or line.low(k) in QUOTES else NONE, NONE
    *frame, last = take.split("-")
    for part in frame:
        if part == "x":
            addressee = (k, line.after(k))
            k = addressee[1]
            continue
        k = line.past_adverbs(k) if part == "to" and line.low(k) not in _NOT else k
        if line.low(k) != part:
            return NONE, NONE
        k += 1
    k = line.past_adverbs(k) if last == "v" else k
    end = line.extent(k)
    small = words("stop") | words("auxiliary") | {"to", "and"}
    if last == "n" and (line.low(k) in small | words("preposition") or line.low(end) in verbs()):
        return NONE, NONE  # "announced it would": a clause, read by its own verb
    nominal = f.kind == "n" and line.low(k) in words("possessive") | {"a", "an", "the"}
    if last == "v" and ((nominal and frame) or line.capital(k)):
        return NONE, NONE  # "linked the plan to a truce"
    if last == "c":
        end = line.extent(end + 1) if line.low(end) in words("auxiliary") else end
    if "x" in frame and addressee[0] == addressee[1]:
        addressee = who  # "was asked to"
    return (k, end), addressee


def _made(line: Line, f: _Found, who: Range, passive: bool) -> _Found | None:
    holder, addressee, stance = who, f.addressee, f.stance
    if f.kind == "o":
        holder, addressee = NONE, who
    elif f.takes in {"subj", "clause", "undergone"} or passive:
        holder = _agent(line, f.end, {"to", "by", "for"} if f.kind == "a" else {"by"})
        if (
            "as" in line.lows((who[1], f.start)) and f.takes == "clause"
        ):  # "will treat X as targets"
            holder, addressee, f = who, NONE, f._replace(action=(who[1], f.end))
        demonym = who[0] + (line.low(who[0]) in {"the", "no", "any"})
        named = demonym + 1 < who[1] and patterns()["demonym"].fullmatch(line.tokens[demonym].text)
        if f.takes == "undergone" and holder == NONE and named:  # "German troops will be sent"
            holder = (demonym, demonym + 1)
    if holder == who and line.lows((max(0, who[0] - 2), who[0])) in (
        ["words", "of"],
        ["view", "of"],
    ):
        return None  # "in the words of X, had committed themselves": X is not the subject
    if holder == who and not line.party(who) and not (who == NONE and f.words[:1] == ("no",)):
        return None
    if (
        f.kind == "m"
        and line.low(who[0]) == "it"
        and line.low(who[0] - 1) not in verbs() | {"that"}
    ):
        return None  # elsewhere than behind "said (that)" mostly an event or a fact
    if f.kind in {"m", "act"} and line.low(who[0]) in _NOT and stance == "pledged":
        stance = "refused"
    group = line.lows((line.group(f.start), f.start))
    negated = not set(f.words) & _NOT and (
        any(w in _NOT for w in group) or line.low(f.action[0]) in _NOT
    )
    return f._replace(stance=stance, holder=holder, addressee=addressee, negated=negated)


def _agent(line: Line, i: int, markers: set[str]) -> Range:
    for k in range(i, min(i + 8, len(line.tokens))):
        span = (k + 1, line.after(k + 1))
        if line.low(k) in markers and line.party(span):
            return span
        if line.mark(k):
            break
    return NONE


def _possessor(line: Line, i: int) -> Range | None:
    """ "Kyiv's recent request", "its refusal", "Russian demands" """
    for k in range(i - 1, max(i - 5, -1), -1):
        if line.mark(k) or line.low(k) in verbs():
            break
        if line.low(k) == "'s":
            return line.before(k)
        if line.low(k) in words("possessive") or (line.capital(k) and k > 0):
            return k, k + 1
    return None


def _asked(line: Line, who: Range, group: int) -> bool:
    """Whether the clause is a question that somebody asks: "how many countries are ready"."""
    k = who[0]
    while k > 0 and not line.mark(k - 1) and line.low(k - 1) not in verbs():
        k -= 1
    lows = line.lows((max(k - 1, 0), group))
    return not words("opener").isdisjoint(lows) or "which" in lows[:-1]


def _unfit(line: Line, f: _Found, group: int) -> bool:
    """A modal before a verb of state, a predicate without its be, a noun that looks like a verb."""
    after, before = line.low(line.past_adverbs(f.end)), line.low(f.start - 1)
    if f.kind in {"m", "o"} and "v" in f.takes and after != "be":
        act = f.stance != "considering" or acts().get(after) == "base"
        return not act or after in words("states.txt") | words("stop") | {"the"}
    if f.kind == "a" and (f.words[0] in words("predicative") or before == "the"):
        return group == f.start
    return f.kind == "v" and before in {"the", "a", "an", "this"} | words("possessive")


# ------------------------------------------------------------------ conditions, amounts, times


def _markers(line: Line) -> Iterator[_Marker]:
    for hit, *_ in matches(line.tokens, "conditions.tsv"):
        relation, flags = hit.phrase.cells
        if relation != "-" and line.low(hit.end) not in verbs() | {"which", "who"}:
            end = line.extent(hit.end) if "noun" in flags else _clause_end(line, hit.end)
            cuts = [k for k in range(hit.end, end) if "noun" in flags and line.low(k) == "or"]
            parts = zip([hit.end, *(c + 1 for c in cuts)], [*cuts, end], strict=True)
            spans = [p for p in parts if p[0] < p[1]]
            yield _Marker(hit.start, spans, cast(Relation, relation), flags)
    for k in range(len(line.tokens) - 3):
        if line.low(k) == "should" and (line.mark(k - 1) or line.low(k - 1) in {"that", "it"}):
            yield _Marker(k, [(k + 1, _clause_end(line, k + 1))], "if", "clause")


def _clause_end(line: Line, i: int) -> int:
    finite = False
    for k in range(i, min(len(line.tokens), i + 40)):
        ends = line.mark(k) and line.tokens[k].text not in "-“‘'"
        joins = line.low(k) in {"and", "or"} and line.low(k + 1) in verbs() | {"if", "unless"}
        if (
            (ends and (finite or not line.lists(k)))
            or joins
            or line.low(k) in {"if", "unless", "but"}
        ):
            return k
        finite = finite or line.low(k) in verbs()
    return min(len(line.tokens), i + 40)


def _owned(line: Line, f: _Found, found: list[_Found], markers: list[_Marker]) -> list[_Marker]:
    """A position's conditions: those behind it up to the next one, those that open its clause."""
    kept = []
    for m in (m for m in markers if m.spans):
        if ("refusal" in m.flags and f.stance not in _CLOSED) or (
            "future" in m.flags and f.stance not in _FUTURE
        ):
            continue
        earlier = [x for x in found if x.start < m.start][-1:]
        later = [x for x in found if x.start >= m.spans[-1][1]][:1]
        opens = line.mark(m.start - 1) or line.low(m.start - 1) == "that"
        close = earlier and m.start - earlier[0].action[1] < 2
        owner = later if later and (not earlier or (opens and not close)) else earlier
        if owner == [f]:
            closed = "refusal" in m.flags or (m.relation == "until" and f.stance in _CLOSED)
            kept.append(m._replace(relation="unless") if closed else m)
    return kept


def _dress(line: Line, f: _Found, kept: list[_Marker]) -> PositionMark:
    """The position on the text: times cut off its action, amounts, beneficiary, conditions."""
    stance = f.stance
    if stance in _FUTURE and not words("harms.txt").isdisjoint(line.lows(f.action)):
        stance = "threatens"
    elif stance == "pledged" and kept and line.low(f.start) == "would":
        stance = "ready"
    cut = min((m.start for m in kept if f.action[0] < m.start < f.action[1]), default=f.action[1])
    (start, end), text = line.chars((f.action[0], cut)), line.text
    stop = line.tokens[cut].start if cut < len(line.tokens) else line.span[1]
    times = [m.span() for m in patterns()["time"].finditer(text, start, stop)]
    for a, b in times:
        end = len(text[:a].rstrip()) if a > start and b >= end else end
    amounts = [m.span() for m in patterns()["amount"].finditer(text, start, end)]
    ranges = line.members(f.holder) if f.holder != NONE else []
    towards = f.addressee != NONE and stance in {"demands", "opposes", "threatens"}
    return PositionMark(
        action=(start, end),
        stance=stance,
        negated=f.negated,
        holder=tuple(map(line.chars, ranges)),
        addressee=tuple(map(line.chars, line.members(f.addressee))) if towards else (),
        amount=tuple(x for x in amounts if not any(a <= x[0] < b for a, b in times)),
        time=tuple(times),
        beneficiary=tuple(m.span(1) for m in patterns()["towards"].finditer(text, start, end)),
        conditions=tuple(
            ConditionMark(line.chars(r), m.relation, n if len(m.spans) > 1 else None)
            for n, m in enumerate(kept)
            for r in m.spans
        ),
        sentence=line.span,
    )
