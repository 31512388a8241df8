"""The worked cases of docs/counting-cases.jsonl: what the definitions say, the code computes.

Each line is a small register and a question: one sentence for each position, in the same order.
What `expect` leaves out a case does not claim. A tier of null says that the holder has no standing
at all; `not_tiers` names tiers that a holder must not have.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from build import READER, make_actor, make_article, make_findings, make_position, speaks_for
from caveat.ask import Count, Question, count, question
from caveat.model import RELATIONS, Findings, Scope
from caveat.register import Register
from caveat.undertaking import load_undertaking

U = load_undertaking()
DOCS = Path(__file__).resolve().parent.parent / "docs"
Case = dict[str, Any]
CASES: list[Case] = [
    json.loads(line) for line in (DOCS / "counting-cases.jsonl").read_text("utf-8").splitlines()
]
CONTENT = {
    "holder", "stance", "kind", "day", "reported", "voice", "negated", "conditions", "group_size",
    "members", "speaker_party", "scope_out", "beneficiary", "action", "outlet", "reviewed",
}  # fmt: skip
"""What a position of a case may say."""
ASKED = {
    "kinds", "at_least", "as_of", "assume", "reading", "all_of", "hindsight", "voices",
    "reviewed_only", "without_outlets",
}  # fmt: skip
CLAIMS = {
    "lower", "upper", "tiers", "not_tiers", "claims", "moves", "together", "exclusive",
    "impossible",
}  # fmt: skip


def findings(sentence: str, said: Case) -> Findings:
    """One position of a case as the only finding of an article of one sentence."""
    article = make_article(
        sentence,
        outlet=said.get("outlet", "Test Post"),
        published=said.get("reported") or said["day"],
    )
    holders = [said["holder"]] if isinstance(said["holder"], str) else said["holder"]
    party = said.get("speaker_party")
    speaker = f"per:minister-of-{party.removeprefix('iso:').lower()}" if party else None
    size = said.get("group_size")
    position = make_position(
        article,
        said.get("action", sentence),
        holder=sentence,
        actors=holders,
        stance=said["stance"],
        kind=said["kind"],
        negated=said.get("negated", False),
        voice=said.get("voice", "reported"),
        conditions=said.get("conditions", ()),
        speaker=sentence if party else None,
        speaker_actor=speaker,
        said=said["day"],
        scope=Scope(inside=False, reason=said["scope_out"]) if "scope_out" in said else None,
        group_size=tuple(size) if size else None,
        beneficiary=sentence if "beneficiary" in said else None,
        beneficiary_actors=(said["beneficiary"],) if "beneficiary" in said else (),
    )
    members = tuple(said.get("members", ()))
    blocs = [make_actor(h, type="bloc", members=members) for h in holders if members]
    return make_findings(
        article,
        position,
        reader="hand" if said.get("reviewed") else READER,
        actors=blocs,
        evidence=[speaks_for(article, speaker, party)] if speaker and party else (),
    )


def answer(path: Path, case: Case) -> Count:
    """The count of a case's question over a register of its positions."""
    asked = dict(case["question"])
    kinds, assume = asked.pop("kinds"), asked.pop("assume")
    asked["as_of"] = date.fromisoformat(asked["as_of"])
    if "voices" in asked:
        asked["voices"] = tuple(asked["voices"])
    if "without_outlets" in asked:
        asked["without_outlets"] = tuple(asked["without_outlets"])
    with Register(path, undertaking=U) as register:
        for sentence, said in zip(case["sentences"], case["positions"], strict=True):
            assert register.add(findings(sentence, said)), "two articles of one case are the same"
        wanted = question(U, kinds, assume, template=Question(**asked))
        return count(register.entries(), register.actors(), U, wanted)


def groups(of: Iterable[Iterable[str]]) -> list[list[str]]:
    return sorted(sorted(group) for group in of)


def exclusive(found: Count) -> list[Case]:
    parts = found.solved.exclusive if found.solved else ()
    made = [{"parties": sorted(p.parties), "least": p.least, "most": p.most} for p in parts]
    return sorted(made, key=lambda p: p["parties"])


def claims(found: Count) -> list[Case]:
    made = [
        {"size": list(c.size) if c.size else None, "comparable": c.not_comparable is None}
        for c in found.group_claims
    ]
    return sorted(made, key=str)


def differences(found: Count, expect: Case) -> dict[str, tuple[Any, Any]]:
    """What a case claims and the count says otherwise: {claim: (claimed, found)}."""
    tiers = {s.holder: s.tier for s in found.standings}
    moves = {m.assumption: [m.lower, m.upper] for m in found.moves}
    said: Case = {
        "lower": found.lower,
        "upper": found.upper,
        "tiers": {h: tiers.get(h) for h in expect.get("tiers", ())},
        "moves": {p: moves.get(p) for p in expect.get("moves", ())},
        "claims": claims(found),
        "together": groups(found.solved.together if found.solved else ()),
        "exclusive": exclusive(found),
        "impossible": groups(found.solved.impossible if found.solved else ()),
    }
    for key in ("together", "impossible"):
        if key in expect:
            expect = {**expect, key: groups(expect[key])}
    if "claims" in expect:
        expect = {**expect, "claims": sorted(expect["claims"], key=str)}
    out = {k: (expect[k], said[k]) for k in said if k in expect and expect[k] != said[k]}
    for holder, never in expect.get("not_tiers", {}).items():
        if tiers.get(holder) in never:
            out[f"not_tiers {holder}"] = (never, tiers[holder])
    return out


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_a_worked_case_is_what_the_code_computes(tmp_path, case):
    found = answer(tmp_path / "register.db", case)
    assert differences(found, case["expect"]) == {}


def test_there_are_many_cases_and_no_two_have_one_name():
    assert len(CASES) >= 60
    assert len({c["name"] for c in CASES}) == len(CASES)


def test_no_case_says_or_claims_what_the_test_would_not_look_at():
    for case in CASES:
        assert set(case) == {"name", "sentences", "positions", "question", "expect"}, case["name"]
        assert set(case["question"]) <= ASKED, case["name"]
        assert case["expect"], case["name"]
        assert set(case["expect"]) <= CLAIMS, case["name"]
        assert all(set(p) <= CONTENT for p in case["positions"]), case["name"]


def rows() -> set[tuple[str, str, str, str]]:
    """(relation, what it is on, truth, reading) of every condition that stands alone in a case."""
    out = set()
    for case in CASES:
        assumed, reading = case["question"]["assume"], case["question"]["reading"]
        for said in case["positions"]:
            if len(said.get("conditions", ())) != 1 or said["stance"] == "considering":
                continue
            ((relation, _, proposition, _),) = said["conditions"]
            truth = "true" if proposition in assumed else "open"
            truth = "false" if f"not:{proposition}" in assumed else truth
            if not proposition.startswith(("does(", "at-least(", "not:")):
                on = "refusal" if said["stance"] == "refused" else "pledge"
                out.add((relation, on, truth, reading))
    return out


def test_every_relation_has_a_case_on_pledge_and_refusal_with_each_truth_in_both_readings():
    truths, readings = ("open", "true", "false"), ("strict", "generous")
    assert rows() == set(product(RELATIONS, ("pledge", "refusal"), truths, readings))


def test_the_page_on_counting_links_the_cases():
    assert "](counting-cases.jsonl)" in (DOCS / "counting.md").read_text("utf-8")
