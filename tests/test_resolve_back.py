"""`caveat.resolve`: words that point back, and who speaks a quotation. All texts are our own."""

from __future__ import annotations

import pytest

from caveat.model import Article, Attribution, Marks, Name, PositionMark, Span
from caveat.resolve import resolve
from marked import at, read, who

VEGA = "per:ana-vega"


def found(text: str, words: str, sources: list[str], nth: int = 1) -> tuple[str, ...]:
    """Actors of a holder beside the sources of a text."""
    span = at(text, words, nth)
    return read(text, sources=sources, holders=[span]).of(span)


# ------------------------------------------------------------------ who speaks a quotation


@pytest.mark.parametrize(
    "text",
    [
        '"We open the port," Ana Vega said. The rain went on.',
        'Ana Vega said: "We open the port."',
        '"It is late," Ana Vega said. "We open the port tomorrow."',
        '"It is late. We open the port tomorrow," said Ana Vega on Monday.',
        "“It is late,” Ana Vega said. “We open the port tomorrow.”",
    ],
)
def test_a_quoted_we_is_who_speaks_the_quotation(text: str) -> None:
    words = "We open"
    span = (at(text, words)[0], at(text, words)[0] + 2)
    assert found(text, text[slice(*span)], ["Ana Vega"]) == (VEGA,)


def test_a_name_beside_a_verb_of_saying_speaks_where_no_source_is_marked() -> None:
    text = 'Ana Vega took the floor. "We open the port," Vega said.'
    assert who(text, "We", holders=["We"], people=["Ana Vega"]) == (VEGA,)


def test_a_quotation_of_another_paragraph_has_its_own_speaker() -> None:
    text = '"It is late," Ana Vega said.\n\n"We open the port tomorrow."'
    assert found(text, "We", ["Ana Vega"]) == ()


def test_a_quoted_we_is_the_state_that_the_article_lets_the_speaker_speak_for() -> None:
    text = '"We open the port," Spanish Foreign Minister Ana Vega said.'
    assert found(text, "We", ["Spanish Foreign Minister Ana Vega"]) == ("iso:ES",)


def test_a_quoted_we_of_a_nameless_official_is_the_officials_state() -> None:
    text = '"We open the port," a senior Spanish official said.'
    assert found(text, "We", ["a senior Spanish official"]) == ("iso:ES",)


def test_a_quoted_we_of_nameless_residents_is_no_states() -> None:
    text = '"We open the port," two Spanish fishermen said.'
    (actor,) = found(text, "We", ["two Spanish fishermen"])
    assert actor.startswith("grp:")


def test_an_analysts_we_is_nobody() -> None:
    text = 'Ana Vega, an analyst at a bank, spoke. "We must open the port," Vega said.'
    assert found(text, "We", ["Vega"]) == ()


def test_a_pronoun_that_is_a_source_within_a_quotation_waits_for_its_speaker() -> None:
    text = '"I think that the port opens," Ana Vega said.'
    i, vega = at(text, "I"), at(text, "Ana Vega")
    content: Span = (1, 29)
    attributions = (
        Attribution((vega,), (at(text, "said"),), (content,)),
        Attribution((i,), (at(text, "think"),), (at(text, "that the port opens"),), 0),
    )
    assert resolve(Article(text), Marks("test", attributions)).of(i) == (VEGA,)


# ------------------------------------------------------------------ he, she, they, both


def test_a_name_within_a_quotation_is_not_who_said_it() -> None:
    text = 'Ana Vega opened the port. "Marta Ruiz was right," she said.'
    assert found(text, "she", ["Ana Vega"]) == (VEGA,)


def test_the_subject_goes_before_the_owner_of_something_in_its_sentence() -> None:
    text = "Tom Reed, Paul Orr's lawyer, came back with what he called a plan."
    assert who(text, "he", sources=["he"], people=["Tom Reed", "Paul Orr"]) == ("per:tom-reed",)


