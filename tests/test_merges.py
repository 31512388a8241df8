"""Who is who across articles, what people decide of it, and whom somebody speaks for, and when."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import day, make_actor, make_article, make_findings, make_position
from caveat.errors import CaveatError, RegisterError, UnknownActor
from caveat.model import Article, Findings, SpeaksFor
from caveat.names import folded
from caveat.register import Decision, Link, Merges, Register, Ruling
from caveat.register.derive.merges import JOINS, SHOWN, merge
from caveat.register.derive.people import Evidence, dated
from caveat.resolve import resolve
from marked import NONE, found


def merged(
    *names: str,
    behind: Mapping[str, str] | None = None,
    together: Iterable[tuple[str, ...]] = (),
    decisions: Iterable[Decision] = (),
) -> Merges:
    """Merges of people by their names' slugs, without the prefix."""
    parties = {f"per:{n}": frozenset({p}) for n, p in (behind or {}).items()}
    beside = [frozenset(f"per:{n}" for n in each) for each in together]
    return merge([f"per:{n}" for n in names], parties, beside, decisions)


def clusters(made: Merges, *names: str) -> set[frozenset[str]]:
    out: dict[str, set[str]] = {}
    for n in names:
        out.setdefault(made.same.get(f"per:{n}", f"per:{n}"), set()).add(n)
    return {frozenset(c) for c in out.values()}


def decision(number: int, one: str, other: str, verdict: Ruling) -> Decision:
    first, second = sorted((f"per:{one}", f"per:{other}"))
    return Decision(number, first, second, verdict, "Ada", "", "2025-01-01T00:00:00Z")


# ------------------------------------------------------------------ spellings


@pytest.mark.parametrize(
    "names",
    [
        ("volodymyr-zelensky", "volodymyr-zelenskiy", "volodymyr-zelenskyy", "zelensky"),
        ("vladimir-zelensky", "volodymyr-zelenskyi", "zelenskij"),
        ("alexander-lukashenko", "aliaksandr-lukashenka", "lukashenka", "lukashenko"),
        ("alexander-lukashenka", "aleksandr-lukashenko"),
        ("yevgeny-orlov", "evgeny-orlov", "evgenii-orlov"),
        ("mikhail-kharin", "mihail-harin"),
        ("anna-berg", "ana-berg"),
        ("william-crane", "bill-crane", "crane"),
        ("kemal-ali-dogan", "kemal-dogan", "dogan"),
    ],
)
def test_spellings_of_one_name_are_one_person(names: tuple[str, ...]) -> None:
    for seed in range(3):
        some = list(names)
        random.Random(seed).shuffle(some)
        assert clusters(merged(*some), *names) == {frozenset(names)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kiev will decide.", "Kyiv will decide."),
        ("Peking will decide.", "Beijing will decide."),
        ("Turkey will decide.", "Türkiye will decide."),
        ("Byelorussia will decide.", "Belarus will decide."),
        ("Burma will decide.", "Myanmar will decide."),
        ("The Czech Republic will decide.", "Czechia will decide."),
    ],
)
def test_spellings_of_one_place_are_one_state_by_the_gazetteer(one: str, other: str) -> None:
    (first,), (second,) = found(one).values(), found(other).values()
    assert first == second
    assert first[0].startswith("iso:")


def test_a_names_words_are_folded_and_its_first_name_stands_for_its_group() -> None:
    assert folded("volodymyr-zelenskiy") == folded("vladimir-zelenskyy")
    assert folded("volodymyr") != folded("vladimir"), "a lone word stands as itself"
    assert len(folded("piet-van-der-hoek")) == 4


