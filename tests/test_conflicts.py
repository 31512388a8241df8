"""What cannot stand together, and the caveats that hang on all other positions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from build import make_actor, make_article, make_findings, make_position, speaks_for
from caveat.ask import Conflict, GroupClaim, Held, Question, conflicts, question, standing_caveats
from caveat.model import KINDS, Entry, Findings, Scope
from caveat.register import Register
from caveat.undertaking import load_undertaking

U = load_undertaking()
LATER = date(2025, 12, 31)
BERG, HOLM = "per:ada-berg", "per:bo-holm"


def says(
    stance: str,
    day: str = "2025-03-02",
    voice: str = "reported",
    *,
    by: str | None = "iso:NO",
    outlet: str = "Test Post",
    published: str | None = None,
    kind: str = "troops",
    words: str | None = None,
    **fields: Any,
) -> Findings:
    """One report of where Norway stands, in its own voice unless told otherwise."""
    action = words or f"send {kind}"
    text = f"Norway is {stance} to {action} if a truce holds, {by} said on {day}, {outlet} wrote."
    article = make_article(text, outlet=outlet, published=published or day)
    position = make_position(
        article, action, holder="Norway", actors=("iso:NO",), stance=stance, kind=kind,  # type: ignore[arg-type]
        voice=voice, speaker="said" if by else None, speaker_actor=by, said=day, **fields,  # type: ignore[arg-type]
    )  # fmt: skip
    own = by is not None and by.startswith("per:") and voice in ("reported", "quoted")
    evidence = [speaks_for(article, by, "iso:NO")] if own and by else []
    return make_findings(article, position, evidence=evidence)


def claims(
    least: int | None,
    stance: str,
    day: str = "2025-03-02",
    *,
    most: int | None = None,
    outlet: str = "Test Post",
    kind: str = "troops",
    sized: bool = True,
    **fields: Any,
) -> Findings:
    """What somebody says of a number of states."""
    holder = f"about {least} states" if sized else "several states"
    text = f"{holder.capitalize()} are {stance} to send {kind}, {outlet} wrote on {day}."
    article = make_article(text, outlet=outlet, published=day)
    group = make_actor(f"grp:{article.id}", holder, type="group", anonymous=True)
    position = make_position(
        article, f"send {kind}", holder=holder.capitalize(), actors=(group.id,), stance=stance,  # type: ignore[arg-type]
        kind=kind, voice="third-party", group_size=(least, most or least) if sized else None,
        **fields,
    )  # fmt: skip
    return make_findings(article, position, actors=[group])


def register_of(*found: Findings) -> tuple[tuple[Entry, ...], dict]:
    with Register(":memory:", undertaking=U) as register:
        for findings in found:
            register.add(findings)
        return register.entries(), register.actors()


def among(*found: Findings, kinds: tuple[str, ...] = ("troops",), **asked: Any) -> list[Conflict]:
    """The conflicts among reports, the same in whatever order they were added."""
    asked.setdefault("as_of", LATER)
    about = question(U, kinds, template=Question(**asked))
    answers = [conflicts(*register_of(*each), U, about) for each in (found, tuple(reversed(found)))]
    assert answers[0] == answers[1]
    return list(answers[0])


def sides(conflict: Conflict) -> list[tuple[str, str | None]]:
    return [(e.position.stance, e.outlet) for e in conflict.entries]


# ------------------------------------------------------------------ one holder


@pytest.mark.parametrize("voice", ["quoted", "reported"])
def test_opposite_own_words_of_one_day_conflict(voice: str) -> None:
    (found,) = among(says("ready", voice=voice, outlet="a"), says("refused", outlet="b"))
    assert found.holder == "iso:NO"
    assert found.kind == "troops"
    assert sorted(sides(found)) == [("ready", "a"), ("refused", "b")]
    assert "on one day" in found.why
    assert all(isinstance(side, Held) for side in found.sides)


def test_opposite_own_words_of_one_day_conflict_though_one_report_comes_a_day_later() -> None:
    late = says("ready", "2025-03-02", published="2025-03-03", outlet="a")
    assert len(among(late, says("refused", "2025-03-02", outlet="b"))) == 1


def test_two_voices_of_one_holder_conflict_on_different_days() -> None:
    (found,) = among(
        says("ready", "2025-03-02", by=BERG), says("refused", "2025-03-09", by=HOLM, outlet="b")
    )
    assert sides(found) == [("ready", "Test Post"), ("refused", "b")], "the earlier side first"
    assert "by two voices" in found.why


def test_a_change_of_mind_by_the_same_voice_is_none() -> None:
    assert among(says("ready", by=BERG), says("refused", "2025-03-09", by=BERG, outlet="b")) == []
    assert among(says("refused"), says("pledged", "2025-03-09", outlet="b")) == []


def test_a_change_of_mind_is_none_when_the_second_article_spells_the_name_otherwise() -> None:
    first = says("ready", by="per:volodymyr-zelensky")
    second = says("refused", "2025-03-09", by="per:volodymyr-zelenskyy", outlet="b")
    assert among(first, second) == []


def test_ready_if_against_ready_is_none() -> None:
    condition = [("if", "a truce holds", "ceasefire")]
    assert among(says("ready", conditions=condition, by=BERG), says("ready", by=HOLM)) == []
    assert among(says("pledged", conditions=condition, by=BERG), says("done", by=HOLM)) == []


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        ("ready", "refused", True),
        ("done", "considering", True),
        ("pledged", "considering", True),
        ("ready", "considering", True),
        ("considering", "refused", True),
        ("ready", "pledged", False),
        ("considering", "considering", False),
        ("refused", "refused", False),
        ("ready", "demands", False),
        ("refused", "opposes", False),
        ("refused", "threatens", False),
    ],
)
def test_ready_conflicts_with_what_is_below_it_and_not_with_stances_towards_others(
    one: str, other: str, conflict: bool
) -> None:
    assert bool(among(says(one, by=BERG), says(other, by=HOLM, outlet="b"))) == conflict


def test_a_denied_rung_is_no_conflict_with_less_than_it_and_none_with_a_refusal() -> None:
    for stance in ("considering", "refused"):
        found = among(says(stance, by=BERG), says("ready", by=HOLM, negated=True, outlet="b"))
        assert found == []


@pytest.mark.parametrize("day", ["2025-02-20", "2025-03-02", "2025-06-02"])
def test_others_word_against_the_holders_own_conflicts_near_to_it_or_after_it(day: str) -> None:
    other = says("ready", day, "third-party", by="iso:DK", outlet="b")
    (found,) = among(says("refused"), other)
    assert "another's" in found.why


def test_others_word_long_before_the_holders_own_is_overtaken_by_it() -> None:
    other = says("ready", "2025-01-20", "third-party", by="iso:DK", outlet="b")
    assert among(says("refused"), other) == []


def test_others_words_do_not_conflict_with_each_other() -> None:
    one = says("ready", voice="third-party", by="iso:DK")
    other = says("refused", voice="third-party", by="iso:SE", outlet="b")
    assert among(one, other) == []


def test_other_kinds_actions_and_scopes_are_other_matters() -> None:
    kinds = tuple(KINDS)
    ready = says("ready", by=BERG)
    assert among(ready, says("refused", by=HOLM, kind="air"), kinds=kinds) == []
    elsewhere = Scope("outside", None, False, "another place")
    assert among(ready, says("refused", by=HOLM, scope=elsewhere)) == []
    tanks = says("ready", by=BERG, kind="weapons", words="send tanks")
    jets = says("refused", by=HOLM, kind="weapons", words="send fighter jets")
    assert among(tanks, jets, kinds=("weapons",)) == []
    no_tanks = says("refused", by=HOLM, kind="weapons", words="give any tank")
    assert len(among(tanks, no_tanks, kinds=("weapons",))) == 1


def test_people_who_speak_for_nobody_are_no_parties_and_conflict_with_nobody() -> None:
    found = []
    for stance in ("ready", "refused"):
        article = make_article(f"I am {stance} to send troops.")
        found.append(
            make_findings(
                article, make_position(article, holder="I", actors=(BERG,), stance=stance)
            )
        )
    assert among(*found) == []


def test_an_utterance_is_set_against_another_once_however_many_outlets_carry_it() -> None:
    found = among(
        says("ready", by=BERG, outlet="a"), says("ready", by=BERG, outlet="b"),
        says("refused", by=HOLM, outlet="c"), says("refused", by=HOLM, outlet="d"),
    )  # fmt: skip
    assert len(found) == 1


def test_what_is_not_known_yet_left_out_or_stale_takes_no_part() -> None:
    found = (says("ready", by=BERG), says("refused", "2025-03-30", by=HOLM, outlet="b"))
    assert len(among(*found)) == 1
    assert among(*found, as_of=date(2025, 3, 20)) == []
    assert among(*found, without_outlets=("B",)) == []
    assert among(*found, as_of=date(2026, 4, 1)) == []
    assert among(*found, reviewed_only=True) == []


def test_the_latest_conflict_comes_first_and_holders_before_numbers() -> None:
    old = claims(26, "pledged", outlet="e"), claims(10, "ready", outlet="f")
    pair = says("ready", by=BERG), says("refused", "2025-03-09", by=HOLM, outlet="b")
    swedes = []
    for stance, day in (("ready", "2025-06-01"), ("refused", "2025-06-01")):
        article = make_article(f"Sweden is {stance} to send troops.", published=day)
        position = make_position(
            article, holder="Sweden", actors=("iso:SE",), stance=stance, speaker="Sweden",
            speaker_actor="iso:SE",
        )  # fmt: skip
        swedes.append(make_findings(article, position))
    assert [c.holder for c in among(*old, *pair, *swedes)] == ["iso:SE", "iso:NO", None]


# ------------------------------------------------------------------ numbers of parties


def test_more_pledged_than_others_say_are_ready_conflicts() -> None:
    (found,) = among(
        claims(26, "pledged", "2025-09-04"), claims(10, "ready", "2025-08-20", outlet="b")
    )
    assert found.holder is None
    assert all(isinstance(side, GroupClaim) for side in found.sides)
    assert [side.size for side in found.sides] == [(10, 10), (26, 26)], "the earlier side first"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (claims(15, "considering"), claims(6, "ready", outlet="b")),
        (claims(10, "ready"), claims(12, "ready", outlet="b")),
        (claims(10, "pledged"), claims(26, "ready", outlet="b")),
        (claims(26, "pledged"), claims(None, "ready", outlet="b", sized=False)),
        (claims(None, "pledged", sized=False), claims(None, "ready", outlet="b", sized=False)),
        (claims(26, "pledged"), claims(10, "ready", "2025-04-09", outlet="b")),
        (claims(26, "pledged"), claims(10, "refused", outlet="b")),
        (claims(26, "pledged", negated=True), claims(10, "ready", outlet="b")),
        (
            claims(26, "pledged", scope=Scope("outside", None, False, "another place")),
            claims(10, "ready", outlet="b"),
        ),
    ],
    ids=["lower rung", "about as many", "more at a lower rung", "one unnamed", "both unnamed",
         "far apart", "refusals", "denied", "another scope"],
)  # fmt: skip
def test_numbers_that_can_both_be_so_do_not_conflict(one: Findings, other: Findings) -> None:
    assert among(one, other) == []


def test_an_open_end_of_a_number_allows_any_more() -> None:
    exactly = claims(6, "ready", outlet="b")
    (position,) = exactly.positions
    at_least = replace(exactly, positions=(replace(position, group_size=(6, None)),))
    assert len(among(claims(26, "pledged"), exactly)) == 1
    assert among(claims(26, "pledged"), at_least) == []


def test_of_reports_that_give_one_number_only_the_first_is_set_against_another() -> None:
    found = among(
        claims(26, "pledged", "2025-03-02"), claims(26, "pledged", "2025-03-05", outlet="b"),
        claims(10, "ready", "2025-03-04", outlet="c"),
        claims(10, "ready", "2025-03-09", outlet="d"),
    )  # fmt: skip
    assert [sides(c) for c in found] == [[("pledged", "Test Post"), ("ready", "c")]]


def test_numbers_on_different_kinds_do_not_conflict() -> None:
    one = claims(26, "pledged", kind="air")
    other = claims(10, "ready", outlet="b", kind="troops")
    assert among(one, other, kinds=tuple(KINDS)) == []


# ------------------------------------------------------------------ caveats that hang on others


def standing(*found: Findings, **asked: Any) -> dict[str | None, dict[str, str]]:
    """By outlet the caveats that come of all others, with their reasons."""
    entries, actors = register_of(*found)
    about = Question(as_of=asked.pop("as_of", LATER), **asked)
    out = {}
    for e in entries:
        marked = standing_caveats(e, entries, actors, U, about).position.caveats
        assert marked[: len(e.position.caveats)] == e.position.caveats
        out[e.outlet] = {c.name: c.why for c in marked[len(e.position.caveats) :]}
    return out


def test_a_superseded_position_says_what_stands_in_its_place() -> None:
    made = standing(says("ready"), says("refused", "2025-04-09", outlet="b"))
    assert set(made["Test Post"]) == {"superseded"}
    assert "refused, 2025-04-09" in made["Test Post"]["superseded"]
    assert made["b"] == {}


def test_a_copy_of_the_next_day_does_not_supersede_the_report_that_it_copies() -> None:
    story = " ".join(f"On day {n} the {n * 7}th lantern was lit by {n + 3} men." for n in range(14))
    found = []
    for outlet, day in (("a", "2025-03-02"), ("b", "2025-03-03")):
        article = make_article(f"Norway is ready to send troops. {story}", outlet=outlet,
                               published=day)  # fmt: skip
        position = make_position(
            article, holder="Norway", actors=("iso:NO",), speaker_actor="iso:NO"
        )
        found.append(make_findings(article, position))
    entries, _ = register_of(*found)
    assert len({e.origin for e in entries}) == 1
    assert standing(*found) == {"a": {}, "b": {}}


def test_a_superseding_word_that_no_report_dates_is_told_by_the_day_it_was_said() -> None:
    article = make_article("Norway refuses to send troops.", outlet="b", published=None)
    position = make_position(
        article, holder="Norway", actors=("iso:NO",), stance="refused", speaker_actor="iso:NO",
        said="2025-04-09",
    )  # fmt: skip
    made = standing(says("ready"), make_findings(article, position))
    assert "refused, 2025-04-09" in made["Test Post"]["superseded"]


def test_disputed_positions_name_the_other_side_both_ways() -> None:
    made = standing(says("ready", outlet="a"), says("refused", outlet="b"))
    assert set(made["a"]) == set(made["b"]) == {"disputed"}
    assert made["a"]["disputed"].startswith("b has the same holder as refused")
    assert made["b"]["disputed"].startswith("a has the same holder as ready")


def test_a_position_past_the_age_limit_is_stale_and_says_which_limit() -> None:
    found = says("ready")
    made = standing(found, as_of=date(2026, 3, 30))
    assert made["Test Post"] == {"stale": f"It is older than {U.max_age_days} days."}
    assert standing(found)["Test Post"] == {}


def test_others_word_does_not_supersede_the_holders_own() -> None:
    other = says("refused", "2025-04-09", "third-party", by="iso:DK", outlet="b")
    made = standing(says("ready"), other)
    assert set(made["Test Post"]) == set(made["b"]) == {"disputed"}


def test_what_stands_alone_has_no_further_caveat() -> None:
    assert standing(says("ready"), says("ready", kind="air", outlet="b"))["Test Post"] == {}


def test_only_one_origin_is_marked_whatever_the_number_of_articles() -> None:
    def support(*found: Findings) -> dict[str | None, str | None]:
        entries, _ = register_of(*found)
        return {
            e.outlet: next((c.why for c in e.position.caveats if c.name == "single-origin"), None)
            for e in entries
        }

    same_day = says("ready", by=BERG, outlet="a"), says("ready", by=BERG, outlet="b")
    assert support(same_day[0]) == {"a": "Only one origin says so, in one article."}
    assert set(support(*same_day).values()) == {"Only one origin says so, in 2 articles."}
    another = says("ready", "2025-04-09", by=BERG, outlet="c")
    assert set(support(*same_day, another).values()) == {None}
    assert support(*same_day, says("refused", outlet="d"))["a"] is not None
