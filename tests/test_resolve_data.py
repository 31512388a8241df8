"""The data files of `caveat.resolve` hold together: a row out of step fails here by name."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import get_args

import pytest
from babel import Locale

from caveat.model import ActorType
from caveat.names import first_name_rows
from caveat.resolve.lexicon import Label, listed, parts, rows, surfaces
from caveat.resolve.tokens import tokenize

FILES = (
    "bodies.tsv", "not-actors.txt", "offices.tsv", "outlets.tsv", "roles.tsv",
    "states.tsv", "territories.tsv", "words.tsv",
)  # fmt: skip
RANKS = {
    "head", "leader", "minister", "spokesperson", "envoy", "official", "bodyhead", "politician",
    "expert", "other",
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_rows_are_sorted_whole_and_not_twice_there(name: str) -> None:
    assert_whole(list(rows(name)))


def test_first_names_are_sorted_whole_and_not_twice_there() -> None:
    assert_whole([[" ".join(forms), gender] for gender, forms in first_name_rows()])


def assert_whole(all_rows: list[list[str]]) -> None:
    assert all_rows == sorted(all_rows)
    assert len({len(r) for r in all_rows}) == 1
    assert len({tuple(r) for r in all_rows}) == len(all_rows)
    assert all(c == c.strip() and "  " not in c for r in all_rows for c in r)


def test_every_state_has_a_people_and_a_capital_and_a_code_that_the_cldr_has() -> None:
    codes = [r[0] for file in ("states.tsv", "territories.tsv") for r in rows(file)]
    assert len(codes) == len(set(codes))
    assert set(codes) <= set(Locale("en").territories)
    assert [r[0] for r in rows("states.tsv") if not (parts(r[2]) and parts(r[3]))] == []


def test_the_states_are_the_members_of_the_united_nations_and_four_more() -> None:
    codes = {r[0] for r in rows("states.tsv")}
    assert len(codes) == 193 + len({"VA", "PS", "TW", "XK"})
    assert {"VA", "PS", "TW", "XK"} <= codes


def test_a_surface_of_two_actors_is_marked_as_ambiguous() -> None:
    owners = defaultdict(set)
    plain = defaultdict(set)
    for surface in surfaces():
        key = tuple(tokenize(surface.words).words)
        assert key, surface
        owners[key].add(surface.actor)
        if not surface.caution:
            plain[key].add(surface.actor)
    assert {k: v for k, v in plain.items() if len(v) > 1} == {}
    unmarked = {k for k, v in owners.items() if len(v) > 1 and len(plain[k]) > 1}
    assert unmarked == set()


def test_every_member_and_party_is_an_actor_of_these_files() -> None:
    known = listed()
    for one in known.values():
        assert one.party is None or one.party in known
        assert set(one.actor.members) <= known.keys()
        assert one.actor.type in get_args(ActorType)
        if one.actor.members:
            assert one.actor.type == "bloc"


def test_ids_have_the_form_of_their_kind() -> None:
    for id_, one in listed().items():
        prefix = id_.partition(":")[0]
        kinds = {"iso": {"state", "body"}, "org": {"bloc", "body"}, "out": {"outlet"}}
        assert one.actor.type in kinds[prefix]
        assert id_ == id_.strip() and " " not in id_


def test_every_label_of_the_words_is_known_and_used() -> None:
    assert {r[0] for r in rows("words.tsv")} == set(get_args(Label))


def test_roles_have_a_known_rank_and_a_listed_party() -> None:
    for phrase, rank, role, party, gender in rows("roles.tsv"):
        assert rank in RANKS, phrase
        assert phrase == phrase.lower()
        assert role
        assert not party or party in listed()
        assert gender in ("", "m", "f")


def test_first_names_say_a_gender_and_office_phrases_are_lower_case() -> None:
    assert {gender for gender, _ in first_name_rows()} <= {"m", "f"}
    phrases = [p for r in rows("offices.tsv") for p in parts(r[1])]
    assert phrases == [p.lower() for p in phrases]
    assert len(phrases) == len(set(phrases))


def test_a_listed_group_has_the_members_of_the_articles_day():
    group = listed()["org:jef"]
    before, after = group.at(date(2016, 5, 1)), group.at(date(2022, 5, 1))
    assert "iso:FI" not in before.members
    assert {"iso:FI", "iso:SE", "iso:IS"} <= set(after.members)
    assert group.at(None).members == after.members
