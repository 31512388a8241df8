"""`caveat actors`, and what `caveat why` and `caveat conflicts` tell of who is meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from build import make_actor, make_article, make_findings, make_position, span, speaks_for
from caveat.model import Attribution, Findings, Mention, SpeaksFor
from caveat.register import Register
from caveat.show.identities import day_of, listed
from caveat.undertaking import load_undertaking

FULL, SHORT, OTHER = "per:ada-berg", "per:berg", "per:bo-berg"
STORY = " ".join(
    f"On day {n} the {n * 7}th lantern of the harbour was lit by {n + 3} old sailors."
    for n in range(14)
)


def said(  # noqa: PLR0913  (one keyword per part of the report)
    person: str,
    name: str,
    outlet: str,
    *,
    published: str = "2025-03-02",
    party: str | None = None,
    role: str = "defence minister",
    single: bool = True,
    stance: str = "ready",
    opening: str = "",
    story: str = "",
) -> Findings:
    """A person says in an outlet that Norway sends troops; a party adds a post."""
    text = f"{opening}{name}, {role}, told Radio Um that Norway is {stance} to send troops. {story}"
    article = make_article(text, outlet=outlet, published=published, title=f"From {outlet}")
    if opening:
        article = make_article(
            text, outlet=outlet, published=published, title=f"From {outlet}",
            carried_by=(span(article, opening.strip()),),
        )  # fmt: skip
    position = make_position(
        article, "send troops", holder="Norway", actors=("iso:NO",), speaker=name,
        speaker_actor=person, voice="third-party", stance=stance, relay="Radio Um",  # type: ignore[arg-type]
        relay_actors=("out:radio-um",), attribution=0,
    )  # fmt: skip
    where = span(article, f"{name}, {role}")
    return make_findings(
        article,
        position,
        actors=[make_actor(person, name), make_actor("iso:NO", "Norway"),
                make_actor("out:radio-um", "Radio Um")],
        evidence=[SpeaksFor(person, party, where, role, single)] if party else [],
        attributions=[Attribution((span(article, name),), (span(article, "told"),), ())],
        attribution_actors=[person],
        mentions=[
            Mention(span(article, name), (person,), "name"),
            Mention(span(article, "Norway"), ("iso:NO",), "gazetteer"),
            Mention(span(article, "Radio Um"), ("out:radio-um",), "name"),
        ],
    )  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Ada Berg under two names, a copy of one report, her successor, and two who share a name."""
    path = tmp_path / "register.db"
    with Register(path, undertaking=load_undertaking()) as register:
        for findings in (
            said(FULL, "Ada Berg", "Harbour Wire", party="iso:NO", opening="HARBOUR WIRE ",
                 story=STORY),
            said(SHORT, "Berg", "Copy Post", published="2025-03-03", story=STORY),
            said("per:lea-vik", "Lea Vik", "Late Post", published="2025-05-05", party="iso:NO",
                 stance="refused"),
            said("per:boris-holm", "Boris Holm", "A Post", party="iso:GB"),
            said("per:mike-holm", "Mike Holm", "B Post", party="iso:US"),
            said("per:holm", "Holm", "C Post", party="iso:GB"),
        ):  # fmt: skip
            assert register.add(findings)
    return path


def json_of(answer: tuple[int, str, str]):
    code, out, err = answer
    assert (code, err) == (0, ""), err
    return json.loads(out)


def entry_id(path: Path, outlet: str) -> str:
    with Register(path, read_only=True) as register:
        return next(e.id for e in register.entries() if e.outlet == outlet)


# ------------------------------------------------------------------ help


def test_actors_has_help_with_examples(caveat):
    code, out, _ = caveat("actors", "--help")
    assert code == 0
    assert "Examples:\n" in out and "caveat actors show" in out
    for command in ("show", "proposals", "join", "split", "undo"):
        code, out, _ = caveat("actors", command, "--help")
        assert code == 0
        assert "Example:\n" in out and f"caveat actors {command}" in out
        assert "--json" in out and "--register" in out


# ------------------------------------------------------------------ list and show


