"""The report, the exports, and the marked sentences that both carry."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from build import day, make_actor, make_article, make_findings, make_position, make_report
from caveat import ask
from caveat.model import Caveat, Skipped
from caveat.register import Register
from caveat.show import Material, render, write_csv, write_json
from caveat.show.export import COLUMNS, harmless
from caveat.show.marks import marked, pieces
from caveat.show.report import safe_link
from caveat.show.words import answer_words, assumption_words, speaker_words, when_words
from caveat.undertaking import load_undertaking

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def material(path: Path, *reports, kinds=("troops",)) -> Material:
    """What a report tells of these findings on 1 May 2025."""
    undertaking = load_undertaking()
    with Register(path / "register.db") as register:
        for report in reports:
            register.add(report)
        entries, actors = register.entries(), register.actors()
    q = ask.question(undertaking, kinds, template=ask.Question(as_of=date(2025, 5, 1)))
    found = ask.scenarios(entries, actors, undertaking, q)
    return Material(
        scenarios=found,
        board=ask.board(entries, actors, undertaking, q),
        entries={e.id: e for e in entries},
        changes=ask.changes(entries, actors, q),
        course=ask.timeline(entries, actors, undertaking, q),
        pair=ask.best_pair(entries, actors, undertaking, q, found[0].answer),
        conflicts=ask.conflicts(entries, actors, undertaking, q),
        actors=actors,
        undertaking=undertaking,
        skipped=(Skipped(f"{EVIL}.txt", "language", "French"),),
        counts={"articles": len(reports), "positions": len(entries)},
        made=date(2025, 6, 1),
    )


def several() -> list:
    return [
        make_report("France", "iso:FR", conditions=[("after", "a ceasefire", "ceasefire")]),
        make_report("Poland", "iso:PL", "refused", published="2025-03-03"),
        make_report("Norway", "iso:NO", "considering", published="2025-03-04"),
        make_report("Norway", "iso:NO", "ready", published="2025-04-04"),
        make_report("Sweden", "iso:SE", voice="third-party", kind="air"),
    ]


class Page(HTMLParser):
    """What a browser would make of the page, roughly: its elements and its text."""

    VOID = ("meta", "rect", "line", "br", "img", "link")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.unbalanced: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


def test_the_page_is_well_formed_and_answers_in_its_heading(tmp_path):
    page = Page(render(material(tmp_path, *several())))
    assert page.unbalanced == [] and page.open == []
    assert "How many states are ready to send troops?" in page.text
    assert "At least 1 and at most 2 named states are ready to send troops." in page.text
    assert "1 May 2025" in page.text


def test_the_page_calls_nobody(tmp_path):
    html = render(material(tmp_path, *several()))
    page = Page(html)
    assert not [t for t, _ in page.elements if t in ("link", "img", "iframe", "object", "embed")]
    assert not [a for _, a in page.elements if a.get("src")]
    assert not re.search(r"@import|url\((?!#)", html)
    policy = next(a for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in str(policy["content"])
    assert "unsafe-inline" not in str(policy["content"])


def test_the_policy_lets_no_style_attribute_and_no_handler_in(tmp_path):
    page = Page(render(material(tmp_path, *several())))
    assert not [a for _, a in page.elements if "style" in a or any(k.startswith("on") for k in a)]


def test_hostile_words_stay_words(tmp_path):
    article = make_article(
        f"{EVIL} is ready to send troops {EVIL}.", outlet=EVIL, title=EVIL,
        url="javascript:alert(3)",
    )  # fmt: skip
    position = make_position(
        article, "send troops", holder=EVIL, actors=("iso:FR",),
        caveats=[Caveat("conditional", EVIL)],
    )  # fmt: skip
    hostile = make_findings(article, position, actors=[make_actor("iso:FR", EVIL)])
    page = Page(render(material(tmp_path, hostile, *several()[1:])))
    assert page.unbalanced == [] and page.open == []
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert not [a for a in page.all("a") if str(a.get("href")).startswith("javascript")]
    assert EVIL in page.text


@pytest.mark.parametrize(
    "url",
    [
        None, "", "javascript:alert(1)", "JavaScript:alert(1)", " https://a.example",
        "data:text/html,x", "https://", "file:///etc/passwd", "https://a.example/\nx",
        "//a.example/x", "ftp://a.example", "https://[broken",
    ],
)  # fmt: skip
def test_only_web_pages_become_links(url):
    assert safe_link(url) is None


def test_a_web_page_becomes_a_link(tmp_path):
    assert safe_link("https://a.example/x?y=1&z=2") == "https://a.example/x?y=1&z=2"
    article = make_article(url="https://a.example/x?y=1&z=2")
    found = make_findings(article, make_position(article))
    page = Page(render(material(tmp_path, found)))
    link = next(a for a in page.all("a") if a.get("href") == "https://a.example/x?y=1&z=2")
    assert "noopener" in str(link["rel"])


def test_every_cell_opens_a_card_with_its_sentence(tmp_path):
    page = Page(render(material(tmp_path, *several())))
    cards = {a["id"] for a in page.all("article")}
    cells = [a for a in page.all("a") if a.get("aria-label")]
    assert len(cells) == 4
    for cell in cells:
        for id_ in str(cell["data-ids"]).split():
            assert f"e-{id_}" in cards
    assert "is ready to send troops" in page.text


def test_a_card_marks_the_words_and_tells_every_caveat_with_its_reason(tmp_path):
    html = render(material(tmp_path, *several()))
    assert '<mark class="m-holder">France</mark>' in html
    assert '<mark class="m-action">send troops</mark>' in html
    assert '<mark class="m-condition">a ceasefire</mark>' in html
    page = Page(html)
    with Register(tmp_path / "register.db", read_only=True) as register:
        for entry in register.entries():
            for caveat in entry.position.caveats:
                assert caveat.why in page.text


def test_the_scenarios_tell_what_would_move_the_answer(tmp_path):
    m = material(tmp_path, *several())
    assert [s.assumption for s in m.scenarios] == [None, "ceasefire"]
    text = " ".join(Page(render(m)).text.split())
    assert "Nothing assumed 1 to 2 NO – a ceasefire holds 2 FR –" in text
    assert "not: a ceasefire holds 1 – FR" in text


def test_the_page_tells_what_was_skipped_and_how_it_was_made(tmp_path):
    text = Page(render(material(tmp_path, *several()))).text
    assert "1 article: language" in text
    assert "The bounds are logical, not statistical" in text
    assert "test-reader 1" in text
    assert load_undertaking().title in text


def test_an_empty_register_makes_a_whole_page(tmp_path):
    page = Page(render(material(tmp_path)))
    assert page.unbalanced == [] and page.open == []
    assert "No named" in page.text


def test_a_claim_of_hundreds_does_not_squeeze_the_parties(tmp_path):
    article = make_article("About 400 groups are ready to send troops.")
    claim = make_position(
        article, "send troops", holder="About 400 groups", actors=("grp:x",),
        group_size=(400, 400), voice="third-party",
    )  # fmt: skip
    found = make_findings(article, claim, actors=[make_actor("grp:x", "about 400", type="group")])
    html = render(material(tmp_path, found, *several()))
    widths = re.findall(r'class="u [^"]*" x="[\d.]+%" y="44" width="([\d.]+)%"', html)
    assert widths and all(float(w) > 20 for w in widths)


# ------------------------------------------------------------------ marks


def test_pieces_join_to_the_text_again():
    text = "one two three"
    cut = pieces(text, [((4, 7), "action"), ((0, 9), "content"), ((8, 99), "relay")])
    assert "".join(p.text for p in cut) == text
    assert [(p.text, p.role) for p in cut] == [
        ("one ", "content"), ("two", "action"), (" ", "content"), ("three", "relay"),
    ]  # fmt: skip


def test_marks_are_taken_from_the_sentence_wherever_it_stands_in_the_article(tmp_path):
    text = "First things first. Norway is ready to send troops. And more."
    article = make_article(text)
    sentence = "Norway is ready to send troops."
    position = make_position(
        article, "send troops", holder="Norway", actors=("iso:NO",), sentence=sentence
    )
    with Register(tmp_path / "r.db") as register:
        register.add(make_findings(article, position))
        entry = register.entries()[0]
    assert [(p.text, p.role) for p in marked(entry)] == [
        ("Norway", "holder"), (" is ready to ", None), ("send troops", "action"), (".", None),
    ]  # fmt: skip


# ------------------------------------------------------------------ exports


def exported(path: Path, *reports):
    with Register(path / "e.db") as register:
        for report in reports:
            register.add(report)
        return register.entries(), register.actors()


def test_a_csv_row_stands_for_each_position_under_the_documented_columns(tmp_path):
    entries, actors = exported(tmp_path, *several())
    out = io.StringIO(newline="")
    assert write_csv(entries, actors, out) == len(entries)
    rows = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    assert [r["id"] for r in rows] == [e.id for e in entries]
    assert tuple(rows[0]) == COLUMNS
    france = next(r for r in rows if r["holder_ids"] == "iso:FR")
    assert (france["stance"], france["relations"], france["conditions"]) == (
        "ready", "after", "a ceasefire",
    )  # fmt: skip
    assert france["sentence"].startswith("France is ready")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1", "\r=1"])
def test_no_cell_is_a_formula(cell):
    assert harmless(cell).startswith("'")


def test_a_hostile_sentence_is_harmless_in_the_file(tmp_path):
    article = make_article("=HYPERLINK(1) is ready to send troops", outlet="@evil")
    found = make_findings(article, make_position(article, holder="=HYPERLINK(1)"))
    entries, actors = exported(tmp_path, found)
    out = io.StringIO(newline="")
    write_csv(entries, actors, out)
    row = next(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    assert not [v for v in row.values() if v.startswith(("=", "@", "+", "-"))]


def test_json_and_csv_tell_of_the_same_positions(tmp_path):
    entries, actors = exported(tmp_path, *several())
    out = io.StringIO()
    assert write_json(entries, actors, out) == len(entries)
    found = json.loads(out.getvalue())
    assert [f["id"] for f in found] == [e.id for e in entries]
    assert found[0]["sentence"] == entries[0].sentence


def test_an_export_of_nothing_is_a_header_or_an_empty_list():
    out = io.StringIO()
    assert write_csv([], {}, out) == 0 and out.getvalue().strip() == ",".join(COLUMNS)
    out = io.StringIO()
    assert write_json([], {}, out) == 0 and json.loads(out.getvalue()) == []


def test_no_export_carries_the_full_text(tmp_path):
    secret = "This paragraph is other people's property."
    article = make_article(f"Norway is ready to send troops. {secret}")
    position = make_position(
        article, "send troops", holder="Norway", actors=("iso:NO",),
        sentence="Norway is ready to send troops.",
    )  # fmt: skip
    found = make_findings(article, position)
    entries, actors = exported(tmp_path, found)
    for write in (write_csv, write_json):
        out = io.StringIO(newline="")
        write(entries, actors, out)
        assert secret not in out.getvalue()
    assert secret not in render(material(tmp_path, found))


def test_the_page_of_a_question_on_several_kinds_names_them(tmp_path):
    m = material(tmp_path, *several(), kinds=("troops", "air"))
    assert "ready to send troops or send air forces" in Page(render(m)).text


# ------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        ("2025-03-02", "2 March 2025"),
        ("2025-03", "March 2025"),
        ("2025-01-01/2025-12-31", "2025"),
        ("2025-03-02/2025-03-04", "2 March 2025 to 4 March 2025"),
        ("/2025-03-04", "by 4 March 2025"),
        ("2025-03-04/", "from 4 March 2025"),
        (None, "no date"),
    ],
)
def test_a_date_is_told_no_finer_than_it_is_known(interval, words):
    assert when_words(day(interval)) == words


def test_the_answer_is_a_sentence_for_every_shape_of_the_bounds(tmp_path):
    ready = [make_report(n, f"iso:{n}") for n in ("FR", "NO")]
    waits = [
        make_report(n, f"iso:{n}", conditions=[("if", "a truce", "ceasefire")])
        for n in ("SE", "DK")
    ]
    refused = [make_report("PL", "iso:PL", "refused")]
    told = {}
    for name, reports in {
        "none": refused, "one": ready[:1], "both": ready, "open": waits, "wide": ready + waits,
    }.items():  # fmt: skip
        (tmp_path / name).mkdir()
        m = material(tmp_path / name, *reports)
        told[name] = answer_words(m.scenarios[0].answer, m.actors)
    assert told == {
        "none": "No named state is ready to send troops.",
        "one": "1 named state is ready to send troops.",
        "both": "2 named states are ready to send troops.",
        "open": "No named state is firmly ready to send troops; up to 2 could be.",
        "wide": "At least 2 and at most 4 named states are ready to send troops.",
    }


def test_a_proposition_is_told_by_its_label_its_actor_or_the_texts_own_words():
    undertaking, actors = load_undertaking(), {"iso:RU": make_actor("iso:RU", "Russia")}
    assert assumption_words("consents(RU)", undertaking, actors) == "Russia consents"
    assert assumption_words("not:ceasefire", undertaking, actors) == "not: a ceasefire holds"
    assert assumption_words("text:spring-comes", undertaking, actors) == "“spring comes”"


def test_a_pronoun_speaks_under_its_name(tmp_path):
    article = make_article("Norway is ready to send troops, he said. The head of the house agreed.")
    told = {}
    for spoken in ("he", "The head of the house"):
        position = make_position(
            article, "send troops", holder="Norway", actors=("iso:NO",), speaker=spoken,
            speaker_actor="per:ada-berg",
        )  # fmt: skip
        named = make_findings(article, position, actors=[make_actor("per:ada-berg", "Ada Berg")])
        with Register(tmp_path / f"{len(spoken)}.db") as register:
            register.add(named)
            told[spoken] = speaker_words(register.entries()[0], register.actors())
    assert told == {"he": "Ada Berg", "The head of the house": "Ada Berg (“The head of the house”)"}


def test_the_policy_allows_the_script_and_the_style_that_stand_in_the_page(tmp_path):
    html = render(material(tmp_path, *several()))
    policy = re.search(r"style-src '(.*?)'; script-src '(.*?)'", html)
    assert policy
    for tag, allowed in zip(("style", "script"), policy.groups(), strict=True):
        body = re.search(rf"<{tag}>(.*?)</{tag}>", html, re.S)
        assert body
        digest = base64.b64encode(hashlib.sha256(body[1].encode()).digest()).decode()
        assert allowed == f"sha256-{digest}"
