"""The register: what is kept, what follows from everything in it, and what it refuses."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import inspect

from build import (
    day,
    make_actor,
    make_article,
    make_findings,
    make_position,
    make_report,
    span,
    speaks_for,
)
from caveat.errors import RegisterError, UndertakingMismatch, UnknownPosition
from caveat.model import (
    IMPLIED,
    Article,
    Attribution,
    Caveat,
    Entry,
    Findings,
    Mention,
    Part,
    Position,
    Scope,
    Skipped,
    SpeaksFor,
)
from caveat.register import Register, default_path
from caveat.register import migrations as steps
from caveat.register.dialect import open_engine
from caveat.register.schema import metadata
from caveat.register.views import VIEWS
from caveat.undertaking import Undertaking, load_undertaking, parse_undertaking

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "register.db"


@pytest.fixture
def register(path: Path) -> Iterator[Register]:
    with Register(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def undertaking() -> Undertaking:
    return load_undertaking()


def full_findings(reader: str = "test-reader 1") -> Findings:
    """Findings with every field that a record has."""
    article = make_article(
        "LISBON, March 2. /Wire/. “We are ready to send up to 500 soldiers to Ukraine by May if "
        "parliament agrees or the UN asks,” the minister, José Öst, told Radio Um, as quoted by "
        "the agency. 🕊 All news",
        title="Lisbon “ready”",
        outlet="Test Post",
        url="https://example.org/1",
        name="one.txt",
        extra={"based_on": "https://example.org/0", "a": "ü"},
    )
    text = article.text
    article = replace(
        article,
        parts=(
            Part("dateline", (0, 24)),
            Part("body", (25, text.index("All"))),
            Part("furniture", (text.index("All"), len(text))),
        ),
        carried_by=(span(article, "Wire"),),
    )
    position = make_position(
        article,
        "send up to 500 soldiers to Ukraine",
        holder=("We",),
        actors=("per:jose-ost",),
        conditions=[
            ("if", "parliament agrees", "parliament-approves(PT)", 1),
            ("if", "the UN asks", None, 1),
        ],
        amount=[("up to 500 soldiers", 0.0, "soldiers", 500.0, "at_most")],
        time=[("by May", None, date(2025, 5, 31))],
        speaker="the minister, José Öst",
        speaker_actor="per:jose-ost",
        relay=("Radio Um", "the agency"),
        beneficiary="Ukraine",
        addressee="parliament",
        said="2025-03-01/2025-03-02",
        voice="quoted",
        scope=Scope("ukraine", None, False, "another mission"),
        caveats=[
            Caveat("conditional", "It depends on parliament.", (span(article, "if"),)),
            Caveat("relayed", "It came through two others.", ()),
        ],
        sentence=text[25 : text.index("🕊") - 1],
        addressee_actors=("org:parliament",),
        beneficiary_actors=("iso:UA",),
        relay_actors=("out:radio-um", "grp:0"),
        group_size=(None, 30),
        attribution=0,
    )
    return make_findings(
        article,
        position,
        reader=reader,
        actors=[
            make_actor("iso:PT", "Portugal"),
            make_actor("org:iberia", "Iberia", type="bloc", members=("iso:PT", "iso:ES")),
            make_actor("grp:0", "the agency", type="group", anonymous=True),
        ],
        evidence=[speaks_for(article, "per:jose-ost", "iso:PT", "the minister, José Öst")],
        attributions=[
            Attribution(
                (span(article, "the minister, José Öst"),),
                (span(article, "told"),),
                ((25, 50), (60, 70)),
                None,
                (span(article, "Radio Um"),),
            ),
            Attribution((), (span(article, "as quoted by"),), (), 0, ()),
        ],
        attribution_actors=["per:jose-ost", None],
        mentions=[
            Mention(span(article, "We"), ("per:jose-ost",), "speaker of the quotation"),
            Mention(span(article, "Ukraine"), ("iso:UA",), "gazetteer"),
            Mention(span(article, "May"), ("per:may",), "wrong, and rests under nothing"),
        ],
    )


def the_entry(register: Register) -> Entry:
    (entry,) = register.entries()
    return entry


def apart_from_support(entry: Entry) -> Position:
    """An entry's position without `single-origin`, which follows from the register as a whole."""
    left = tuple(c for c in entry.position.caveats if c.name != "single-origin")
    return replace(entry.position, caveats=left)


def execute(path: Path, statement: str) -> list[tuple[object, ...]]:
    # sqlite3's own context manager commits and leaves the connection open
    with closing(sqlite3.connect(path)) as raw, raw:
        return raw.execute(statement).fetchall()


# ------------------------------------------------------------------ what is kept


def test_what_was_added_comes_back_as_it_was(register: Register) -> None:
    findings = full_findings()
    assert register.add(findings)
    entry = the_entry(register)
    assert apart_from_support(entry) == findings.positions[0]
    assert register.article(entry.article_id) == findings.article
    assert entry.id == findings.positions[0].id(findings.article.id)


def test_the_words_of_an_entry_are_cut_from_the_stored_text(register: Register) -> None:
    register.add(full_findings())
    entry = the_entry(register)
    assert entry.action_words == "send up to 500 soldiers to Ukraine"
    assert entry.condition_words == ("parliament agrees", "the UN asks")
    assert entry.holder_words == ("We",)
    assert entry.speaker_words == "the minister, José Öst"
    assert entry.relay_words == ("Radio Um", "the agency")
    assert entry.amount_words == ("up to 500 soldiers",)
    text = register.article(entry.article_id).text
    assert text[entry.sentence_start :].startswith(entry.sentence)
    assert (entry.outlet, entry.url, entry.title, entry.reader, entry.reviewed) == (
        "Test Post", "https://example.org/1", "Lisbon “ready”", "test-reader 1", False,
    )  # fmt: skip


