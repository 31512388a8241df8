"""Where noun phrases and actions begin and end, without a parser: closed classes and marks.

All ranges are half-open pairs of token indices.
"""

from __future__ import annotations

from functools import cache

from caveat.tag.lexicon import acts, forms, patterns, rows, words
from caveat.tag.words import Token, adverb

Range = tuple[int, int]
QUOTES = frozenset(["“", "”", "‘", '"', "„", "''", "``"])
_MARKS = frozenset([*QUOTES, *".,;:!?()[]{}—–…/", "--", "-"])
_NO_SUBJECT = frozenset(["and", "or", "but", "then", "to", "by", "yet"])
_FINITE = words("auxiliary") - {"be", "been", "being", "have", "do", "got"}
_ENDS = words("stop") - {"or", "nor", "than", "that", "what", "which", "who", "whom", "whose", "how"}
_LEADING = words("preposition") - {"around", "about", "over"}
_LIMIT = 30  # tokens; the longest action in the training passages has 34, the 99th percentile 22


@cache
def verbs() -> frozenset[str]:
    """Forms that are surely finite verbs: auxiliaries and pasts of all verbs in the lexicons."""
    found = set(words("auxiliary")) | {"says", "say", "wants", "tells"}
    for name in ("cues.tsv", "stances.tsv"):
        for phrase, *_ in rows(name):
            found |= {
                forms(w[:-1])[2] for w in phrase.split()[0].split("|") if w.endswith("+")
            }
    return frozenset(found | {form for form, name in acts().items() if name == "past"}) - {"set"}


def is_mark(token: Token) -> bool:
    """Whether a token is punctuation."""
    return token.text in _MARKS


def group_start(tokens: list[Token], i: int) -> int:
    """Where the verb group that holds token `i` begins: auxiliaries and adverbs before it."""
    links = words("auxiliary") | {"'s", "'re", "to"}
    first = max(0, i - 8)
    while i > first and (tokens[i - 1].low in links or adverb(tokens[i - 1])):
        if tokens[i - 1].low == "'s" and (i < 2 or tokens[i - 2].text[0].isupper()):
            break
        i -= 1
    return i


def np_before(tokens: list[Token], end: int) -> Range:
    """The noun phrase that ends at `end`, with what hangs on it; empty where there is none."""
    start = end
    while start > max(0, end - _LIMIT) and not _breaks(tokens[start - 1]):
        start -= 1
    if start > 0 and tokens[start - 1].low in verbs():
        for k in range(start, end):  # "X did Y and Z will": the subject is Z
            if tokens[k].low == "and":
                return strip(tokens, (k + 1, end))
    elif start > 1 and tokens[start - 1].text == "," and "and" in _lows(tokens, (start, end)):
        start = _list_start(tokens, start)
    return strip(tokens, (start, end))


def _breaks(token: Token) -> bool:
    return is_mark(token) or token.low in verbs() or (token.low in words("stop") and token.low != "or")


def _lows(tokens: list[Token], span: Range) -> set[str]:
    return {t.low for t in tokens[span[0] : span[1]]}


def _list_start(tokens: list[Token], start: int) -> int:
    """Extend a list to the left: "Britain, France and Spain" from "France"."""
    while start > 1 and tokens[start - 1].text == ",":
        k = start - 1
        while k > 0 and start - k <= 5 and not _breaks(tokens[k - 1]):
            k -= 1
        low = tokens[k].low
        named = any(t.text[0].isupper() for t in tokens[k : start - 1])
        if not named or start - k > 5 or k == start - 1 or low in words("preposition"):
            break
        start = k
    return start


def strip(tokens: list[Token], span: Range) -> Range:
    """Cut adverbs, conjunctions and leading "On Tuesday" off a noun phrase."""
    start, end = span
    while start < end and (adverb(tokens[start]) or tokens[start].low in {"and", "but", "meanwhile"}):
        start += 1
    if start + 2 < end and tokens[start].low in {"on", "in", "by", "since", "last", "this", "at"}:
        start += 3 if tokens[start + 2].text[0].isdigit() else 2
    for k in range(start + 1, end):
        if tokens[k].low in {"on", "in"} and patterns()["when"].match(tokens[k + 1].text if k + 1 < end else ""):
            end = k
            break
    while end > start and adverb(tokens[end - 1]):
        end -= 1
    return start, end


def subject(tokens: list[Token], i: int, last: Range) -> tuple[Range, bool]:
    """The subject of the verb group at token `i`, and whether it is stated right there.

    `last` is the subject of the verb before: it is shared by "and …", ", pledging …", "to …".
    """
    start = group_start(tokens, i)
    if start == 0:
        return last, False
    before = tokens[start - 1]
    if before.low in {"who", "which", "that"} and start > 1:
        end = start - 2 if tokens[start - 2].text == "," else start - 1
        antecedent = np_before(tokens, end)
        return (antecedent if antecedent[0] < antecedent[1] else last), True
    if before.text in {",", "–", "—", ")"}:
        if start == i and tokens[i].low.endswith("ing"):
            return last, False
        return _over_insertion(tokens, start - 1, last)
    if before.low in _NO_SUBJECT or (start < i and tokens[start].low == "to"):
        return last, False
    found = np_before(tokens, start)
    if found[0] < found[1] and tokens[found[0]].low in _LEADING:
        if found[0] > 0 and tokens[found[0] - 1].text == ",":
            return np_before(tokens, found[0] - 1), True
        return last, False
    return (found, True) if found[0] < found[1] else (last, False)


