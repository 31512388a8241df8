"""The learned reader of positions: what it marks on texts of our own, and that it does so alike.

A learned reader misreads some sentence of any list. The lists below hold the plain cases of each
construction; a test demands nearly all of a list, and names the ones that failed.
"""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caveat.errors import InputError, WeightsError
from caveat.model import (
    KINDS,
    RELATIONS,
    STANCES,
    Article,
    Marks,
    Name,
    Part,
    PositionMark,
    Span,
)
from caveat.tag import DEFAULT_READER, READERS, load_reader
from caveat.tag.actions import CORE, MARGIN, WINDOW, overlap
from caveat.tag.pieces import Pieces, layout
from caveat.tag.positions import PositionTagger, whole_names
from caveat.tag.sessions import session
from caveat.tag.weights import checked, weights

READER = load_reader()
WEIGHTS = weights(str(READERS[DEFAULT_READER]))


def mark(text: str, *parts: Part) -> Marks:
    return READER.mark(Article(text=text, parts=parts))


def words(text: str, spans: tuple[Span, ...]) -> list[str]:
    return [text[slice(*s)] for s in spans]


def best(text: str, action: str) -> PositionMark | None:
    """The position whose action overlaps these words most, if any does by half."""
    start = text.index(action)
    span = (start, start + len(action))
    found = [(overlap(p.action, span), p) for p in mark(text).positions]
    score, position = max(found, key=lambda f: f[0], default=(0.0, None))
    return position if score >= 0.5 else None


def nearly_all(failed: list[str], of: int, share: float = 0.85) -> None:
    assert of - len(failed) >= share * of, "\n".join(failed)


SAID = " Foreign Minister Anna Berg said in Oslo on Tuesday."
STANCE_CASES = [
    ("Norway will send 40 tanks to Ukraine,", "send 40 tanks", "pledged"),
    ("Norway has pledged to send tanks to Ukraine,", "send tanks", "pledged"),
    ("Norway is committed to sending more ammunition,", "sending more ammunition", "pledged"),
    ("Norway is ready to send peacekeepers to Ukraine,", "send peacekeepers", "ready"),
    ("Norway is open to sending instructors,", "sending instructors", "ready"),
    ("Norway is willing to host the talks,", "host the talks", "ready"),
    ("Norway is considering sending warships,", "sending warships", "considering"),
    ("Norway has not ruled out sending troops,", "sending troops", "considering"),
    ("Norway has ruled out sending troops to Ukraine,", "sending troops", "refused"),
    ("Norway will not send troops to Ukraine,", "send troops", "refused"),
    ("Norway refuses to supply long-range missiles,", "supply long-range missiles", "refused"),
    ("Norway has no plans to send soldiers to Ukraine,", "send soldiers", "refused"),
    ("Norway opposes the deployment of foreign troops,", "deployment of foreign troops", "opposes"),
    ("Norway calls on Russia to withdraw its forces,", "withdraw its forces", "demands"),
    ("Norway urges its allies to send air defence systems,", "send air defence", "demands"),
    ("Norway has imposed new sanctions on Russia,", "new sanctions on Russia", "done"),
    ("Norway has sent 20 howitzers to Ukraine,", "20 howitzers", "done"),
]


def test_a_stance_is_read_from_its_words():
    failed = []
    for clause, action, stance in STANCE_CASES:
        found = best(clause + SAID, action)
        if found is None or found.stance != stance or words(clause, found.holder) != ["Norway"]:
            failed.append(f"{clause} {found and (found.stance, words(clause, found.holder))}")
    nearly_all(failed, len(STANCE_CASES))


KIND_CASES = [
    ("Spain will send 800 soldiers to Ukraine after a ceasefire,", "send 800 soldiers", "troops"),
    ("Spain will deliver 30 tanks to Ukraine,", "deliver 30 tanks", "weapons"),
    ("Spain will impose new sanctions on Russian banks,", "new sanctions", "sanctions"),
    ("Spain is ready to host peace talks,", "host peace talks", "talks"),
    ("Spain will give Ukraine 200 million euros in loans,", "200 million euros", "money"),
    ("Spain will take in 5,000 refugees from Ukraine,", "5,000 refugees", "humanitarian"),
    ("Spain supports admitting Ukraine to NATO,", "admitting Ukraine to NATO", "membership"),
    ("Spain will train 2,000 Ukrainian soldiers,", "train 2,000", "training"),
]


def test_a_kind_is_read_from_the_action():
    failed = []
    for clause, action, kind in KIND_CASES:
        found = best(clause + " the defence ministry said.", action)
        if found is None or found.kind != kind:
            failed.append(f"{clause} {found and found.kind}")
    nearly_all(failed, len(KIND_CASES), 0.75)


