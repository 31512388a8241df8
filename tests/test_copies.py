"""Copies of one report, and the origins that follow from them. All texts are our own."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import day, make_actor, make_article, make_findings, make_position, speaks_for
from caveat.model import Findings, Part
from caveat.register import Register
from caveat.register.derive import copies
from caveat.register.derive.copies import (
    NEAR,
    Told,
    are_copies,
    candidates,
    copy_pairs,
    signature,
    told,
)

TESTS = Path(__file__).resolve().parent
NOUNS = (
    "harbour bridge council ferry lantern orchard delegate winter ledger cannon meadow window "
    "treaty granary pilot sailor engine ribbon copper valley garden captain mirror anchor"
).split()
VERBS = "crossed weighed opened counted mended praised doubted carried guarded painted".split()
PLACES = "Norland Ostia Veldt Marrow Quill Tarn Brackwater Easthaven Lowmoor Pinnock".split()


def report(seed: str, sentences: int = 24) -> list[str]:
    """Invented sentences; those of another seed share no run of words to speak of."""
    rng = random.Random(seed)
    return [
        f"In {rng.choice(PLACES)} the {rng.choice(NOUNS)} {rng.choice(VERBS)} a "
        f"{rng.choice(NOUNS)} and {rng.randrange(2, 99)} {rng.choice(NOUNS)}s near the "
        f"{rng.choice(NOUNS)} of {rng.choice(PLACES)}."
        for _ in range(sentences)
    ]


def tell(
    sentences: list[str],
    outlet: str | None = "Test Post",
    published: str | None = "2025-03-02",
    title: str | None = None,
) -> Told:
    return told(" ".join(sentences), (), title, outlet, day(published))


def pairs(*articles: Told) -> set[tuple[str, str]]:
    """The pairs of copies among articles, named "0", "1" and so on."""
    named = {str(n): a for n, a in enumerate(articles)}
    days = {n: a.day for n, a in named.items()}
    signed = {n: signature(a) for n, a in named.items()}
    return set(copy_pairs(days, signed, named.__getitem__))


# ------------------------------------------------------------------ one report


def rewritten(sentences: list[str]) -> list[str]:
    """The words of one place in every third sentence changed, as a desk would."""
    return [
        s.replace(" and ", " together with ").replace("near the", "by the") if n % 3 == 0 else s
        for n, s in enumerate(sentences)
    ]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: s, id="unchanged"),
        pytest.param(lambda s: s[:9], id="cut"),
        pytest.param(lambda s: [*s, *report("more of it", 12)], id="extended"),
        pytest.param(rewritten, id="lightly rewritten"),
        pytest.param(lambda s: ["Our own desk reports from the coast.", *s], id="another opening"),
        pytest.param(lambda s: [x.upper() for x in s], id="in capitals"),
        pytest.param(lambda s: [f"– “{x}”\n" for x in s], id="other punctuation"),
    ],
)
def test_a_copy_of_a_report_in_another_outlet_is_found(change) -> None:
    story = report("storm")
    assert pairs(tell(story), tell(change(story), "Other Post", "2025-03-03")) == {("0", "1")}


def test_a_short_report_is_found_inside_a_page_of_many() -> None:
    story = report("storm", 10)
    page = [*report("first", 40), *story, *report("last", 60)]
    assert pairs(tell(page, "Digest"), tell(story)) == {("0", "1")}


def test_a_follow_up_with_a_new_beginning_over_the_same_background_is_no_copy() -> None:
    background = report("background", 14)
    first = tell([*report("monday", 16), *background], title="Storm over Tarn")
    second = tell([*report("tuesday", 16), *background], published="2025-03-03", title="Calm")
    assert pairs(first, second) == set()


def test_a_page_that_strings_two_reports_together_makes_them_no_copies_of_each_other() -> None:
    one, two = report("one"), report("two")
    page = tell([*one, *two], "Digest")
    assert pairs(tell(one), tell(two, "Other Post"), page) == {("0", "2"), ("1", "2")}


def test_reports_in_their_own_words_are_no_copies() -> None:
    assert pairs(tell(report("one")), tell(report("two"), "Other Post")) == set()


def test_datelines_and_furniture_are_not_compared() -> None:
    story, furniture = " ".join(report("storm")), " ".join(report("menu", 60))
    text = f"{furniture} {story}"
    parts = (Part("furniture", (0, len(furniture))), Part("body", (len(furniture), len(text))))
    plain = told(story, (), None, "Test Post", day("2025-03-02"))
    framed = told(text, parts, None, "Other Post", day("2025-03-02"))
    assert framed.words == plain.words
    assert are_copies(plain, framed)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The minister spoke on Monday.", "The minister spoke on Monday.", True),
        ("The minister spoke on Monday.", "THE MINISTER, spoke on Monday", True),
        ("The minister spoke on Monday.", "The minister spoke on Friday.", False),
        ("", "", False),
    ],
)
def test_short_texts_are_copies_only_where_all_their_words_are_the_same(
    one: str, other: str, same: bool
) -> None:
    found = pairs(tell([one]), tell([other], "Other Post"))
    assert found == ({("0", "1")} if same else set())


def test_a_short_text_inside_a_long_one_is_no_copy_of_it() -> None:
    story = report("storm")
    assert not are_copies(tell(story[:1]), tell(story, "Other Post"))


# ------------------------------------------------------------------ time


def later(days: int) -> str:
    first = day("2025-03-02")
    assert first is not None and first.start is not None
    return type(first.start).fromordinal(first.start.toordinal() + days).isoformat()


def test_what_is_far_apart_in_time_is_not_compared() -> None:
    story = report("storm")
    near, far = later(NEAR // 2), later(2 * NEAR)
    assert pairs(tell(story), tell(story, "Other Post", near)) == {("0", "1")}
    assert pairs(tell(story), tell(story, "Other Post", far)) == set()


@pytest.mark.parametrize("start", range(0, NEAR, 7))
def test_where_a_stretch_of_time_ends_does_not_matter_to_what_is_near(start: int) -> None:
    story = report("storm")
    two = (tell(story, published=later(start)), tell(story, "Other Post", later(start + 3)))
    assert pairs(*two) == {("0", "1")}


def test_undated_articles_are_compared_with_all() -> None:
    story = report("storm")
    undated = tell(story, "Undated Post", None)
    assert pairs(undated, tell(story), tell(story, "Late Post", later(400))) == {
        ("0", "1"), ("0", "2"),
    }  # fmt: skip


def test_the_nearer_in_time_the_surer() -> None:
    story = report("storm")
    scores = [
        copies.score(tell(story), tell(story, "Other Post", later(n))) for n in (0, 1, 9, 30, 44)
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] == scores[-2], "from FARTHEST on distance counts no more"


def test_two_outlets_and_like_titles_are_surer_than_one_outlet_and_other_titles() -> None:
    story = report("storm")

    def sure(outlet: str, title: str) -> float:
        return copies.score(tell(story, title="Storm over Tarn"), tell(story, outlet, title=title))

    assert sure("Other Post", "Storm over Tarn") > sure("Other Post", "Market day")
    assert sure("Other Post", "Market day") > sure("Test Post", "Market day")


# ------------------------------------------------------------------ what it follows from


def test_the_score_is_the_same_both_ways() -> None:
    story = report("storm")
    one, other = tell(story[:12], title="A storm"), tell(story, "Other Post", "2025-03-05", "Storm")
    assert copies.score(one, other) == copies.score(other, one)


def test_a_signature_follows_from_the_words_alone() -> None:
    story = report("storm", 60)
    assert signature(tell(story)) == signature(tell(story, "Other Post", None, "A title"))
    assert signature(tell(story)) != signature(tell(report("calm", 60)))
    assert signature(tell([])) == signature(tell(["…"]))


def test_signatures_are_the_same_in_another_process() -> None:
    """They are stored: what one program wrote the next one compares with its own."""
    code = (
        "import hashlib, test_copies as t\n"
        "print(hashlib.sha256(t.signature(t.tell(t.report('storm')))).hexdigest())"
    )
    seen = {child("-c", code, seed=seed).strip() for seed in ("1", "2")}
    assert len(seen) == 1


def test_candidates_come_once_and_do_not_depend_on_the_order_of_adding() -> None:
    story = report("storm")
    articles = {
        str(n): tell(story[n % 3 :], f"outlet {n}", None if n == 5 else later(20 * n))
        for n in range(8)
    }
    signed = {n: signature(a) for n, a in articles.items()}
    orders = []
    for seed in range(3):
        ids = list(articles)
        random.Random(seed).shuffle(ids)
        orders.append(list(candidates({n: articles[n].day for n in ids}, signed)))
    assert orders[0] == orders[1] == orders[2]
    assert len(orders[0]) == len(set(orders[0]))
    assert all(one < other for one, other in orders[0])


def test_comparing_grows_with_the_articles_and_not_with_their_square() -> None:
    articles = {str(n): tell(report(f"story {n}", 8), published=later(n)) for n in range(120)}
    signed = {n: signature(a) for n, a in articles.items()}
    compared = list(candidates({n: a.day for n, a in articles.items()}, signed))
    assert len(compared) < 2 * len(articles)


# ------------------------------------------------------------------ origins


def carried(
    sentences: list[str], outlet: str, published: str = "2025-03-02", *holders: str
) -> Findings:
    """An article with a position of each holder on sending troops, at its end."""
    named = holders or ("France",)
    text = " ".join([*sentences, *(f"{h} is ready to send troops." for h in named)])
    article = make_article(text, outlet=outlet, published=published)
    ids = {"France": "iso:FR", "Italy": "iso:IT", "Norway": "iso:NO"}
    positions = [
        make_position(article, f"{h} is ready to send troops", holder=h, actors=(ids[h],))
        for h in named
    ]
    return make_findings(article, *positions)


def origins_of(found: list[Findings]) -> list[set[tuple]]:
    """The origins as sets of (outlet, holders), in order."""
    with Register(":memory:") as register:
        for findings in found:
            register.add(findings)
        groups: dict[str, set[tuple]] = {}
        for e in register.entries():
            groups.setdefault(e.origin, set()).add((e.outlet, e.holders))
    return sorted(groups.values(), key=sorted)


def test_copies_cuts_extended_and_rewritten_reports_are_one_origin() -> None:
    story = report("storm")
    more = [*story, *report("more of it", 10)]
    found = [carried(s, f"outlet {n}", later(n)) for n, s in
             enumerate((story, story[:12], more, rewritten(story)))]  # fmt: skip
    assert len(origins_of(found)) == 1


def test_a_follow_up_of_one_outlet_is_an_origin_of_its_own() -> None:
    background = report("background", 12)
    first = carried([*report("monday", 16), *background], "Test Post")
    second = carried([*report("tuesday", 16), *background], "Test Post", "2025-03-03")
    assert len(origins_of([first, second])) == 2


def test_a_page_of_two_reports_is_of_either_ones_origin_and_joins_them_not() -> None:
    one, two = report("one"), report("two")
    text_one = [*one, "France is ready to send troops."]
    text_two = [*two, "Italy is ready to send troops."]
    page = carried([*text_one, *text_two], "Digest", "2025-03-02", "France", "Italy")
    found = origins_of([carried(one, "a"), carried(two, "b", "2025-03-02", "Italy"), page])
    assert found == [
        {("a", ("iso:FR",)), ("Digest", ("iso:FR",))},
        {("b", ("iso:IT",)), ("Digest", ("iso:IT",))},
    ]


def test_copies_that_say_it_of_unnamed_groups_are_one_origin_by_their_words() -> None:
    story, found = report("storm"), []
    for outlet in ("a", "b"):
        article = make_article(" ".join([*story, "Ten states may go."]), outlet=outlet)
        group = make_actor(f"grp:{outlet}", "ten states", type="group", anonymous=True)
        position = make_position(article, "may go", holder="Ten states", actors=(group.id,))
        found.append(make_findings(article, position, actors=[group]))
    assert len(origins_of(found)) == 1


def test_one_voice_on_two_days_running_is_one_origin_only_where_the_days_overlap() -> None:
    def said(outlet: str, when: str) -> Findings:
        article = make_article(f"Ada Berg told {outlet} that Norway goes.", outlet=outlet)
        position = make_position(
            article, "Norway goes", holder="Norway", actors=("iso:NO",), speaker="Ada Berg",
            speaker_actor="per:ada-berg", said=when,
        )  # fmt: skip
        return make_findings(article, position)

    first = said("a", "2025-03-01/2025-03-02")
    assert len(origins_of([first, said("b", "2025-03-02")])) == 1
    assert len(origins_of([first, said("b", "2025-03-02/2025-03-03")])) == 1
    assert len(origins_of([first, said("b", "2025-03-03")])) == 2
    assert len(origins_of([first, said("b", "2025-03-01/2025-03-05")])) == 2


def mixed() -> list[Findings]:
    """Copies, cuts, a digest, other stories, and people under several names."""
    one, two = report("one"), report("two", 12)
    out = [
        carried(one, "a"), carried(one[:12], "b", "2025-03-03"), carried(two, "c"),
        carried([*one, *two], "Digest", "2025-03-04", "France", "Italy"),
        carried(rewritten(one), "d", "2025-03-02", "Italy"),
        carried(two, "e", "2025-09-02"),
    ]  # fmt: skip
    for n, person in enumerate(("per:ada-berg", "per:berg", "per:ada-berg")):
        article = make_article(f"Berg told outlet {n} that Norway goes.", outlet=f"outlet {n}")
        position = make_position(
            article, "Norway goes", holder="Norway", actors=("iso:NO",), speaker="Berg",
            speaker_actor=person, voice="third-party",
        )  # fmt: skip
        evidence = [speaks_for(article, person, "iso:NO", "Berg")] if n else []
        out.append(make_findings(article, position, evidence=evidence))
    return out


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(range(len(mixed()))))
def test_origins_do_not_depend_on_the_order_of_adding(order: list[int]) -> None:
    found = mixed()
    with Register(":memory:") as first, Register(":memory:") as register:
        for n, findings in enumerate(found):
            first.add(findings)
            register.add(found[order[n]])
        assert register.entries() == first.entries()
        assert register.merges() == first.merges()
        assert register.links() == first.links()


# ------------------------------------------------------------------ two processes


def child(*words: str, seed: str = "random") -> str:
    """What a program of its own prints; strings hash differently there."""
    folders = os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])
    done = subprocess.run(
        [sys.executable, *words], env=os.environ | {"PYTHONPATH": folders, "PYTHONHASHSEED": seed},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def many() -> list[Findings]:
    stories = [report(f"story {n}", 14) for n in range(5)]
    return [
        carried(stories[n % 5][: 14 - n // 10], f"outlet {n}", later(n % 4)) for n in range(30)
    ] + mixed()


def add_every(path: Path, backwards: bool) -> None:
    found = many()
    with Register(path) as register:
        for findings in reversed(found) if backwards else found:
            register.add(findings)


def test_two_processes_that_add_at_once_give_the_register_of_one(tmp_path: Path) -> None:
    alone, shared = tmp_path / "alone.db", tmp_path / "shared.db"
    add_every(alone, backwards=False)
    Register(shared).close()
    folders = os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])
    running = [
        subprocess.Popen(
            [sys.executable, "-c", "import sys, test_copies as t\n"
             f"t.add_every(t.Path(sys.argv[1]), {backwards})", str(shared)],
            env=os.environ | {"PYTHONPATH": folders},
        )
        for backwards in (False, True)
    ]  # fmt: skip
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    with Register(alone, read_only=True) as one, Register(shared, read_only=True) as other:
        assert list(other.dump()) == list(one.dump())
        assert other.entries() == one.entries()
        assert 0 < len({e.origin for e in one.entries()}) < len(one.entries())