@pytest.mark.parametrize(
    "names",
    [
        ("bill-clinton", "hillary-clinton", "clinton"),
        ("boris-johnson", "mike-johnson", "johnson"),
        ("petro-orlov", "pavlo-orlov"),
        ("anna-lind", "anna-lund"),
        ("tom-hale", "tom-hall"),
        ("ivan-petrov", "ivan-pavlov"),
    ],
)
def test_people_of_like_names_are_kept_apart(names: tuple[str, ...]) -> None:
    made = merged(*names)
    assert clusters(made, *names) == {frozenset({n}) for n in names}
    assert made.taken == []


def test_a_lone_surname_beside_two_bearers_is_neither_and_proposed_where_the_party_fits() -> None:
    names = ("boris-johnson", "mike-johnson", "johnson")
    behind = {"boris-johnson": "iso:GB", "mike-johnson": "iso:US", "johnson": "iso:GB"}
    made = merged(*names, behind=behind)
    assert made.same == {}
    (proposal,) = made.open
    assert {proposal.one, proposal.other} == {"per:johnson", "per:boris-johnson"}
    assert SHOWN <= proposal.score < JOINS
    assert "iso:GB" in proposal.reason
    assert merged(*names, behind={**behind, "johnson": "iso:FR"}).open == []


def test_nearly_alike_names_wait_for_a_person_unless_one_party_stands_behind_both() -> None:
    names = ("anna-steinmeier", "anna-steinmeyer")
    unknown, against, shared = (
        merged(*names, behind=b)
        for b in (
            {},
            {"anna-steinmeier": "iso:DE", "anna-steinmeyer": "iso:AT"},
            {"anna-steinmeier": "iso:DE", "anna-steinmeyer": "iso:DE"},
        )
    )
    assert [len(m.open) for m in (unknown, against, shared)] == [1, 1, 0]
    assert against.open[0].score < unknown.open[0].score < JOINS
    (joined,) = shared.taken
    assert "iso:DE" in joined.reason


def test_names_that_one_article_sets_beside_each_other_are_not_nearly_alike() -> None:
    names = ("anna-steinmeier", "anna-steinmeyer")
    assert merged(*names, together=[names]).open == []


def test_only_people_are_compared() -> None:
    ids = ["org:kovalsky", "per:kovalsky", "out:kovalskiy", "grp:kovalsky", "per:", "per:kowal"]
    assert merge(ids, {}, [], []).same == {}


def test_every_proposal_says_how_sure_it_is_and_why() -> None:
    made = merged(
        "volodymyr-zelensky", "zelenskyy", "boris-johnson", "mike-johnson", "johnson",
        "anna-steinmeier", "anna-steinmeyer",
        behind={"johnson": "iso:GB", "boris-johnson": "iso:GB"},
    )  # fmt: skip
    assert made.taken and made.open
    assert all(p.score >= JOINS for p in made.taken)
    assert all(SHOWN <= p.score < JOINS for p in made.open)
    assert all(p.reason for p in (*made.taken, *made.open))
    assert [p.score for p in made.open] == sorted((p.score for p in made.open), reverse=True)


NAMES = (
    "volodymyr-zelensky", "volodymyr-zelenskyy", "zelenskiy", "boris-johnson", "mike-johnson",
    "johnson", "anna-steinmeier", "anna-steinmeyer", "kemal-dogan", "dogan",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    order=st.permutations(NAMES),
    rulings=st.lists(
        st.tuples(
            st.sampled_from(NAMES),
            st.sampled_from(NAMES),
            st.sampled_from(["same", "different", "withdrawn"]),
        ).filter(lambda r: r[0] != r[1]),
        max_size=6,
    ),
)
def test_merges_follow_from_ids_and_decisions_and_keep_what_was_split_apart(
    order: list[str], rulings: list[tuple[str, str, Ruling]]
) -> None:
    made_by_people = [decision(n, *r) for n, r in enumerate(rulings)]
    made = merged(*order, decisions=made_by_people)
    backwards = merged(*sorted(order), decisions=reversed(made_by_people))
    assert (made.same, made.taken, made.open) == (backwards.same, backwards.taken, backwards.open)
    last = {frozenset((d.one, d.other)): d.verdict for d in made_by_people}
    for pair, verdict in last.items():
        one, other = (made.same.get(id_, id_) for id_ in sorted(pair))
        if verdict == "different":
            assert one != other
    assert len(made.decided) == sum(v != "withdrawn" for v in last.values())
    assert all(made.same.get(stands, stands) == stands for stands in made.same.values())