def test_reading_twice_changes_no_row(register: Register) -> None:
    register.add(full_findings())
    before = list(register.dump())
    assert not register.add(full_findings())
    assert list(register.dump()) == before
    assert {name for name, _ in before} >= {
        "attribution_spans",
        "caveat_spans",
        "times",
        "mentions",
    }


def test_two_registers_of_the_same_findings_dump_the_same(tmp_path: Path) -> None:
    dumps = []
    for name in ("a.db", "b.db"):
        with Register(tmp_path / name) as register:
            register.add(full_findings())
            register.add(make_report())
            dumps.append(list(register.dump()))
    assert dumps[0] == dumps[1]


def test_the_order_of_adding_never_matters(tmp_path: Path) -> None:
    story = " ".join(f"word{n}" for n in range(60))
    found = [full_findings()]
    for n in range(12):
        article = make_article(
            f"Minister Anna{n % 3} Berg said Norway may send troops. {story if n % 2 else n}",
            outlet=f"outlet {n}",
            published=f"2025-03-{n % 4 + 1:02}",
        )
        person = ["per:anna-berg", "per:berg", "per:anna-bergi"][n % 3]
        position = make_position(
            article, holder="Norway", actors=("iso:NO",), speaker="Berg", speaker_actor=person,
            voice="third-party",
        )  # fmt: skip
        evidence = [speaks_for(article, person, "iso:NO" if n % 4 else "iso:SE")] if n < 9 else []
        found.append(make_findings(article, position, evidence=evidence))
    answers = []
    for seed in range(4):
        random.Random(seed).shuffle(found)
        with Register(tmp_path / f"{seed}.db") as register:
            for findings in found:
                register.add(findings)
            answers.append((register.entries(), register.actors(), register.counts()))
    assert all(a == answers[0] for a in answers)
    assert len(answers[0][0]) == 13


def test_positions_with_one_id_are_stored_once(register: Register) -> None:
    article = make_article()
    position = make_position(article)
    register.add(make_findings(article, position, replace(position, confidence=0.1)))
    assert apart_from_support(the_entry(register)) == position


def test_entries_stand_in_the_order_of_their_reports(register: Register) -> None:
    for published in ("2025-03-02", None, "2024-12-31", "2025-03"):
        register.add(make_report(published=published))
    assert [e.reported for e in register.entries()] == [
        None, day("2024-12-31"), day("2025-03"), day("2025-03-02"),
    ]  # fmt: skip


def test_what_nothing_dates_is_undated(register: Register) -> None:
    register.add(make_report(published=None))
    entry = the_entry(register)
    assert entry.undated
    assert entry.position.said is None


# ------------------------------------------------------------------ readings and versions


def test_the_newest_reading_is_current_and_the_old_rows_stay(register: Register) -> None:
    article = make_article("France is ready to send troops or jets.")
    old = make_findings(article, make_position(article), reader="rules 1")
    new = make_findings(article, make_position(article, "jets", kind="weapons"), reader="rules 2")
    assert register.add(old)
    before = set(register.dump())
    assert register.add(new)
    assert [e.reader for e in register.entries()] == ["rules 2"]
    assert before < set(register.dump())
    assert not register.add(old), "an older reader's findings do not come back"
    assert [e.reader for e in register.entries()] == ["rules 2"]
    assert register.counts().positions == 1


def test_a_better_reading_that_finds_nothing_empties_the_article(register: Register) -> None:
    article = make_article()
    register.add(make_findings(article, make_position(article), reader="rules 1"))
    register.add(make_findings(article, reader="rules 2"))
    assert register.entries() == ()


def versions(*published: str | None) -> list[Findings]:
    """Versions of one page, dated as given."""
    out = []
    for n, at in enumerate(published):
        article = make_article(
            f"France is ready to send troops. Version {n}.", url="https://e.org/1", published=at
        )
        out.append(make_findings(article, make_position(article)))
    return out


def test_a_changed_article_is_a_new_version_and_only_the_last_counts(register: Register) -> None:
    first, second = versions("2025-03-02", "2025-03-02")
    register.add(first)
    register.add(second)
    assert [e.article_id for e in register.entries()] == [second.article.id]
    summaries = {s.id: s for s in register.articles()}
    assert summaries[second.article.id].replaces == first.article.id
    assert [summaries[f.article.id].current for f in (first, second)] == [False, True]
    assert register.article(first.article.id).text == first.article.text


def test_an_earlier_version_found_late_goes_behind_the_later_one(tmp_path: Path) -> None:
    found = versions("2025-03-01", "2025-03-02", "2025-03-03")
    for seed in range(6):
        random.Random(seed).shuffle(found)
        with Register(tmp_path / f"{seed}.db") as register:
            for findings in found:
                register.add(findings)
            in_order = sorted(found, key=lambda f: str(f.article.published))
            chain = {s.id: s.replaces for s in register.articles()}
            assert [chain[f.article.id] for f in in_order] == [
                None, in_order[0].article.id, in_order[1].article.id,
            ]  # fmt: skip
            assert the_entry(register).article_id == in_order[2].article.id


def test_articles_without_a_url_are_no_versions_of_each_other(register: Register) -> None:
    register.add(make_report("France"))
    register.add(make_report("Italy", "iso:IT"))
    assert len(register.entries()) == 2


# ------------------------------------------------------------------ what people enter