def test_he_in_a_quotation_is_the_last_one_named_who_does_not_speak_it() -> None:
    text = 'Paul Orr closed the port. Tom Reed was asked why. "He is afraid," Reed said.'
    assert found(text, "He", ["Reed", "Paul Orr"]) == ("per:paul-orr",)


def test_he_in_reported_speech_within_a_quotation_is_its_source() -> None:
    text = '"Paul Orr has stated that he would open the port," Tom Reed said.'
    orr, reed, he = at(text, "Paul Orr"), at(text, "Tom Reed"), at(text, "he would")
    he = (he[0], he[0] + 2)
    attributions = (
        Attribution((reed,), (at(text, "said"),), ((1, 49),)),
        Attribution((orr,), (at(text, "has stated"),), (at(text, "that he would open"),), 0),
    )
    positions = (PositionMark(at(text, "open"), "pledged", holder=(he,)),)
    assert resolve(Article(text), Marks("test", attributions, (), positions)).of(he) == (
        "per:paul-orr",
    )


def test_the_speaker_of_an_excerpt_that_begins_with_he_is_named_after_it() -> None:
    text = "He said the port opens. Reed said the ships are ready."
    assert found(text, "He", ["He", "Reed"]) == ("per:reed",)


def test_of_two_people_named_after_it_he_is_neither() -> None:
    text = "He said the port opens. Reed said the ships are ready. Orr said they are not."
    assert found(text, "He", ["He", "Reed", "Orr"]) == ()


def test_they_in_a_quotation_is_the_state_spoken_of_and_stays_it() -> None:
    text = 'Russia has closed the port, Ana Vega said. "They lie, and they know it," Vega said.'
    assert found(text, "They", ["Ana Vega", "Vega"]) == ("iso:RU",)
    assert found(text, "they", ["Ana Vega", "Vega"]) == ("iso:RU",)


def test_they_outside_quotations_is_no_single_state() -> None:
    text = "Russia has closed the port. They will not sail."
    assert who(text, "They") == ()


def test_they_are_the_states_that_are_subject_together() -> None:
    text = "Latvia, Lithuania and Estonia met. They will sail."
    assert who(text, "They") == ("iso:LV", "iso:LT", "iso:EE")


def test_a_contraction_is_no_possessive() -> None:
    text = 'Norway\'s been closing ports, Ana Vega said. "They lie," Vega said.'
    assert found(text, "They", ["Ana Vega", "Vega"]) == ("iso:NO",)


def test_it_goes_on_from_a_body_that_is_in_no_list() -> None:
    text = "Harbour Freight Union said the port is closed. It added that ships wait."
    (body,) = found(text, "It", ["Harbour Freight Union", "It"])
    assert body == "org:harbour-freight-union"


# ------------------------------------------------------------------ descriptions


@pytest.mark.parametrize(
    ("text", "words", "actor"),
    [
        ("Tom Reed spoke. The senator said no.", "The senator", "per:tom-reed"),
        ("Ana Vega spoke. The congresswoman said no.", "The congresswoman", VEGA),
        ("Ana Vega spoke. The 32-year-old said no.", "The 32-year-old", VEGA),
    ],
)
def test_a_description_is_the_last_person_it_may_mean(text: str, words: str, actor: str) -> None:
    people = ["Tom Reed" if "Reed" in text else "Ana Vega"]
    assert read(text, sources=[words], people=people).of(at(text, words)) == (actor,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Tom Reed spoke. The congresswoman said no.", "The congresswoman"),
        ("Tom Reed, a farmer, met Mayor Tom Reed. The official said no.", "The official"),
        ("A plan of Tom Reed failed. The senator said no.", "The senator"),
        ('"I saw Tom Reed," they cried. The senator said no.', "The senator"),
        ("Tom Reed spoke. It rained. It froze. It cleared. The senator said no.", "The senator"),
        ("Tom Reed spoke. The president said no.", "The president"),
        ("Tom Reed spoke. The Ethics Council spokesman said no.", "The Ethics Council spokesman"),
    ],
)
def test_a_description_that_may_mean_somebody_else_means_nobody(text: str, words: str) -> None:
    (actor,) = read(text, sources=[words], people=["Tom Reed"]).of(at(text, words))
    assert actor.startswith("grp:")