# ------------------------------------------------------------------ decisions


def test_a_cluster_stands_as_its_fullest_name() -> None:
    made = merged("dogan", "kemal-dogan", "kemal-ali-dogan")
    assert set(made.same.values()) == {"per:kemal-ali-dogan"}


def test_a_join_holds_whatever_the_names() -> None:
    made = merged("ada-berg", "ada-holm", decisions=[decision(1, "ada-holm", "ada-berg", "same")])
    assert clusters(made, "ada-berg", "ada-holm") == {frozenset({"ada-berg", "ada-holm"})}


def test_a_split_holds_even_against_automatic_joins_through_a_third_id() -> None:
    names = ("volodymyr-zelensky", "volodymyr-zelenskyy", "zelensky")
    for one, other in (names[:2], names[1:], (names[0], names[2])):
        made = merged(*names, decisions=[decision(1, one, other, "different")])
        apart = (
            made.same.get(f"per:{one}", f"per:{one}"),
            made.same.get(f"per:{other}", f"per:{other}"),
        )
        assert apart[0] != apart[1]


def test_a_split_holds_against_joins_that_people_made_through_a_third_id() -> None:
    decisions = [
        decision(1, "a-one", "b-two", "same"),
        decision(2, "b-two", "c-three", "same"),
        decision(3, "a-one", "c-three", "different"),
    ]
    made = merged("a-one", "b-two", "c-three", decisions=decisions)
    assert made.same.get("per:a-one", "per:a-one") != made.same.get("per:c-three", "per:c-three")


def test_the_last_decision_of_a_pair_counts() -> None:
    pair = ("anna-berg", "ana-berg")
    rulings: tuple[Ruling, ...] = ("different", "same", "different", "withdrawn")
    expected = (2, 1, 2, 1)
    made = [decision(n, *pair, r) for n, r in enumerate(rulings)]
    for n, many in enumerate(expected):
        assert len(clusters(merged(*pair, decisions=made[: n + 1]), *pair)) == many


def test_what_a_person_decided_is_proposed_no_more() -> None:
    names = ("boris-johnson", "mike-johnson", "johnson")
    behind = {"boris-johnson": "iso:GB", "johnson": "iso:GB"}
    split = decision(1, "johnson", "boris-johnson", "different")
    made = merged(*names, behind=behind, decisions=[split])
    assert made.open == []
    assert made.decided == [split]


# ------------------------------------------------------------------ decisions in a register


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "register.db"


def speech(
    person: str,
    published: str | None = "2025-03-02",
    *,
    party: str | None = None,
    role: str = "prime minister",
    single: bool = False,
    outlet: str = "Test Post",
) -> Findings:
    """A person says that their holder sends troops; a party and role add evidence."""
    text = f"{person}, as {outlet} had it on {published}, said: we send troops. {role} {party}"
    article = make_article(text, outlet=outlet, published=published)
    position = make_position(
        article, "send troops", holder="we", actors=(person,), speaker=person,
        speaker_actor=person, voice="reported", said=published,
    )  # fmt: skip
    name = person.removeprefix("per:").replace("-", " ").title()
    evidence = [SpeaksFor(person, party, (0, len(person)), role, single)] if party else []
    return make_findings(article, position, actors=[make_actor(person, name)], evidence=evidence)