def test_the_list_names_everybody_who_holds_or_speaks_most_positions_first(caveat, path):
    found = json_of(caveat("actors", "-r", path, "--json"))
    ids = [x["id"] for x in found]
    assert ids[0] == "iso:NO"
    assert found[0]["positions"] == 6
    assert [x["positions"] for x in found] == sorted((x["positions"] for x in found), reverse=True)
    assert FULL in ids and SHORT not in ids, "joined names are one line"
    assert "out:radio-um" not in ids, "who only relays neither holds nor speaks"
    berg = next(x for x in found if x["id"] == FULL)
    assert sorted(berg["ids"]) == [FULL, SHORT]
    (post,) = berg["speaks_for"]
    assert (post["party"], post["role"], post["until"], post["successor"]) == (
        "iso:NO", "defence minister", "2025-05-05", "per:lea-vik",
    )  # fmt: skip
    code, out, _ = caveat("actors", "-r", path)
    assert code == 0
    assert "Ada Berg" in out and f"{len(found)} actors" in out


def test_unnamed_groups_are_not_listed(path):
    article = make_article("Several states may send troops.")
    group = make_actor("grp:1", "several states", type="group", anonymous=True)
    position = make_position(article, holder="Several states", actors=("grp:1",))
    with Register(path) as register:
        register.add(make_findings(article, position, actors=[group]))
        assert "grp:1" not in {x.actor.id for x in listed(register)}


@pytest.mark.parametrize("given", [FULL, "Ada Berg", "ada  BERG", SHORT])
def test_an_actor_is_shown_by_id_or_by_name(caveat, path, given):
    found = json_of(caveat("actors", "show", given, "-r", path, "--json"))
    assert (found["id"], found["name"], found["type"]) == (FULL, "Ada Berg", "person")
    assert sorted(found["ids"]) == [FULL, SHORT]
    (joined,) = found["joined"]
    assert {joined["one"], joined["other"]} == {FULL, SHORT}
    assert joined["score"] >= 0.9 and joined["reason"]
    assert found["proposals"] == found["decisions"] == []


def test_an_actor_is_shown_for_people(caveat, path):
    code, out, _ = caveat("actors", "show", FULL, "-r", path)
    assert code == 0
    assert "Ada Berg  per:ada-berg, person" in out
    assert "defence minister (iso:NO) until 2025-05-05, then per:lea-vik" in out
    assert "joined\n" in out and "per:berg" in out


def test_an_open_proposal_is_shown_with_either_actor(caveat, path):
    for given in ("per:holm", "per:boris-holm"):
        (proposal,) = json_of(caveat("actors", "show", given, "-r", path, "--json"))["proposals"]
        assert {proposal["one"], proposal["other"]} == {"per:holm", "per:boris-holm"}
    code, out, _ = caveat("actors", "show", "per:holm", "-r", path)
    assert code == 0 and "may be one with\n" in out


def test_a_name_that_one_person_has_is_not_ambiguous_by_being_anothers_surname(caveat, path):
    found = json_of(caveat("actors", "show", "Holm", "-r", path, "--json"))
    assert found["id"] == "per:holm"


# ------------------------------------------------------------------ unknown and ambiguous


@pytest.mark.parametrize(
    "words",
    [
        ("show", "Ada Brg"),
        ("join", "Ada Brg", "per:holm"),
        ("split", "per:holm", "Ada Brg"),
        ("undo", "Ada Brg", "per:holm"),
    ],
)
def test_an_unknown_actor_is_an_error_that_names_near_ones(caveat, path, words):
    code, out, err = caveat("actors", *words, "-r", path)
    assert (code, out) == (4, "")
    assert err.startswith("caveat: the register knows no actor 'Ada Brg'; near: ")
    assert "per:ada-berg" in err and err.count("\n") == 1


def test_a_name_that_several_have_is_an_error_that_names_them(caveat, tmp_path):
    path = tmp_path / "two.db"
    with Register(path) as register:
        for first in ("Boris", "Mike"):
            register.add(said(f"per:{first.lower()}-holm", f"{first} Holm", first))
    code, out, err = caveat("actors", "show", "Holm", "-r", path)
    assert (code, out) == (4, "")
    assert err == "caveat: 'Holm' may be per:boris-holm, per:mike-holm: give the id\n"


