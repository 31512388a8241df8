"""Positions that people enter: by hand, and as a tracker's table that is imported again."""

from __future__ import annotations

import csv
import json
from datetime import date

import pytest

from caveat.ask import Question, count, gather, question
from caveat.errors import BadRecord, InputError, UnreadableFile
from caveat.model import Interval
from caveat.record import Record, findings_of
from caveat.register import Register
from caveat.tables import load_map, map_template, read_table
from caveat.undertaking import load_undertaking

U = load_undertaking()
DAY = Interval(date(2026, 1, 7), date(2026, 1, 7))


def made(**fields):
    fields = {"quote": "They are ready.", "stance": "ready", "holders": ("France",), **fields}
    return findings_of(Record(reported=DAY, **fields), U).positions[0]


def test_conditions_that_the_words_do_not_hold_stand_behind_them_and_become_propositions():
    found = findings_of(
        Record(
            "France is ready after a ceasefire.", "ready", holders=("FR",), reported=DAY,
            conditions=(("after", "a ceasefire"), ("only_if", "the parliament approves")),
        ),
        U,
    )  # fmt: skip
    p, article = found.positions[0], found.article
    assert [(c.relation, c.proposition) for c in p.conditions] == [
        ("after", "ceasefire"), ("only_if", "parliament-approves(FR)"),
    ]  # fmt: skip
    assert [article.words(c.span) for c in p.conditions] == [
        "a ceasefire", "the parliament approves",
    ]  # fmt: skip


@pytest.mark.parametrize(("fields", "voice"), [
    ({"speaker": "A. Minister", "speaks_for": "France"}, "reported"),
    ({"speaks_for": "FR"}, "reported"),
    ({"speaker": "An Expert"}, "third-party"),
    ({}, "third-party"),
    ({"stance": "done"}, "reported"),
    ({"speaker": "French officials", "speaks_for": "FR"}, "anonymous"),
    ({"speaker": "A. Minister", "speaks_for": "FR", "relay": ("unnamed source", "P")}, "anonymous"),
    ({"speaker": "A. Minister", "speaks_for": "FR", "relay": ("Minister", "P")}, "reported"),
    ({"own": True, "holders": ("FR", "GB")}, "reported"),
    ({"voice": "quoted", "speaks_for": "FR"}, "quoted"),
])  # fmt: skip
def test_whose_word_it_is_follows_from_who_speaks(fields, voice):
    assert made(**fields).voice == voice


@pytest.mark.parametrize(("fields", "message"), [
    ({"stance": "willing"}, "is no stance"),
    ({"kind": "tanks"}, "is no kind"),
    ({"voice": "loud"}, "is no voice"),
    ({"conditions": (("when", "x"),)}, "is no relation"),
    ({"quote": " "}, "has the words"),
    ({"holders": ()}, "names its holders"),
    ({"holders": ("Atlantis",)}, "is no party"),
    ({"own": True, "voice": "anonymous"}, "own word is not anonymous"),
])  # fmt: skip
def test_what_no_field_takes_is_an_error_in_one_sentence(fields, message):
    with pytest.raises(BadRecord, match=message):
        made(**fields)


def test_the_command_records_a_position_that_counts_as_reviewed(caveat, tmp_path):
    path = str(tmp_path / "r.db")
    given = (
        "record", "--holder", "France", "--stance", "ready", "--condition", "after: a ceasefire",
        "--quote", "We are ready to send soldiers after a ceasefire.", "--speaker", "A. Minister",
        "--speaks-for", "France", "--voice", "quoted", "--outlet", "The Post", "--by", "Ada",
        "--url", "https://example.org/a", "--date", "2026-01-07", "-r", path,
    )  # fmt: skip
    code, out, _ = caveat(*given)
    assert code == 0 and "recorded (quoted)" in out
    assert "was recorded already" in caveat(*given)[1]
    _, out, _ = caveat("count", "--reviewed", "--as-of", "2026-01-08", "-r", path, "--json")
    told = json.loads(out)
    assert (told["upper"], told["reviewed"]) == (1, 1)
    with Register(path, read_only=True) as register:
        (e,) = register.entries()
        assert register.article(e.article_id).extra == {"recorded_by": "Ada"}


