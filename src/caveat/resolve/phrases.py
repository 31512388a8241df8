"""Reads the phrases around role words: whose the role is, what more is said, whose name it is.

A phrase is a role word with what stands around it: "the former Russian Foreign Minister",
"Zelensky's chief of staff", "head of the defence ministry in Ankara", "its prime minister". The
name that belongs to it stands right after it, or before or after it between commas.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from caveat.resolve.gazetteer import Hit
from caveat.resolve.lexicon import roles, words
from caveat.resolve.names import Run, label
from caveat.resolve.roles import (
    POSSESSIVE,
    THAT_COUNTRY,
    THE,
    THE_COUNTRY,
    A,
    Ground,
    Phrase,
    RoleWord,
    listed_type,
)
from caveat.resolve.tokens import BLANKS, Text

_DEFINITE = frozenset("the this that".split())
_INDEFINITE = frozenset("a an another any one some every each no".split())
_OF = frozenset("of for in at to on".split())
_CLOSING = (",", ".", ";", ")", ":", "”", '"', " —", " –", "—", "–", "\n")
_FOLLOWING = frozenset(
    "has had is was will would could can may must did does also and or but who in on at to for"
    " with from by as after before during that when while of s".split()
)
_HEADS = frozenset("heads leads runs chairs".split())
_WITHOUT_DOMAIN = frozenset(("spokesperson", "envoy"))
PARTIES = frozenset("Republican Democratic Democrat Labour Conservative Tory Liberal Green".split())
"""Adjectives of parties: who has a role with them speaks for no state by it."""
_OWN_ENVOY = frozenset(("ambassador",))
"""Roles at a body ("UN ambassador") that belong to a state and not to the body."""


def phrases(ground: Ground, found: list[RoleWord]) -> list[Phrase]:
    """All phrases of a text with the names that belong to them, in order."""
    by_end: dict[int, Phrase] = {}
    out: list[Phrase] = []
    text = ground.text
    for i, word in enumerate(found):
        if i + 1 < len(found) and found[i + 1].first == word.last and text.spaced(word.last):
            continue  # "deputy" of "deputy prime minister": read with what follows it
        phrase = _phrase(ground, word, by_end)
        _find_name(ground, phrase)
        if _says_something(text, phrase, word):
            by_end[phrase.last] = phrase
            out.append(phrase)
    return [*out, *_heading(ground)]


def _says_something(text: Text, phrase: Phrase, word: RoleWord) -> bool:
    """Whether a phrase is more than a word that also means other things ("his head")."""
    bare = phrase.last == word.last and phrase.generic and phrase.name is None
    if word.role.phrase in ("head", "chair") and bare:
        return phrase.party is not None and phrase.article != "'s"
    owned = phrase.article == "'s"
    if word.role.phrase == "chief" and bare and owned and not _verb_follows(text, phrase.last):
        return False  # "the Pentagon's chief weapons buyer"
    return bool(phrase.name or phrase.article or phrase.party or phrase.owner)


def _verb_follows(text: Text, i: int) -> bool:
    """Whether a noun phrase may end before token i, by the word that follows."""
    if i >= len(text) or not text.spaced(i):
        return True
    return text.lowers[i] in words("say") or text.lowers[i] in _FOLLOWING


def _phrase(ground: Ground, word: RoleWord, before: dict[int, Phrase]) -> Phrase:
    phrase = Phrase(word.first, word.last, word.role.rank, word.role.role)
    phrase.gender, phrase.party = word.role.gender, word.role.party
    left: list[Hit] = []
    domain: list[str] = []
    _read_left(ground, phrase, left, domain, before)
    _read_right(ground, phrase, domain, bool(left))
    _set_told(phrase, word, domain)
    chosen = _choose(phrase, left)
    phrase.party = phrase.party or (chosen.side if chosen else None)
    phrase.span = phrase.whole = ground.text.span(phrase.first, phrase.last)
    return phrase


def _set_told(phrase: Phrase, word: RoleWord, domain: list[str]) -> None:
    if not domain or phrase.rank in _WITHOUT_DOMAIN:
        return
    own = word.role.phrase if phrase.told == "leader" else phrase.told
    told = " ".join([*domain, own]).replace("defense", "defence")
    phrase.told, phrase.generic = told, False


def _choose(phrase: Phrase, left: list[Hit]) -> Hit | None:
    """The party among several ("French EU commissioner", "US UN ambassador")."""
    if phrase.told in _OWN_ENVOY:
        left = [h for h in left if h.actor.startswith("iso:")]
    if phrase.told == "secretary general":
        left = [h for h in left if h.actor.startswith("org:")]
    if phrase.rank == "bodyhead":
        bodies = [h for h in left if h.actor.startswith("org:")]
        left = bodies[-1:] or left
    return left[0] if left else None


def _read_left(
    ground: Ground, phrase: Phrase, left: list[Hit], domain: list[str], before: dict[int, Phrase]
) -> None:
    """Take in modifiers, the party and the article to the left of a role word."""
    text = ground.text
    k = phrase.first - 1
    while k >= 0 and (text.gap(k + 1) in BLANKS or text.gap(k + 1) in ("-", "‑")):
        hit = ground.hit_to.get(k + 1)
        if text.possessive(k):
            k = _read_owner(ground, phrase, left, k, before)
        elif hit is not None and _ends_sentence(ground, hit, k + 1):
            break
        elif hit is not None and listed_type(hit.actor) != "outlet":
            left.insert(0, hit)
            k = phrase.first = hit.first
            k -= 1
        elif _modifier(text, phrase, domain, k):
            phrase.first = k
            k -= 1
        else:
            _article(text, phrase, k)
            break


def _ends_sentence(ground: Ground, hit: Hit, i: int) -> bool:
    """Whether "the U.S." before a capitalised token i is the end of the sentence before."""
    text = ground.text
    if text.text[hit.span[1] - 1] != "." or not text.is_capital(i):
        return False
    before = text.lowers[hit.first - 1] if hit.first else ""
    return before in ("the", "in", "and") or i in ground.hit_from


def _read_owner(
    ground: Ground, phrase: Phrase, left: list[Hit], k: int, before: dict[int, Phrase]
) -> int:
    """Read whose role it is from the words before "'s" at token k; the token to go on from."""
    text = ground.text
    hit, run, owner = ground.hit_to.get(k), ground.run_to.get(k), before.get(k)
    phrase.article = "'s"
    if hit is not None:
        left.insert(0, hit)
        phrase.first = hit.first
        return hit.first - 1 if hit.first and text.lowers[hit.first - 1] == "the" else -1
    if run is not None:
        phrase.owner, phrase.first = run, run.first
    elif owner is not None:
        phrase.owner, phrase.first = owner, owner.first
    elif text.lowers[k - 1] in words("again-state"):
        phrase.first = max(0, k - 2)
        phrase.article = THAT_COUNTRY if text.lowers[phrase.first] == "that" else THE_COUNTRY
    else:
        phrase.article, phrase.aside = "", True
    return -1


def _modifier(text: Text, phrase: Phrase, domain: list[str], k: int) -> bool:
    """Whether token k modifies the role; notes what it says of it."""
    word = text.lowers[k]
    opens = text.sentence_start(k)
    if word in words("past") and not (word == "then" and opens):
        phrase.past = True
    elif word in words("aside") or (text.words[k] in PARTIES and not opens):
        phrase.aside = True
    elif (
        word in words("domain")
        or word in _all_role_words()
        or (word == "and" and k > 0 and text.lowers[k - 1] in words("domain") and domain)
    ):
        domain.insert(0, word)
    else:
        return word in words("neutral") and not opens
    return True


@cache
def _all_role_words() -> frozenset[str]:
    return frozenset(p for p, role in roles().items() if role.rank not in ("expert", "other"))


def _article(text: Text, phrase: Phrase, k: int) -> None:
    word = text.lowers[k]
    if word in _DEFINITE or word in _INDEFINITE or word in POSSESSIVE:
        if not phrase.article:
            phrase.article = THE if word in _DEFINITE else A if word in _INDEFINITE else word
        phrase.first = k
    elif text.is_capital(k) and not text.sentence_start(k) and word not in words("say"):
        known = text.words[k] in words("not-a-name") or label(text.words[k])
        phrase.aside = phrase.aside or not known  # "Labour leader": of a party we do not list


def _read_right(ground: Ground, phrase: Phrase, domain: list[str], owned: bool) -> None:
    """Take in "of Ukraine", "of the defence ministry in Ankara" to the right of a role word.

    Where a party stands to the left (`owned`), "in" and "at" only say where: "Russia's commander
    in Ukraine".
    """
    text, n = ground.text, len(ground.text)
    for _ in range(3):
        m = phrase.last
        if m >= n or text.lowers[m] not in _OF or not text.spaced(m):
            return
        q = m + 1
        while (
            q < n
            and text.spaced(q)
            and (text.lowers[q] in ("the", "a", "an", "this") or text.lowers[q] in POSSESSIVE)
        ):
            q += 1
        hit = ground.hit_from.get(q)
        if hit is not None and text.spaced(q):
            _complement(ground, phrase, text.lowers[m], hit, owned)
        elif not _domain_complement(text, phrase, domain, m, q):
            return


def _complement(ground: Ground, phrase: Phrase, preposition: str, hit: Hit, owned: bool) -> None:
    text = ground.text
    target = (phrase.rank == "envoy" or owned) and preposition != "of"  # where to, not whose
    if not target and phrase.party is None and preposition in ("of", "for", "in", "at"):
        phrase.party = hit.side
    phrase.last = hit.last
    if text.possessive(phrase.last) and phrase.last < len(text):
        phrase.last += 1
        after = phrase.last < len(text) and text.lowers[phrase.last]
        if after not in words("state-noun") and after not in words("domain"):
            phrase.aside = True  # "a leader of Ukraine's Opposition Platform"
    while phrase.last < len(text) and text.spaced(phrase.last):
        word = text.lowers[phrase.last]
        if word not in words("state-noun") and word not in words("domain"):
            break
        if word not in words("ruled"):  # "head of the Russian delegation" rules no state
            phrase.told, phrase.generic = f"{word} {phrase.told}", False
        phrase.last += 1


def _domain_complement(text: Text, phrase: Phrase, domain: list[str], m: int, q: int) -> bool:
    """Take in "of foreign affairs", "of the armed forces"; other complements set it aside."""
    end = q
    while end < len(text) and text.spaced(end):
        word = text.lowers[end]
        part = word in words("domain") or word in words("state-noun") or word == "and"
        if not part and text.words[end] not in words("wide"):
            break
        end += 1
    while end > q and (text.lowers[end - 1] == "and" or text.words[end - 1] in words("wide")):
        end -= 1
    if end > q:
        own = [w for w in text.lowers[q:end] if w in words("domain") and w not in words("ruled")]
        if phrase.rank in ("minister", "official", "leader"):
            domain[:0] = own
        if text.lowers[q - 1] in POSSESSIVE and phrase.owner is None:
            phrase.article = text.lowers[q - 1]
        phrase.last = end
        return True
    follows = q < len(text) and text.gap(q) in BLANKS
    if text.lowers[m] == "of" and follows and text.lowers[q] not in POSSESSIVE:
        phrase.aside = True
    return False


def _find_name(ground: Ground, phrase: Phrase) -> None:
    """Give the phrase the name that stands with it."""
    text = ground.text
    after = _run_after(ground, phrase.last)
    if (after is not None and text.gap(phrase.last) in BLANKS) or (
        after is not None and phrase.article and _closed(text, after.last)
    ):
        phrase.name = after
    elif _before(ground, phrase):
        return
    if phrase.name is not None:
        phrase.whole = (phrase.span[0], phrase.name.span[1])
        _state_after_name(ground, phrase)


def _run_after(ground: Ground, i: int) -> Run | None:
    text = ground.text
    if i >= len(text) or text.gap(i) not in (*BLANKS, ", ", " — ", " – ", " - ", "—"):
        return None
    q = i
    while q < len(text) and q < i + 4 and label(text.words[q]) and q not in ground.run_from:
        q += 1
    return ground.run_from.get(q)


def _before(ground: Ground, phrase: Phrase) -> bool:
    """Find "Mark Rutte, the NATO secretary general," and "Rutte is the secretary general"."""
    text, first = ground.text, phrase.first
    run = ground.run_to.get(first)
    if run is not None and text.gap(first) in (", ", " (", " — ", " – "):
        if _closed(text, phrase.last) or (phrase.article == A and _goes_on(text, phrase.last)):
            phrase.name, phrase.whole = run, (run.span[0], phrase.span[1])
    elif first > 1 and text.lowers[first - 1] == "is":
        run = ground.run_to.get(first - 1)
        if run is not None and text.spaced(first - 1) and phrase.article in (THE, "'s"):
            phrase.name, phrase.whole = run, (run.span[0], phrase.span[1])
    return phrase.name is not None


def _goes_on(text: Text, i: int) -> bool:
    """Whether "Jane Doe, a lawyer" goes on with where, for whom or what else before token i."""
    return text.spaced(i) and text.lowers[i] in ("at", "with", "for", "from", "and", "who")


def _closed(text: Text, i: int) -> bool:
    """Whether an apposition that ends before token i ends there."""
    return i >= len(text) or text.gap(i).startswith(_CLOSING)


def _state_after_name(ground: Ground, phrase: Phrase) -> None:
    text, run = ground.text, phrase.name
    if run is None or phrase.party is not None or run.last + 1 >= len(text):
        return
    hit = ground.hit_from.get(run.last + 1)
    if text.lowers[run.last] == "of" and hit is not None and hit.kind == "name":
        phrase.party = hit.side
        phrase.whole = (phrase.whole[0], hit.span[1])


def _heading(ground: Ground) -> Iterator[Phrase]:
    """Find "Richard Marles, who heads the defence ministry in Australia"."""
    text = ground.text
    for run in ground.run_from.values():
        i = run.last
        if i + 2 >= len(text) or text.lowers[i] != "who" or text.lowers[i + 1] not in _HEADS:
            continue
        q = i + 2 + (text.lowers[i + 2] == "the")
        hit = ground.hit_from.get(q)
        if hit is not None:
            whole = (run.span[0], hit.span[1])
            span = (text.starts[i + 1], hit.span[1])
            yield Phrase(
                i + 1, hit.last, "leader", "leader", THE, hit.side, name=run,
                span=span, whole=whole,
            )  # fmt: skip