def test_a_ruler_whom_the_article_never_introduces_is_the_last_speaker() -> None:
    text = "Orr said the port opens. The president said it will stay so. The tyrant added more."
    sources = ["Orr", "The president", "The tyrant"]
    people = {"sources": sources, "people": ["Orr"]}
    assert who(text, "The president", **people) == ("per:orr",)
    assert who(text, "The tyrant", **people) == ("per:orr",)


@pytest.mark.parametrize(
    ("text", "words", "actors"),
    [
        ("Peru and Chile met. The two sides will sail.", "The two sides", ("iso:PE", "iso:CL")),
        ("Peru and Chile met near Mali and Niger. The sides agreed.", "The sides",
         ("iso:PE", "iso:CL")),
        ("It wrote to Peru, Chile and Mali. The three countries will sail.", "The three countries",
         ("iso:PE", "iso:CL", "iso:ML")),
        ("President Paul Orr met President Tom Reed. The leaders will sail.", "The leaders",
         ("per:paul-orr", "per:tom-reed")),
        ("President Paul Orr met President Tom Reed. The two men will sail.", "The two men",
         ("per:paul-orr", "per:tom-reed")),
    ],
)  # fmt: skip
def test_several_are_those_named_together(text: str, words: str, actors: tuple[str, ...]) -> None:
    assert who(text, words) == actors


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Peru and Chile met. The three countries will sail.", "The three countries"),
        ("Peru met Chile. Mali paid. The countries will sail.", "The countries"),
        ("President Paul Orr spoke. The two men will sail.", "The two men"),
        ("Peru and Chile met. Several countries will sail.", "Several countries"),
    ],
)
def test_several_who_are_not_as_many_are_nobody(text: str, words: str) -> None:
    (actor,) = who(text, words)
    assert actor.startswith("grp:")


def test_a_speaker_does_not_mean_himself_by_his_office() -> None:
    text = 'Orr said little. "The president must act," Orr said.'
    resolution = read_quoted(text, "The president must act,", "Orr", "The president")
    assert all(a.startswith("grp:") for a in resolution)


def read_quoted(text: str, content: str, source: str, holder: str) -> tuple[str, ...]:
    """Actors of a holder within what a source says, the last of that name."""
    spoken, held = at(text, source, text.count(source)), at(text, holder)
    attribution = Attribution((spoken,), (at(text, "said"),), (at(text, content),))
    position = PositionMark(held, "ready", holder=(held,))
    names = (Name(at(text, source), "person"),)
    return resolve(Article(text), Marks("test", (attribution,), names, (position,))).of(held)


def test_a_state_and_a_bloc_can_be_both_sides() -> None:
    text = "Peru and NATO met. Both sides will sail. The two countries wait."
    resolution = read(text, holders=["Both sides", "The two countries"])
    assert resolution.of(at(text, "Both sides")) == ("iso:PE", "org:nato")
    (actor,) = resolution.of(at(text, "The two countries"))
    assert actor.startswith("grp:")


def test_the_company_is_the_only_body_that_is_near() -> None:
    text = "Harbour Freight paid late. The company will sail."
    labels = {"holders": ["The company"], "organisations": ["Harbour Freight"]}
    assert who(text, "The company", **labels) == ("org:harbour-freight",)
    text = "Harbour Freight sued Ferry Lines. The company will sail."
    labels = {"holders": ["The company"], "organisations": ["Harbour Freight", "Ferry Lines"]}
    (actor,) = who(text, "The company", **labels)
    assert actor.startswith("grp:")


@pytest.mark.parametrize(
    ("words", "actor"),
    [
        ("the U.S. Department of Defense", "org:us-defence-ministry"),
        ("the Organization for Security and Cooperation in Europe (OSCE)", "org:osce"),
        ("the US-led NATO alliance", "org:nato"),
        ("Spain ’s president", "per:es-president"),
    ],
)
def test_a_listed_actor_is_found_in_more_words(words: str, actor: str) -> None:
    assert who(f"On Monday {words} acted.", words) == (actor,)