CONDITION_CASES = [
    ("Norway will send troops if there is a ceasefire,", "send troops", "there is a ceasefire",
     "if"),
    ("Norway is ready to send troops only if the United States takes part,", "send troops",
     "the United States takes part", "only_if"),
    ("Norway would send troops provided that parliament agrees,", "send troops",
     "parliament agrees", "only_if"),
    ("Norway will send troops unless Russia agrees to a truce,", "send troops",
     "Russia agrees to a truce", "unless"),
    ("Norway will not send troops without a United Nations mandate,", "send troops",
     "a United Nations mandate", "unless"),
    ("Norway is ready to send troops after a ceasefire,", "send troops", "a ceasefire", "after"),
    ("Sanctions on Russia will stay in place until the last soldier leaves Ukraine,",
     "stay in place", "the last soldier leaves Ukraine", "until"),
]  # fmt: skip


def test_a_condition_stands_with_its_relation_and_without_its_marker():
    failed = []
    for clause, action, condition, relation in CONDITION_CASES:
        found = best(clause + SAID, action)
        start = clause.index(condition)
        here = (start, start + len(condition))
        hits = [
            c.relation for c in (found.conditions if found else ()) if overlap(c.span, here) >= 0.7
        ]
        if relation not in hits:
            failed.append(f"{clause} {found and [(c.relation, c.span) for c in found.conditions]}")
    nearly_all(failed, len(CONDITION_CASES), 0.7)


def test_as_long_as_it_takes_is_no_condition():
    text = "Norway will help Ukraine for as long as it takes," + SAID
    assert [c for p in mark(text).positions for c in p.conditions] == []


def test_each_member_of_a_list_is_a_holder_of_its_own():
    text = "Norway, Iceland and Denmark are ready to send warships to the Black Sea," + SAID
    found = best(text, "send warships to the Black Sea")
    assert found is not None
    assert words(text, found.holder) == ["Norway", "Iceland", "Denmark"]


def test_an_unnamed_group_is_one_holder_as_written():
    text = "Around 30 countries are ready to join the mission," + SAID
    found = best(text, "join the mission")
    assert found is not None
    assert words(text, found.holder) == ["Around 30 countries"]


def test_two_stances_in_one_sentence_are_two_positions():
    text = "Norway refused to send troops but promised to train Ukrainian crews," + SAID
    stances = {p.stance for p in mark(text).positions}
    assert {"refused", "pledged"} <= stances


def test_the_party_asked_is_the_addressee():
    text = "Kyiv urged Norway to send air defence systems, the Ukrainian foreign ministry said."
    found = best(text, "send air defence systems")
    assert found is not None
    assert found.stance == "demands"
    assert words(text, found.holder) == ["Kyiv"]
    assert words(text, found.addressee) == ["Norway"]


def test_amount_and_beneficiary_are_marked():
    text = "Norway will send up to 400 soldiers to Ukraine," + SAID
    found = best(text, "send up to 400 soldiers to Ukraine")
    assert found is not None
    assert any("400 soldiers" in w for w in words(text, found.amount))
    assert words(text, found.beneficiary) == ["Ukraine"]


@pytest.mark.parametrize(
    "text",
    [
        "The weather in Oslo will be cold on Tuesday, with snow in the north.",
        "The ministry declined to comment.",
        "Shells hit the harbour at dawn and two people were wounded.",
    ],
)
def test_weather_silence_and_fighting_are_no_positions(text):
    assert mark(text).positions == ()


def test_a_position_knows_its_speaker_attribution_and_sentence():
    text = 'It rained. "Norway will send tanks to Ukraine," Foreign Minister Anna Berg said.'
    found = mark(text)
    (p,) = found.positions
    assert p.speaker is not None
    assert text[slice(*p.speaker)].endswith("Anna Berg")
    assert p.attribution is not None
    (source,) = found.attributions[p.attribution].source
    assert overlap(source, p.speaker) > 0
    assert p.sentence == (11, len(text))


def test_furniture_and_dateline_are_not_read_but_the_headline_is():
    text = (
        "Norway to send tanks to Ukraine\n\nPARIS WILL SEND A TANK (Reuters)\n\n"
        "Norway will send tanks to Ukraine, Foreign Minister Anna Berg said."
    )
    cuts = [(0, 31), (33, 64), (66, len(text))]
    parts = [Part("headline", cuts[0]), Part("dateline", cuts[1]), Part("body", cuts[2])]
    starts = [p.action[0] for p in mark(text, *parts).positions]
    assert starts
    assert not any(33 <= s < 64 for s in starts)


def test_no_name_is_cut_in_two_by_a_party():
    text = "New Zealand's cabinet and Anna Berg of Oslo will decide."
    at = text.index
    names = (
        Name((0, 11), "place"),
        Name((at("Anna"), at(" of")), "person"),
        Name((at("Oslo"), at(" will")), "place"),
    )
    cut = PositionMark(
        action=(at("decide"), len(text) - 1),
        stance="pledged",
        holder=((4, at(" and")), (at("Anna"), at(" Berg"))),
        speaker=(at("Berg"), at(" of")),
    )
    (found,) = whole_names((cut,), names)
    assert words(text, found.holder) == ["New Zealand's cabinet", "Anna Berg"]
    assert found.speaker is not None
    assert text[slice(*found.speaker)] == "Anna Berg"


