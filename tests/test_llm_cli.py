"""The language model on the command line: leave, the bill, what is kept, second opinions."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from build import make_article, make_findings, make_position
from caveat.model import Caveat, PositionMark
from caveat.opinions import differences, doubtful
from caveat.register import Register
from caveat.tag.llm.ground import ground
from caveat.tag.llm.prompt import prompt_hash
from caveat.tag.llm.schema import read_findings
from caveat.tag.llm.windows import Window
from caveat.undertaking import load_undertaking
from fake_llm import EMPTY, FakeLlm, Status
from llm_passages import REPLIES, TRUCE, position, reply

ACTORS = {"Portugal": "iso:PT", "Malta": "iso:MT", "Cyprus": "iso:CY"}
KEY = "sk-very-secret-0123456789"
REPORT = "Portugal is ready to send 200 sappers to Ukraine if a truce holds, its minister said."
ANSWER = reply([], [
    position("send 200 sappers to Ukraine", "ready", "troops", "Portugal",
             beneficiary=["Ukraine"], conditions=[("a truce holds", "if")]),
])  # fmt: skip


@pytest.fixture
def server(monkeypatch):
    """A model at hand, named by the environment."""
    with FakeLlm(
        lambda text: REPLIES.get(text) or (ANSWER if "200 sappers" in text else EMPTY)
    ) as s:
        monkeypatch.setenv("CAVEAT_LLM_URL", s.url)
        monkeypatch.setenv("CAVEAT_LLM_MODEL", "fake-1")
        monkeypatch.setenv("CAVEAT_LLM_KEY", KEY)
        yield s


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """Three reports in files."""
    folder = tmp_path / "reports"
    folder.mkdir()
    for n, text in enumerate((TRUCE, REPORT, "A quiet day in the port, and nobody said anything.")):
        (folder / f"{n}.txt").write_text(text, "utf-8")
    return folder


def test_nothing_but_the_choice_of_it_needs_the_model_or_its_library(tmp_path):
    (tmp_path / "a.txt").write_text(TRUCE, "utf-8")
    code = (
        "import sys; sys.modules['httpx'] = None\n"
        f"sys.argv = ['caveat', 'read', {str(tmp_path / 'a.txt')!r}, '--json', *sys.argv[1:]]\n"
        "from caveat.show.cli import main\n"
        "try: main()\n"
        "finally: print([m for m in sys.modules if 'tag.llm' in m], file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stderr.strip().endswith("[]") and json.loads(run.stdout)
    asked = [sys.executable, "-c", code, "--reader", "llm", "--llm-model", "m", "--llm-url",
             "http://127.0.0.1:9/v1"]  # fmt: skip
    run = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert run.returncode == 5 and "pip install 'caveat[llm]'" in run.stderr


def test_read_prints_what_the_model_found_and_the_bill(caveat, server, reports, tmp_path):
    code, out, err = caveat("read", reports, "--reader", "llm", "--json",
                            "--usage", tmp_path / "usage.json")  # fmt: skip
    found = json.loads(out)
    assert code == 0 and [len(f["positions"]) for f in found] == [1, 1, 0]
    assert f"first use: article texts will be sent to {server.url}, on this machine" in err
    assert "3 passages of 3 articles for fake-1" in err and "tokens in" in err
    usage = json.loads((tmp_path / "usage.json").read_text("utf-8"))
    assert (usage["requests"], usage["tokens_in"], usage["tokens_out"]) == (3, 3000, 300)
    assert usage["reader"] == f"llm/fake-1/{prompt_hash()}"


def test_a_cache_answers_the_second_time_and_offline(caveat, server, reports, tmp_path):
    words = ("read", reports, "--reader", "llm", "--jsonl", "--format", "text",
             "--cache", tmp_path / "replies.db")  # fmt: skip
    first = caveat(*words)
    again = caveat(*words)
    assert first[1] == again[1] and len(server.requests) == 3
    assert "first use" not in again[2] and "3 answered by kept replies" in again[2]
    (reports / "new.txt").write_text("Norland said it will pay for the ships of Suria.", "utf-8")
    code, out, err = caveat(*words, "--offline")
    assert code == 5 and len(server.requests) == 3
    assert [json.loads(x).get("skipped", "") != "" for x in out.splitlines()].count(True) == 1
    assert "not read: " in err and "new.txt" in err


def test_an_unknown_reader_is_an_error_of_input(caveat, reports):
    code, _, err = caveat("read", reports, "--reader", "oracle")
    assert code == 3 and "'oracle'; known: base, attributions, llm" in err


def test_a_model_that_nobody_named_is_an_error_of_input(caveat, reports, monkeypatch):
    for name in ("URL", "MODEL", "KEY"):
        monkeypatch.delenv(f"CAVEAT_LLM_{name}", raising=False)
    assert caveat("read", reports, "--reader", "llm")[0] == 3
    assert caveat("add", reports, "--reader", "llm", "--llm-model", "m")[0] == 3


def test_texts_leave_the_machine_only_with_leave(caveat, reports, monkeypatch):
    monkeypatch.setenv("CAVEAT_LLM_KEY", KEY)
    words = ("read", reports, "--reader", "llm", "--llm-url", "https://llm.invalid/v1",
             "--llm-model", "m")  # fmt: skip
    code, _, err = caveat(*words)
    assert code == 2 and "say --yes to send texts to https://llm.invalid/v1" in err
    assert "to be read on another machine" in err and KEY not in err


def test_add_keeps_replies_and_names_the_endpoint_once(caveat, server, reports, tmp_path):
    code, out, err = caveat("add", reports, "--reader", "llm")
    assert code == 0 and "3 articles read (3 new" in out
    assert err.count("first use") == 1
    (reports / "more.txt").write_text("Suria and Norland held talks, a minister said.", "utf-8")
    code, out, err = caveat("add", reports, "--reader", "llm")
    assert code == 0 and "4 articles read (1 new" in out and "first use" not in err
    assert len(server.requests) == 4
    with Register(tmp_path / "register.db", read_only=True) as held:
        assert {e.reader for e in held.entries()} == {f"llm/fake-1/{prompt_hash()}"}


def test_the_cap_leaves_a_whole_register_and_the_next_run_goes_on(caveat, server, reports):
    code, out, err = caveat("add", reports, "--reader", "llm", "--cap", "9000", "--json")
    assert code == 5 and "the cap of 9,000 tokens is reached" in err
    found = json.loads(out)
    assert 0 < found["read"] < 3 and {s["reason"] for s in found["skipped"]} == {"no-reply"}
    code, out, _ = caveat("add", reports, "--reader", "llm", "--json")
    found = json.loads(out)
    assert code == 0 and found["read"] == 3 and found["skipped"] == []
    assert len(server.requests) == 3


def test_what_got_no_reply_is_no_skip_of_the_register(caveat, server, reports, tmp_path):
    server.script = [Status(401)] * 9
    code, _, err = caveat("add", reports, "--reader", "llm")
    assert code == 5 and "401: it refuses the key" in err
    with Register(tmp_path / "register.db", read_only=True) as held:
        assert held.skips() == () and held.articles() == ()


def gold_object(p: PositionMark) -> dict:
    """A mark as a line of gold has it."""
    return {
        "holder": p.holder, "stance": p.stance, "kind": p.kind, "negated": p.negated,
        "action": p.action, "addressee": p.addressee, "beneficiary": p.beneficiary,
        "amount": p.amount, "time": p.time, "speaker": p.speaker and [p.speaker],
        "conditions": [{"span": c.span, "relation": c.relation} for c in p.conditions],
        "relay": p.relay,
    }  # fmt: skip


# ------------------------------------------------------------------ secrets


def test_the_key_is_nowhere_in_registers_exports_and_output(caveat, server, reports, tmp_path):
    seen = [*caveat("add", reports, "--reader", "llm", "--usage", tmp_path / "usage.json")[1:]]
    seen += caveat("add", reports, "--second-opinion")[1:]
    for words in (("export", "--format", "json"), ("export",), ("opinions", "--all", "--json"),
                  ("report", "--output", tmp_path / "r.html"), ("count", "--json")):  # fmt: skip
        seen += caveat(*words)[1:]
    assert all(KEY not in s for s in seen)
    assert server.headers[0]["Authorization"].endswith(KEY)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path


# ------------------------------------------------------------------ second opinions


def test_a_second_opinion_stands_beside_and_changes_no_reading(caveat, server, reports, tmp_path):
    caveat("add", reports)
    before = caveat("count", "--json")[1]
    built_in = json.loads(caveat("export", "--format", "json")[1])
    code, out, _ = caveat("add", reports, "--second-opinion")
    assert code == 0 and "second opinions:" in out and server.requests
    assert caveat("count", "--json")[1] == before
    assert json.loads(caveat("export", "--format", "json")[1]) == built_in
    asked = len(server.requests)
    assert caveat("add", reports, "--second-opinion")[0] == 0
    assert len(server.requests) == asked, "nothing is asked twice"
    rows = sqlite3.connect(tmp_path / "register.db").execute(
        "SELECT DISTINCT of_reader, reader FROM second_opinions"
    )
    assert [r[1] for r in rows] == [f"llm/fake-1/{prompt_hash()}"]


def test_disagreements_come_first(caveat, server, tmp_path):
    readings = {"a": ("ready", "Portugal"), "b": ("refused", "Malta"), "c": ("ready", "Cyprus")}
    texts = {}
    with Register(tmp_path / "register.db", undertaking=load_undertaking()) as store:
        for id_, (_, holder) in readings.items():
            text = f"{holder} is ready to send troops to Ukraine."
            texts[text] = id_
            article = make_article(text, outlet=id_)
            own = make_position(article, "send troops to Ukraine", holder=holder,
                                actors=(ACTORS[holder],))  # fmt: skip
            store.add(make_findings(article, own))

    def answer(passage: str):
        id_ = texts[passage]
        stance, holder = readings[id_]
        if id_ == "c":
            return EMPTY
        return reply([], [position("send troops to Ukraine", stance, "troops", holder)])

    server.replies = answer
    empty = tmp_path / "none"
    empty.mkdir()
    code, out, _ = caveat("add", empty, "--second-opinion")
    assert code == 0 and "second opinions: 1 disagree, 1 missing, 1 agree" in out
    found = json.loads(caveat("opinions", "--all", "--json")[1])
    assert [f["verdict"] for f in found] == ["disagree", "missing", "agree"]
    assert found[0]["differs"] == ["stance"] and found[0]["second_reading"]["stance"] == "refused"
    assert found[0]["reading"]["stance"] == "ready" and found[0]["finding"]["action"]
    assert found[1]["finding"] is None
    out = caveat("opinions")[1]
    assert out.index("disagree: stance") < out.index("missing: finds no position")
    assert "agree: in all fields" not in out


def test_only_what_is_unsure_or_decides_a_count_is_doubtful(tmp_path):
    unsure = Caveat("low-confidence", "The reader's confidence is 0.20.")
    with Register(tmp_path / "r.db", undertaking=load_undertaking()) as store:
        for holder, actor, stance, caveats in (
            ("France", "iso:FR", "ready", []),
            ("Poland", "iso:PL", "refused", []),
            ("Spain", "iso:ES", "refused", [unsure]),
            ("Italy", "iso:IT", "considering", []),
        ):
            article = make_article(f"{holder} will send troops.")
            position_ = make_position(
                article, holder=holder, actors=(actor,), stance=stance, caveats=caveats
            )
            store.add(make_findings(article, position_))
        found = doubtful(store.entries(), store.actors(), load_undertaking())
    assert sorted(e.holder_words[0] for e in found) == ["France", "Spain"]


def test_two_readings_differ_by_field():
    article = make_article("France is ready to send troops and Spain is ready if a truce holds.")
    one = make_position(article)
    assert list(differences(one, one)) == []
    other = make_position(article, stance="done", kind="air", negated=True, holder="Spain",
                          actors=("iso:ES",), conditions=[("if", "a truce holds", None)],
                          speaker="Spain")  # fmt: skip
    assert list(differences(one, other)) == [
        "stance", "kind", "negated", "holder", "conditions", "speaker",
    ]  # fmt: skip


def test_opinions_need_a_register_and_say_if_there_are_none(caveat, tmp_path):
    assert caveat("opinions")[0] == 4
    Register(tmp_path / "register.db").close()
    code, out, _ = caveat("opinions")
    assert code == 0 and "0 disagree" in out


@pytest.mark.usefixtures("server")
def test_exports_have_no_column_for_replies(caveat, reports):
    caveat("add", reports, "--reader", "llm")
    rows = list(csv.reader(io.StringIO(caveat("export")[1])))
    assert "reply" not in rows[0] and len(rows) == 3


def test_any_reader_is_measured_in_the_same_table(data, server, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("CAVEAT_DATA", str(data))
    monkeypatch.setenv("CAVEAT_LLM_PRICE_IN", "2")
    from bench import readers

    gold, cache = tmp_path / "gold.jsonl", tmp_path / "replies.db"
    marked = []
    for n, text in enumerate(REPLIES):
        said = read_findings(REPLIES[text], Counter())
        found = ground(said, Window((0, len(text)), text), Counter())
        positions = [gold_object(p) for p in found.positions]
        marked.append(json.dumps({"id": f"p{n}", "text": text, "positions": positions}))
    gold.write_text("\n".join(marked), "utf-8")
    words = ["--reader", "llm", "--gold", str(gold), "--cache", str(cache)]
    assert readers.main([*words, "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)["gold.jsonl"]
    assert measured["figures"]["found"][0] == 100 and measured["figures"]["record"][0] == 100
    assert measured["usage"]["requests"] == 12 and measured["usage"]["money"] == 0.024
    server.script = []
    assert readers.main(words) == 0
    told = capsys.readouterr().out
    assert "read by llm/fake-1/" in told and "tokens in" in told and "12 answers came from" in told
