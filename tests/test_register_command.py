"""Retracted articles, copies, and two registers side by side."""

from __future__ import annotations

import json

import pytest

import databases
from build import make_article, make_findings, make_position, make_report
from caveat.errors import RegisterError
from caveat.register import Register, copy_register, diff_registers, digest
from caveat.undertaking import load_undertaking

U = load_undertaking()


def several(path, *, refresh=True):
    """A register with versions of a page, a hand-entered row, decisions and reviews."""
    with Register(path, undertaking=U) as register:
        register.add(make_report("France", "iso:FR", conditions=[("if", "a truce", "ceasefire")]))
        for day, words in (("2025-03-01", "troops"), ("2025-03-05", "troops now")):
            article = make_article(
                f"Norway is ready to send {words}.", published=day, url="https://example.org/n"
            )
            register.add(make_findings(
                article, make_position(article, words, holder="Norway", actors=("iso:NO",))
            ))  # fmt: skip
        register.import_row("t.csv", "1", make_report("Spain", "iso:ES", reader="hand"))
        register.skip("x.txt", "empty", "")
        (fr, *_) = [e for e in register.entries() if e.holders == ("iso:FR",)]
        register.review(fr.id, "correct", {"stance": "pledged"}, who="Ada")
        register.decide("iso:FR", "iso:NO", "different", who="Ada", why="two states")
        register.mark_article(fr.article_id, "archived", url="https://example.org/copy", who="Ada")
        if refresh:
            register.refresh()
    return path


def holders(path):
    with Register(path, read_only=True) as register:
        return {h for e in register.entries() for h in e.holders}


@pytest.mark.parametrize("refresh", [True, False])
def test_positions_of_a_retracted_article_leave_the_counts_visibly_and_come_back(tmp_path, refresh):
    path = several(tmp_path / "r.db", refresh=refresh)
    with Register(path) as register:
        (fr, *_) = [e for e in register.entries() if e.holders == ("iso:FR",)]
        register.mark_article(fr.article_id, "retracted", who="Ada", why="withdrawn")
        if refresh:
            register.refresh()
        assert register.left_out() == 1
    assert "iso:FR" not in holders(path)
    with Register(path) as register:
        register.mark_article(fr.article_id, "archived", url="https://example.org/b", who="Ada")
        assert register.left_out() == 1, "an archived copy restores nothing"
        register.mark_article(fr.article_id, "restored", who="Ben")
        assert register.left_out() == 0
        assert [m.mark for m in register.article_marks()] == [
            "archived", "retracted", "archived", "restored",
        ]  # fmt: skip
    assert "iso:FR" in holders(path)


def test_the_command_retracts_restores_archives_and_shows(caveat, tmp_path):
    path = str(several(tmp_path / "r.db"))
    with Register(path, read_only=True) as register:
        ids = {a.title or a.id: a.id for a in register.articles()}
        article = next(e.article_id for e in register.entries() if e.holders == ("iso:FR",))
    assert len(ids) == 4
    code, out, _ = caveat("register", "retract", article[:8], "--why", "withdrawn", "-r", path)
    assert code == 0 and "left out of the counts: 1" in out
    _, out, _ = caveat("register", "-r", path)
    assert "positions of retracted and corrected articles, left out: 1" in out
    _, out, _ = caveat("count", "--as-of", "2025-04-01", "-r", path)
    assert "1 position of retracted or corrected articles is left out" in " ".join(out.split())
    code, _, _ = caveat("register", "restore", article, "-r", path)
    assert code == 0
    told = json.loads(caveat("register", "-r", path, "--json")[1])
    assert told["left_out"] == 0 and len(told["marks"]) == 3 and told["reviewed"] == 1
    code, _, err = caveat("register", "retract", "https://example.org/n", "-r", path)
    assert code == 4 and "2 articles have the id or URL" in err


def test_a_mark_without_its_address_or_an_unknown_article_is_refused(tmp_path):
    with Register(several(tmp_path / "r.db")) as register:
        id_ = register.articles()[0].id
        with pytest.raises(RegisterError, match="has an address"):
            register.mark_article(id_, "archived", who="Ada")
        with pytest.raises(RegisterError, match="holds no article"):
            register.mark_article("0" * 16, "retracted", who="Ada")


def test_a_copy_is_the_same_row_by_row_and_answers_alike(tmp_path):
    source = several(tmp_path / "a.db")
    with Register(source, read_only=True) as one, Register(tmp_path / "b.db") as other:
        assert copy_register(one, other) > 0
        first, second = digest(one), digest(other)
        del first["caveat_migrations"], second["caveat_migrations"]
        assert first == second
        assert one.entries() == other.entries()
        assert other.undertaking == one.undertaking
        other.refresh()
        assert one.entries() == other.entries()


def test_a_copy_goes_into_an_empty_register_only_and_leaves_another_as_it_was(tmp_path):
    source = several(tmp_path / "a.db")
    with Register(source, read_only=True) as one, Register(tmp_path / "b.db") as other:
        other.add(make_report("Chad", "iso:TD"))
        before = digest(other)
        with pytest.raises(RegisterError, match="is not empty"):
            copy_register(one, other)
        assert digest(other) == before


@pytest.mark.skipif(not databases.URL, reason="needs both databases")
def test_a_copy_between_sqlite_and_postgresql_is_the_same_either_way(tmp_path):
    there, back = tmp_path / "there.db", f"sqlite:///{tmp_path}/back.sqlite"
    here = several(f"sqlite:///{tmp_path}/here.sqlite")
    with Register(here, read_only=True) as one, Register(there) as other:
        copy_register(one, other)
        assert all(d.same for d in diff_registers(one, other) if d.table != "caveat_migrations")
        with Register(back) as third:
            copy_register(other, third)
            other.refresh()
            assert all(d.same for d in diff_registers(one, third) if d.table != "caveat_migrations")
            assert one.entries() == other.entries() == third.entries()


def test_two_registers_are_compared_table_by_table(tmp_path):
    source = several(tmp_path / "a.db")
    with Register(source, read_only=True) as one, Register(tmp_path / "b.db") as other:
        copy_register(one, other)
        other.skip("y.txt", "empty", "")
        found = {d.table: d for d in diff_registers(one, other) if not d.same}
        found.pop("caveat_migrations", None)
        assert found.keys() == {"skips"}
        d = found["skips"]
        assert (d.rows, d.only_first, d.only_second, d.changed) == ((1, 2), 0, 1, 0)


def test_the_commands_copy_and_compare(caveat, tmp_path):
    a, b = str(several(tmp_path / "a.db")), str(tmp_path / "b.db")
    code, out, _ = caveat("register", "copy", a, b)
    assert code == 0 and "both are the same" in out
    code, out, _ = caveat("register", "diff", a, b)
    assert code == 0 and out.startswith("the same:")
    caveat("register", "archive", "https://example.org/n", "https://example.org/c", "-r", b)
    with Register(b) as register:
        register.skip("z.txt", "empty", "")
    code, out, _ = caveat("register", "diff", a, b, "--json")
    assert code == 1
    assert [d["table"] for d in json.loads(out) if not d["same"]] == ["skips"]
