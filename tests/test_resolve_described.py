"""`caveat.resolve`: documents, bodies and rulers that are only described. All texts are our own."""

from __future__ import annotations

import time

import pytest

from caveat.model import Article, Attribution, Marks, Name, PositionMark, Span
from caveat.resolve import resolve
from caveat.resolve.tokens import tokenize
from marked import at, bracketed, read, speaking, who, whom

VEGA = ("per:ana-vega",)


def titled(title: str, text: str, words: str) -> tuple[str, ...]:
    """Actors of a holder in a text with a title."""
    span = at(text, words)
    marks = Marks("test", (), (), (PositionMark((0, 1), "ready", holder=(span,)),))
    return resolve(Article(text, title=title), marks).of(span)


# ------------------------------------------------------------------ documents


def test_a_statement_is_whose_speech_went_before() -> None:
    text = "Ana Vega spoke in the morning. The statement said that the port is open."
    words = "The statement"
    assert who(text, words, sources=["Ana Vega", words]) == VEGA


def test_a_statement_without_a_speaker_is_the_states_spoken_of() -> None:
    assert whom("The White House met them. [The statement] was short.") == ("iso:US",)


def test_a_report_of_nobody_named_is_nobodys() -> None:
    text = "Some sailors spoke at noon. The report said that the port is open."
    (actor,) = who(text, "The report", sources=["Some sailors", "The report"])
    assert actor.startswith("grp:")


def test_a_statement_quoted_in_a_speech_is_no_source_of_the_next() -> None:
    text = 'Ana Vega spoke. "Tom Reed denied it." The statement said no more.'
    words = "The statement"
    assert who(text, words, sources=["Ana Vega", "Tom Reed", words]) == VEGA


# ------------------------------------------------------------------ bodies


@pytest.mark.parametrize(
    ("text", "actor"),
    [
        ("The Human Rights Council met. It rained. [The council] will vote.",
         "org:un-human-rights-council"),
        ("The Investigative Committee met. [The IC] will act.", "org:ru-investigative-committee"),
        ("Reuters has pictures. [The news agency] will send them.", "out:reuters"),
        ("ABC News asked the IRS twice. [The agency] will answer.", "org:us-irs"),
        ("A call came from [the UN's refugee agency, the UNHCR].", "org:unhcr"),
        ("[The Chadian Ministry of Defence (MoD)] will pay.", "org:td-defence-ministry"),
        ("[Turkey's National Security Council] will meet.", "org:tr-security-council"),
        ("[The National Security Council] will meet.", "org:us-security-council"),
        ("[The 47-member Human Rights Council] will vote.", "org:un-human-rights-council"),
        ("[The Orange Party] will vote no.", "org:orange-party"),
        ("[The Communist Party] will vote no.", "org:communist-party"),
        ("[A GOP majority] would vote no.", "org:us-republicans"),
        ("[The NATO nations] will pay.", "org:nato"),
        ("[Harbour News] will print it.", "org:harbour-news"),
    ],
)  # fmt: skip
def test_a_body_is_found_by_its_words(text: str, actor: str) -> None:
    assert whom(text) == (actor,)


@pytest.mark.parametrize("words", ["the West", "NATO nations", "two Republicans"])
def test_some_of_many_stay_unnamed(words: str) -> None:
    (actor,) = who(f"On Monday {words} acted.", words)
    assert actor.startswith("grp:")


def test_a_described_firm_is_the_last_body() -> None:
    text = "Harbour Lines raised its fares. The shipping giant will pay."
    words = "The shipping giant"
    names = {"organisations": ["Harbour Lines"], "holders": [words]}
    assert who(text, words, **names) == ("org:harbour-lines",)


def test_a_spokesperson_of_a_states_body_speaks_for_the_state() -> None:
    text = "A Joint Chiefs spokesperson said no."
    words = "A Joint Chiefs spokesperson"
    resolution = read(text, sources=[words])
    (actor,) = resolution.of(at(text, words))
    assert any(s == actor and p == "iso:US" for s, p, _ in speaking(resolution))


def test_an_administration_of_nobodys_state_speaks_for_its_leader() -> None:
    text = "Tom Reed spoke in Peru. The Reed administration will sail."
    resolution = read(text, holders=["The Reed administration"], people=["Tom Reed"])
    spoken = ("org:reed-administration", "per:tom-reed", "administration")
    assert spoken in speaking(resolution)
    assert "per:tom-reed" in {a.id for a in resolution.actors}


def test_the_government_is_the_state_whose_own_bodies_are_named() -> None:
    text = "The Home Office wrote. A post stood near Poland. [The government] will pay."
    assert whom(text) == ("iso:GB",)


# ------------------------------------------------------------------ people


def test_a_counterpart_has_the_role_of_whom_he_meets() -> None:
    text = "French Foreign Minister Jean Roche met his Polish counterpart Jan Zych."
    assert ("per:jan-zych", "iso:PL", "foreign minister") in speaking(read(text))


def test_a_nameless_counterpart_is_who_holds_that_office() -> None:
    text = "Polish President Jan Zych ate. French President Jean Roche called"
    assert whom(f"{text} [his Polish counterpart] late.") == ("per:jan-zych",)


def test_abuse_means_the_ruler_who_is_named_most() -> None:
    text = "Orr spoke. Orr left. Tom Reed of Peru sat down. Then [the tyrant] will sail."
    plain, span = bracketed(text)
    resolution = read(plain, holders=[span], people=["Orr", "Tom Reed"])
    assert resolution.of(span) == ("per:orr",)


