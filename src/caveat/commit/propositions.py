"""Conditions to propositions, and positions to scope, by the undertaking's wordings."""

from __future__ import annotations

import re
import unicodedata

from caveat.commit.amounts import numbers_of
from caveat.model import Article, Kind, Resolution, Scope, Span
from caveat.undertaking import PropositionRule, ScopeRule, Undertaking

_DENIAL = re.compile(
    r"\b(?:no|not|never|without|lack of|absence of|fails?|refus\w+|rejects?|breaks?|violates?)\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"^(?:the )?\ue000(\d+)\ue001(?!['’]s?\b)", re.IGNORECASE)
"""An actor as the first words of a clause."""
_SAME = re.compile(
    r"\ue001 (?:also |both )?(?:does|do|did|will|would|joins?|joined|takes? part|took part|"
    r"participates?|follows?|followed)(?: so)?(?:,? too|,? as well|,? also| suit| first)?\W*$",
    re.IGNORECASE,
)
"""A clause that repeats the act of the position: "Sweden does, too", "Germany takes part"."""
_MANY = re.compile(
    r"\b(?:allies|capitals|countries|governments|members|nations|others|partners|states)\b",
    re.IGNORECASE,
)
_FUNCTION = frozenset(
    "a an the of to for in on at by with and or its their his her is are was were be been has "
    "have had there it they that this will would".split()
)


def proposition(
    article: Article,
    span: Span,
    resolution: Resolution,
    holders: tuple[str, ...],
    undertaking: Undertaking,
    act: Kind | None = None,
    same: Kind | None = None,
) -> str:
    """The proposition of a condition's words; the first rule of the file that matches decides.

    Words that no rule knows and that name an actor's act are "does(actor, kind)", where `act` is
    the kind of act that they speak of and `same` that of the position ("if Sweden does, too"); of
    a number of parties they are "at-least(10, kind)".
    All others become a proposition of their own, "text:" and their content words.
    """
    words = article.words(span)
    marked, actors = _marked(article, span, resolution)
    # the Bundestag approves: Germany's parliament does
    office_of = {s.speaker: s.party for s in resolution.speaks_for}
    actors = [office_of.get(a, a) for a in actors]
    for rule in undertaking.propositions:
        for patterns, truth in ((rule.denied, False), (rule.wordings, True)):
            for pattern in patterns:
                found = _match(rule, pattern, words, marked, actors, holders)
                if found is not None:
                    positive = truth and not _denied(words)
                    return found if positive else f"not:{found}"
    kind = same if _SAME.search(marked) else act
    if kind not in (None, "other") and (whose := _SUBJECT.match(marked)):
        found = f"does({short(actors[int(whose[1])])}, {kind})"
        return f"not:{found}" if _denied(words) else found
    if kind not in (None, "other") and (number := _parties(words)) is not None:
        found = f"at-least({number}, {kind})"
        return f"not:{found}" if _denied(words) else found
    return f"text:{_slug(words)}"


def _parties(words: str) -> int | None:
    """How many parties at least a condition asks for ("at least ten other countries")."""
    if _MANY.search(words) is None or (found := numbers_of(words)) is None:
        return None
    return found[0]


def _denied(words: str) -> bool:
    return _DENIAL.search(words) is not None


def _match(
    rule: PropositionRule,
    pattern: re.Pattern[str],
    words: str,
    marked: str,
    actors: list[str],
    holders: tuple[str, ...],
) -> str | None:
    if "actor" in pattern.groupindex:
        m = pattern.search(marked)
        if m is None or not (index := re.fullmatch(r"\ue000(\d+)\ue001", m["actor"])):
            return None
        return f"{rule.id}({short(actors[int(index[1])])})"
    if not pattern.search(words):
        return None
    if not rule.takes_actor:
        return rule.id
    actor = actors[0] if len(actors) == 1 else None
    if actor is None and rule.default_actor == "holder" and len(holders) == 1:
        actor = holders[0]
    return f"{rule.id}({short(actor)})" if actor else None


def short(actor: str) -> str:
    """An actor's id as propositions print it: states without their prefix."""
    return actor.removeprefix("iso:")


def _marked(article: Article, span: Span, resolution: Resolution) -> tuple[str, list[str]]:
    """The words with each actor mention replaced by a numbered mark, and the actors marked."""
    inside = sorted(
        (m for m in resolution.mentions if len(m.actors) == 1
         and span[0] <= m.span[0] and m.span[1] <= span[1]),
        key=lambda m: (m.span[0], -m.span[1]),
    )  # fmt: skip
    out: list[str] = []
    actors: list[str] = []
    at = span[0]
    for m in inside:
        if m.span[0] < at:
            continue
        out += [article.text[at : m.span[0]], f"\ue000{len(actors)}\ue001"]
        actors.append(m.actors[0])
        at = m.span[1]
    out.append(article.text[at : span[1]])
    return "".join(out), actors


def _slug(words: str) -> str:
    folded = unicodedata.normalize("NFKD", words.casefold())
    content = [w for w in re.findall(r"[a-z0-9]+", folded) if w not in _FUNCTION]
    return "-".join(content[:8]) or "condition"


def scope(
    article: Article,
    action: Span,
    sentence: Span,
    beneficiaries: tuple[str, ...],
    undertaking: Undertaking,
) -> Scope:
    """Where a position stands: its place and mission, and whether that is inside the scope."""
    words = article.words(action), article.words(sentence)
    place, mission = (_rule(rules, words) for rules in (undertaking.places, undertaking.missions))
    reason = next((f"{r.label}" for r in (place, mission) if r is not None and not r.inside), None)
    wanted = undertaking.beneficiaries
    if reason is None and wanted and beneficiaries and not set(wanted) & set(beneficiaries):
        reason = f"for {', '.join(short(b) for b in beneficiaries)}, not for " + ", ".join(
            short(b) for b in wanted
        )
    return Scope(
        place=place.id if place else None,
        mission=mission.id if mission else None,
        inside=reason is None,
        reason=reason,
    )


def _rule(rules: tuple[ScopeRule, ...], words: tuple[str, str]) -> ScopeRule | None:
    """The first rule that the action's words match, else the first that its sentence matches."""
    for text in words:
        for rule in rules:
            if any(p.search(text) for p in rule.wordings):
                return rule
    return None
