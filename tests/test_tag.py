"""What the rules mark as positions, one construction per claim, on texts of our own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caveat.errors import InputError
from caveat.model import RELATIONS, STANCES, Article, Marks, Part, Span
from caveat.tag import load_reader
from caveat.tag.lexicon import forms, patterns, rows

READER = load_reader()


def mark(text: str, *parts: Part) -> Marks:
    return READER.mark(Article(text=text, parts=parts))


def held(text: str) -> list[tuple[str, str, str]]:
    """Holders (joined by +), stance and action of each position."""
    return [
        (" + ".join(text[slice(*h)] for h in p.holder), p.stance, text[slice(*p.action)])
        for p in mark(text).positions
    ]


def conditions(text: str) -> list[list[tuple[str, str]]]:
    return [
        [(text[slice(*c.span)], c.relation) for c in p.conditions] for p in mark(text).positions
    ]


# ------------------------------------------------------------------ positions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Norway will send tanks to Ukraine.", ("Norway", "pledged", "send tanks to Ukraine")),
        ("Norway has pledged to send tanks.", ("Norway", "pledged", "send tanks")),
        ("Norway promised tanks.", ("Norway", "pledged", "tanks")),
        ("Norway is committed to sending tanks.", ("Norway", "pledged", "sending tanks")),
        ("Norway is ready to send tanks.", ("Norway", "ready", "send tanks")),
        ("Norway is open to sending tanks.", ("Norway", "ready", "sending tanks")),
        ("Norway is considering sending tanks.", ("Norway", "considering", "sending tanks")),
        ("Norway might send tanks.", ("Norway", "considering", "send tanks")),
        ("Norway has not ruled out sending tanks.", ("Norway", "considering", "sending tanks")),
        ("Norway refused to rule out sending tanks.", ("Norway", "considering", "sending tanks")),
        ("Norway ruled out sending tanks.", ("Norway", "refused", "sending tanks")),
        ("Norway will not send tanks.", ("Norway", "refused", "send tanks")),
        ("Norway won't send tanks.", ("Norway", "refused", "send tanks")),
        ("Norway does not plan to send tanks.", ("Norway", "refused", "send tanks")),
        ("Norway has no plans to send tanks.", ("Norway", "refused", "send tanks")),
        ("No country will send tanks.", ("No country", "refused", "send tanks")),
        ("Norway's refusal to send tanks is known.", ("Norway", "refused", "send tanks")),
        ("Norway opposes any new bases.", ("Norway", "opposes", "any new bases")),
        ("Tanks on the border are unacceptable to Norway.",
         ("Norway", "opposes", "Tanks on the border")),
        ("Norway called for new talks.", ("Norway", "demands", "new talks")),
        ("Norway threatened to cut off supplies.", ("Norway", "threatens", "cut off supplies")),
        ("Norway will retaliate.", ("Norway", "threatens", "retaliate")),
        ("Norway has sent tanks to Ukraine.", ("Norway", "done", "sent tanks to Ukraine")),
        ("Norway imposed new sanctions.", ("Norway", "done", "imposed new sanctions")),
        ("Norway is sending tanks.", ("Norway", "done", "sending tanks")),
    ],
)  # fmt: skip
def test_a_stance_is_read_from_its_words(text, expected):
    assert held(text) == [expected]


def test_each_member_of_a_list_is_a_holder_of_its_own():
    text = "Norway, Iceland and the Faroe Islands are ready to send ships."
    assert held(text) == [("Norway + Iceland + the Faroe Islands", "ready", "send ships")]


def test_an_unnamed_group_is_one_holder_as_written():
    text = "Around 30 states in the coalition are considering joining it."
    assert held(text) == [("Around 30 states in the coalition", "considering", "joining it")]


def test_a_relative_clause_is_about_the_noun_before_it():
    text = "It was a group of Nordic nations that refused to join the pact."
    assert held(text)[0] == ("a group of Nordic nations", "refused", "join the pact")


def test_two_verbs_share_their_subject():
    text = "Norway refused to send tanks and promised to train crews."
    assert held(text) == [
        ("Norway", "refused", "send tanks"),
        ("Norway", "pledged", "train crews"),
    ]


def test_an_insertion_does_not_hide_the_subject():
    text = "Norway, a member of the alliance, will send tanks."
    assert held(text) == [("Norway", "pledged", "send tanks")]


def test_the_party_asked_is_the_addressee():
    text = "Kyiv urged Norway to send tanks."
    (p,) = mark(text).positions
    assert held(text) == [("Kyiv", "demands", "send tanks")]
    assert [text[slice(*a)] for a in p.addressee] == ["Norway"]


def test_asking_not_to_is_opposing():
    assert held("Kyiv urged Norway not to sell tanks.") == [("Kyiv", "opposes", "sell tanks")]


def test_must_is_a_demand_of_the_speaker():
    assert held('"Norway must send tanks," Berg said.') == [("Berg", "demands", "send tanks")]
    assert held("Norway must send tanks.") == []


def test_a_passive_names_its_holder_only_by_agent_or_adjective():
    assert held("Foreign troops will not be deployed there.") == [
        ("", "refused", "Foreign troops will not be deployed there")
    ]
    assert held("Norwegian troops will not be deployed there.")[0][0] == "Norwegian"


def test_what_was_denied_is_negated_and_no_refusal():
    (p,) = mark("Norway has not promised tanks.").positions
    assert (p.stance, p.negated) == ("pledged", True)
    (p,) = mark("Norway promised nothing in Oslo.").positions
    assert (p.stance, p.negated) == ("pledged", True)


@pytest.mark.parametrize(
    "text",
    [
        "Nobody knows how many countries are ready to send tanks.",
        "It is unclear whether Norway will send tanks.",
        "Norway has not said which states are prepared to join.",
        "Norway declined to comment.",
        "The talks will be difficult.",
        "The war will have consequences for Norway.",
        "Norway shelled the harbour and took the town.",
    ],
)
def test_questions_predictions_and_fighting_are_no_positions(text):
    assert held(text) == []


def test_amount_time_and_beneficiary_are_marked_on_the_action():
    text = "Norway will send up to 400 soldiers to Ukraine next month."
    (p,) = mark(text).positions
    assert text[slice(*p.action)] == "send up to 400 soldiers to Ukraine"
    assert [text[slice(*a)] for a in p.amount] == ["up to 400 soldiers"]
    assert [text[slice(*t)] for t in p.time] == ["next month"]
    assert [text[slice(*b)] for b in p.beneficiary] == ["Ukraine"]


def test_a_sum_keeps_its_currency_and_scale():
    text = "Norway pledged $1.5 billion for Ukraine."
    assert [text[slice(*a)] for a in mark(text).positions[0].amount] == ["$1.5 billion"]


# ------------------------------------------------------------------ conditions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Norway will send tanks if Sweden does.", [("Sweden does", "if")]),
        ("If Sweden agrees, Norway will send tanks.", [("Sweden agrees", "if")]),
        ("Norway is ready to send tanks only if there is a truce.",
         [("there is a truce", "only_if")]),
        ("Norway would send tanks provided that parliament agrees.",
         [("parliament agrees", "only_if")]),
        ("Norway will send tanks unless Sweden objects.", [("Sweden objects", "unless")]),
        ("Norway will not send tanks without a mandate.", [("a mandate", "unless")]),
        ("Norway will not send tanks until there is a truce.", [("there is a truce", "unless")]),
        ("Norway will not negotiate as long as the siege lasts.",
         [("the siege lasts", "only_if")]),
        ("Norway will help as long as it takes.", []),
        ("Norway will send tanks after a ceasefire.", [("a ceasefire", "after")]),
        ("Norway has sent tanks after a ceasefire.", []),
        ("Norway will send tanks, should Sweden agree.", [("Sweden agree", "if")]),
        ("Norway is ready to help in the event of an attack.", [("an attack", "if")]),
    ],
)  # fmt: skip
def test_a_condition_stands_without_its_marker(text, expected):
    assert conditions(text) == [expected]


def test_the_action_ends_where_its_condition_begins():
    assert held("Norway will not send tanks without a mandate.")[0][2] == "send tanks"


def test_alternatives_are_two_conditions_of_one_group():
    text = "Norway will send tanks after a ceasefire or a peace deal."
    (p,) = mark(text).positions
    assert [text[slice(*c.span)] for c in p.conditions] == ["a ceasefire", "a peace deal"]
    assert len({c.group for c in p.conditions}) == 1
    assert p.conditions[0].group is not None


def test_a_promise_with_would_and_a_condition_is_readiness():
    assert held("Norway would send tanks if Sweden did.")[0][1] == "ready"


def test_a_caveat_said_in_the_next_sentence_belongs_to_what_was_said_before():
    text = "Norway is ready to send tanks. But that is only if Sweden agrees."
    text = text.replace("that is", "it comes with a string,")
    assert conditions(text) == [[("Sweden agrees", "only_if")]]


def test_what_stands_in_a_condition_is_no_position_of_its_own():
    assert [h for h, *_ in held("Norway will help only if Sweden promises to send tanks.")] == [
        "Norway"
    ]


# ------------------------------------------------------------------ frames


def test_a_position_knows_its_speaker_relay_and_sentence():
    text = 'Later. "Norway will send tanks," Berg said, as quoted by the ANSA news agency.'
    found = mark(text)
    (p,) = found.positions
    assert p.speaker is not None
    assert text[slice(*p.speaker)] == "Berg"
    assert [text[slice(*r)] for r in p.relay] == ["the ANSA news agency"]
    assert p.attribution is not None
    assert found.attributions[p.attribution].source == (p.speaker,)
    assert p.sentence == (7, len(text))
    assert p.kind is None


def test_the_holders_own_verb_makes_no_speaker():
    (p,) = mark("Norway announced new talks that will begin soon.").positions[:1]
    assert p.speaker is None


def test_speech_that_is_only_supposed_has_its_source_as_holder():
    text = "One country may say, ‘We are ready to do this.’"
    assert held(text) == [("One country", "ready", "do this")]
    assert [p.speaker for p in mark(text).positions] == [None]


def test_furniture_and_dateline_are_not_read_but_the_headline_is():
    text = "Norway will send cars\n\nOSLO will send a bus\n\nNorway will send tanks."
    cuts = [0, 21, 23, 43, 45, len(text)]
    kinds = ("headline", "dateline", "body")
    parts = [
        Part(kind, span)  # type: ignore[arg-type]
        for kind, span in zip(kinds, zip(cuts[::2], cuts[1::2], strict=True), strict=True)
    ]
    actions = [text[slice(*p.action)] for p in mark(text, *parts).positions]
    assert actions == ["send cars", "send tanks"]


def test_a_reader_that_is_not_known_is_refused_by_name():
    with pytest.raises(InputError, match="no reader is called 'oracle'"):
        load_reader("oracle")


# ------------------------------------------------------------------ any text

# pieces out of which the rules are made, so that random texts reach deep into them
WORDS = ["Norway", "will", "not", "if", "said", '"', "“", "”", "‘", "’", "'", ",", ".", "that",
         "to", "Berg", "and", "without", "send", "tanks", "ready", "only", "who", "must", "\n\n",
         "after", "is", "or", "told", "according to", "as quoted by", "U.S.", "$5", "should",
         "unless", "—", "been", "considering", "its", "refusal", "be", "deployed",
         "legitimate targets", "\u00a0"]  # fmt: skip


def _spans(found: Marks) -> list[Span]:
    spans: list[Span] = []
    for a in found.attributions:
        spans += [*a.source, *a.cue, *a.content, *a.relay]
    for p in found.positions:
        spans += [p.action, *p.holder, *p.addressee, *p.beneficiary, *p.amount, *p.time, *p.relay]
        spans += [c.span for c in p.conditions]
        spans += [s for s in (p.speaker, p.sentence) if s]
    return spans


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300) | st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
def test_on_any_text_all_spans_are_valid_and_trimmed_and_twice_the_same(text):
    found = mark(text)
    for start, end in _spans(found):
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
    assert all(p.stance in STANCES for p in found.positions)
    for k, a in enumerate(found.attributions):
        assert a.within is None or (0 <= a.within < len(found.attributions) and a.within != k)
    assert mark(text) == found


@pytest.mark.parametrize("unit", ["not ", "if ", '"a ', ".", "said ", "X and ", "after ", "A, "])
def test_a_long_run_without_sentences_is_read_in_pieces(unit):
    text = unit * 3000
    assert all(b - a <= 1500 for p in mark(text).positions if p.sentence for a, b in [p.sentence])


# ------------------------------------------------------------------ lexicons

TABLES = ["acts.tsv", "conditions.tsv", "harms.txt", "stances.tsv",
          "states.txt", "verbs.tsv", "words.tsv"]  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_a_lexicon_is_sorted_and_repeats_nothing(name):
    keys = [(r[0], *r[-1:]) if name == "stances.tsv" else r[0] for r in rows(name)]
    assert len(keys) == len(set(keys))
    firsts = [r[0] for r in rows(name)]
    assert firsts == sorted(firsts)


def test_every_row_of_the_lexicons_has_known_labels():
    for _, stance, takes, kind in rows("stances.tsv"):
        assert stance in {*STANCES, "-"}
        assert kind in set("vmanox")
        for take in takes.split():
            fixed = {"subj", "clause", "tail", "inner", "none"}
            assert take in fixed or re.fullmatch(
                r"(?:(?:x|to|not|for|with|against|that)-)*[vnc]", take
            )
    for _, relation, flags in rows("conditions.tsv"):
        assert relation in {*RELATIONS, "-"}
        assert set(flags.split()) <= {"clause", "noun", "future", "refusal"}
    assert {use for _, use in rows("acts.tsv")} == {"done", "ahead"}
    assert all(len(r) == 5 for r in rows("verbs.tsv"))
    assert {"amount", "time", "towards", "token", "stop"} <= set(patterns())


def test_regular_verbs_are_inflected_by_rule_and_others_by_table():
    assert forms("pledge") == ("pledge", "pledges", "pledged", "pledged", "pledging")
    assert forms("deny") == ("deny", "denies", "denied", "denied", "denying")
    assert forms("push") == ("push", "pushes", "pushed", "pushed", "pushing")
    assert forms("send") == ("send", "sends", "sent", "sent", "sending")
