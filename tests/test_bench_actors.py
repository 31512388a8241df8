"""What the benches of actors and origins count, on small cases, and what the gold holds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from bench import actors, origins
from bench.actors import can_be_told, fits, is_right, judge, shares, tallies, unnamed
from bench.origins import paired

from caveat.model import Actor, Mention, Resolution, SpeaksFor
from test_copies import report, tell

BENCH = Path(actors.__file__).parent
TEXT = "We wait, Ada Berg said. The ministry agreed. Officials nodded."
WE, BERG, MINISTRY, OFFICIALS = (0, 2), (9, 17), (24, 36), (45, 54)


def resolution(*mentions: tuple[tuple[int, int], str], speaks: dict[str, str] | None = None):
    """Ada Berg and a ministry; `speaks` says for whom."""
    return Resolution(
        actors=(
            Actor("per:ada-berg", "Ada Berg", "person"),
            Actor("org:no-ministry", "Norwegian Defence Ministry", "body"),
            Actor("out:harbour-wire", "The Harbour Wire", "outlet"),
        ),
        mentions=tuple(Mention(s, (a,), "by hand") for s, a in mentions),
        speaks_for=tuple(SpeaksFor(s, p, (0, 2), "minister") for s, p in (speaks or {}).items()),
    )


# ------------------------------------------------------------------ whether it is the one


@pytest.mark.parametrize(
    ("label", "found", "right"),
    [
        ("iso:NO", "iso:NO", True),
        ("iso:NO", "iso:SE", False),
        ("iso:NO", "org:no-ministry", True),
        ("iso:NO", "per:ada-berg", False),
        ("office:NO:defence ministry", "iso:NO", True),
        ("office:NO:defence ministry", "org:no-ministry", True),
        ("role:NO:minister", "per:ada-berg", True),
        ("role:NO:minister", "iso:NO", True),
        ("role:SE:minister", "per:ada-berg", False),
        ("role:?:minister", "iso:NO", False),
        ("per:Ada Berg", "per:ada-berg", True),
        ("per:Berg", "per:ada-berg", True),
        ("per:A. Berg", "per:ada-berg", True),
        ("per:Bo Berg", "per:ada-berg", False),
        ("per:Ada Holm", "per:ada-berg", False),
        ("per:Ada Berg", "iso:NO", False),
        ("grp", "grp:1", True),
        ("grp", "iso:NO", False),
        ("out:Harbour Wire", "out:harbour-wire", True),
        ("out:Hill Wire", "out:harbour-wire", False),
        ("org:NATO", "org:nato", True),
        ("org:NATO", "org:eu", False),
    ],
)
def test_an_actor_fits_a_label(label: str, found: str, right: bool) -> None:
    speaks = {"per:ada-berg": "iso:NO", "org:no-ministry": "iso:NO"}
    assert fits(label, found, resolution(speaks=speaks)) == right


def test_all_labelled_actors_and_nobody_else_must_be_found() -> None:
    none = resolution()
    assert judge(["iso:NO", "iso:SE"], ["iso:SE", "iso:NO"], none)
    assert not judge(["iso:NO", "iso:SE"], ["iso:NO"], none)
    assert not judge(["iso:NO"], ["iso:NO", "iso:SE"], none)
    assert not judge(["iso:NO", "iso:NO"], ["iso:NO", "iso:SE"], none)
    assert judge([], [], none)


def test_speaking_for_oneself_is_no_office() -> None:
    alone = resolution(speaks={"per:ada-berg": "per:ada-berg"})
    assert not fits("role:NO:minister", "per:ada-berg", alone)


@pytest.mark.parametrize(
    ("labels", "told_"),
    [
        (["iso:NO"], True),
        (["per:Ada Berg", "iso:SE"], True),
        (["role:NO:prime minister"], True),
        (["role:NO:spokeswoman"], True),
        (["role:NO:official"], False),
        (["role:NO:source"], False),
        (["role:?:minister"], False),
        (["grp"], False),
        (["iso:NO", "grp"], False),
        ([], False),
    ],
)
def test_who_is_unnamed_cannot_be_told(labels: list[str], told_: bool) -> None:
    assert can_be_told(labels) == told_
    assert any(unnamed(x) for x in labels) == (bool(labels) and not told_)


def test_a_quoted_we_is_right_as_its_speaker_where_nothing_tells_whom_that_one_speaks_for() -> None:
    mention = {"span": list(WE), "actor": ["iso:NO"]}
    berg = (WE, "per:ada-berg")
    assert is_right(mention, "We", resolution(berg))
    assert not is_right(mention, "We", resolution(berg, speaks={"per:ada-berg": "iso:SE"}))
    assert not is_right(mention, "They", resolution(berg))
    assert not is_right({**mention, "actor": ["per:Bo Holm"]}, "We", resolution(berg))


def row(*mentions: tuple[tuple[int, int], str, str, list[str]]) -> dict[str, Any]:
    made = [{"span": list(s), "role": r, "form": f, "actor": a} for s, r, f, a in mentions]
    return {"id": "1", "from": "passage", "mentions": made}


def test_each_figure_counts_right_given_and_resolvable_mentions() -> None:
    gold = row(
        (WE, "holder", "pronoun", ["iso:NO"]),
        (BERG, "speaker", "name", ["per:Ada Berg"]),
        (MINISTRY, "speaker", "description", ["office:NO:ministry"]),
        (OFFICIALS, "speaker", "description", ["grp"]),
    )
    found = resolution((WE, "iso:SE"), (BERG, "per:ada-berg"), (OFFICIALS, "grp:1"))
    counted = tallies(gold, TEXT, found)
    assert counted["all"] == counted["passage"] == (1, 2, 3)
    assert counted["name"] == (1, 1, 1)
    assert counted["pronoun"] == counted["holder"] == (0, 1, 1)
    assert counted["description"] == (0, 0, 1), "nobody was given for either"
    assert counted["groups"] == (1, 1, 1)
    assert shares([counted], "all") == (pytest.approx(100 / 3), 50.0)
    assert shares([counted, counted], "name") == (100.0, 100.0)
    assert shares([counted], "adjective") == (0.0, 0.0)


def test_naming_somebody_for_unnamed_people_costs_precision() -> None:
    gold = row((OFFICIALS, "speaker", "description", ["grp"]))
    counted = tallies(gold, TEXT, resolution((OFFICIALS, "iso:NO")))
    assert counted["all"] == (0, 1, 0)
    assert counted["groups"] == (0, 1, 1)


def test_what_the_text_leaves_open_is_no_group() -> None:
    counted = tallies(row((WE, "holder", "pronoun", [])), TEXT, resolution())
    assert counted["all"] == (0, 0, 0)
    assert "groups" not in counted


# ------------------------------------------------------------------ copies


def test_precision_and_recall_of_pairs() -> None:
    pairs = [(True, True)] * 3 + [(True, False)] + [(False, True)] * 2 + [(False, False)] * 9
    assert origins.shares(pairs) == (75.0, 60.0)
    assert origins.shares([]) == (0.0, 0.0)


def test_pairs_are_found_in_a_whole_archive() -> None:
    found = paired({
        "a": tell(report("storm"), "a"), "b": tell(report("storm"), "b"), "c": tell(report("calm")),
    })  # fmt: skip
    assert found == {frozenset({"a", "b"})}


# ------------------------------------------------------------------ the gold


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (BENCH / name).read_text("utf-8").splitlines()]


ID = re.compile(r"[0-9a-f]{8,64}")
LABEL = re.compile(r"(iso:[A-Z]{2}|(org|office|per|role|out):[^\n]{1,60}|grp(:[A-Z0-9]{2,4})?)")


@pytest.mark.parametrize("name", ["actors-gold.jsonl", "actors-again.jsonl"])
def test_the_gold_of_actors_holds_ids_offsets_and_labels_alone(name: str) -> None:
    for r in rows(name):
        assert set(r) <= {"id", "from", "sha256", "mentions"}
        assert ID.fullmatch(r["id"]) and ID.fullmatch(r.get("sha256", r["id"]))
        for m in r["mentions"]:
            assert set(m) <= {"span", "role", "form", "actor"}
            start, end = m["span"]
            assert 0 <= start < end
            assert m["form"] in actors.FORMS and m.get("role", "holder") in ("holder", "speaker")
            assert [a for a in m["actor"] if not LABEL.fullmatch(a)] == []


def test_the_gold_of_actors_is_as_large_as_promised() -> None:
    gold = rows("actors-gold.jsonl")
    assert sum(r["from"] == "passage" for r in gold) >= 120
    assert sum(r["from"] == "article" for r in gold) >= 20
    assert len({r["id"] for r in gold}) == len(gold)
    assert {r["id"] for r in rows("actors-again.jsonl")} <= {r["id"] for r in gold}
    halves = [len(actors.gold(half)) for half in ("seen", "unseen")]
    assert sum(halves) == len(gold) and min(halves) > len(gold) / 3


def test_the_second_annotators_spans_are_the_firsts() -> None:
    same, of = actors.agreement()
    assert 0.8 < same / of <= 1


def test_the_gold_of_origins_holds_pairs_of_ids_and_labels_alone() -> None:
    gold = rows("origins-gold.jsonl")
    assert len(gold) >= 200
    for r in gold:
        assert set(r) <= {"pair", "set", "label", "sure", "again"}
        assert len(set(r["pair"])) == 2 and all(ID.fullmatch(id_) for id_ in r["pair"])
        assert r["set"] in ("fit", "test") and isinstance(r["sure"], bool)
        assert {r["label"], r.get("again", r["label"])} <= {"copy", "shares", "different"}
    assert len({frozenset(r["pair"]) for r in gold}) == len(gold)
    fitted, tested = (
        {frozenset(r["pair"]) for r in gold if r["set"] == s} for s in ("fit", "test")
    )
    assert (len(fitted), len(tested)) == (243, 120), "as bench/origins.py says"


def test_the_labels_of_the_gold_of_actors_quote_no_sentence() -> None:
    """A name or a role, never what somebody said."""
    labels = {a for r in rows("actors-gold.jsonl") for m in r["mentions"] for a in m["actor"]}
    assert max(len(label.split()) for label in labels) <= 9
    assert not any(mark in label for label in labels for mark in '“”"!?' if ":?:" not in label)