def _over_insertion(tokens: list[Token], comma: int, last: Range) -> tuple[Range, bool]:
    """ "X, the head of Y, will": the subject before the insertion that ends at `comma`."""
    for k in range(comma - 1, max(comma - 25, 0), -1):
        if tokens[k].text == tokens[comma].text or (tokens[comma].text == ")" and tokens[k].text == "("):
            found = np_before(tokens, k)
            return (found, True) if found[0] < found[1] else (last, False)
    return last, False


def members(tokens: list[Token], span: Range) -> list[Range]:
    """The named members of a list, else the phrase as a whole."""
    parts, start = [], span[0]
    for k in range(span[0], span[1]):
        if tokens[k].low in {",", "and"}:
            parts.append((start, k))
            start = k + 1
    parts = [p for p in [*parts, (start, span[1])] if p[0] < p[1]]
    named = all(
        tokens[a].text[0].isupper() or (tokens[a].low == "the" and a + 1 < b) or b - a == 1
        for a, b in parts
    )
    return parts if named else [span]


def extent(tokens: list[Token], start: int) -> int:
    """Where the action or object that begins at `start` ends."""
    relative = False
    for k in range(start, min(len(tokens), start + _LIMIT)):
        token = tokens[k]
        relative = relative or token.low in {"that", "which", "who", "what", "how"}
        if k > start and _closes(tokens, start, k, relative):
            return k
    return min(len(tokens), start + _LIMIT)


def _closes(tokens: list[Token], start: int, k: int, relative: bool) -> bool:
    token = tokens[k]
    if token.text in QUOTES:
        opened = sum(1 if t.text in '“"„``‘' else -1 for t in tokens[start:k] if t.text in QUOTES)
        glued = k + 1 < len(tokens) and tokens[k + 1].start == token.end
        opens = token.text in "“„``‘" or (glued and tokens[k - 1].end < token.start)
        return not opens and opened <= 0
    if token.text == ",":
        return not _lists(tokens, k)
    if is_mark(token):
        return True
    if token.low in {"and", "or"}:
        return _clause_follows(tokens, k + 1)
    if token.low == "as":
        return k + 1 < len(tokens) and tokens[k + 1].low not in {"well", "part", "much", "many", "a"}
    return token.low in _ENDS or (token.low in _FINITE and not relative)


def _clause_follows(tokens: list[Token], k: int) -> bool:
    while k < len(tokens) and adverb(tokens[k]):
        k += 1
    if k >= len(tokens) or is_mark(tokens[k]) or tokens[k].low in {"it", "he", "she", "they", "we"}:
        return True
    for t in tokens[k : k + 6]:
        if is_mark(t) or t.low in {"that", "who", "which", "to", "and"}:
            return False
        if t.low in verbs():
            return True
    return False


def _lists(tokens: list[Token], k: int) -> bool:
    """Whether the comma at `k` stands between members of a list that closes with "and"."""
    length = 0
    for t in tokens[k + 1 : k + 30]:
        if t.low in {"and", "or"} and length:
            return True
        if t.text == "," and length:
            length = 0
        elif length > 5 or is_mark(t) or t.low in verbs() or t.low in words("stop"):
            return False
        else:
            length += 1
    return False


def np_after(tokens: list[Token], start: int) -> int:
    """Where the short noun phrase (a source, an addressee, an agent) that begins here ends."""
    k = start
    while k < len(tokens) and k - start < 14:
        t = tokens[k]
        inner = k > start and t.low in words("preposition") - {"of", "for"}
        listed = k + 1 < len(tokens) and (tokens[k + 1].text[0].isupper() or tokens[k + 1].low == "the")
        inner = inner or (t.low == "and" and not listed)
        if inner or is_mark(t) or t.low in verbs() or t.low in words("stop") or t.low == "to":
            break
        k += 1
    return k


def party(tokens: list[Token], span: Range) -> bool:
    """Whether a noun phrase names somebody who can hold a position."""
    lows = [t.low for t in tokens[span[0] : span[1]]]
    if not lows or lows[0] in {"this", "that", "these", "there", "what", "which"}:
        return False
    if len(lows) == 1 and lows[0] in words("pronoun"):
        return True
    named = any(t.text[0].isupper() for t in tokens[span[0] + (lows[0] in {"the", "a"}) : span[1]])
    return named or not words("party").isdisjoint(lows)
