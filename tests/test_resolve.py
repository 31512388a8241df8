"""`caveat.resolve`: mentions to actors. All texts here are our own."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caveat.model import Article, Attribution, Marks, Name, PositionMark
from caveat.resolve import actor_name, actor_named, resolve
from caveat.resolve.gazetteer import find
from caveat.resolve.tokens import tokenize
from marked import NONE, at, bracketed, found, read, speaking, who

# ------------------------------------------------------------------ names of options


@pytest.mark.parametrize(
    ("word", "actor"),
    [
        ("RU", "iso:RU"),
        ("iso:RU", "iso:RU"),
        ("ISO:ru", "iso:RU"),
        ("ru", "iso:RU"),
        ("Russia", "iso:RU"),
        ("russia", "iso:RU"),
        ("Russian", "iso:RU"),
        ("the Kremlin", "iso:RU"),
        ("Kremlin's", "iso:RU"),
        ("NATO", "org:nato"),
        ("nato", "org:nato"),
        ("org:nato", "org:nato"),
        ("UK", "iso:GB"),
        ("U.K.", "iso:GB"),
        ("Türkiye", "iso:TR"),
        ("Turkiye", "iso:TR"),
        ("Turkey", "iso:TR"),
        ("Czech Republic", "iso:CZ"),
        ("Holland", "iso:NL"),
        ("Ivory Coast", "iso:CI"),
        ("Georgia", "iso:GE"),
        ("Kosovo", "iso:XK"),
        ("Palestine", "iso:PS"),
        ("Bosnia and Herzegovina", "iso:BA"),
        ("Male", "iso:MV"),
        ("EU", "org:eu"),
        ("Brussels", "org:eu"),
        ("State Department", "org:us-foreign-ministry"),
        ("out:tass", "out:tass"),
        ("org:tr-defence-ministry", "org:tr-defence-ministry"),
        ("Ruritania", None),
        ("org:nobody", None),
        ("", None),
        ("  ", None),
    ],
)
def test_a_user_names_an_actor_as_it_comes(word: str, actor: str | None) -> None:
    assert actor_named(word) == actor


@pytest.mark.parametrize(
    ("actor", "name"),
    [
        ("iso:FR", "France"),
        ("iso:MM", "Myanmar"),
        ("iso:BA", "Bosnia and Herzegovina"),
        ("org:eu", "European Union"),
        ("org:baltic-states", "Baltic states"),
        ("org:pl-foreign-ministry", "foreign ministry of Poland"),
        ("out:unian", "UNIAN"),
        ("per:anna-maria-okafor", "Anna Maria Okafor"),
        ("grp:0123456789abcdef", "unnamed group"),
        ("odd", "odd"),
    ],
)
def test_every_id_has_a_name_to_show(actor: str, name: str) -> None:
    assert actor_name(actor) == name


# ------------------------------------------------------------------ gazetteer


@pytest.mark.parametrize(
    ("text", "words", "actor"),
    [
        ("Troops of the US left.", "US", "iso:US"),
        ("The U.S.-led talks failed.", "U.S.", "iso:US"),
        ("Talks in the U.S. They failed.", "U.S.", "iso:US"),
        ("No 10 declined.", "No 10", "iso:GB"),
        ("A note from No. 10 arrived.", "No. 10", "iso:GB"),
        ("The Elysee was silent.", "Elysee", "iso:FR"),
        ("The Élysée was silent.", "Élysée", "iso:FR"),
        ("Kyiv's answer", "Kyiv", "iso:UA"),
        ("Kiev’s answer", "Kiev", "iso:UA"),
        ("the Ukrainians refused", "Ukrainians", "iso:UA"),
        ("MINISTERS IN FRANCE MEET", "FRANCE", "iso:FR"),
        ("the Baltic states agreed", "Baltic states", "org:baltic-states"),
        ("the E3 agreed", "E3", "org:e3"),
        ("a coalition of the willing", "coalition of the willing", "org:coalition-of-the-willing"),
        ("said /TASS/.", "TASS", "out:tass"),
        ("told Interfax-Ukraine.", "Interfax-Ukraine", "out:interfax-ukraine"),
        ("the Washington Post wrote", "Washington Post", "out:the-washington-post"),
        ("Guinea-Bissau voted", "Guinea-Bissau", "iso:GW"),
        ("Papua New Guinea voted", "Papua New Guinea", "iso:PG"),
        ("South Sudan voted", "South Sudan", "iso:SS"),
        ("the UN Security Council met", "UN Security Council", "org:un-security-council"),
        ("Georgia's parliament met", "Georgia's parliament", "org:ge-parliament"),
        ("Jordan and Georgia voted", "Jordan", "iso:JO"),
    ],
)
def test_a_listed_name_is_found_in_the_text(text: str, words: str, actor: str) -> None:
    assert found(text).get(words) == (actor,)


@pytest.mark.parametrize(
    ("text", "actor"),
    [
        ("He told us to join us here.", "iso:US"),
        ("They ate turkey with polish sausage.", "iso:TR"),
        ("They ate turkey with polish sausage.", "iso:PL"),
        ("Latin American envoys came.", "iso:US"),
        ("Paris Hilton sang.", "iso:FR"),
        ("They cheered Jim Jordan there.", "iso:JO"),
        ("They cheered Denzel Washington there.", "iso:US"),
        ("The Washington Post wrote.", "iso:US"),
        ("A pro-Russian crowd met an anti-American one.", "iso:RU"),
        ("A pro-Russian crowd met an anti-American one.", "iso:US"),
        ("Troops trained in New Mexico.", "iso:MX"),
        ("Northern Ireland voted.", "iso:IE"),
        ("The Korean peninsula is tense.", "iso:KR"),
        ("Nigeria voted.", "iso:NE"),
    ],
)
def test_words_that_only_look_like_a_state_are_none(text: str, actor: str) -> None:
    assert actor not in {a for actors in found(text).values() for a in actors}


def test_a_capital_after_in_is_a_place_and_otherwise_its_state() -> None:
    text = "A summit in Oslo ended. Oslo will pay."
    mentions = {m.span: m.actors for m in resolve(Article(text), NONE).mentions}
    assert at(text, "Oslo") not in mentions
    assert mentions[at(text, "Oslo", 2)] == ("iso:NO",)


def test_a_listed_group_brings_its_members_and_an_institution_none() -> None:
    text = "The Baltic states and the EU agreed."
    actors = {a.id: a for a in resolve(Article(text), NONE).actors}
    assert actors["org:baltic-states"].members == ("iso:EE", "iso:LV", "iso:LT")
    assert {"iso:EE", "iso:LV", "iso:LT"} <= actors.keys()
    assert actors["org:eu"].members == ()


# ------------------------------------------------------------------ offices


@pytest.mark.parametrize(
    ("office_text", "office", "state"),
    [
        ("[Turkey's defence ministry] agreed.", "tr-defence-ministry", "TR"),
        ("The [Turkish Defense Ministry] agreed.", "tr-defence-ministry", "TR"),
        ("The [defence ministry in Ankara] agreed.", "tr-defence-ministry", "TR"),
        ("The [Ministry of Defence of Chile] agreed.", "cl-defence-ministry", "CL"),
        ("The [State Department] agreed.", "us-foreign-ministry", "US"),
        ("The [Pentagon] agreed.", "us-defence-ministry", "US"),
        ("The [Foreign Office] agreed.", "gb-foreign-ministry", "GB"),
        ("The [Bundestag] agreed.", "de-parliament", "DE"),
        ("The [Verkhovna Rada] agreed.", "ua-parliament", "UA"),
        ("The [Greek parliament] agreed.", "gr-parliament", "GR"),
    ],
)
def test_an_office_is_a_body_that_speaks_for_its_state(
    office_text: str, office: str, state: str
) -> None:
    text, span = bracketed(office_text)
    resolution = resolve(Article(text), NONE)
    assert resolution.of(span) == (f"org:{office}",)
    assert (f"org:{office}", f"iso:{state}", "office") in speaking(resolution)


def test_an_office_without_a_state_is_nobodys() -> None:
    text = "A parliament is an old thing. A defence ministry costs money."
    assert not resolve(Article(text), NONE).mentions


def test_an_embassy_in_a_capital_is_not_that_capitals() -> None:
    assert not speaking(resolve(Article("The Kyiv embassy closed."), NONE))
    text = "The Danish embassy in Kyiv closed."
    assert speaking(resolve(Article(text), NONE)) == {("org:dk-embassy", "iso:DK", "office")}


# ------------------------------------------------------------------ spans of several words


@pytest.mark.parametrize(
    ("words", "actors"),
    [
        ("Britain and France", ("iso:GB", "iso:FR")),
        ("Britain, France and Germany", ("iso:GB", "iso:FR", "iso:DE")),
        ("both Britain and France", ("iso:GB", "iso:FR")),
        ("Bosnia and Herzegovina", ("iso:BA",)),
        ("the US", ("iso:US",)),
        ("US", ("iso:US",)),
        ("Kremlin's", ("iso:RU",)),
        ("the German government", ("iso:DE",)),
        ("the government in Rome", ("iso:IT",)),
        ("Russian forces", ("iso:RU",)),
        ("the Ukrainian authorities", ("iso:UA",)),
        ("EU leaders", ("org:eu",)),
        ("the NATO alliance", ("org:nato",)),
        ("all three Baltic states", ("org:baltic-states",)),
        ("the UNIAN news agency", ("out:unian",)),
        ("German news agency dpa", ("out:dpa",)),
        ("nuclear-armed Russia", ("iso:RU",)),
        ("the Wolfram Institute", ("org:wolfram-institute",)),
        ("chip maker Voltrex", ("org:voltrex",)),
    ],
)
def test_a_holder_of_several_words_is_its_actors(words: str, actors: tuple[str, ...]) -> None:
    assert who(f"It is said that {words} agreed.", words) == actors


@pytest.mark.parametrize(
    "words",
    [
        "several countries",
        "around 30 states",
        "Some",
        "others",
        "European partners",
        "European allies",
        "European",
        "Europe",
        "the West",
        "officials",
        "two diplomats",
        "media outlets",
        "reports",
        "sources",
        "a senior US official",
        "US and European officials",
        "Ukraine's allies",
        "two Baltic states",
        "one of the Baltic states",
        "NATO members",
        "26 countries",
        "Russian-backed authorities",
        "Ukrainian refugees",
        "some EU leaders",
        "allies including Germany and Spain",
        "a source close to Bondar",
    ],
)
def test_an_unnamed_group_is_anonymous_and_has_no_members(words: str) -> None:
    text = f"It is said that {words} agreed."
    resolution = read(text, holders=[words])
    (id_,) = resolution.of(at(text, words))
    actor = next(a for a in resolution.actors if a.id == id_)
    assert id_.startswith("grp:")
    assert (actor.type, actor.anonymous, actor.members) == ("group", True, ())


def test_the_same_group_of_words_is_one_actor_within_an_article_and_another_elsewhere() -> None:
    text = "Several states agreed. Again several states agreed."
    one = read(text, holders=["Several states", "several states"])
    assert one.of(at(text, "Several states")) == one.of(at(text, "several states"))
    other = "Several states agreed elsewhere."
    assert who(other, "Several states") != one.of(at(text, "Several states"))


def test_an_unlisted_outlet_is_one_where_it_relays() -> None:
    text = "That was reported by the Zorya newspaper on Monday."
    assert who(text, "the Zorya newspaper", relays=["the Zorya newspaper"]) == ("out:zorya",)


# ------------------------------------------------------------------ pronouns


def test_he_is_the_last_speaker_and_she_is_not() -> None:
    text = "Ukrainian President Mr Taras Bondar spoke. He left. She stayed."
    resolution = read(text, holders=["He", "She"])
    assert resolution.of(at(text, "He")) == ("per:taras-bondar",)
    assert resolution.of(at(text, "She")) == ()


def test_he_within_what_somebody_says_is_the_one_who_says_it() -> None:
    text = "Foreign Minister Pyotr Belov arrived. Premier Jan Mazur said he would pay."
    source, holder = at(text, "Premier Jan Mazur"), at(text, "he would")
    content = (holder[0], len(text) - 1)
    marks = Marks(
        "test",
        (Attribution((source,), (at(text, "said"),), (content,)),),
        (),
        (PositionMark(at(text, "pay"), "pledged", holder=((holder[0], holder[0] + 2),)),),
    )
    assert resolve(Article(text), marks).of((holder[0], holder[0] + 2)) == ("per:jan-mazur",)


@pytest.mark.parametrize("pronoun", ["We", "I"])
def test_the_first_person_is_the_source_of_the_quotation(pronoun: str) -> None:
    text = f'"{pronoun} will pay," Jan Mazur said. Nothing more was heard from Ada Croft.'
    span, source = at(text, pronoun), at(text, "Jan Mazur")
    content = (0, text.index(" Jan"))
    marks = Marks(
        "test",
        (Attribution((source,), (at(text, "said"),), (content,)),),
        (),
        (PositionMark(at(text, "pay"), "pledged", holder=(span,), speaker=source, attribution=0),),
    )
    assert resolve(Article(text), marks).of(span) == ("per:jan-mazur",)


@pytest.mark.parametrize(
    ("text", "words", "actors"),
    [
        ("We are many. Nobody said so.", "We", ()),
        ("They agreed.", "They", ()),
        ("He agreed.", "He", ()),
        ("It agreed.", "It", ()),
        ("You agreed.", "You", ()),
    ],
)
def test_a_pronoun_in_doubt_is_nobody(text: str, words: str, actors: tuple[str, ...]) -> None:
    assert who(text, words) == actors


def test_they_are_the_last_group_and_it_is_the_last_state() -> None:
    text = "Several states agreed. They will pay. Peru objects. It will not pay."
    resolution = read(text, holders=["Several states", "They", "It"])
    assert resolution.of(at(text, "They")) == resolution.of(at(text, "Several states"))
    assert resolution.of(at(text, "It")) == ("iso:PE",)


# ------------------------------------------------------------------ every text


_PIECES = st.lists(
    st.sampled_from(
        ["Russian Foreign Minister", "Pyotr Belov", "the", "said", ",", ".", "\n\n", "’s", "'s",
         "Kyiv", "U.S.", "and", "of", "“We", "”", '"', "he", "his chief of staff", "several states",
         "Baltic states", "-led", "former", "head", "in Oslo", "who heads", "É", "\u2028", "👍",
         "NATO", "the country's", "its", "McK", "O'", "von der", "Mr.", "J.", "(", "10"]
    ),
    max_size=30,
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    pieces=_PIECES, cuts=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 40)), max_size=8)
)
def test_every_marked_span_of_any_text_has_one_mention_and_all_lie_in_the_text(
    pieces: list[str], cuts: list[tuple[int, int]]
) -> None:
    text = " ".join(pieces)
    spans = [(a, a + n) for a, n in cuts]
    marks = Marks(
        "test",
        tuple(Attribution((s,), (), ((0, len(text)),), None, (s,)) for s in spans[::2]),
        tuple(Name(s, "person") for s in spans[1::3]),
        tuple(PositionMark(s, "ready", holder=(s,), addressee=(s,)) for s in spans[1::2]),
    )
    resolution = resolve(Article(text), marks)
    count = Counter(m.span for m in resolution.mentions)
    for a, b in spans:
        if 0 <= a < b <= len(text):
            assert count[(a, b)] == 1
    assert all(0 <= a < b <= len(text) for a, b in count)
    assert set(count.values()) <= {1}
    known = {a.id for a in resolution.actors}
    assert {i for m in resolution.mentions for i in m.actors} <= known
    assert {i for s in resolution.speaks_for for i in (s.speaker, s.party)} <= known
    assert all(set(a.members) <= known for a in resolution.actors)
    assert resolve(Article(text), marks) == resolution


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    resolve(Article(text), NONE)


def test_the_time_grows_with_the_text_and_not_faster() -> None:
    sentence = "Poland and the Baltic states, Foreign Minister Jan Mazur said, will pay. "
    hits = find(tokenize(sentence * 2000))
    assert len(hits) == 2 * 2000
    assert len(resolve(Article(sentence * 300), NONE).mentions) == 3 * 300


# ------------------------------------------------------------------ the seeds


def test_the_head_of_a_regime_he_and_the_name_are_one_actor(data: Path) -> None:
    path = next((data / "seeds").glob("003*.txt"))
    text = path.read_text("utf-8")
    head = next(iter(re.finditer(r"(?<=According to )the head of the \w+ regime", text)))
    surname = text.split("\n\n")[1].split()[0]
    heads = [m.span() for m in re.finditer(re.escape(head.group()), text)]
    said = [m.span(1) for m in re.finditer(rf"({surname}) said", text)]
    pronouns = [m.span(1) for m in re.finditer(r"\b(he) (?:noted|explained)", text)]
    marks = Marks("test", tuple(Attribution((s,), (), ()) for s in (*heads, *said, *pronouns)))
    resolution = resolve(Article(text), marks)
    actors = {resolution.of(s) for s in (*heads, *said, *pronouns)}
    assert len(actors) == 1
    ((actor,),) = actors
    assert (actor, "iso:UA", "leader") in speaking(resolution)


def test_neither_and_both_mean_the_two_named_last():
    text = "Finland and Poland take part in the planning, yet neither will send soldiers."
    article = Article(text=text)
    at = text.index("neither")
    marks = Marks("test", positions=(PositionMark((at, at + 7), "refused", ((at, at + 7),)),))
    assert resolve(article, marks).of((at, at + 7)) == ("iso:FI", "iso:PL")
