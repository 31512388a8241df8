"""The command line: what each command prints, where, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from build import make_article, make_findings, make_position, make_report
from caveat import __version__
from caveat.errors import CaveatError
from caveat.register import Register
from caveat.show import cli
from caveat.undertaking import load_undertaking, template

COMMANDS = (
    "read", "add", "board", "count", "changes", "why", "export", "report", "undertaking",
)  # fmt: skip
REPORT = (
    "OSTIA, March 3 - Norway is ready to send soldiers to Ukraine if a ceasefire holds, Foreign "
    "Minister Ada Berg said on Monday.\n\nPoland will not send troops, its prime minister said."
)


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """A register with a few positions on troops."""
    path = tmp_path / "register.db"
    with Register(path, undertaking=load_undertaking()) as store:
        for report in (
            make_report("Norway", "iso:NO", "considering"),
            make_report("Norway", "iso:NO", published="2025-04-04",
                        conditions=[("after", "a ceasefire", "ceasefire")]),
            make_report("Poland", "iso:PL", "refused"),
            make_report("Sweden", "iso:SE", kind="air", outlet="Other Post"),
        ):  # fmt: skip
            store.add(report)
        store.skip("fr.txt", "language", "French")
    return path


def process(*words: object, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "caveat", *map(str, words)],
        capture_output=True, check=False, **options,
    )  # fmt: skip


# ------------------------------------------------------------------ help, version


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_a_register_and_json(caveat, command):
    code, out, _ = caveat(command, "--help")
    assert code == 0
    assert "Example:\n" in out and f"caveat {command}" in out
    assert "--json" in out
    assert ("--register" in out) == (command != "read")


def test_help_answers_without_loading_what_reads_or_stores():
    heavy = ("rich", "jinja2", "sqlalchemy", "trafilatura", "lxml", "dateparser", "pycountry")
    code = (
        "import sys; sys.argv = ['caveat', '--help']\n"
        "from caveat.show.cli import main\n"
        "try: main()\n"
        f"except SystemExit: print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stderr.strip() == "[]"


def test_help_loads_nothing_that_it_does_not_need():
    """How long it takes is a benchmark: `python -m bench.start`."""
    code = (
        "import sys; sys.argv = ['caveat', '--help']\n"
        "from caveat.show.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"sqlalchemy", "onnxruntime", "tokenizers", "numpy", "trafilatura", "dateparser",
             "babel", "jinja2", "httpx"}  # fmt: skip
    assert heavy & set(done.stderr.split()) == set()


def test_the_version_is_the_packages(caveat):
    assert caveat("--version") == (0, f"caveat {__version__}\n", "")


# ------------------------------------------------------------------ errors


def test_an_unknown_option_is_an_error_of_usage(caveat):
    code, out, err = caveat("count", "--colour")
    assert (code, out) == (2, "") and "--colour" in err


def test_a_question_that_cannot_be_asked_is_one_sentence(caveat, register):
    code, out, err = caveat("count", "--kind", "spaceships", "-r", register)
    assert (code, out) == (2, "")
    assert err.startswith("caveat: 'spaceships' is no kind") and err.count("\n") == 1


def test_a_missing_register_is_one_sentence(caveat, tmp_path):
    code, out, err = caveat("board", "--register", tmp_path / "none.db")
    assert (code, out) == (4, "")
    assert err.startswith("caveat: ") and "none.db" in err and "Traceback" not in err
    assert not (tmp_path / "none.db").exists()


def test_a_bad_undertaking_is_an_error_of_input(caveat, tmp_path):
    (tmp_path / "u.toml").write_text("id = 3", "utf-8")
    code, _, err = caveat("undertaking", "-u", tmp_path / "u.toml")
    assert code == 3 and "'id'" in err


def test_a_day_that_no_calendar_has_is_an_error_of_usage(caveat, register):
    code, _, err = caveat("count", "--as-of", "2025-02-30", "-r", register)
    assert code == 2 and "2025-02-30" in err


def test_debug_shows_where_an_error_came_from(monkeypatch, tmp_path):
    monkeypatch.setattr(
        sys, "argv", ["caveat", "--debug", "board", "-r", str(tmp_path / "none.db")]
    )
    with pytest.raises(CaveatError):
        cli.main()


def test_what_nobody_expected_is_one_sentence_too(caveat, monkeypatch, register):
    monkeypatch.setattr("caveat.ask.gather_board", lambda *_: 1 / 0)
    code, _, err = caveat("board", "-r", register)
    assert code == 1 and err.startswith("caveat: unexpected ZeroDivisionError")


def test_a_pipe_whose_reader_goes_away_is_no_drama(tmp_path):
    with Register(tmp_path / "big.db") as store:
        text = "Norway is ready to send troops. " + "And so on. " * 20_000
        article = make_article(text)
        store.add(make_findings(article, make_position(article, holder="Norway")))
    run = subprocess.Popen(
        [sys.executable, "-m", "caveat", "export", "-r", str(tmp_path / "big.db")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert run.stdout is not None and run.stderr is not None
    run.stdout.read(10)
    run.stdout.close()
    assert run.stderr.read() == b""
    assert run.wait() in (0, 1)


# ------------------------------------------------------------------ count, board, changes, why


def test_a_count_begins_with_the_answer(caveat, register):
    code, out, _ = caveat("count", "--kind", "troops", "--as-of", "2025-05-01", "-r", register)
    lines = out.splitlines()
    assert code == 0
    assert lines[0].rstrip() == "0 firm, 0 to 1 named state ready to send troops"
    assert lines[1].startswith("named parties at least ready on troops")
    assert "after a ceasefire" in out and "Test Post, 4 April 2025" in out
    assert "0 reviewed by a person" in out
    assert "ceasefire  (a ceasefire holds)" in out


def test_a_count_under_an_assumption(caveat, register):
    code, out, _ = caveat(
        "count", "--as-of", "2025-05-01", "--assume", "peace-deal", "--json", "-r", register
    )
    found = json.loads(out)
    assert code == 0
    assert (found["firm"], found["lower"], found["upper"]) == (1, 1, 1)
    assert found["question"]["assumptions"] == {"peace-deal": True}


def test_every_option_of_count_reaches_the_question(caveat, register):
    code, out, _ = caveat(
        "count", "-k", "troops", "-k", "air", "--all-of", "--at-least", "considering",
        "--as-of", "2025-05-01", "--hindsight", "--assume", "not:ceasefire", "--voice", "quoted",
        "--without-outlet", "Other Post", "--beneficiary", "norway", "--reviewed-only",
        "--reading", "generous", "--json", "-r", register,
    )  # fmt: skip
    assert code == 2, "nobody of that name is known by it"
    code, out, _ = caveat(
        "count", "-k", "troops", "-k", "air", "--all-of", "--at-least", "considering",
        "--as-of", "2025-05-01", "--hindsight", "--assume", "not:ceasefire", "--voice", "quoted",
        "--without-outlet", "Other Post", "--beneficiary", "iso:no", "--reviewed-only",
        "--reading", "generous", "--json", "-r", register,
    )  # fmt: skip
    assert code == 0
    assert json.loads(out)["question"] == {
        "kinds": ["troops", "air"], "all_of": True, "at_least": "considering",
        "as_of": "2025-05-01", "hindsight": True, "assumptions": {"ceasefire": False},
        "voices": ["quoted"], "without_outlets": ["Other Post"], "beneficiary": "iso:NO",
        "reviewed_only": True, "reading": "generous",
    }  # fmt: skip


def test_the_board_shows_each_cell(caveat, register):
    code, out, _ = caveat("board", "--as-of", "2025-05-01", "-r", register)
    assert code == 0
    assert out.split()[:2] == ["troops", "air"]
    assert "ready?" in out and "refused" in out
    found = json.loads(caveat("board", "--as-of", "2025-05-01", "--json", "-r", register)[1])
    assert {(c["actor"], c["kind"], c["stance"]) for c in found["cells"]} == {
        ("iso:NO", "troops", "ready"), ("iso:PL", "troops", "refused"), ("iso:SE", "air", "ready"),
    }  # fmt: skip


def test_a_board_that_does_not_fit_shows_codes_rather_than_half_words(
    caveat, register, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "17")
    _, out, _ = caveat("board", "--as-of", "2025-05-01", "-r", register)
    assert "Rd?" in out and "Rf refused" in " ".join(out.split()) and "…" not in out


def test_changes_stand_in_order_of_time(caveat, register):
    found = json.loads(caveat("changes", "--kind", "troops", "--json", "-r", register)[1])
    moves = [
        (c["before"] and c["before"]["stance"], c["after"]["stance"])
        for c in found
        if c["actor"]["id"] == "iso:NO"
    ]
    assert moves == [(None, "considering"), ("considering", "ready")]
    _, out, _ = caveat("changes", "--since", "2025-04-01", "-r", register)
    assert "4 April 2025" in out and "Poland" not in out


def test_why_shows_the_sentence_and_what_qualifies_it(caveat, register):
    with Register(register, read_only=True) as store:
        entry = next(e for e in store.entries() if e.condition_words)
    code, out, _ = caveat("why", entry.id[:8], "-r", register)
    assert code == 0
    told = " ".join(out.split())
    assert " ".join(entry.sentence.split()) in told
    assert "condition after a ceasefire [ceasefire]" in told
    for caveat_ in entry.position.caveats:
        assert f"{caveat_.name}: {caveat_.why}" in told
    found = json.loads(caveat("why", entry.id, "--json", "-r", register)[1])
    assert found["id"] == entry.id and found["sentence"] == entry.sentence


def test_why_of_an_unknown_position_is_an_error_of_the_register(caveat, register):
    code, _, err = caveat("why", "zzzz", "-r", register)
    assert code == 4 and "zzzz" in err


def test_words_from_outside_cannot_steer_the_terminal(caveat, tmp_path):
    article = make_article("\x1b[2JNorway is ready to send troops [bold]now[/bold] \u202egro.")
    with Register(tmp_path / "evil.db") as store:
        store.add(make_findings(article, make_position(article, holder="Norway")))
        id_ = store.entries()[0].id
    _, out, _ = caveat("why", id_, "-r", tmp_path / "evil.db")
    assert "\x1b" not in out and "\u202e" not in out and "[bold]now[/bold]" in out


def test_no_colour_where_nobody_watches(register):
    for env in ({}, {"NO_COLOR": "1"}):
        run = process("board", "-r", register, env={**os.environ, **env})
        assert run.returncode == 0 and b"\x1b" not in run.stdout + run.stderr


def test_json_is_utf8_whatever_the_terminal_speaks(tmp_path):
    article = make_article("Norway is ready to send “Leopard” tanks – 300.")
    with Register(tmp_path / "q.db") as store:
        store.add(make_findings(article, make_position(article, "send “Leopard” tanks",
                                                       holder="Norway")))  # fmt: skip
    run = process(
        "export", "--json", "-r", tmp_path / "q.db",
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
    )  # fmt: skip
    assert json.loads(run.stdout.decode("utf-8"))[0]["action"] == "send “Leopard” tanks"


# ------------------------------------------------------------------ export, report, undertaking


def test_an_export_goes_to_a_file_or_to_standard_output(caveat, register, tmp_path):
    _, out, err = caveat("export", "-r", register)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 4 and err == ""
    target = tmp_path / "new" / "positions.json"
    code, out, err = caveat("export", "--format", "json", "-o", target, "-r", register)
    assert (code, out) == (0, "") and "4 positions" in err
    assert len(json.loads(target.read_text("utf-8"))) == 4


def test_a_file_that_cannot_be_written_is_named(caveat, register, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    code, _, err = caveat("export", "-o", tmp_path / "file" / "x.csv", "-r", register)
    assert code == 3 and "cannot write" in err


def test_a_report_is_a_page_and_the_answer_is_told(caveat, register, tmp_path):
    target = tmp_path / "report.html"
    code, out, _ = caveat("report", "-o", target, "--as-of", "2025-05-01", "-r", register)
    assert code == 0 and out.startswith("0 firm, 0 to 1 named state ready to send troops → ")
    page = target.read_text("utf-8")
    assert page.lstrip().startswith("<!doctype html>") and page.rstrip().endswith("</html>")
    _, out, _ = caveat("report", "-o", target, "--as-of", "2025-05-01", "--json", "-r", register)
    assert json.loads(out)["upper"] == 1


def test_the_undertaking_in_force_is_the_registers(caveat, tmp_path):
    text = 'id = "mine"\ntitle = "Mine"\n'
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    with Register(
        tmp_path / "mine.db", undertaking=load_undertaking(tmp_path / "mine.toml")
    ) as store:
        store.skip("x", "empty", "")
    assert caveat("undertaking", "-r", tmp_path / "mine.db")[1] == text
    assert caveat("undertaking", "--blank")[1] == template()
    found = json.loads(caveat("undertaking", "--json", "-u", "security-guarantees")[1])
    assert found["id"] == "security-guarantees"


def test_without_a_register_the_undertaking_in_force_is_the_default_one(caveat, monkeypatch):
    monkeypatch.delenv("CAVEAT_REGISTER")
    monkeypatch.setenv("XDG_DATA_HOME", "/nonexistent")
    assert caveat("undertaking")[1] == load_undertaking().toml


# ------------------------------------------------------------------ read, add


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder of one report, an empty file and one in another language."""
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "a.txt").write_text(REPORT, "utf-8")
    (folder / "empty.txt").write_text("", "utf-8")
    (folder / "fr.txt").write_text(
        "Le gouvernement a annoncé hier qu'il ne voulait pas envoyer de soldats, car la situation "
        "reste beaucoup trop dangereuse pour les troupes du pays.",
        "utf-8",
    )
    return folder