def test_join_split_and_undo_are_reversible_and_all_rows_stay(path: Path) -> None:
    one, other = "per:anna-berg", "per:anna-holm"
    with Register(path) as register:
        register.add(speech(one, party="iso:NO"))
        register.add(speech(other, outlet="Other Post"))
        before = register.entries()
        assert register.decide(other, one, "same", who="Ada", why="married") == 1
        joined = {e.outlet: e.holders for e in register.entries()}
        assert joined == {"Test Post": ("iso:NO",), "Other Post": ("iso:NO",)}
        assert register.decide(one, other, "different", who="Bo", why="two people") == 2
        assert register.entries() == before
        assert register.decide(one, other, "withdrawn", who="Bo", why="not sure") == 3
        assert register.entries() == before
        assert register.merges().decided == []
        rows = [values for name, values in register.dump() if name == "actor_decisions"]
    assert [row[:6] for row in rows] == [
        (1, one, other, "same", "Ada", "married"),
        (2, one, other, "different", "Bo", "two people"),
        (3, one, other, "withdrawn", "Bo", "not sure"),
    ]


def test_a_split_of_two_spellings_is_kept_when_more_articles_come(path: Path) -> None:
    with Register(path) as register:
        register.add(speech("per:anna-berg", party="iso:NO"))
        register.add(speech("per:ana-berg", outlet="Other Post"))
        register.decide("per:anna-berg", "per:ana-berg", "different", who="Ada", why="")
        register.add(speech("per:berg", outlet="Third Post"))
        same = register.merges().same
        assert same.get("per:anna-berg", "per:anna-berg") != same.get(
            "per:ana-berg", "per:ana-berg"
        )
        held = {e.outlet: e.holders for e in register.entries()}
        assert held["Other Post"] == ("per:ana-berg",)


def test_a_decision_of_who_is_who_does_not_touch_what_was_read(path: Path) -> None:
    with Register(path) as register:
        register.add(speech("per:anna-berg", party="iso:NO"))
        register.add(speech("per:anna-holm", outlet="Other Post"))
        before = set(register.dump())
        register.decide("per:anna-berg", "per:anna-holm", "same", who="Ada", why="")
        assert {name for name, _ in set(register.dump()) - before} == {"actor_decisions"}
        assert before < set(register.dump())


def test_a_decision_of_one_id_or_of_an_unknown_one_is_refused(path: Path) -> None:
    with Register(path) as register:
        register.add(speech("per:anna-berg"))
        with pytest.raises(RegisterError, match="is one id, not two"):
            register.decide("per:anna-berg", "per:anna-berg", "same", who="Ada", why="")
        with pytest.raises(CaveatError, match="no actor 'per:nobody'"):
            register.decide("per:anna-berg", "per:nobody", "same", who="Ada", why="")
        assert register.merges().decided == []


def test_an_unknown_actor_is_named_as_one_and_not_as_a_broken_register(path: Path) -> None:
    with Register(path) as register:
        register.add(speech("per:anna-berg"))
        with pytest.raises(UnknownActor, match=r"^the register knows no actor 'per:nobody'$"):
            register.decide("per:anna-berg", "per:nobody", "same", who="Ada", why="")


# ------------------------------------------------------------------ dated posts


def post(
    speaker: str, when: str | None, role: str = "defence minister", *, single: bool = True
) -> Evidence:
    known = day(when)
    return Evidence(
        article=f"{speaker} {when}", speaker=f"per:{speaker}", party="iso:NO", role=role,
        single=single, day=known.end.toordinal() if known and known.end else None,
    )  # fmt: skip


def ordinal(when: str) -> int:
    known = day(when)
    assert known is not None and known.end is not None
    return known.end.toordinal()


def links(*evidence: Evidence) -> dict[str, Link]:
    orders = [sorted(evidence, key=lambda e: e.article), list(evidence), list(evidence)[::-1]]
    made = [dated(each) for each in orders]
    assert made[0] == made[1] == made[2]
    return {link.speaker.removeprefix("per:"): link for link in made[0]}


