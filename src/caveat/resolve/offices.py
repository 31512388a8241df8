"""Ministries, parliaments and services that the text names with their state.

"Turkey's defence ministry", "the Russian Foreign Ministry", "the ministry of defence in Ankara":
a body with the id "org:tr-defence-ministry" that speaks for its state.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from caveat.model import Actor
from caveat.resolve.gazetteer import Hit, Trie
from caveat.resolve.lexicon import listed, offices
from caveat.resolve.tokens import Text, tokenize


@cache
def _trie() -> Trie[str]:
    trie: Trie[str] = Trie()
    for phrase, slug in offices().items():
        trie.add(tokenize(phrase).lowers, slug)
    return trie


def office_at(text: Text, i: int) -> tuple[int, str] | None:
    """End and slug of the office whose words begin at token i."""
    return _trie().longest(text, text.lowers, i) if i < len(text) else None


def with_offices(text: Text, hits: list[Hit], spelled: Mapping[int, int]) -> list[Hit]:
    """Hits with each office in the place of the state that it is named with.

    `spelled` are first and last (excluded) tokens of role words: "security council secretary" is
    a role and no office.
    """
    begins = _trie().next
    by_start = {h.first: h for h in hits}
    by_end = {h.last: h for h in hits}
    found: list[Hit] = []
    i = 0
    for start, word in enumerate(text.lowers):
        own = by_start.get(start)
        if start < i or word not in begins or (own is not None and own.side == own.actor):
            continue
        office = office_at(text, start)
        if office is not None and spelled.get(start, 0) > office[0]:
            continue
        hit = office and _office(text, start, office, by_start, by_end)
        if hit and (own is None or own.side != hit.side):  # "Turkey's National Security Council"
            i = hit.last
            found.append(hit)
    covered = {k for f in found for k in range(f.first, f.last)}
    return sorted([*found, *(h for h in hits if h.first not in covered)], key=lambda h: h.first)


def _office(
    text: Text,
    start: int,
    office: tuple[int, str],
    by_start: dict[int, Hit],
    by_end: dict[int, Hit],
) -> Hit | None:
    end, slug = office
    owned = text.possessive(start - 1) and text.spaced(start)
    before = by_end.get(start - 1) if owned else by_end.get(start) if text.spaced(start) else None
    if (
        before is not None
        and before.actor.startswith("iso:")
        and not (
            slug == "embassy" and before.kind == "capital"  # where it stands, not whose it is
        )
    ):
        return _hit(text, before.first, end, before.actor, slug)
    if end >= len(text) or text.lowers[end] not in ("of", "in", "for") or not text.spaced(end):
        return None
    q = end + 1
    while q < len(text) and text.lowers[q] == "the":
        q += 1
    after = by_start.get(q)
    if after is not None and after.actor.startswith("iso:") and text.spaced(q):
        return _hit(text, start, after.last, after.actor, slug)
    return None


def _hit(text: Text, first: int, last: int, state: str, slug: str) -> Hit:
    actor = f"org:{state.removeprefix('iso:').lower()}-{slug}"
    return Hit(first, last, text.span(first, last), actor, "office", party=state)


def office_actor(id_: str) -> Actor | None:
    """The body with an office's id, None where the id is no office's."""
    code, _, slug = id_.removeprefix("org:").partition("-")
    state = listed().get(f"iso:{code.upper()}")
    if not id_.startswith("org:") or state is None or slug not in offices().values():
        return None
    return Actor(id_, f"{slug.replace('-', ' ')} of {state.actor.name}", "body")