def test_reading_marks_the_article_and_lists_its_positions(caveat, reports):
    code, out, err = caveat("read", reports / "a.txt", "--date", "2025-03-03", "--outlet", "Wire")
    assert code == 0 and err == ""
    assert "Norway is ready to send soldiers" in " ".join(out.split())
    assert "Wire, 3 March 2025" in out
    assert "refused" in out and "positions" in out


def test_reading_stores_nothing(caveat, reports, tmp_path):
    caveat("read", reports / "a.txt")
    assert not (tmp_path / "register.db").exists()


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(caveat, reports):
    code, out, err = caveat("read", reports, "--json")
    found = json.loads(out)
    assert code == 0
    assert ["skipped" in f for f in found] == [False, True, True]
    assert "empty.txt" in err and "French" in err


def test_a_file_that_is_not_there_is_an_error_where_nothing_else_was_read(caveat, tmp_path):
    code, _, err = caveat("read", tmp_path / "none.txt")
    assert code == 3 and "none.txt" in err


def test_json_and_jsonl_exclude_each_other(caveat, reports):
    assert caveat("read", reports, "--json", "--jsonl")[0] == 2


def test_adding_twice_changes_nothing(caveat, reports, tmp_path):
    code, out, _ = caveat("add", reports)
    assert code == 0
    assert "1 article read (1 new, 0 known)" in out and "2 skipped" in out and "French" in out
    with Register(tmp_path / "register.db", read_only=True) as store:
        first = list(store.dump())
        assert store.undertaking is not None
        assert store.undertaking.id == "security-guarantees"
    code, out, _ = caveat("add", reports, "--json")
    summary = json.loads(out)
    assert (summary["read"], summary["new"], summary["known"]) == (1, 0, 1)
    assert len(summary["skipped"]) == 2
    with Register(tmp_path / "register.db", read_only=True) as store:
        assert list(store.dump()) == first