def hand(text: str, *actions: str, url: str | None = "https://e.org/1") -> list[Findings]:
    """Positions entered by hand from one quotation, one after the other."""
    article = make_article(text, url=url)
    machine_read = Caveat("machine-read", "No person has reviewed it.")
    return [
        make_findings(article, make_position(article, a, caveats=[machine_read]), reader="hand")
        for a in actions
    ]


def test_what_a_person_entered_counts_as_reviewed(register: Register) -> None:
    (findings,) = hand("France is ready to send troops.", "send troops")
    register.add(findings)
    entry = the_entry(register)
    assert entry.reviewed
    assert apart_from_support(entry).caveats == ()


def test_a_second_position_from_the_same_words_can_be_entered(register: Register) -> None:
    for findings in hand("France will send troops and jets.", "send troops", "jets"):
        assert register.add(findings)
        assert not register.add(findings)
    assert [e.action_words for e in register.entries()] == ["send troops", "jets"]


def test_entered_quotations_replace_no_article_and_no_reading(register: Register) -> None:
    machine = versions("2025-03-02")[0]
    register.add(machine)
    for quote in ("France is ready to send troops, he said.", "Yes, France will send troops."):
        for findings in hand(quote, "send troops"):
            register.add(findings)
    same_text = make_findings(
        machine.article, make_position(machine.article, "Version 0"), reader="hand"
    )
    register.add(same_text)
    register.add(replace(machine, reader="rules 2"))
    assert sorted((e.reader, e.reviewed) for e in register.entries()) == [
        ("hand", True), ("hand", True), ("hand", True), ("rules 2", False),
    ]  # fmt: skip
    assert all(s.replaces is None for s in register.articles())


def test_where_machine_and_person_found_the_same_the_person_s_stands(register: Register) -> None:
    article = make_article()
    for reader in ("hand", "rules 1"):
        register.add(make_findings(article, make_position(article), reader=reader))
    assert the_entry(register).reviewed
    assert register.counts().positions == 1


# ------------------------------------------------------------------ who speaks for whom


def speech(
    person: str,
    *,
    party: str | None = None,
    holder: str = "iso:FR",
    outlet: str = "Test Post",
    text: str = "He said France is ready to send troops.",
    published: str = "2025-03-02",
    **fields: object,
) -> Findings:
    """An article in which a person says where a holder stands; a party adds evidence for it."""
    article = make_article(text, outlet=outlet, published=published)
    fields = {"voice": "third-party", "speaker": "He", "speaker_actor": person, **fields}
    position = make_position(article, actors=(holder,), **fields)  # type: ignore[arg-type]
    evidence = [SpeaksFor(person, party, (0, 2), "minister")] if party else []
    return make_findings(article, position, evidence=evidence)


def by_outlet(register: Register, *found: Findings) -> dict[str | None, Entry]:
    for findings in found:
        register.add(findings)
    return {e.outlet: e for e in register.entries()}


def test_a_person_stands_as_the_state_they_speak_for_elsewhere(register: Register) -> None:
    entries = by_outlet(
        register,
        speech("per:ann-lee", holder="per:ann-lee", party="iso:NZ", outlet="a"),
        speech("per:ann-lee", holder="per:ann-lee", outlet="b"),
    )
    assert entries["b"].holders == ("iso:NZ",)
    assert entries["b"].position.holder_actors == ("per:ann-lee",)
    assert entries["b"].speaker_party == "iso:NZ"


def test_without_evidence_a_person_stands_for_themself(register: Register) -> None:
    entry = by_outlet(register, speech("per:ann-lee", holder="per:ann-lee"))["Test Post"]
    assert entry.holders == ("per:ann-lee",)
    assert entry.speaker_party == "per:ann-lee"


def test_evidence_of_the_same_article_wins_over_the_majority(register: Register) -> None:
    entries = by_outlet(
        register,
        speech("per:ann-lee", party="iso:NZ", outlet="a"),
        speech("per:ann-lee", party="iso:NZ", outlet="b"),
        speech("per:ann-lee", party="org:un", outlet="c"),
        speech("per:ann-lee", outlet="d"),
    )
    assert entries["c"].speaker_party == "org:un"
    assert entries["d"].speaker_party == "iso:NZ"


def test_a_tie_of_evidence_decides_nothing(register: Register) -> None:
    entries = by_outlet(
        register,
        speech("per:ann-lee", party="iso:NZ", outlet="a"),
        speech("per:ann-lee", party="iso:AU", outlet="b"),
        speech("per:ann-lee", outlet="c"),
    )
    assert entries["c"].speaker_party == "per:ann-lee"


def test_who_speaks_for_a_body_speaks_for_its_state(register: Register) -> None:
    article = make_article("The palace is the president's office.", outlet="z")
    body = make_findings(article, evidence=[speaks_for(article, "org:palace", "iso:FR")])
    entries = by_outlet(register, body, speech("per:ann-lee", party="org:palace", outlet="a"))
    assert entries["a"].speaker_party == "iso:FR"


def test_bodies_that_speak_for_each_other_do_not_hang(register: Register) -> None:
    article = make_article("One is the other's voice.")
    both = [speaks_for(article, "org:a", "org:b"), speaks_for(article, "org:b", "org:a")]
    register.add(make_findings(article, evidence=both))
    assert by_outlet(register, speech("org:a", outlet="o"))["o"].speaker_party in ("org:a", "org:b")