def test_both_are_the_two_men_again() -> None:
    text = "President Paul Orr met President Tom Reed. The two men ate. Both will sail."
    both, men = at(text, "Both"), at(text, "The two men")
    assert read(text, holders=[men, both]).of(both) == ("per:paul-orr", "per:tom-reed")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("US President Tom Reed spoke. The Reed administration will sail.",
         "The Reed administration"),
        ("The US waits. Tom Reed's administration will sail.", "Tom Reed's administration"),
        ("The US waits. The administration will sail.", "The administration"),
        ('"My administration will sail," US President Tom Reed said.', "My administration"),
    ],
)  # fmt: skip
def test_an_administration_is_its_leaders_state(text: str, words: str) -> None:
    sources = ["US President Tom Reed"] if "said" in text else []
    people = ["Tom Reed"] if "Tom Reed" in text else []
    assert who(text, words, holders=[words], people=people, sources=sources) == ("iso:US",)


def test_an_administration_is_a_body_where_no_words_say_whose() -> None:
    text = "Tom Reed spoke in Peru. The Reed administration will sail."
    assert who(text, "The Reed administration") == ("org:reed-administration",)


def test_the_government_is_not_the_state_of_a_border() -> None:
    text = "A post stood near the border with Estonia. The government will pay."
    (actor,) = who(text, "The government")
    assert actor.startswith("grp:")


@pytest.mark.parametrize(
    ("words", "actor"),
    [
        ("U.S. courts", "org:us-courts"),
        ("the American intelligence community", "org:us-intelligence-community"),
        ("Poland's climate ministry", "org:pl-climate-ministry"),
        ("the Polish Border Guard", "org:pl-border-guard"),
        ("Norwegian police", "org:no-police"),
        ("the Investigative Committee of Russia", "org:ru-investigative-committee"),
    ],
)
def test_a_body_named_with_its_state_speaks_for_it(words: str, actor: str) -> None:
    text = f"On Monday {words} acted."
    resolution = read(text, holders=[words])
    assert resolution.of(at(text, words)) == (actor,)
    assert [(s.speaker, s.party[:4]) for s in resolution.speaks_for] == [(actor, "iso:")]


# ------------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("text", "words", "actor"),
    [
        ("Baker Thomas Reed waits there until tomorrow.", "Baker Thomas Reed", "per:thomas-reed"),
        ("Thomas Reed KC waits.", "Thomas Reed KC", "per:thomas-reed"),
        ("Former New Mexico Gov. Thomas Reed waits.", "Former New Mexico Gov. Thomas Reed",
         "per:thomas-reed"),
        ("Gen. Mark A. Reed waits.", "Gen. Mark A. Reed", "per:mark-a-reed"),
    ],
)  # fmt: skip
def test_what_stands_around_a_name_is_no_part_of_it(text: str, words: str, actor: str) -> None:
    assert who(text, words) == (actor,)


def test_a_surname_that_the_text_knows_is_its_person_whatever_a_reader_labels() -> None:
    text = "Thomas Reed came. Later Reed said no."
    late = at(text, "Reed", 2)
    resolution = read(text, sources=[late], people=["Thomas Reed"], organisations=[late])
    assert resolution.of(late) == ("per:thomas-reed",)


def test_a_lawmakers_ballot_is_nobody() -> None:
    text = "Sen. Thomas Reed (R-S.C.) and Rep. Ana Vega, D-Ohio, said no."
    actors = resolve(Article(text), Marks("test")).actors
    assert {a.id for a in actors if a.type == "person"} <= {"per:thomas-reed", VEGA}


def test_a_quotation_that_is_never_closed_ends_where_the_next_begins() -> None:
    text = 'Ana Vega said: "The ships wait. "They are ready." Vega said she would pay.'
    assert found(text, "she", ["Ana Vega", "Vega"]) == (VEGA,)
