"""The check of a condition's relation by the words that introduce it."""

from __future__ import annotations

import pytest

from caveat.model import RELATIONS, Relation
from caveat.tag.looks import _others_presence
from caveat.tag.markers import checked, rows

WRONG: list[Relation] = ["no_longer_if", "until", "after", "only_if", "unless", "if"]


def relation(text: str, condition: str, *, refused: bool = False) -> tuple[str, str] | None:
    start = text.index(condition)
    found = checked(text, (start, start + len(condition)), refused, WRONG)
    return found and (text[slice(*found[0])], found[1])


@pytest.mark.parametrize(
    ("text", "condition", "expected"),
    [
        ("Norway will go unless Sweden objects.", "Sweden objects", "unless"),
        ("Norway will go only if Sweden does.", "Sweden does", "only_if"),
        ("Norway will go, provided that Sweden does.", "Sweden does", "only_if"),
        ("Norway will go in the event of an attack.", "an attack", "if"),
        ("Norway will go after a ceasefire.", "a ceasefire", "after"),
        ("Norway stays until the last train leaves.", "the last train leaves", "until"),
        ("Norway stays until the moment the last train leaves.", "the last train", "until"),
    ],
)
def test_a_relation_that_its_marker_rules_out_gives_way(text, condition, expected):
    assert relation(text, condition) == (condition, expected)


@pytest.mark.parametrize("marker", ["until", "before", "without", "unless"])
def test_on_a_refusal_until_before_and_without_are_unless(marker):
    text = f"Norway will not go {marker} a mandate."
    assert relation(text, "a mandate", refused=True) == ("a mandate", "unless")


def test_a_marker_inside_the_span_is_cut_off():
    text = "Norway will go only if there is a truce."
    assert relation(text, "only if there is a truce") == ("there is a truce", "only_if")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("Norway will help as long as it takes.", "it takes"),
        ("Norway will help for as long as necessary.", "necessary"),
        ("Norway will go even if Sweden objects.", "Sweden objects"),
        ("Norway will go whether or not Sweden objects.", "Sweden objects"),
    ],
)
def test_even_if_and_as_long_as_it_takes_make_no_condition(text, condition):
    assert relation(text, condition) is None


def test_without_a_marker_or_with_one_that_decides_nothing_the_readers_choice_stands():
    assert relation("Norway will go: Sweden must, too.", "Sweden must") == (
        "Sweden must",
        WRONG[0],
    )
    assert relation("Norway will go before a mandate.", "a mandate") == ("a mandate", WRONG[0])


def test_a_marker_of_another_sentence_is_not_heeded():
    text = "That was said until noon. Sweden must agree."
    assert relation(text, "Sweden must agree") == ("Sweden must agree", WRONG[0])


def test_the_table_of_markers_is_sorted_repeats_nothing_and_knows_its_relations():
    found = rows()
    markers = [r[0] for r in found]
    assert markers == sorted(set(markers))
    for row in found:
        assert len(row) == 3
        for cell in row[1:]:
            assert cell in ("*", "-") or set(cell.split(",")) <= set(RELATIONS)


@pytest.mark.parametrize(
    ("text", "action", "bears"),
    [
        ("Ruritania would not accept any deployment nearby.", "any deployment nearby", True),
        ("It will never tolerate foreign troops there.", "foreign troops there", True),
        ("It will not accept refugees.", "refugees", False),
        ("It will not send troops.", "troops", False),
    ],
)
def test_not_to_bear_others_presence_is_to_oppose_it(text, action, bears):
    start = text.index(action)
    assert _others_presence(text, (start, start + len(action))) is bears