@pytest.mark.parametrize("short", ["per:kovalsky", "per:kovalskiy", "per:kovalskyy"])
def test_a_surname_is_the_one_full_name_that_ends_so(register: Register, short: str) -> None:
    entries = by_outlet(
        register,
        speech("per:ivan-kovalskyi", party="iso:UA", outlet="a"),
        speech(short, outlet="b"),
    )
    assert entries["b"].speaker_party == "iso:UA"


def test_a_surname_of_two_people_names_neither(register: Register) -> None:
    entries = by_outlet(
        register,
        speech("per:ivan-kovalsky", party="iso:UA", outlet="a"),
        speech("per:olha-kovalsky", party="iso:PL", outlet="b"),
        speech("per:kovalsky", outlet="c"),
    )
    assert entries["c"].speaker_party == "per:kovalsky"


def test_listed_groups_stay_whole_in_holders(register: Register) -> None:
    article = make_article()
    bloc = make_actor("org:benelux", "Benelux", type="bloc", members=("iso:BE", "iso:NL"))
    position = make_position(article, actors=("org:benelux",))
    register.add(make_findings(article, position, actors=[bloc]))
    assert the_entry(register).holders == ("org:benelux",)
    assert register.actors()["iso:BE"].type == "state", "members are known by their ids"


# ------------------------------------------------------------------ voices


def test_evidence_from_elsewhere_makes_a_speaker_the_holder_s_own(register: Register) -> None:
    third = Caveat("third-party", "Said by another.")
    entries = by_outlet(
        register,
        speech("per:ann-lee", outlet="a", caveats=[third], text="He said France may send troops."),
        speech("per:ann-lee", party="iso:FR", outlet="b"),
        speech("per:ann-lee", outlet="c", text="“France will send troops,” He said."),
        speech("per:ann-lee", outlet="d", holder="iso:DE"),
    )
    assert {o: e.position.voice for o, e in entries.items()} == {
        "a": "reported", "b": "reported", "c": "quoted", "d": "third-party",
    }  # fmt: skip
    assert apart_from_support(entries["a"]).caveats == ()
    stored = [values for name, values in register.dump() if name == "positions"]
    assert all("third-party" in values for values in stored), "what was read stays as it was read"


def test_a_member_speaks_for_the_listed_group_it_is_in(register: Register) -> None:
    bloc = make_actor("org:benelux", "Benelux", type="bloc", members=("iso:BE", "iso:NL"))
    article = make_article("Minister He said France is ready to send troops.")
    position = make_position(
        article, actors=("org:benelux",), speaker="He", speaker_actor="per:he", voice="third-party"
    )
    evidence = [speaks_for(article, "per:he", "iso:NL", "Minister")]
    register.add(make_findings(article, position, actors=[bloc], evidence=evidence))
    assert the_entry(register).position.voice == "reported"


def test_an_anonymous_voice_stays_anonymous(register: Register) -> None:
    entry = by_outlet(register, speech("grp:1", party="iso:FR", voice="anonymous"))["Test Post"]
    assert entry.position.voice == "anonymous"


# ------------------------------------------------------------------ origins


STORY = " ".join(f"The {n}th delegate spoke of the matter at length." for n in range(20))


def carried(outlet: str, text: str, **fields: object) -> Findings:
    article = make_article(text, outlet=outlet, published=fields.pop("published", "2025-03-02"))  # type: ignore[arg-type]
    return make_findings(article, make_position(article, **fields))  # type: ignore[arg-type]


def origin_count(register: Register, *found: Findings) -> int:
    for findings in found:
        register.add(findings)
    return len({e.origin for e in register.entries()})


def test_near_copies_are_one_origin(register: Register) -> None:
    text = f"France is ready to send troops. {STORY}"
    changed = f"Our correspondent writes: {text.replace('7th', 'seventh')} More on page 4."
    assert origin_count(register, carried("a", text), carried("b", changed)) == 1


def test_an_article_that_holds_another_one_is_its_copy(register: Register) -> None:
    text = f"France is ready to send troops. {STORY}"
    more = " ".join(f"Unheard of: case {n} of another {n * 7} reports." for n in range(30))
    assert origin_count(register, carried("a", text), carried("b", f"{text} {more}")) == 1


def test_two_reports_in_their_own_words_are_two_origins(register: Register) -> None:
    other = " ".join(f"Nobody had expected session {n} to go that way." for n in range(20))
    one = carried("a", f"France is ready to send troops. {STORY}")
    two = carried("b", f"France said it could send troops. {other}")
    assert origin_count(register, one, two) == 2


def test_short_formulas_are_no_copies_of_each_other(register: Register) -> None:
    one = carried("a", "The minister said on Monday that France is ready to send troops.")
    two = carried("b", "The minister said on Friday that France is ready to send troops.")
    assert origin_count(register, one, two) == 2
    assert origin_count(register, replace(one, article=replace(one.article, outlet="c"))) == 2


def test_different_claims_of_one_article_are_different_origins(register: Register) -> None:
    article = make_article(f"France and Italy will send troops. {STORY}")
    positions = [
        make_position(article, holder="France"),
        make_position(article, holder="Italy", actors=("iso:IT",)),
    ]
    assert origin_count(register, make_findings(article, *positions)) == 2


def said_by(
    person: str, outlet: str, said: str | None = "2025-03-02", **fields: object
) -> Findings:
    text = f"He told {outlet} that France is ready to send troops. {outlet * 9}"
    return speech(person, outlet=outlet, text=text, said=said, **fields)  # type: ignore[arg-type]


def test_one_utterance_in_two_outlets_is_one_origin(register: Register) -> None:
    found = [said_by("per:ann-lee", "one"), said_by("per:lee", "two", relay="two")]
    assert origin_count(register, *found) == 1


