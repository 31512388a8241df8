"""The learned reader of attributions: what it marks, and that it does so everywhere alike."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caveat.errors import WeightsError
from caveat.model import Article, Part
from caveat.tag import load_reader
from caveat.tag.learned import AttributionTagger
from caveat.tag.weights import checked, weights

TAGGER = AttributionTagger()
REPORT = (
    "Norway will send tanks to Ukraine, Defence Minister Anna Berg said on Tuesday."
    "\n\n"
    '"We are ready. We have said so for months," she told reporters. "It will take time."\n\n'
    "According to officials in Paris, France would send two battalions within weeks. The "
    "minister's office denied that any "
    "decision had been taken, the news agency ANSA reported.\n\n"
    "“No soldiers will go there,” said Lars Holm, who heads the opposition.\n"
)


def said(text, tagger=TAGGER):
    """Source, cue and content words of each outer attribution."""
    found, _ = tagger(text)
    return [
        tuple(" … ".join(text[slice(*s)] for s in spans) for spans in (a.source, a.cue, a.content))
        for a in found
        if a.within is None
    ]


def test_indirect_direct_and_split_speech_are_told_apart_by_source_cue_and_content():
    found = said(REPORT)
    assert ("Defence Minister Anna Berg", "said", "Norway will send tanks to Ukraine") in found
    assert any(s == "she" and c.startswith("told") and "We are ready." in x for s, c, x in found)
    assert ("officials in Paris", "According to") in {(s, c) for s, c, _ in found}
    assert any("Lars Holm" in s and "No soldiers will go there" in x for s, _, x in found)


@pytest.mark.parametrize(
    ("opens", "closes"),
    [('"', '"'), ("“", "”"), ("‘", "’"), ("'", "'")],
    ids="straight curly single s".split(),
)
def test_every_style_of_quotation_mark_frames_the_same_words(opens, closes):
    text = f"{opens}We will send ships next week,{closes} Prime Minister Anna Berg said in Oslo."
    ((source, cue, content),) = said(text)
    assert (source, cue) == ("Prime Minister Anna Berg", "said")
    assert "We will send ships next week" in content


def test_a_relay_is_marked_beside_its_source():
    text = '"We will help Ukraine," Berg said, as quoted by the ANSA news agency on Monday.'
    (found,) = [a for a in TAGGER(text)[0] if a.within is None]
    assert [text[slice(*s)] for s in found.source] == ["Berg"]
    assert any("ANSA" in text[slice(*s)] for s in found.relay)


def test_people_organisations_and_places_are_named():
    _, names = TAGGER(REPORT)
    words = {(REPORT[slice(*n.span)], n.label) for n in names}
    assert ("Anna Berg", "person") in words
    assert ("Ukraine", "place") in words


def test_the_number_of_threads_changes_nothing():
    assert AttributionTagger(threads=2)(REPORT) == TAGGER(REPORT)


def test_the_order_of_articles_changes_nothing():
    texts = REPORT.strip().split("\n\n")
    assert [TAGGER(t) for t in texts] == [TAGGER(t) for t in reversed(texts)][::-1]


@pytest.mark.parametrize("odd", ["😀😀 ", "e\u0301te\u0301 ", "\u00a0\u00a0", "\ufeff", "\r\n\r\n"])
def test_offsets_are_code_points_whatever_stands_before(odd):
    text = odd + REPORT
    (content,) = [c for s, _, c in said(text) if s == "Defence Minister Anna Berg"]
    assert content.endswith("Norway will send tanks to Ukraine")


def test_a_text_of_any_length_is_read_whole():
    filler = "The harbour lay quiet in the rain and nobody was about that morning.\n\n"
    text = filler * 3000 + REPORT
    assert ("Defence Minister Anna Berg", "said", "Norway will send tanks to Ukraine") in said(text)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*"\"“”‘’' \n\r\t.,:;—-", *REPORT.split()[:40], "é", "😀", "\u0301", "x" * 300]
        )
    )
)
def test_on_any_text_spans_lie_in_it_are_trimmed_and_come_out_the_same_twice(pieces):
    text = " ".join(pieces)
    found, names = TAGGER(text)
    for span in [s for a in found for s in (*a.source, *a.cue, *a.content, *a.relay)] + [
        n.span for n in names
    ]:
        words = text[slice(*span)]
        assert words
        assert words == words.strip()
    assert all(a.within is None or found[a.within].within is None for a in found)
    assert (found, names) == TAGGER(text)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u200b", "."])
def test_a_text_without_words_gives_nothing_and_no_error(text):
    assert TAGGER(text)[0] == ()


def test_furniture_and_dateline_are_left_out():
    text = "All news\n\nOSLO, May 6. Berg said that Norway would send tanks."
    parts = (Part("furniture", (0, 8)), Part("dateline", (10, 22)), Part("body", (23, len(text))))
    marks = load_reader().mark(Article(text=text, parts=parts))
    assert all(s >= 23 for a in marks.attributions for s, _ in (*a.source, *a.cue, *a.content))


@pytest.fixture
def copy(tmp_path) -> Path:
    held = weights("attributions")
    return Path(shutil.copytree(held.folder, tmp_path / "attributions"))


def test_weights_are_held_to_their_hashes(copy):
    assert checked(copy).version == weights("attributions").version
    settings_file = copy / "settings.json"
    settings_file.write_text(settings_file.read_text("utf-8").replace("0.8", "0.9"), "utf-8")
    with pytest.raises(WeightsError, match=r"settings\.json is damaged: install caveat again"):
        checked(copy)


@pytest.mark.parametrize("missing", ["reader.onnx", "manifest.json"])
def test_missing_weights_are_a_clear_error(copy, missing):
    (copy / missing).unlink()
    with pytest.raises(WeightsError, match="missing"):
        checked(copy)


def test_the_model_stays_under_its_size(copy):
    files = json.loads((copy / "manifest.json").read_text("utf-8"))["files"]
    assert sum((copy / f).stat().st_size for f in files) < 30_000_000