def test_a_ministers_link_ends_when_another_holds_that_post() -> None:
    made = links(
        post("berg", "2025-01-10"), post("berg", "2025-03-01"), post("holm", "2025-05-05"),
        post("holm", "2025-06-01"), post("vik", "2025-11-01"),
    )  # fmt: skip
    assert (made["berg"].since, made["berg"].until, made["berg"].successor) == (
        None, ordinal("2025-05-05"), "per:holm",
    )  # fmt: skip
    assert (made["holm"].since, made["holm"].until, made["holm"].successor) == (
        ordinal("2025-05-05"), ordinal("2025-11-01"), "per:vik",
    )  # fmt: skip
    assert (made["vik"].since, made["vik"].until, made["vik"].successor) == (
        ordinal("2025-11-01"), None, None,
    )  # fmt: skip
    assert made["berg"].holds(ordinal("2025-05-04"))
    assert not made["berg"].holds(ordinal("2025-05-05"))
    assert made["holm"].holds(ordinal("2025-05-05"))


def test_a_look_back_that_overlaps_does_not_end_the_later_holders_time_early() -> None:
    made = links(
        post("berg", "2025-01-10"), post("berg", "2025-02-01"), post("berg", "2025-03-01"),
        post("berg", "2025-09-01"),  # tells of the past
        *(post("holm", f"2025-0{n}-05") for n in (5, 6, 7, 8)),
        post("holm", "2025-01-20"),  # tells of what is to come
    )  # fmt: skip
    assert made["berg"].until == made["holm"].since == ordinal("2025-05-05")
    assert made["holm"].holds(ordinal("2025-09-01"))


def test_one_late_look_back_at_the_first_holder_takes_the_post_from_nobody() -> None:
    made = links(
        post("berg", "2025-01-01"), post("berg", "2025-12-01"),  # tells of the past
        post("holm", "2025-05-01"), post("vik", "2025-09-01"),
    )  # fmt: skip
    assert made["vik"].holds(ordinal("2025-10-01"))
    assert not made["berg"].holds(ordinal("2025-10-01"))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 300)), min_size=1, max_size=9, unique=True
    )
)
def test_nobody_ends_before_beginning_and_one_person_at_a_time_holds_a_post(
    told: list[tuple[str, int]],
) -> None:
    start = ordinal("2025-01-01")
    made = dated(
        Evidence(f"{who} {n}", f"per:{who}", "iso:NO", "defence minister", True, start + n)
        for who, n in told
    )
    for link in made:
        assert link.since is None or link.until is None or link.since <= link.until
    for n in range(0, 301, 10):
        assert sum(link.holds(start + n) for link in made) <= 1


def test_other_posts_parties_and_spokespersons_do_not_end_each_other() -> None:
    made = links(
        post("berg", "2025-01-10"),
        post("holm", "2025-05-05", "finance minister"),
        post("vik", "2025-01-10", "spokesperson", single=False),
        post("dahl", "2025-05-05", "spokesperson", single=False),
    )
    assert {link.until for link in made.values()} == {None}


def test_undated_evidence_ends_nothing_and_is_kept() -> None:
    made = links(post("berg", "2025-01-10"), post("holm", None))
    assert (made["berg"].until, made["holm"].since, made["holm"].until) == (None, None, None)
    assert made["holm"].articles == ("holm None",)


def test_an_undated_day_counts_links_that_have_not_ended() -> None:
    made = links(post("berg", "2025-01-10"), post("holm", "2025-05-05"))
    assert not made["berg"].holds(None)
    assert made["holm"].holds(None)