def test_abuse_of_one_of_two_who_are_named_alike_is_nobodys() -> None:
    plain, span = bracketed("Orr spoke. Reed spoke. Then [the tyrant] will sail.")
    (actor,) = read(plain, holders=[span], people=["Orr", "Reed"]).of(span)
    assert actor.startswith("grp:")


def test_a_republican_senator_is_the_last_subject() -> None:
    text = "Ana Vega spoke at noon. [The Republican senator] will vote."
    plain, span = bracketed(text)
    assert read(plain, holders=[span], people=["Ana Vega"]).of(span) == VEGA


def test_a_speaker_of_the_house_is_no_body() -> None:
    text = "On Monday [former speaker of the House Alice Orr] said no."
    plain, span = bracketed(text)
    assert read(plain, sources=[span], people=["Alice Orr"]).of(span) == ("per:alice-orr",)


def test_a_word_labelled_a_place_as_often_is_no_person() -> None:
    text = "Orvik fell. Then Orvik burned. The tyrant will sail."
    names = (Name(at(text, "Orvik"), "place"), Name(at(text, "Orvik", 2), "person"))
    assert not any(
        a.id == "per:orvik" for a in resolve(Article(text), Marks("t", (), names)).actors
    )


# ------------------------------------------------------------------ pronouns


def test_an_excerpt_that_begins_with_he_is_about_the_headlines_man() -> None:
    assert titled("Orr warns of floods", "Asked again, he will sail.", "he") == ("per:orr",)


@pytest.mark.parametrize("title", ["Orr warns Reed: Vega says no", "Orr Warns Of Many Long Floods"])
def test_a_headline_that_leaves_a_choice_names_nobody(title: str) -> None:
    assert titled(title, "Asked again, he will sail.", "he") == ()


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("When Russian troops came to the port, [they] will ask.", ("iso:RU",)),
        ('Ana Vega said: "It is a Russian aim and [they] will keep it."', ("iso:RU",)),
    ],
)
def test_they_are_the_state_of_the_last_forces(text: str, states: tuple[str, ...]) -> None:
    plain, span = bracketed(text)
    sources: list[str | Span] = ["Ana Vega"] if "Vega" in plain else []
    assert read(plain, holders=[span], sources=sources).of(span) == states


def test_a_source_within_its_own_content_does_not_speak_it() -> None:
    text = '"I will sail when he calls," Ana Vega said.'
    content = ((0, text.index('"', 1) + 1),)
    i, he = at(text, "I"), at(text, "he")
    own = Attribution((at(text, "Ana Vega"),), (at(text, "said"),), content, None, ())
    bad = Attribution((he,), (at(text, "calls"),), ((1, 26),), None, ())
    position = PositionMark((0, 1), "ready", holder=(i,))
    assert resolve(Article(text), Marks("t", (bad, own), (), (position,))).of(i) == VEGA


def test_a_finished_quotation_is_not_spoken_by_who_acts_in_the_next_sentence() -> None:
    text = "“We will stay.” In the port, Ana Vega announced a sale."
    we = at(text, "We")
    content = ((0, text.index("”") + 1), at(text, "a sale"))
    one = Attribution((at(text, "Ana Vega"),), (at(text, "announced"),), content, None, ())
    position = PositionMark((0, 1), "ready", holder=(we,))
    assert resolve(Article(text), Marks("t", (one,), (), (position,))).of(we) == ()


# ------------------------------------------------------------------ single quotation marks


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("He said: 'We don't sail, and the crews' wives know.' Then rain.",
         ["We don't sail, and the crews' wives know."]),
        ("‘We sail,’ said Ana Vega.", ["We sail,"]),
        ("The 'special operation' is the crews' fault, and it's late.", []),
        ('She said: "It is \'late,\' they say."', ["It is 'late,' they say."]),
    ],
)  # fmt: skip
def test_speech_between_single_marks_is_a_quotation(text: str, quoted: list[str]) -> None:
    assert [text[a:b] for a, b in tokenize(text).quoted] == quoted


@pytest.mark.parametrize("text", ["' " * 20000, "a 'b " * 20000, "'" + "a b " * 20000 + ".'"])
def test_stray_marks_cost_no_time(text: str) -> None:
    begin = time.perf_counter()
    tokenize(text)
    assert time.perf_counter() - begin < 2


# ------------------------------------------------------------------ whose words go before


def test_a_report_is_no_persons_who_only_spoke_between() -> None:
    text = "Greenbay wrote. Ana Vega spoke. The report said no."
    sources = ["Greenbay", "Ana Vega", "The report"]
    resolution = read(text, sources=sources, organisations=["Greenbay"], people=["Ana Vega"])
    assert resolution.of(at(text, "The report")) == resolution.of(at(text, "Greenbay"))


def test_a_statement_is_whose_it_was_called_before() -> None:
    text = "A Kremlin statement came. Ana Vega spoke. The statement said no."
    assert who(text, "The statement", sources=["Ana Vega", "The statement"]) == ("iso:RU",)


def test_the_official_is_not_a_named_one_where_an_unnamed_one_spoke_last() -> None:
    text = "US envoy Ana Vega left. A senior defence official spoke. [The official] said no."
    (actor,) = whom(text)
    assert actor.startswith("grp:")


def test_the_fashion_house_is_the_last_body() -> None:
    text = "Maison Orr closed. The fashion house will pay."
    names = {"organisations": ["Maison Orr"], "holders": ["The fashion house"]}
    assert who(text, "The fashion house", **names) == ("org:maison-orr",)