@pytest.mark.parametrize(
    "other",
    [
        said_by("per:ann-lee", "two", "2025-03-03"),
        said_by("per:ann-lee", "two", "2025-03"),
        said_by("per:ann-lee", "two", None),
        said_by("per:ann-lee", "two", stance="pledged"),
        said_by("per:ann-lee", "two", kind="air"),
        said_by("per:bob-ray", "two"),
    ],
)
def test_another_day_or_claim_or_voice_is_another_origin(
    register: Register, other: Findings
) -> None:
    assert origin_count(register, said_by("per:ann-lee", "one"), other) == 2


def test_unnamed_speakers_of_two_articles_are_two_origins(register: Register) -> None:
    officials = make_actor("grp:officials", type="group", anonymous=True)
    found = []
    for outlet in ("one", "two"):
        findings = said_by("grp:officials", outlet)
        found.append(
            replace(findings, resolution=replace(findings.resolution, actors=(officials,)))
        )
    assert origin_count(register, *found) == 2


# ------------------------------------------------------------------ asking


def test_a_position_is_found_by_the_beginning_of_its_id(register: Register) -> None:
    register.add(make_report("France"))
    register.add(make_report("Italy", "iso:IT"))
    one, two = register.entries()
    assert register.entry(one.id) == one
    same = next(n for n in range(17) if one.id[: n + 1] != two.id[: n + 1])
    assert register.entry(two.id[: same + 1]) == two
    with pytest.raises(UnknownPosition, match="no current position begins with 'xyz'"):
        register.entry("xyz")
    with pytest.raises(UnknownPosition, match="2 positions begin with ''"):
        register.entry("")


def test_an_unknown_article_is_named(register: Register) -> None:
    with pytest.raises(RegisterError, match="holds no article 'nothing'"):
        register.article("nothing")


def test_an_actor_is_called_what_most_articles_call_it(register: Register) -> None:
    for n, name in enumerate(("Zed", "The Land of Zed", "Zed")):
        article = make_article(f"Article {n}: send troops to France.")
        actor = make_actor("iso:ZZ", name)
        register.add(make_findings(article, make_position(article), actors=[actor]))
    assert register.actor("iso:ZZ").name == "Zed"
    assert register.actor("iso:QQ").name == "QQ"
    assert list(register.actors()) == sorted(register.actors())


def test_what_was_skipped_is_kept_once(register: Register) -> None:
    assert register.skip("a.txt", "empty", "no characters")
    assert not register.skip("a.txt", "empty", "no characters")
    register.skip("b.txt", "language", "French")
    foreign = make_findings(make_article(name="c.txt"), skipped="language: German")
    assert register.add(foreign)
    assert not register.add(foreign)
    assert register.skips()[2] == Skipped("c.txt", "language", "German")
    counts = register.counts()
    assert (counts.articles, counts.positions) == (0, 0)
    assert counts.skipped == {"empty": 1, "language": 2}


# ------------------------------------------------------------------ undertakings


def test_a_register_keeps_its_undertaking(path: Path, undertaking: Undertaking) -> None:
    with Register(path, undertaking=undertaking) as register:
        assert register.undertaking == undertaking
    for read_only in (True, False):
        with Register(path, read_only=read_only) as register:
            kept = register.undertaking
            assert kept is not None
            assert (kept.id, kept.digest, kept.toml) == (
                undertaking.id, undertaking.digest, undertaking.toml,
            )  # fmt: skip
        with Register(path, undertaking=undertaking, read_only=read_only):
            pass


def test_another_undertaking_is_refused_with_what_to_do(
    path: Path, undertaking: Undertaking
) -> None:
    other = parse_undertaking('id = "another"\ntitle = "Another"', "another")
    changed = parse_undertaking(f"{undertaking.toml}\n# changed", undertaking.id)
    Register(path, undertaking=undertaking).close()
    with pytest.raises(UndertakingMismatch, match="not 'another': open it without"):
        Register(path, undertaking=other)
    with pytest.raises(UndertakingMismatch, match="another version of the undertaking"):
        Register(path, undertaking=changed, read_only=True)


def test_a_register_read_without_an_undertaking_takes_none_later(
    path: Path, undertaking: Undertaking
) -> None:
    with Register(path) as register:
        assert register.undertaking is None
        register.add(make_report())
    with pytest.raises(UndertakingMismatch, match="read without an undertaking"):
        Register(path, undertaking=undertaking)


def test_findings_of_another_undertaking_are_refused(path: Path, undertaking: Undertaking) -> None:
    with Register(path, undertaking=undertaking) as register:
        assert register.add(replace(make_report(), undertaking=undertaking.id))
        with pytest.raises(UndertakingMismatch, match="'other'"):
            register.add(replace(make_report("Italy"), undertaking="other"))


# ------------------------------------------------------------------ opening


def test_a_missing_register_is_not_made_by_reading(path: Path) -> None:
    with pytest.raises(RegisterError, match="there is no register at"):
        Register(path, read_only=True)
    assert not path.exists()


def test_reading_only_changes_no_byte(path: Path) -> None:
    with Register(path) as register:
        register.add(make_report())
    before = path.read_bytes()
    with Register(path, read_only=True) as register:
        assert len(register.entries()) == 1
        with pytest.raises(RegisterError, match="open for reading only"):
            register.add(make_report("Italy"))
        with pytest.raises(RegisterError, match="open for reading only"):
            register.skip("a", "empty", "")
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.sqlite
def test_a_closed_register_is_one_plain_file(path: Path) -> None:
    with Register(path) as register:
        register.add(make_report())
        assert execute(path, "PRAGMA journal_mode") == [("wal",)]
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert execute(path, "PRAGMA journal_mode") == [("delete",)]