def test_confidence_is_a_probability_and_differs():
    found = [p for clause, *_ in STANCE_CASES for p in mark(clause + SAID).positions]
    assert all(0 < p.confidence < 1 for p in found)
    assert len({p.confidence for p in found}) > len(found) / 2


def test_a_reader_that_is_not_known_is_refused_by_name():
    with pytest.raises(InputError, match=r"no reader is called 'oracle'; known: base"):
        load_reader("oracle")


def test_the_quick_reader_marks_the_same_attributions_and_no_positions():
    text = " ".join(clause + SAID for clause, *_ in STANCE_CASES)
    quick, whole = load_reader("attributions").mark(Article(text=text)), mark(text)
    assert quick.attributions == whole.attributions
    assert quick.names == whole.names
    assert quick.positions == ()


# ------------------------------------------------------------------ the same everywhere

LONG = "\n\n".join(clause + SAID for clause, *_ in STANCE_CASES + KIND_CASES)


def test_the_number_of_threads_changes_nothing():
    assert PositionTagger(WEIGHTS, threads=2)(LONG) == PositionTagger(WEIGHTS)(LONG)


def test_the_order_of_articles_changes_nothing():
    texts = LONG.split("\n\n")[:8]
    assert [mark(t) for t in texts] == [mark(t) for t in reversed(texts)][::-1]


@pytest.mark.parametrize("odd", ["😀😀 ", "e\u0301te\u0301 ", "\u00a0\u00a0", "\r\n\r\n"])
def test_offsets_are_code_points_whatever_stands_before(odd):
    text = odd + "Norway will send 40 tanks to Ukraine," + SAID
    assert any(w == "Norway" for p in mark(text).positions for w in words(text, p.holder))


def test_windows_decide_every_word_once_and_see_beyond():
    tokens = Pieces(WEIGHTS.file("tokenizer.json"))(LONG * 5)
    windows = layout(tokens, CORE, MARGIN, WINDOW)
    assert len(windows) > 3
    assert windows[0][1] == 0
    assert windows[-1][2] == len(tokens.ids)
    assert all(a[2] == b[1] for a, b in pairwise(windows))
    assert all(end - begin <= WINDOW for begin, _, _, end in windows)
    assert all(last - first <= CORE + MARGIN for _, first, last, _ in windows)


def test_a_text_of_any_length_is_read_to_its_end():
    filler = "The harbour lay quiet in the rain and nobody was about that morning.\n\n"
    text = filler * 60 + "Norway will send 40 tanks to Ukraine," + SAID
    assert any(text[p.action[0] :].startswith("send 40 tanks") for p in mark(text).positions)


def _spans(found: Marks) -> list[Span]:
    spans: list[Span] = []
    for p in found.positions:
        spans += [p.action, *p.holder, *p.addressee, *p.beneficiary, *p.amount, *p.time, *p.relay]
        spans += [c.span for c in p.conditions]
        spans += [s for s in (p.speaker, p.sentence) if s]
    return spans


@settings(max_examples=40, deadline=None)
@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(
            [*LONG.split()[:60], '"', "“", "”", "’", "\n\n", "\u00a0", "😀", "x" * 400]
        ),
        max_size=40,
    ).map(" ".join)
)
def test_on_any_text_all_spans_are_valid_and_trimmed_and_twice_the_same(text):
    found = mark(text)
    for start, end in _spans(found):
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
    for p in found.positions:
        assert p.stance in STANCES
        assert p.kind in KINDS
        assert all(c.relation in RELATIONS for c in p.conditions)
    assert mark(text) == found


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u200b", "."])
def test_a_text_without_words_gives_nothing_and_no_error(text):
    assert mark(text).positions == ()


@pytest.mark.parametrize("file", ["encode.onnx", "look.onnx", "settings.json", "tokenizer.json"])
def test_damaged_weights_of_positions_are_a_clear_error(file, tmp_path):
    copy = Path(shutil.copytree(WEIGHTS.folder, tmp_path / "positions"))
    with (copy / file).open("ab") as f:
        f.write(b" ")
    with pytest.raises(WeightsError, match=f"{file} is damaged: install caveat again"):
        checked(copy)


@pytest.mark.parametrize("file", ["encode.onnx", "look.onnx"])
def test_int8_matrices_are_exact_on_processors_without_vnni(file):
    """Found when the reader read next to nothing on one: its fast kernels saturate."""
    made = session(WEIGHTS.file(file), threads=1)
    options = made.get_session_options()
    assert options.get_session_config_entry("session.x64quantprecision") == "1"
