"""Search over evidence and articles."""

from __future__ import annotations

import json

import pytest

from build import make_report
from caveat.register import Register
from caveat.register.dialect import terms


@pytest.fixture(params=[True, False])
def path(request, tmp_path):
    path = tmp_path / "r.db"
    with Register(path) as register:
        register.add(make_report("France", "iso:FR", conditions=[("if", "a ceasefire", None)]))
        register.add(make_report("Türkiye", "iso:TR", "refused", kind="air", outlet="Gazette"))
        if request.param:
            register.refresh()
    return path


def holders(found):
    return [e.holders[0] for e in found.positions]


def test_positions_are_found_by_their_words_whatever_case_or_accents(path):
    with Register(path, read_only=True) as register:
        assert holders(register.search("CEASEFIRE france")) == ["iso:FR"]
        assert holders(register.search("turkiye")) == ["iso:TR"]
        assert sorted(holders(register.search("send"))) == ["iso:FR", "iso:TR"]
        assert register.search("ceasefire turkiye").positions == ()


def test_words_in_quotation_marks_stand_side_by_side(path):
    with Register(path, read_only=True) as register:
        assert holders(register.search('"send troops"')) == ["iso:FR"]
        assert register.search('"troops send"').positions == ()


def test_articles_are_found_by_their_text_with_some_of_it(path):
    with Register(path, read_only=True) as register:
        (hit,) = register.search("gazette reported").articles
        assert hit.outlet == "Gazette" and "Gazette reported" in hit.around


@pytest.mark.parametrize("words", ["", '"', "* OR (", "NEAR(", "a AND", "sentence:x", "--", "\x00"])
def test_no_words_are_an_error_or_the_indexs_own_language(path, words):
    with Register(path, read_only=True) as register:
        register.search(words)
    assert all(t.strip() for t in terms(words))


def test_a_rejected_position_is_not_found(path):
    with Register(path) as register:
        (e,) = register.search("ceasefire").positions
        register.review(e.id, "reject", who="Ada")
        register.refresh()
        assert register.search("ceasefire").positions == ()
        assert len(register.search("ceasefire").articles) == 1


def test_the_command_prints_and_gives_json(caveat, path):
    code, out, _ = caveat("search", "ceasefire", "-r", str(path))
    assert code == 0 and "France" in out and "1 position, 1 article" in out
    told = json.loads(caveat("search", "ceasefire", "-r", str(path), "--json")[1])
    assert len(told["positions"]) == len(told["articles"]) == 1
    assert "nothing found" in caveat("search", "nonsense", "-r", str(path))[1]