def test_a_register_keeps_its_undertaking(caveat, reports, tmp_path):
    (tmp_path / "mine.toml").write_text('id = "mine"\ntitle = "Mine"\n', "utf-8")
    assert caveat("add", reports, "-u", tmp_path / "mine.toml")[0] == 0
    assert caveat("add", reports)[0] == 0
    code, _, err = caveat("add", reports, "-u", "security-guarantees")
    assert code == 4 and "mine" in err


def test_adding_only_what_is_not_there_is_an_error(caveat, tmp_path):
    code, _, _ = caveat("add", tmp_path / "none.txt")
    assert code == 3


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("count", "--kind", "troop"), "near: troops"),
        (("count", "--assume", "ceasfire"), "near: ceasefire"),
        (("scenario", "ceasfire"), "near: ceasefire"),
        (("count", "--as-of", "1999-01-01"), "the first report is of"),
        (("count", "--beneficiary", "is:NO"), "near: NO"),
    ],
)
def test_a_bad_question_names_the_nearest_that_is_known(caveat, register, words, near):
    code, out, err = caveat(*words, "-r", register)
    assert (code, out) == (2, "")
    assert near in err and err.count("\n") == 1


def test_scenarios_and_moves_tell_the_same_bounds_as_count(caveat, register):
    _, out, _ = caveat("count", "--json", "-r", register)
    counted = json.loads(out)
    _, out, _ = caveat("moves", "--json", "-r", register)
    moves = json.loads(out)
    assert (moves["lower"], moves["upper"]) == (counted["lower"], counted["upper"])
    assert moves["moves"] == counted["moves"]
    _, out, _ = caveat("scenario", "ceasefire", "not:ceasefire", "--json", "-r", register)
    found = json.loads(out)
    assert [s["assumptions"] for s in found] == [None, "ceasefire", "not:ceasefire"]
    assert found[0]["answer"]["standings"] == counted["standings"]
    _, out, _ = caveat("count", "--assume", "ceasefire", "--json", "-r", register)
    assert json.loads(out)["upper"] == found[1]["answer"]["upper"]
    for words in (("scenario", "ceasefire"), ("moves",)):
        code, out, _ = caveat(*words, "-r", register)
        assert code == 0 and "firm" in out