def test_an_empty_register_names_nobody(caveat, tmp_path):
    path = tmp_path / "empty.db"
    Register(path).close()
    assert json_of(caveat("actors", "-r", path, "--json")) == []
    code, _, err = caveat("actors", "show", "Ada", "-r", path)
    assert code == 4 and "no actor 'Ada'" in err


def test_a_missing_register_is_not_made_by_asking(caveat, tmp_path):
    for words in ((), ("show", "x"), ("proposals",)):
        code, out, err = caveat("actors", *words, "-r", tmp_path / "none.db")
        assert (code, out) == (4, "") and err.startswith("caveat: ")
    assert not (tmp_path / "none.db").exists()


def test_a_missing_register_is_not_made_by_deciding(caveat, tmp_path):
    caveat("actors", "join", "per:a", "per:b", "-r", tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


# ------------------------------------------------------------------ proposals and decisions


def test_proposals_tell_what_waits_what_was_joined_and_what_was_decided(caveat, path):
    found = json_of(caveat("actors", "proposals", "-r", path, "--json"))
    assert set(found) == {"open", "joined", "decisions"}
    assert [{p["one"], p["other"]} for p in found["open"]] == [{"per:holm", "per:boris-holm"}]
    assert [{p["one"], p["other"]} for p in found["joined"]] == [{FULL, SHORT}]
    assert found["decisions"] == []
    code, out, _ = caveat("actors", "proposals", "-r", path)
    assert code == 0
    assert "waiting for a person: 1" in out and "joined: 1" in out and "decided: 0" in out


def test_join_split_and_undo_tell_what_stands_and_stay_on_record(caveat, path):
    pair = ("per:holm", "per:boris-holm")
    joined = json_of(
        caveat("actors", "join", *pair, "--why", "same post", "--by", "Ada", "-r", path, "--json")
    )
    assert joined == {"number": 1, "one": pair[0], "other": pair[1], "verdict": "same",
                      "stand_as": "per:boris-holm"}  # fmt: skip
    shown = json_of(caveat("actors", "show", "per:holm", "-r", path, "--json"))
    assert shown["id"] == "per:boris-holm"
    (decided,) = shown["decisions"]
    assert (decided["verdict"], decided["by"], decided["why"]) == ("same", "Ada", "same post")
    assert decided["at"]

    split = json_of(caveat("actors", "split", *pair, "-r", path, "--json"))
    assert (split["number"], split["verdict"]) == (2, "different")
    assert set(split["stand_as"].split(" and ")) == set(pair)
    assert json_of(caveat("actors", "proposals", "-r", path, "--json"))["open"] == []

    undone = json_of(caveat("actors", "undo", *pair, "-r", path, "--json"))
    assert (undone["number"], undone["verdict"]) == (3, "withdrawn")
    after = json_of(caveat("actors", "proposals", "-r", path, "--json"))
    assert after["decisions"] == []
    assert len(after["open"]) == 1
    with Register(path, read_only=True) as register:
        rows = [values for name, values in register.dump() if name == "actor_decisions"]
    assert [row[3] for row in rows] == ["same", "different", "withdrawn"]


def test_a_decision_is_told_to_people_and_names_who_made_it(caveat, path, monkeypatch):
    monkeypatch.setenv("LOGNAME", "desk")
    code, out, _ = caveat("actors", "split", FULL, SHORT, "--why", "two people", "-r", path)
    assert code == 0
    assert out.startswith(f"decision 1: {FULL} and {SHORT} are two; they stand as ")
    code, out, _ = caveat("actors", "proposals", "-r", path)
    assert "different, by desk" in out and "two people" in out


def test_names_may_be_given_for_a_decision(caveat, path):
    made = json_of(caveat("actors", "split", "Ada Berg", "Berg", "-r", path, "--json"))
    assert {made["one"], made["other"]} == {FULL, SHORT}


def test_one_actor_cannot_be_decided_against_itself(caveat, path):
    code, out, err = caveat("actors", "join", FULL, FULL, "-r", path)
    assert (code, out) == (4, "") and "one id, not two" in err


def test_a_decision_changes_who_holds(caveat, path):
    """The counts follow: a joined name stands as its party."""
    with Register(path) as register:
        register.add(said("per:nils-ek", "Nils Ek", "D Post", published="2025-03-05"))
    before = json_of(caveat("why", entry_id(path, "D Post"), "-r", path, "--json"))
    assert before["voice"] == "third-party"
    caveat("actors", "join", "per:nils-ek", FULL, "--why", "pen name", "-r", path)
    after = json_of(caveat("why", entry_id(path, "D Post"), "-r", path, "--json"))
    assert after["voice"] == "reported"
    (speaker,) = [i for i in after["identities"] if i["role"] == "speaker"]
    assert any("joined by" in why and "pen name" in why for why in speaker["joined"])


# ------------------------------------------------------------------ caveat why


def test_why_gives_the_chain_of_voices_as_json(caveat, path):
    found = json_of(caveat("why", entry_id(path, "Harbour Wire"), "-r", path, "--json"))
    assert [(v["step"], v["words"]) for v in found["chain"]] == [
        ("outlet", "Harbour Wire"), ("agency", "HARBOUR WIRE"), ("relay", "Radio Um"),
        ("speaker", "Ada Berg"),
    ]  # fmt: skip
    speaker = found["chain"][-1]
    assert (speaker["cue"], speaker["actor"]) == ("told", {"id": FULL, "name": "Ada Berg"})
    assert found["chain"][2]["actor"]["id"] == "out:radio-um"
    assert not any(v["anonymous"] for v in found["chain"])


def test_why_names_the_copies_of_the_origin(caveat, path):
    one, copy = entry_id(path, "Harbour Wire"), entry_id(path, "Copy Post")
    found = json_of(caveat("why", one, "-r", path, "--json"))
    (other,) = found["same_origin"]
    assert (other["id"], other["outlet"], other["title"]) == (copy, "Copy Post", "From Copy Post")
    assert other["reported"] == {"start": "2025-03-03", "end": "2025-03-03"}
    assert json_of(caveat("why", copy, "-r", path, "--json"))["origin"] == found["origin"]


def test_why_tells_who_is_meant_and_by_which_evidence(caveat, path):
    found = json_of(caveat("why", entry_id(path, "Copy Post"), "-r", path, "--json"))
    holder, speaker = found["identities"]
    assert (holder["role"], holder["words"], holder["how"]) == ("holder", "Norway", "gazetteer")
    assert holder["party"]["id"] == "iso:NO"
    assert (speaker["role"], speaker["words"], speaker["actor"]["id"]) == ("speaker", "Berg", SHORT)
    assert (speaker["stands_as"]["id"], speaker["party"]["id"]) == (FULL, "iso:NO")
    assert len(speaker["joined"]) == 1 and "fuller name" in speaker["joined"][0]
    (ground,) = speaker["evidence"]
    assert ground["words"] == "Ada Berg, defence minister"
    assert (ground["role"], ground["party"], ground["outlet"], ground["here"]) == (
        "defence minister", "iso:NO", "Harbour Wire", False,
    )  # fmt: skip
    (post,) = speaker["speaks_for"]
    assert (post["until"], post["successor"]) == ("2025-05-05", "per:lea-vik")


def test_why_is_printed_for_people(caveat, path):
    code, out, _ = caveat("why", entry_id(path, "Copy Post"), "-r", path)
    assert code == 0
    assert "Copy Post (outlet) ← Radio Um (relay) ← Berg (speaker, “told”)" in out
    assert "carried by 1 other article" in out
    assert "speaker “Berg”: Ada Berg, stands as Norway (by name)" in out
    assert "“Ada Berg, defence minister” in Harbour Wire" in out


def test_why_lists_the_words_of_the_own_article_first_and_the_latest_of_others(caveat, path):
    with Register(path) as register:
        for day in (4, 6, 5):
            register.add(said(FULL, "Ada Berg", f"{day} Post", party="iso:NO",
                              published=f"2025-03-0{day}"))  # fmt: skip
    found = json_of(caveat("why", entry_id(path, "Harbour Wire"), "-r", path, "--json"))
    speaker = next(i for i in found["identities"] if i["role"] == "speaker")
    assert [(g["outlet"], g["here"]) for g in speaker["evidence"]] == [
        ("Harbour Wire", True), ("6 Post", False), ("5 Post", False), ("4 Post", False),
    ]  # fmt: skip


def test_why_says_that_an_unnamed_voice_is_anonymous(caveat, tmp_path):
    path = tmp_path / "r.db"
    article = make_article("Norway will send troops, officials said.", outlet=None)
    officials = make_actor("grp:1", "officials", type="group", anonymous=True)
    position = make_position(
        article, holder="Norway", actors=("iso:NO",), speaker="officials", speaker_actor="grp:1",
        voice="anonymous",
    )  # fmt: skip
    shown = [Mention(span(article, "officials"), ("grp:1",), "unnamed")]
    with Register(path, undertaking=load_undertaking()) as register:
        register.add(make_findings(article, position, actors=[officials], mentions=shown))
        (entry,) = register.entries()
    outlet, speaker = json_of(caveat("why", entry.id, "-r", path, "--json"))["chain"]
    assert (outlet["words"], outlet["anonymous"], speaker["anonymous"]) == (None, False, True)
    code, out, _ = caveat("why", entry.id, "-r", path)
    assert code == 0 and "the outlet, unnamed" in out and "anonymous" in out


def test_why_gives_the_caveats_that_hang_on_others(caveat, path):
    found = json_of(caveat("why", entry_id(path, "Harbour Wire"), "-r", path, "--json"))
    caveats = {c["name"]: c["why"] for c in found["caveats"]}
    assert "refused, 2025-05-05" in caveats["superseded"]
    assert "single-origin" not in caveats, "others say so, too"
    alone = json_of(caveat("why", entry_id(path, "Late Post"), "-r", path, "--json"))
    assert {"name": "single-origin", "why": "Only one origin says so, in one article."} in alone[
        "caveats"
    ]


def test_why_shows_no_evidence_of_readings_that_were_replaced(tmp_path):
    article = make_article("Ada Berg, the mayor, said Norway will send troops.")
    position = make_position(
        article, holder="Norway", actors=("iso:NO",), speaker="Ada Berg", speaker_actor=FULL,
        voice="third-party",
    )  # fmt: skip
    wrong = [speaks_for(article, FULL, "iso:NO", "Ada Berg, the mayor")]
    with Register(tmp_path / "r.db") as register:
        register.add(make_findings(article, position, reader="rules 1", evidence=wrong))
        register.add(make_findings(article, position, reader="rules 2"))
        (entry,) = register.entries()
        assert entry.speaker_party == FULL
        (speaker,) = [i for i in register.background(entry).identities if i.role == "speaker"]
    assert speaker.grounds == ()


# ------------------------------------------------------------------ caveat conflicts


def test_conflicts_are_listed_with_both_sides(caveat, path):
    with Register(path) as register:
        register.add(said("per:lea-vik", "Lea Vik", "E Post", published="2025-05-05",
                          party="iso:NO", stance="pledged"))  # fmt: skip
    asked = ("conflicts", "--kind", "troops", "--as-of", "2025-06-01", "-r", path)
    found = json_of(caveat(*asked, "--json"))
    assert all(set(c) == {"holder", "kind", "why", "sides"} for c in found)
    same_day = [c for c in found if "on one day" in c["why"]]
    assert [{s["outlet"] for s in c["sides"]} for c in same_day] == [{"Late Post", "E Post"}]
    assert same_day[0]["holder"] == {"id": "iso:NO", "name": "Norway"}
    code, out, _ = caveat(*asked)
    assert code == 0
    assert "Norway  troops: " in out and "Late Post" in out
    assert f"{len(found)} conflict" in out


def test_no_conflicts_are_said_to_be_none(caveat, path):
    asked = ("conflicts", "--kind", "air", "--as-of", "2025-06-01", "-r", path)
    assert json_of(caveat(*asked, "--json")) == []
    assert caveat(*asked) == (0, "no conflicts\n", "")


def test_conflicts_of_today_say_that_older_words_are_left_out(caveat, path):
    code, out, err = caveat("conflicts", "--kind", "troops", "-r", path)
    assert (code, out) == (0, "no conflicts\n")
    assert "words older than 365 days are left out; --as-of" in err


def test_conflicts_on_no_kind_are_refused(caveat, path):
    code, out, err = caveat("conflicts", "--kind", "spaceships", "-r", path)
    assert (code, out) == (2, "") and "is no kind" in err


def test_days_are_told_as_days():
    assert (day_of(None), day_of(739135)) == (None, "2024-09-06")
