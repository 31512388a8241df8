"""The JSON form of findings: what other programs and the scorers read."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from build import make_article, make_findings, make_position, span
from caveat.model import Attribution, Caveat
from caveat.show import commands_read
from caveat.show.contract import skipped_object, to_object

TEXT = (
    "Norland is ready to send up to 300 soldiers to Ostia by spring if a truce holds, "
    "Ada Berg told the Harbour Wire."
)
ATTRIBUTION_KEYS = ["source", "cue", "content", "within", "relay", "actor"]
POSITION_KEYS = [
    "holder", "holder_actors", "stance", "kind", "negated", "action", "addressee", "beneficiary",
    "amount", "time", "conditions", "speaker", "speaker_actor", "relay", "voice", "confidence",
    "caveats",
]  # fmt: skip


def findings(name: str = "wire.txt"):
    article = make_article(TEXT, name=name)
    position = make_position(
        article, "send up to 300 soldiers", holder="Norland", actors=("iso:NO",),
        beneficiary="Ostia", conditions=[("if", "a truce holds", "ceasefire", 0)],
        amount=[("up to 300 soldiers", 300.0, "soldiers", None, "at_most")],
        time=[("by spring", None, date(2025, 5, 31))], speaker="Ada Berg",
        speaker_actor="per:ada-berg", relay="the Harbour Wire",
        caveats=[Caveat("conditional", "It depends on a truce.")],
    )  # fmt: skip
    said = Attribution(
        source=(span(article, "Ada Berg"),), cue=(span(article, "told"),),
        content=(span(article, TEXT[: TEXT.index(", Ada")]),),
        relay=(span(article, "the Harbour Wire"),),
    )  # fmt: skip
    return make_findings(
        article, position, attributions=[said], attribution_actors=["per:ada-berg"]
    )


def test_an_object_has_exactly_the_keys_of_the_contract_in_their_order():
    found = to_object(findings())
    assert list(found) == ["id", "attributions", "positions"]
    assert list(found["attributions"][0]) == ATTRIBUTION_KEYS
    assert list(found["positions"][0]) == POSITION_KEYS


def test_spans_are_pairs_that_give_the_words_back():
    position = to_object(findings())["positions"][0]
    start, end = position["action"]
    assert TEXT[start:end] == "send up to 300 soldiers"
    assert [TEXT[s:e] for s, e in position["holder"]] == ["Norland"]
    condition = position["conditions"][0]
    assert TEXT[slice(*condition.pop("span"))] == "a truce holds"
    assert condition == {"relation": "if", "proposition": "ceasefire", "group": 0}
    amount = position["amount"][0]
    assert TEXT[slice(*amount.pop("span"))] == "up to 300 soldiers"
    assert amount == {"value": 300.0, "max": None, "unit": "soldiers"}
    time = position["time"][0]
    assert (time["start"], time["end"]) == (None, "2025-05-31")
    assert position["caveats"] == ["conditional"]


def test_lists_are_empty_and_never_null():
    article = make_article("Somebody will send help.")
    bare = make_position(article, "send help", holder=(), actors=(), kind="other")
    position = to_object(make_findings(article, bare))["positions"][0]
    assert [k for k, v in position.items() if v is None] == ["speaker", "speaker_actor"]


def test_a_skipped_article_gives_both_lists_and_the_reason():
    found = to_object(make_findings(make_article(TEXT, name="fr.txt"), skipped="language: French"))
    assert found == skipped_object("fr.txt", "language: French")
    assert found == {
        "id": "fr.txt", "attributions": [], "positions": [], "skipped": "language: French"
    }  # fmt: skip


def test_an_article_that_was_read_says_nothing_of_skipping():
    assert "skipped" not in to_object(findings())


def test_the_id_is_the_given_one_or_the_name_or_the_hash():
    assert to_object(findings(), "line-7")["id"] == "line-7"
    assert to_object(findings())["id"] == "wire.txt"
    unnamed = findings(name="")
    assert to_object(unnamed)["id"] == unnamed.article.id


def test_the_object_survives_json():
    assert json.loads(json.dumps(to_object(findings()))) == to_object(findings())


# ------------------------------------------------------------------ caveat read --jsonl


def jsonl(text: str) -> list[dict]:
    run = subprocess.run(
        [sys.executable, "-m", "caveat", "read", "--jsonl", "-"],
        input=text.encode(), capture_output=True, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


def test_every_line_is_answered_in_order_bad_and_foreign_ones_too():
    english = "Norland is ready to send troops to Ostia if a truce holds, Ada Berg said on Monday."
    french = (
        "Le gouvernement a annoncé hier qu'il ne voulait pas envoyer de soldats, car la situation "
        "reste beaucoup trop dangereuse pour les troupes du pays."
    )
    lines = [
        json.dumps({"id": "a", "text": english}),
        "{ this is no JSON",
        json.dumps({"id": "b", "text": french}),
        json.dumps({"id": "c"}),
        json.dumps({"id": "d", "text": english, "date": "2025-03-02", "outlet": "Wire"}),
    ]
    found = jsonl("\n".join(lines) + "\n")
    assert [f["id"] for f in found if f["id"] in ("a", "b", "c", "d")] == ["a", "b", "c", "d"]
    assert len(found) == len(lines)
    assert ["skipped" in f for f in found] == [False, True, True, True, False]
    assert found[2]["skipped"] == "language: French"
    assert found[0]["positions"] and found[4]["positions"]
    assert all(f["attributions"] == [] == f["positions"] for f in found if "skipped" in f)


def test_offsets_count_code_points_of_the_text_as_it_was_sent():
    text = "😀 “Façade” first.\r\n\r\nNorland is ready to send troops to Ostia, Ada Berg said."
    found = jsonl(json.dumps({"id": "x", "text": text}) + "\n")[0]
    actions = [text[slice(*p["action"])] for p in found["positions"]]
    assert any("troops" in action for action in actions)


@pytest.mark.parametrize("script", ["positions.py", "attributions.py"])
def test_the_scorers_run_on_the_output(data: Path, tmp_path: Path, script: str):
    seeds = [
        json.loads(x) for x in (data / "seeds/positions.jsonl").read_text("utf-8").splitlines()
    ]
    found = jsonl("".join(json.dumps({"id": s["id"], "text": s["text"]}) + "\n" for s in seeds))
    predictions = tmp_path / "predictions.jsonl"
    predictions.write_text("".join(json.dumps(f) + "\n" for f in found), "utf-8")
    gold = data / "seeds/positions.jsonl"
    if script == "attributions.py":
        gold = tmp_path / "gold"
        (gold / "text").mkdir(parents=True)
        (gold / "attributions").mkdir()
        for s in seeds:
            (gold / "text" / f"{s['id']}.txt").write_text(s["text"], "utf-8", newline="")
            (gold / "attributions" / f"{s['id']}_0001.ann").write_text("", "utf-8")
    run = subprocess.run(
        [sys.executable, str(data / "score" / script), str(gold), str(predictions)],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr


def test_a_list_holds_one_object_for_each_file(tmp_path, capsys):
    """Files go through the same door as lines: checked here without a process of its own."""
    (tmp_path / "a.txt").write_text("Norland will send tanks to Ostia, Ada Berg said.", "utf-8")
    (tmp_path / "b.txt").write_text("", "utf-8")
    commands_read.read([str(tmp_path / "a.txt"), str(tmp_path / "b.txt")], json_=True)
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert [Path(f["id"]).name for f in found] == ["a.txt", "b.txt"]
    assert found[1]["skipped"].startswith("empty")
    assert "b.txt" in captured.err