def test_a_register_can_be_read_while_another_program_writes(path: Path) -> None:
    with Register(path) as writer:
        writer.add(make_report())
        with Register(path, read_only=True) as reader:
            with closing(sqlite3.connect(path)) as other:
                other.execute("BEGIN IMMEDIATE")
                assert len(reader.entries()) == 1
            writer.add(make_report("Italy", "iso:IT"))
            assert len(reader.entries()) == 2
    with Register(path) as again:
        assert len(again.entries()) == 2


@pytest.mark.sqlite
def test_a_locked_register_says_so(path: Path) -> None:
    with Register(path, busy_seconds=0.05) as register:
        with closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(RegisterError, match=r"is locked by another program: try again"):
                register.add(make_report())
            with pytest.raises(RegisterError, match="locked"):
                register.skip("a", "empty", "")
        assert register.add(make_report())


def test_two_writers_at_once_lose_nothing(path: Path) -> None:
    Register(path).close()
    failed: list[Exception] = []

    def write(first: int) -> None:
        try:
            with Register(path) as register:
                for n in range(first, first + 20):
                    register.add(make_report(f"Land {n}", f"iso:{n}"))
        except Exception as e:
            failed.append(e)

    threads = [threading.Thread(target=write, args=(first,)) for first in (0, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with Register(path, read_only=True) as register:
        assert len(register.entries()) == 30


def test_one_register_serves_several_threads(register: Register) -> None:
    register.add(make_report())
    seen: list[int] = []
    threads = [
        threading.Thread(target=lambda: seen.append(len(register.entries()))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1] * 4


@pytest.mark.parametrize("name", ["with space?.db", "per%20cent#.db", "ümlaut.db"])
def test_odd_file_names_are_opened_as_they_are(tmp_path: Path, name: str) -> None:
    Register(tmp_path / "new folder" / name).close()
    assert [p.name for p in (tmp_path / "new folder").iterdir()] == [name]
    Register(tmp_path / "new folder" / name, read_only=True).close()


@pytest.mark.sqlite
def test_a_register_opens_by_url_and_in_memory(path: Path) -> None:
    with Register(f"sqlite:///{path}") as register:
        register.add(make_report())
    with Register(str(path), read_only=True) as register:
        assert len(register.entries()) == 1
    with Register(":memory:") as register:
        register.add(make_report())
        assert len(register.entries()) == 1
    with pytest.raises(RegisterError, match="cannot open register"):
        Register("nosuch://nowhere/x")


@pytest.mark.sqlite
def test_what_is_no_register_is_refused_and_left_alone(tmp_path: Path) -> None:
    text, other, empty = (tmp_path / n for n in ("a.txt", "other.db", "empty.db"))
    text.write_text("A text of some length that is no database at all. " * 20)
    execute(other, "CREATE TABLE birds (name)")
    empty.touch()
    before = other.read_bytes()
    for read_only in (False, True):
        with pytest.raises(RegisterError, match="file is not a database"):
            Register(text, read_only=read_only)
        with pytest.raises(RegisterError, match="holds other tables"):
            Register(other, read_only=read_only)
    assert other.read_bytes() == before
    with pytest.raises(RegisterError, match="holds no Caveat register"):
        Register(empty, read_only=True)
    with pytest.raises(RegisterError, match="register"):
        Register(tmp_path)
    with pytest.raises(RegisterError):
        Register(text / "below.db")


@pytest.mark.sqlite
def test_a_register_of_a_newer_version_is_refused(path: Path) -> None:
    Register(path).close()
    execute(path, "INSERT INTO caveat_migrations VALUES ('9999_future', '2030')")
    for read_only in (False, True):
        with pytest.raises(RegisterError, match=r"newer version of Caveat \(9999_future\)"):
            Register(path, read_only=read_only)


# ------------------------------------------------------------------ bad input


def test_words_that_no_database_holds_are_refused_and_nothing_is_left(register: Register) -> None:
    before = list(register.dump())
    article = make_article("France is ready to send troops. \ud800", name="bad.txt")
    with pytest.raises(RegisterError, match=r"bad\.txt"):
        register.add(make_findings(article, make_position(article)))
    assert list(register.dump()) == before


def test_a_span_outside_the_text_is_refused_and_nothing_is_left(register: Register) -> None:
    before = list(register.dump())
    article = make_article(name="bad.txt")
    for action, why in (((3, 999), "a span ends at 999"), ((9, 3), "action_in_order")):
        with pytest.raises(RegisterError, match=why):
            register.add(make_findings(article, make_position(article, action)))
    assert list(register.dump()) == before


@pytest.mark.parametrize(
    "field", [{"stance": "hoping"}, {"voice": "loud"}, {"kind": ""}, {"confidence": 1.5}]
)
def test_values_outside_the_words_of_the_design_are_refused(
    register: Register, field: dict[str, object]
) -> None:
    article = make_article()
    position = replace(make_position(article), **field)  # type: ignore[arg-type]
    with pytest.raises(RegisterError, match=r"(?i)check constraint"):
        register.add(make_findings(article, position))
    assert register.counts().articles == 0


def test_an_empty_article_is_kept(register: Register) -> None:
    register.add(make_findings(Article(text="")))
    assert register.counts().articles == 1


# ------------------------------------------------------------------ schema


def test_every_table_and_view_is_described_in_the_docs() -> None:
    page = (ROOT / "docs" / "register.md").read_text("utf-8")
    names = {*metadata.tables, *(name for name, _ in VIEWS), "sentences_fts", "articles_fts"}
    assert [n for n in sorted(names) if f"`{n}`" not in page] == []


@pytest.mark.sqlite
def test_every_view_answers(path: Path) -> None:
    with Register(path) as register:
        register.add(full_findings())
    for name, _ in VIEWS:
        assert execute(path, f"SELECT * FROM {name}"), name
    assert execute(path, "SELECT holder, action, speaker FROM positions_readable") == [
        ("per:jose-ost", "send up to 500 soldiers to Ukraine", "the minister, José Öst")
    ]


@pytest.mark.sqlite
def test_foreign_keys_are_on_and_whole(path: Path) -> None:
    with Register(path) as register:
        register.add(full_findings())
        with register._writing("test") as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    assert execute(path, "PRAGMA foreign_key_check") == []
    assert execute(path, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.sqlite
def test_the_full_text_index_follows_the_positions(path: Path) -> None:
    with Register(path) as register:
        register.add(full_findings())
        register.add(make_report())
    find = "SELECT sentence FROM sentences_fts WHERE sentences_fts MATCH 'ost' ORDER BY rank"
    assert len(execute(path, find)) == 1
    check = "INSERT INTO sentences_fts (sentences_fts, rank) VALUES ('integrity-check', 1)"
    execute(path, check)
    execute(path, "DELETE FROM positions")
    execute(path, check)
    assert execute(path, find) == []


def test_tables_have_plural_names_in_snake_case() -> None:
    assert all(n.islower() and n.isidentifier() for n in metadata.tables)
    assert all(n.endswith("s") or n in ("register_info", "speaks_for") for n in metadata.tables)


def test_a_migration_and_its_record_are_one(path: Path) -> None:
    engine = open_engine(path, read_only=False)
    steps.migrate(engine)

    def fails(connection: object) -> None:
        connection.exec_driver_sql("CREATE TABLE half (x)")  # type: ignore[attr-defined]
        raise RuntimeError("in the middle")

    def works(connection: object) -> None:
        connection.exec_driver_sql("CREATE TABLE whole (x)")  # type: ignore[attr-defined]

    more = (*steps.MIGRATIONS, steps.Migration("0002", works), steps.Migration("0003", fails))
    with pytest.raises(RuntimeError):
        steps.migrate(engine, more)
    tables = inspect(engine).get_table_names()
    assert "whole" in tables
    assert "half" not in tables
    with engine.connect() as connection:
        assert [m.name for m in steps.pending(connection, more)] == ["0003"]
    engine.dispose()


def test_an_older_register_is_updated_by_writing_and_not_by_reading(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Register(path).close()
    newer = (*steps.MIGRATIONS, steps.Migration("0002_more", lambda _: None))
    monkeypatch.setattr(steps, "MIGRATIONS", newer)
    with pytest.raises(RegisterError, match="of an older version: open it once for writing"):
        Register(path, read_only=True)
    Register(path).close()
    Register(path, read_only=True).close()


ROLL_BACK_DERIVED = """
    DROP TABLE standing_words;
    DROP TABLE derived_cells;
    DROP TABLE derived_propositions;
    DROP TABLE proposition_decisions;
    DROP TABLE reviews;
    DROP TABLE imported_rows;
    DROP TABLE article_marks;
    DROP TRIGGER articles_fts_insert;
    DROP TABLE articles_fts;
    DROP VIEW article_texts;
    DROP TABLE article_keys;
    DROP TABLE derived_holders;
    DROP TABLE derived_positions;
    DROP TABLE derived_actors;
    DROP TABLE derivations;
    DELETE FROM caveat_migrations WHERE name = '0004_reviews';
"""
ROLL_BACK_IDENTITIES = """
    DROP TABLE signatures;
    DROP TABLE actor_decisions;
    ALTER TABLE speaks_for DROP COLUMN single;
    CREATE TABLE sketches (
        article_id TEXT NOT NULL, scale INTEGER NOT NULL, hashes BLOB NOT NULL,
        PRIMARY KEY (article_id), FOREIGN KEY(article_id) REFERENCES articles (id)
    );
    INSERT INTO sketches SELECT id, 1, x'00ff' FROM articles;
    DELETE FROM caveat_migrations WHERE name = '0003_identities';
"""
ROLL_BACK_SECOND_READER = """
    DROP TABLE second_opinions;
    DROP TABLE llm_endpoints;
    DROP TABLE llm_replies;
    DELETE FROM caveat_migrations WHERE name = '0002_second_reader';
"""
"""What turns a register into one as the version before left it."""
OLDER_VIEWS = {
    "current_readings": """
        SELECT r.id AS reading_id, r.article_id, r.reader
        FROM readings r
        WHERE r.reader = 'hand'
        OR (
            NOT EXISTS (
                SELECT 1 FROM readings later
                WHERE later.article_id = r.article_id
                AND later.number > r.number AND later.reader <> 'hand'
            )
            AND NOT EXISTS (SELECT 1 FROM articles newer WHERE newer.replaces = r.article_id)
        )
    """
}
"""As they were before tables could be imported."""
OLDER = {
    "0001_first_schema": ROLL_BACK_DERIVED + ROLL_BACK_IDENTITIES + ROLL_BACK_SECOND_READER,
    "0002_second_reader": ROLL_BACK_DERIVED + ROLL_BACK_IDENTITIES,
    "0003_identities": ROLL_BACK_DERIVED,
}


def some_of_everything() -> list[Findings]:
    """Copies, versions of a page, words entered by hand, evidence, an empty and an undated text."""
    story = f"France is ready to send troops. {STORY}"
    return [
        full_findings(),
        *versions("2025-03-01", "2025-03-02"),
        *hand("France will send troops and jets.", "send troops", "jets"),
        carried("a", story),
        carried("b", f"Our correspondent writes: {story} More on page 4."),
        speech("per:ann-lee", party="iso:NZ", outlet="c"),
        speech(
            "per:lee", holder="per:lee", outlet="d", text="He said that France may send troops."
        ),
        make_report(published=None),
        make_findings(Article(text="")),
    ]


def older(path: Path, name: str, found: list[Findings]) -> None:
    """Write a register as the version of that migration left it."""
    with Register(path, undertaking=load_undertaking()) as register:
        for findings in found:
            register.add(findings)
        register.skip("a.txt", "empty", "no characters")
    with closing(sqlite3.connect(path)) as raw:
        for view, query in OLDER_VIEWS.items():
            raw.execute(f"DROP VIEW {view}")
            raw.execute(f"CREATE VIEW {view} AS {query}")
        raw.executescript(OLDER[name])
        raw.commit()
    # only as many migrations are recorded as the older version knew
    done = {row[0] for row in execute(path, "SELECT name FROM caveat_migrations")}
    assert done == {m.name for m in steps.MIGRATIONS if m.name <= name}


def columns(path: Path) -> dict[str, set[tuple[str, str, bool]]]:
    """The columns of all tables, whatever their order."""
    engine = open_engine(path, read_only=True)
    found = inspect(engine)
    out = {
        name: {(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(name)}
        for name in found.get_table_names()
    }
    engine.dispose()
    return out


@pytest.mark.sqlite
@pytest.mark.parametrize("name", OLDER)
def test_a_register_of_each_earlier_version_becomes_what_a_new_one_would_be(
    tmp_path: Path, name: str
) -> None:
    old, fresh = tmp_path / "old.db", tmp_path / "fresh.db"
    found = some_of_everything()
    older(old, name, found)
    with pytest.raises(RegisterError, match="of an older version: open it once for writing"):
        Register(old, read_only=True)
    with Register(fresh, undertaking=load_undertaking()) as register:
        for findings in found:
            register.add(findings)
        register.skip("a.txt", "empty", "no characters")

    Register(old).close()
    with Register(old, read_only=True) as one, Register(fresh, read_only=True) as other:
        assert list(one.dump()) == list(other.dump())
        assert one.entries() == other.entries()
        assert one.merges() == other.merges()
        assert len({e.origin for e in one.entries() if e.outlet in ("a", "b")}) == 1
    assert execute(old, "PRAGMA foreign_key_check") == []
    assert execute(old, "PRAGMA integrity_check") == [("ok",)]
    assert columns(old) == columns(fresh)
    assert execute(old, "SELECT name FROM sqlite_master WHERE name = 'sketches'") == []


@pytest.mark.sqlite
@pytest.mark.parametrize("name", OLDER)
def test_a_register_of_an_earlier_version_takes_articles_and_decisions(
    path: Path, name: str
) -> None:
    older(path, name, some_of_everything())
    with Register(path) as register:
        assert not register.add(full_findings()), "what was read stays read"
        assert register.add(carried("e", f"From our desk: France is ready to send troops. {STORY}"))
        origins = {e.origin for e in register.entries() if e.outlet in ("a", "b", "e")}
        assert len(origins) == 1
        register.decide("per:ann-lee", "per:lee", "different", who="Ada", why="")
        assert "per:lee" not in register.merges().same


@pytest.mark.sqlite
@pytest.mark.parametrize("name", ["0001_first_schema", "0002_second_reader"])
def test_a_migration_that_fails_leaves_the_older_register_as_it_was(
    path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    older(path, name, some_of_everything())
    before = columns(path)

    def fails(_: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(steps, "signature_row", fails)
    with pytest.raises(RuntimeError, match="in the middle"):
        Register(path)
    after = columns(path)
    assert {n: c for n, c in after.items() if n in before} == before
    assert "sketches" in after and "signatures" not in after
    monkeypatch.undo()
    Register(path).close()
    assert "signatures" in columns(path)


@pytest.mark.sqlite
def test_two_programs_may_update_an_older_register_at_once(path: Path) -> None:
    older(path, "0001_first_schema", some_of_everything())
    failed: list[Exception] = []

    def update() -> None:
        try:
            Register(path).close()
        except Exception as e:
            failed.append(e)

    threads = [threading.Thread(target=update) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with Register(path, read_only=True) as register:
        assert register.entries()


def test_the_default_register_lies_in_the_user_s_data_folder() -> None:
    assert default_path().name == "register.db"
    assert default_path().parent.name == "caveat"


def test_evidence_that_no_words_state_counts_in_its_own_article_alone(path):
    first = make_article("Berg said Norway will send troops.", url="a")
    second = make_article("Berg said Norway may send ships.", url="b")
    who = {"holder": "Norway", "actors": ("iso:NO",), "speaker": "Berg"}
    who["speaker_actor"] = "per:berg"
    implied = SpeaksFor("per:berg", "iso:NO", (0, 4), f"prime minister, {IMPLIED}")
    with Register(path) as register:
        one = make_position(first, "send troops", voice="third-party", **who)
        two = make_position(second, "send ships", voice="third-party", **who)
        register.add(make_findings(first, one, evidence=[implied]))
        register.add(make_findings(second, two))
        voices = {e.action_words: e.position.voice for e in register.entries()}
    assert voices == {"send troops": "reported", "send ships": "third-party"}
