"""Amount spans are widened to whole quantities."""

from __future__ import annotations

import pytest

from caveat.tag.quantities import whole


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        ("A 25 million AUD package", "million AUD", "25 million AUD"),
        ("a value of 500,000 EUR and", "000 EUR", "500,000 EUR"),
        ("comes to EUR 4.3 million. Since", "EUR 4.3", "EUR 4.3 million"),
        ("worth EUR 4.3 million", "4.3", "EUR 4.3 million"),
        ("gives 40 million euros in aid", "40 million", "40 million euros"),
        ("sends 31 tanks to Mali", "31 tanks", "31 tanks"),
        ("in 2024 it gave 3 jets", "3 jets", "3 jets"),
        ("pays $1.5 billion.", "$1.5 billion", "$1.5 billion"),
        ("up to 400 soldiers, 20 tanks", "up to 400 soldiers", "up to 400 soldiers"),
        ("In May, 20 tanks", "20 tanks", "20 tanks"),
        ("The NATO 20 tanks", "tanks", "tanks"),
    ],
)
def test_a_number_is_never_cut_nor_its_scale_or_currency_left_outside(text, found, expected):
    start = text.index(found)
    a, b = whole(text, (start, start + len(found)))
    assert text[a:b] == expected