def test_a_person_stands_as_the_state_only_while_the_post_is_theirs() -> None:
    found = [
        speech("per:ada-berg", "2025-01-10", party="iso:NO", single=True, outlet="a"),
        speech("per:ada-berg", "2025-02-10", outlet="early"),
        speech("per:bo-holm", "2025-05-05", party="iso:NO", single=True, outlet="b"),
        speech("per:ada-berg", "2025-06-10", outlet="late"),
        speech("per:bo-holm", "2025-06-10", outlet="new"),
        speech("per:bo-holm", "2025-02-10", outlet="too early"),
        speech("per:ada-berg", None, outlet="undated berg"),
        speech("per:bo-holm", None, outlet="undated holm"),
    ]
    for seed in range(3):
        random.Random(seed).shuffle(found)
        with Register(":memory:") as register:
            for findings in found:
                register.add(findings)
            holders = {e.outlet: e.holders[0] for e in register.entries()}
        assert holders == {
            "a": "iso:NO", "early": "iso:NO", "b": "iso:NO", "late": "per:ada-berg",
            "new": "iso:NO", "too early": "per:bo-holm", "undated berg": "per:ada-berg",
            "undated holm": "iso:NO",
        }  # fmt: skip


def test_a_spokespersons_link_does_not_end_another_s(path: Path) -> None:
    found = [
        speech("per:ada-berg", "2025-01-10", party="iso:NO", role="spokesperson", outlet="a"),
        speech("per:bo-holm", "2025-05-05", party="iso:NO", role="spokesperson", outlet="b"),
        speech("per:ada-berg", "2025-06-10", outlet="late"),
    ]
    with Register(path) as register:
        for findings in found:
            register.add(findings)
        assert {e.holders for e in register.entries()} == {("iso:NO",)}


def test_the_former_minister_speaks_for_nobody_else_in_that_article(path: Path) -> None:
    found = [
        speech("per:ada-berg", "2025-01-10", party="iso:NO", outlet="a"),
        speech(
            "per:ada-berg", "2025-01-11", party="per:ada-berg", role="former minister", outlet="b"
        ),
        speech("per:ada-berg", "2025-01-12", outlet="c"),
    ]
    with Register(path) as register:
        for findings in found:
            register.add(findings)
        holders = {e.outlet: e.holders for e in register.entries()}
    assert holders == {"a": ("iso:NO",), "b": ("per:ada-berg",), "c": ("iso:NO",)}


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Former Norwegian President Ada Berg spoke.", "per:ada-berg"),
        ("Ex-French president Guy Morel spoke.", "per:guy-morel"),
        ("The former foreign minister of Spain, Luis Vega, spoke.", "per:luis-vega"),
        ("Political scientist Lev Orlov spoke.", "per:lev-orlov"),
        ("Ukrainian lawmaker Taras Bondar spoke.", "per:taras-bondar"),
    ],
)
def test_the_reading_says_of_such_people_that_they_speak_for_themselves(
    text: str, person: str
) -> None:
    (evidence,) = resolve(Article(text), NONE).speaks_for
    assert (evidence.speaker, evidence.party, evidence.single) == (person, person, False)


@pytest.mark.parametrize(
    ("text", "single"),
    [
        ("French President Guy Morel spoke.", True),
        ("French Foreign Minister Guy Morel spoke.", True),
        ("Kremlin spokesman Lev Orlov spoke.", False),
        ("Polish ambassador Jan Mazur spoke.", False),
    ],
)
def test_the_reading_says_which_posts_one_person_holds_at_a_time(text: str, single: bool) -> None:
    (evidence,) = resolve(Article(text), NONE).speaks_for
    assert evidence.single == single
    assert text[slice(*evidence.span)] in text


def test_links_and_merges_of_a_register_are_told(path: Path) -> None:
    with Register(path) as register:
        register.add(speech("per:ada-berg", "2025-01-10", party="iso:NO", single=True))
        register.add(speech("per:berg", "2025-01-11", party="iso:NO", single=True, outlet="b"))
        (link,) = register.links()
        (joined,) = register.merges().taken
    assert (link.speaker, link.party, link.role, len(link.articles)) == (
        "per:ada-berg", "iso:NO", "prime minister", 2,
    )  # fmt: skip
    assert {joined.one, joined.other} == {"per:ada-berg", "per:berg"}