# ------------------------------------------------------------------ tables

MAP = """
id = "no"
group = "several"
[columns]
quote = "what"
stance = "how"
holders = "who"
group_size = "many"
conditions = "if"
reported = "day"
[values.how]
"""
ROWS = [
    ["no", "who", "how", "what", "if", "day", "many"],
    ["1", "France, GB", "ready", "They are ready.", "if: a ceasefire", "2026-01-05", ""],
    ["2", "several", "pledged", "Several promise.", "", "2026-01-06", "30+"],
    ["3", "Norway", "refused", "Norway will not.", "", "2026-01-06", ""],
]


def table(folder, rows=ROWS, name="t.csv"):
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows(rows)
    return path


@pytest.fixture
def map_file(tmp_path):
    path = tmp_path / "map.toml"
    path.write_text(MAP.replace("[values.how]", ""))
    return str(path)


def test_rows_become_records_by_the_map(tmp_path, map_file):
    first, group, third = (row.record for row in read_table(table(tmp_path), load_map(map_file)))
    assert first.holders == ("France", "GB") and first.conditions == (("if", "a ceasefire"),)
    assert group.holders == () and group.group_size == (31, None)
    assert third.stance == "refused" and third.reported.start == date(2026, 1, 6)


def test_a_row_that_cannot_be_read_is_named_and_the_rest_goes_on(caveat, tmp_path, map_file):
    rows = [*ROWS, ["3", "Norway", "ready", "x", "", "", ""], ["", "Norway", "ready", "x"],
            ["6", "Atlantis", "ready", "x", "", "", ""],
            ["7", "Norway", "ready", "x", "no", "", ""],
            ["8", "Norway", "ready", "x", "", "yesterday-ish", ""],
            ["9", "Norway", "willing", "x", "", "", ""]]  # fmt: skip
    path = str(tmp_path / "r.db")
    code, out, _ = caveat(
        "import", str(table(tmp_path, rows)), "--map", map_file, "-r", path, "--json"
    )
    told = json.loads(out)
    assert code == 0 and told["new"] == 3
    reasons = {r["row"]: r["reason"] for r in told["left_out"]}
    assert reasons.keys() == {"3", "line 6", "6", "7", "8", "9"}
    assert "stands twice" in reasons["3"] and "no party" in reasons["6"]


def counted(path):
    with Register(path, read_only=True) as register:
        q = question(U, ["troops"], template=Question(as_of=date(2026, 1, 31)))
        found = gather(register, U, q)
        answer = count(found.entries, found.actors, U, q)
        return {s.holder: s.tier for s in answer.standings}, len(register.entries())


def test_importing_again_updates_rows_and_doubles_nothing(caveat, tmp_path, map_file):
    path = str(tmp_path / "r.db")

    def load(rows, *more):
        given = ("import", str(table(tmp_path, rows)), "--map", map_file, "-r", path, "--json")
        return json.loads(caveat(*given, *more)[1])

    assert load(ROWS)["new"] == 3
    again = load(ROWS)
    assert (again["known"], again["new"], again["changed"]) == (3, 0, 0)
    changed = [*ROWS[:3], ["3", "Norway", "considering", "Norway weighs it.", "", "2026-01-09", ""]]
    assert (load(changed)["changed"], counted(path)[1]) == (1, 3)
    assert counted(path)[0]["iso:NO"] == "others-considering"
    # a row that says again what it said before counts again
    assert load(ROWS)["changed"] == 1 and counted(path)[0]["iso:NO"] == "others-refused"
    kept = load(ROWS[:3])
    assert kept["not_in_table"] == ["3"] and counted(path)[1] == 3
    assert load(ROWS[:3], "--prune")["gone"] == 1
    assert "iso:NO" not in counted(path)[0] and counted(path)[1] == 2
    assert load(ROWS)["new"] == 1 and counted(path)[1] == 3


def test_xlsx_tables_are_read_with_their_dates(tmp_path, map_file):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active["F2"] = date(2026, 1, 5)
    path = tmp_path / "t.xlsx"
    book.save(path)
    as_csv = list(read_table(table(tmp_path), load_map(map_file)))
    assert [r.record for r in read_table(path, load_map(map_file))] == [r.record for r in as_csv]


