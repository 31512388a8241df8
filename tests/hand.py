"""The example dossier's facts entered by hand: what counting is tested on, apart from reading.

Each line of `facts.jsonl` becomes an article whose text is our sentence for the fact and one
position in it, as a person would record it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from build import day, make_actor, make_article, make_findings
from caveat.commit.propositions import proposition, scope
from caveat.model import Article, Condition, Findings, Interval, Position, Resolution, Scope
from caveat.undertaking import Undertaking

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "reassurance-force"
DOSSIER = Path(__file__).resolve().parent / "dossier"


def facts() -> list[dict]:
    """The lines of facts.jsonl."""
    lines = (DOSSIER / "facts.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line]


def by_hand(undertaking: Undertaking, rendered_only: bool = False) -> Iterator[Findings]:
    """Findings for each fact; with `rendered_only`, for those that a report renders."""
    for fact in facts():
        if fact["article"] or not rendered_only:
            yield from _findings(fact, undertaking)


def _scope(article: Article, fact: dict, undertaking: Undertaking) -> Scope:
    """A person gives the mission by its id; places are recognised by the undertaking's wordings."""
    whole = (0, len(article.text))
    found = scope(article, whole, whole, (), undertaking)
    for rule in undertaking.missions:
        if fact["mission"] == rule.id:
            return Scope(found.place, rule.id, rule.inside, None if rule.inside else rule.label)
    return found


def _findings(fact: dict, undertaking: Undertaking) -> Iterator[Findings]:
    """One finding; a paper that several states signed is each one's own word."""
    text = fact["summary"]
    ends = {}
    for c in fact["conditions"]:
        text += f" [{c['relation']}: {c['text']}]"
        ends[c["text"]] = (len(text) - 1 - len(c["text"]), len(text) - 1)
    for extra in (fact["place"], fact["mission"]):
        text += f" [{extra}]" if extra else ""
    published = day(fact["date_reported"])
    assert published is not None
    article = make_article(
        text, outlet=fact["outlet"], url=fact["url"], published=published, name=fact["fact"]
    )
    group = f"grp:{article.id}"
    holders = tuple(fact["holders"]) or (group,)
    party = f"iso:{fact['speaker_for']}" if fact["speaker_for"] else None
    size = fact["group_size"]
    signed = fact["voice"] == "reported" and len(holders) > 1
    position = Position(
        holder=((0, len(fact["summary"])),),
        holder_actors=holders,
        stance=fact["stance"],
        kind=fact["kind"],
        negated=False,
        action=(0, len(fact["summary"])),
        addressee=(),
        beneficiary=(),
        amount=(),
        time=(),
        conditions=tuple(
            Condition(
                ends[c["text"]],
                c["relation"],
                proposition(article, ends[c["text"]], Resolution(), holders, undertaking),
            )
            for c in fact["conditions"]
        ),
        speaker=None,
        speaker_actor=None if signed else party,
        relay=(),
        voice=fact["voice"],
        confidence=1.0,
        caveats=(),
        sentence=(0, len(text)),
        said=day(fact["date_said"]) or Interval(None, published.end),
        scope=_scope(article, fact, undertaking),
        group_size=(size["min"], size["max"]) if size else None,
    )
    actors = [make_actor(group, fact["group"] or "unnamed", type="group", anonymous=True)]
    yield make_findings(
        article, position, reader="hand", undertaking=undertaking.digest, actors=actors
    )