@pytest.mark.parametrize(("content", "message"), [
    (b"", "is empty"),
    (b"a,b\n1,2\n", "has no column 'no'"),
    (b"\xff\xfe\x00", "cannot read"),
])  # fmt: skip
def test_what_is_no_such_table_is_a_clear_error(tmp_path, map_file, content, message):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=message):
        list(read_table(path, load_map(map_file)))
    broken = tmp_path / "t.xlsx"
    broken.write_bytes(content or b"x")
    with pytest.raises(UnreadableFile, match="cannot read"):
        list(read_table(broken, load_map(map_file)))


@pytest.mark.parametrize(("text", "message"), [
    ("id = [", "cannot read the map"),
    ("id = 'a'\n[columns]\nquote='q'\n", "gives no column for 'stance'"),
    ("id = 'a'\ncolour = 'b'\n[columns]\n", "no key and no field"),
    ("[columns]\nquote='q'\nstance='s'\nholders='h'\n", "lacks 'id'"),
])  # fmt: skip
def test_a_map_with_a_mistake_is_a_clear_error(tmp_path, text, message):
    path = tmp_path / "m.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        load_map(str(path))


def test_the_template_is_a_map(tmp_path, caveat):
    path = tmp_path / "m.toml"
    path.write_text(caveat("import", "--blank")[1])
    assert path.read_text() == map_template()
    assert load_map(str(path)).id == "id"


# ------------------------------------------------------------------ the dossier's table


@pytest.fixture(scope="module")
def dossier(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("dossier") / "r.db"
    with Register(path, undertaking=U) as register:
        rows = list(read_table(data / "dossier" / "facts.tsv", load_map("statements")))
        for row in rows:
            register.import_row("facts", row.id, findings_of(row.record, U))
        register.refresh()
    return path, len(rows)


@pytest.mark.parametrize("day", ["2025-04-15", "2025-09-05", "2026-01-07"])
def test_the_dossiers_table_is_read_whole_and_gives_its_tiers(dossier, data, day):
    path, rows = dossier
    assert rows == 110
    with (data / "dossier" / "answers.tsv").open(encoding="utf-8", newline="") as f:
        wanted = {
            f"iso:{r['holder']}": r["tier"]
            for r in csv.DictReader(f, delimiter="\t")
            if r["as_of"] == day and not r["tier"].startswith("others-")
        }
    with Register(path, read_only=True) as register:
        q = question(U, ["troops"], template=Question(as_of=date.fromisoformat(day)))
        found = gather(register, U, q)
        answer = count(found.entries, found.actors, U, q)
    own = {s.holder: s.tier for s in answer.standings
           if not s.tier.startswith("others-") and s.tier != "unheard"}  # fmt: skip
    assert own == wanted


@pytest.mark.parametrize(("day", "assume", "firm", "lower", "upper"), [
    ("2025-04-15", [], "", 0, 4),
    ("2025-04-15", ["ceasefire"], "", 0, 4),
    ("2025-04-15", ["peace-deal"], "FR GB", 2, 4),
    ("2025-09-05", [], "", 0, 5),
    ("2025-09-05", ["ceasefire"], "LT", 1, 5),
    ("2025-09-05", ["peace-deal"], "FR GB LT", 3, 5),
    ("2026-01-07", [], "", 0, 6),
    ("2026-01-07", ["ceasefire"], "FR LT", 2, 6),
    ("2026-01-07", ["peace-deal"], "FR LT", 2, 6),
    ("2026-01-07", ["peace-deal", "parliament-approves(GB)"], "FR GB LT", 3, 6),
])  # fmt: skip
def test_the_dossiers_table_gives_its_bounds_and_scenarios(
    dossier, day, assume, firm, lower, upper
):
    with Register(dossier[0], read_only=True) as register:
        q = question(U, ["troops"], assume, template=Question(as_of=date.fromisoformat(day)))
        found = gather(register, U, q)
        answer = count(found.entries, found.actors, U, q)
    assert sorted(answer.firm) == [f"iso:{code}" for code in firm.split()]
    assert (answer.lower, answer.upper) == (lower, upper)
