"""What `caveat.read` makes of texts, files and pages. All texts here are our own."""

import gzip
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from caveat.errors import BadDate, UnreadableFile
from caveat.model import Article, Interval, Skipped
from caveat.read import ReadOptions, count_bytes, read_article, read_articles
from caveat.read.dateline import byline_agencies, find_dateline, find_stamp
from caveat.read.dates import parse_date
from caveat.read.decode import decode
from caveat.read.language import judge_language
from caveat.read.lexicons import agency, furniture, languages, not_cities, rows
from caveat.read.parts import lay_out

SENTENCE = "Norway will send two hundred soldiers once a ceasefire holds, the minister said."
AGENCY_REPORT = f"""All news

Oslo unsure how many partners would follow it to Ukraine

Ministers met for two hours behind closed doors in the old fortress

OSLO, August 21. /TASS/. {SENTENCE}

Read more: What the fortress was built for

"We do not know," he added.

© 2025 The Nordic Post
"""


def parts_of(article: Article) -> list[tuple[str, str]]:
    return [(p.kind, article.words(p.span)) for p in article.parts]


def kinds(text: str, title: str | None = None) -> list[str]:
    return [p.kind for p in lay_out(text, title).parts]


def day(year: int, month: int, number: int) -> Interval:
    return Interval(date(year, month, number), date(year, month, number))


def written(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def one(path: Path, **options: object) -> Article:
    (article,) = read_articles([path], ReadOptions(**options))  # type: ignore[arg-type]
    assert isinstance(article, Article), article
    return article


# ------------------------------------------------------------------ text and parts


def test_an_agency_report_falls_into_its_parts() -> None:
    article = read_article(AGENCY_REPORT)
    assert parts_of(article) == [
        ("furniture", "All news"),
        ("headline", "Oslo unsure how many partners would follow it to Ukraine"),
        ("headline", "Ministers met for two hours behind closed doors in the old fortress"),
        ("dateline", "OSLO, August 21. /TASS/."),
        ("body", SENTENCE),
        ("furniture", "Read more: What the fortress was built for"),
        ("body", '"We do not know," he added.'),
        ("furniture", "© 2025 The Nordic Post"),
    ]
    assert article.text == AGENCY_REPORT
    assert article.title == "Oslo unsure how many partners would follow it to Ukraine"
    assert [article.words(s) for s in article.carried_by] == ["TASS"]
    assert article.language == "en"


def test_text_from_the_middle_of_an_article_is_all_body() -> None:
    assert kinds(f"{SENTENCE} {SENTENCE}") == ["body"]
    assert kinds(f"{SENTENCE}\n\n{SENTENCE}") == ["body"]


def test_hard_wrapped_lines_are_not_taken_for_a_headline() -> None:
    assert kinds(
        "Norway will send two hundred\nsoldiers once a ceasefire holds, the\nminister said."
    ) == ["body"]


def test_a_headline_over_paragraphs_parted_by_single_line_breaks_is_one() -> None:
    text = f"Norway to send soldiers\n{SENTENCE}\n{SENTENCE}\n{SENTENCE}"
    assert kinds(text) == ["headline", "body"]


def test_a_full_stop_makes_a_first_line_body() -> None:
    assert kinds(f"Norway will send soldiers.\n\n{SENTENCE}") == ["body"]
    assert kinds(f"Norway to send soldiers with the U.S.\n\n{SENTENCE}") == ["headline", "body"]


def test_a_lone_line_is_body_unless_it_is_the_given_title() -> None:
    assert kinds("Norway to send soldiers") == ["body"]
    assert kinds("Norway to send soldiers", "Norway to send  soldiers") == ["headline"]


def test_a_given_title_is_found_below_labels_and_with_the_outlet_behind_it() -> None:
    text = f"The Nordic Post\nSecurity and the north\n\nNorway’s soldiers are to go\n\n{SENTENCE}"
    title = "Norway's soldiers are to go | The Nordic Post"
    assert kinds(text, title) == ["furniture", "furniture", "headline", "body"]


def test_a_first_sentence_that_begins_like_the_title_stays_body() -> None:
    assert kinds("Norway will send soldiers on Monday, he said.", "Norway will send soldiers") == [
        "body"
    ]


def test_a_title_in_one_line_with_the_dateline_is_a_headline() -> None:
    text = f"Norway will send soldiers  OSLO, March 2 (Reuters) - {SENTENCE}"
    assert [
        (p.kind, text[slice(*p.span)]) for p in lay_out(text, "Norway will send soldiers").parts
    ] == [
        ("headline", "Norway will send soldiers"),
        ("dateline", "OSLO, March 2 (Reuters) -"),
        ("body", SENTENCE),
    ]


def test_labels_are_furniture_only_above_a_headline() -> None:
    assert kinds(f"Europe\n\nNorway to send its soldiers\n\n{SENTENCE}") == [
        "furniture",
        "headline",
        "body",
    ]
    assert kinds(f"Norway to send its soldiers\n\n{SENTENCE}\n\nEurope\n\n{SENTENCE}") == [
        "headline",
        "body",
    ]


def test_bylines_and_time_stamps_stand_apart() -> None:
    text = (
        "Norway to send its soldiers\n\nBy Kari Nordmann and Reuters\n21 August 2025, 14:05\n\n"
        f"{SENTENCE}"
    )
    article = read_article(text)
    assert [kind for kind, _ in parts_of(article)] == ["headline", "furniture", "dateline", "body"]
    assert [article.words(s) for s in article.carried_by] == ["Reuters"]
    assert (article.published, article.published_from) == (day(2025, 8, 21), "dateline")


def test_an_agency_below_the_text_is_said_to_carry_it() -> None:
    article = read_article(f"Norway to send its soldiers\n\n{SENTENCE}\n\nSource: TASS")
    assert [article.words(s) for s in article.carried_by] == ["TASS"]


def test_line_ends_blanks_and_odd_signs_stay_as_they_are() -> None:
    text = f"Norway to send\u00a0soldiers\r\n\r\n\u200b{SENTENCE}\r\n"
    text += "\x0c  “Yes,”\u2028he said. \U0001f1f3\U0001f1f4\t\n"
    article = read_article(text)
    assert article.text == text
    assert parts_of(article)[0] == ("headline", "Norway to send\u00a0soldiers")


TEXT_LINES = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.sampled_from(
            [
                *AGENCY_REPORT.split("\n"),
                "World",
                "By AFP",
                "21 August 2025",
                "KYIV —",
                "OSLO, March 2 (Reuters) -",
                "(AFP)",
                "Read more:",
                "\r",
                "\u2028",
                " ",
            ]
        ),
    ),
    max_size=14,
).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(TEXT_LINES, st.one_of(st.none(), st.text(max_size=30), st.just("World")))
@example("", None)
@example("\r\n \x85 OSLO — \u2029", "oslo —")
def test_parts_and_blanks_cover_any_text(text: str, title: str | None) -> None:
    at = 0
    layout = lay_out(text, title)
    for part in layout.parts:
        start, end = part.span
        assert at <= start < end <= len(text)
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not text[at:].strip()
    assert all(text[s:e].strip() for s, e in layout.carried_by)


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_a_text_is_kept_character_by_character(text: str) -> None:
    given_text = f"{SENTENCE}\n{text}"
    assume(judge_language(given_text, ("en",))[1])  # chance may write mostly Hindi
    assert read_article(given_text).text == given_text


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_json_text_is_kept_character_by_character(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    assume(judge_language(f"{SENTENCE}{text}", ("en",))[1])
    line = json.dumps({"id": "a", "text": f"{SENTENCE}{text}"})
    path = written(tmp_path_factory.getbasetemp() / "kept.jsonl", line)
    assert one(path).text == f"{SENTENCE}{text}"


# ------------------------------------------------------------------ datelines


@pytest.mark.parametrize(
    ("line", "dateline", "agencies", "found"),
    [
        ("MOSCOW, August 21. /TASS/. He", "MOSCOW, August 21. /TASS/.", ["TASS"], (None, 8, 21)),
        ("PARIS (AP) — He", "PARIS (AP) —", ["AP"], None),
        ("OSLO, March 2 (Reuters) - He", "OSLO, March 2 (Reuters) -", ["Reuters"], (None, 3, 2)),
        (
            "KYIV. Sept 5 (Interfax-Ukraine) He",
            "KYIV. Sept 5 (Interfax-Ukraine)",
            ["Interfax-Ukraine"],
            (None, 9, 5),
        ),
        ("BRUSSELS — He", "BRUSSELS —", [], None),
        ("KYIV, Ukraine — He", "KYIV, Ukraine —", [], None),
        ("Kyiv, 5 September 2025 — He", "Kyiv, 5 September 2025 —", [], (2025, 9, 5)),
        ("TASS, August 21. He", "TASS, August 21.", ["TASS"], (None, 8, 21)),
        ("BERLIN (AFP / Reuters) - He", "BERLIN (AFP / Reuters) -", ["AFP", "Reuters"], None),
        ("PRAGUE (RFE/RL) -- He", "PRAGUE (RFE/RL) --", ["RFE/RL"], None),
        ("TALLINN (Nordwire) – He", "", [], None),
        ("OSLO, Friday, May 9 (BNS) - He", "OSLO, Friday, May 9 (BNS) -", ["BNS"], (None, 5, 9)),
        ("August 21. He", "August 21.", [], (None, 8, 21)),
        ("(AFP) He", "(AFP)", ["AFP"], None),
        ("(AP Photo, file) He", "", [], None),
        ("Poland — which refused — said", "", [], None),
        ("NATO — the alliance — said", "", [], None),
        ("The European Union (EU) said", "", [], None),
        ("The Associated Press (AP) said", "", [], None),
        ("In March 2022, the minister said", "", [], None),
        ("OSLO, August 21, the ministry said", "", [], None),
    ],
)  # fmt: skip
def test_datelines_are_told_from_sentences(
    line: str, dateline: str, agencies: list[str], found: tuple[int | None, int, int] | None
) -> None:
    d = find_dateline(line, 0, len(line))
    assert (line[slice(*d.span)] if d else "") == dateline
    assert [line[s:e] for s, e in d.agencies] == agencies if d else agencies == []
    assert (d and d.day and (d.day.year, d.day.month, d.day.day)) == found


def test_stamps_are_lines_of_date_and_time_only() -> None:
    assert find_stamp("Published: 21 August 2025 | Updated 22 August 2025 09:10").day == 21  # type: ignore[union-attr]
    assert find_stamp("August 21, 2025 10:00 AM EDT").year == 2025  # type: ignore[union-attr]
    assert find_stamp("2025-08-21 14:05").month == 8  # type: ignore[union-attr]
    assert find_stamp("August 21 was a Thursday") is None
    assert find_stamp("03/04/2025") is None


def test_bylines_name_people_or_agencies() -> None:
    assert byline_agencies("By AFP", 10) == ((13, 16),)
    assert byline_agencies("By Kari Nordmann in Oslo", 0) == ()
    assert byline_agencies("By the time he came it was late", 0) is None


# ------------------------------------------------------------------ dates


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("2025-08-21", day(2025, 8, 21)),
        ("2025-08-21T10:00:00Z", day(2025, 8, 21)),
        ("2025-08-21 23:30:00.123-05:00", day(2025, 8, 21)),
        ("20250821", day(2025, 8, 21)),
        ("2025/8/21", day(2025, 8, 21)),
        ("21 August 2025", day(2025, 8, 21)),
        ("Aug. 21, 2025, 10:00 a.m. EDT", day(2025, 8, 21)),
        ("21st of August 2025 14:05", day(2025, 8, 21)),
        ("Thu, 21 Aug 2025 10:00:00 +0300", day(2025, 8, 21)),
        ("Thursday, 21 August 2025", day(2025, 8, 21)),
        ("21.08.2025", day(2025, 8, 21)),
        ("08/21/2025", day(2025, 8, 21)),
        ("2025-08", Interval(date(2025, 8, 1), date(2025, 8, 31))),
        ("February 2024", Interval(date(2024, 2, 1), date(2024, 2, 29))),
        ("2025", Interval(date(2025, 1, 1), date(2025, 12, 31))),
        ("unknown", None),
        (" ", None),
    ],
)
def test_absolute_dates_are_read(words: str, expected: Interval | None) -> None:
    assert parse_date(words) == expected


@pytest.mark.parametrize(
    "words",
    ["2025-02-30", "2025-13-01", "03/04/2025", "Tuesday", "21 August", "0001-01-01", "1755763200",
     "2025-08-21 and later", "31 June 2025", "12/2025/01", "²⁰²⁵"],
)  # fmt: skip
def test_what_no_calendar_has_or_is_ambiguous_is_refused(words: str) -> None:
    with pytest.raises(BadDate):
        parse_date(words)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_words_are_a_date_or_refused(words: str) -> None:
    try:
        parse_date(words)
    except BadDate as e:
        assert len(str(e)) < 200


def test_a_year_that_nothing_gives_is_not_assumed() -> None:
    article = read_article(AGENCY_REPORT)
    assert (article.published, article.published_from) == (None, None)


def test_the_dateline_gives_the_day_that_metadata_leaves_open() -> None:
    for given_date in ("2025", "2025-08"):
        article = read_article(AGENCY_REPORT, date=given_date)
        assert (article.published, article.published_from) == (day(2025, 8, 21), "dateline")
    elsewhere = read_article(AGENCY_REPORT, date="2025-09")
    assert elsewhere.published == Interval(date(2025, 9, 1), date(2025, 9, 30))


def test_a_dateline_with_its_year_dates_the_article() -> None:
    article = read_article(f"OSLO, August 21, 2025 (AFP) - {SENTENCE}")
    assert (article.published, article.published_from) == (day(2025, 8, 21), "dateline")


def test_the_given_date_wins_over_all_others(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", f"---\ndate: 2025-03-02\n---\n{SENTENCE}")
    assert one(path).published_from == "front-matter"
    dated = one(path, date="2025-04-01", outlet="Nordic Post")
    assert (dated.published, dated.published_from) == (day(2025, 4, 1), "option")
    assert dated.outlet == "Nordic Post"


# ------------------------------------------------------------------ front matter, JSON lines, HTML


def test_front_matter_is_not_text(tmp_path: Path) -> None:
    head = "---\r\ntitle: 'Norway: soldiers'\r\nDate: 2 March 2025\r\nbased_on: https://n.example/a\r\n"
    path = written(tmp_path / "a.txt", f"{head}tags:\r\n  - one\r\n---\r\n\r\n  {SENTENCE}\r\n")
    article = one(path)
    assert article.text == f"  {SENTENCE}\r\n"
    assert article.title == "Norway: soldiers"
    assert (article.published, article.published_from) == (day(2025, 3, 2), "front-matter")
    assert dict(article.extra) == {"based_on": "https://n.example/a", "tags": "- one"}


def test_lines_between_rules_that_are_no_fields_stay_text(tmp_path: Path) -> None:
    text = f"---\nA line of prose\n---\n{SENTENCE}\n"
    assert one(written(tmp_path / "a.txt", text)).text == text
    assert read_article(f"---\nkey: value\n---\n{SENTENCE}").text.startswith("---")


def test_json_lines_keep_their_order_ids_and_fields(tmp_path: Path) -> None:
    items = [
        {"id": 7, "text": f" {SENTENCE}\n", "date": "unknown", "score": 0.5, "tags": ["a"]},
        {"text": SENTENCE, "title": "T", "outlet": "O", "url": "U", "date": "2025-08"},
    ]
    lines = "\ufeff" + "\n\n".join(json.dumps(i) for i in items)
    plain = written(tmp_path / "a.jsonl", lines)
    packed = written(tmp_path / "b.jsonl.gz", gzip.compress(lines.encode()))
    for path in (plain, packed):
        first, second = read_articles([path])
        assert isinstance(first, Article)
        assert isinstance(second, Article)
        assert first.text == f" {SENTENCE}\n"
        assert dict(first.extra) == {"id": "7", "score": "0.5", "tags": '["a"]'}
        assert first.published is None
        assert "date_error" not in first.extra
        assert (first.name, second.name) == (f"{path}:1", f"{path}:3")
        assert (second.title, second.outlet, second.url) == ("T", "O", "U")
        assert (second.published_from, second.published) == (
            "metadata",
            Interval(date(2025, 8, 1), date(2025, 8, 31)),
        )


PAGE = """<!DOCTYPE html><html><head><title>Norway to send soldiers | Nordic Post</title>
<meta property="og:site_name" content="Nordic Post">
<meta property="article:published_time" content="{date}">
<link rel="canonical" href="https://nordic.example/a"></head>
<body><nav><a href="/">All news</a></nav>
<article><h1>Norway to send soldiers</h1>
<p>Norway will send <b>two hundred</b> soldiers to Ukraine once a ceasefire holds, the defence
minister said in Oslo on Tuesday evening.</p>
<p>“It depends on our partners,” he added before the meeting of the cabinet had even begun.</p>
<script>document.write("<p>Buy now</p>")</script></article>
<footer>Imprint and contact</footer></body></html>"""


def test_a_page_gives_its_main_text_and_metadata(tmp_path: Path) -> None:
    article = one(written(tmp_path / "a.html", PAGE.format(date="2025-08-21T10:00:00Z")))
    assert article.text.startswith(
        "Norway to send soldiers\n\nNorway will send two hundred soldiers"
    )
    assert "evening.\n\n“It depends" in article.text
    assert "Buy now" not in article.text
    assert "Imprint" not in article.text
    assert [kind for kind, _ in parts_of(article)] == ["headline", "body"]
    assert (article.title, article.outlet) == ("Norway to send soldiers", "Nordic Post")
    assert article.url == "https://nordic.example/a"
    assert (article.published, article.published_from) == (day(2025, 8, 21), "metadata")


@pytest.mark.parametrize(("given_date", "error"), [("2025-02-30", True), ("", False)])
def test_a_page_gets_no_date_that_it_does_not_give(
    tmp_path: Path, given_date: str, error: bool
) -> None:
    article = one(written(tmp_path / "a.html", PAGE.format(date=given_date)))
    assert article.published is None
    assert ("date_error" in article.extra) is error


def test_a_page_that_declares_a_month_is_dated_by_the_month(tmp_path: Path) -> None:
    article = one(written(tmp_path / "a.html", PAGE.format(date="2025-08")))
    assert article.published == Interval(date(2025, 8, 1), date(2025, 8, 31))


# ------------------------------------------------------------------ encodings


QUOTED = "“We’re ready – if Kraków, Besançon and Tromsø are,” she said…"


@pytest.mark.parametrize(
    "data",
    [
        QUOTED.encode(),
        QUOTED.encode("utf-8-sig"),
        QUOTED.encode("utf-16"),
        b"\xfe\xff" + QUOTED.encode("utf-16-be"),
        QUOTED.encode("utf-32"),
        QUOTED.encode("cp1252"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16", "utf-16 big-endian", "utf-32", "windows-1252"],
)
def test_encodings_come_out_right(data: bytes) -> None:
    assert decode(data) == QUOTED


def test_utf8_cut_off_in_a_character_is_still_utf8() -> None:
    assert decode(QUOTED.encode()[:-1]) == QUOTED[:-1] + "\ufffd"


def test_a_declared_encoding_is_followed_only_if_it_fits() -> None:
    page = '<html><head><meta charset="{}"></head><body>Wałęsa: “ready”</body></html>'
    assert "Wałęsa" in decode(page.format("windows-1250").encode("cp1250"), html=True)
    assert "Wałęsa: “ready”" in decode(page.format("windows-1251").encode(), html=True)
    wrong = page.replace("Wałęsa", "Tromsø").format("utf-8").encode("cp1252")
    assert "Tromsø: “ready”" in decode(wrong, html=True)
    assert "Tromsø: “ready”" in decode(
        page.replace("Wałęsa", "Tromsø").format("no-such-charset").encode("cp1252"), html=True
    )


# ------------------------------------------------------------------ language


OTHERS = {
    "French": "La Norvège enverra deux cents soldats dès que la trêve tiendra, a dit le ministre.",
    "German": "Norwegen wird zweihundert Soldaten schicken, sobald die Waffen ruhen, hieß es.",
    "Dutch": "Noorwegen stuurt tweehonderd soldaten zodra het bestand standhoudt, zei de minister.",
    "Spanish": "Noruega enviará doscientos soldados en cuanto haya una tregua, dijo el ministro.",
    "Polish": "Norwegia wyśle dwustu żołnierzy, gdy tylko utrzyma się rozejm, powiedział minister.",
    "Russian": "Норвегия направит двести солдат, как только наступит перемирие, сказал министр.",
    "Ukrainian": "Норвегія відправить двісті солдатів, щойно настане перемир'я, сказав міністр.",
    "Turkish": "Norveç, ateşkes sağlanır sağlanmaz iki yüz asker gönderecek, dedi savunma bakanı.",
}


def test_other_languages_are_left_out_by_name(tmp_path: Path) -> None:
    for name, sentence in OTHERS.items():
        text = f"{sentence}\n\n{sentence}"
        path = written(tmp_path / f"{name}.txt", text)
        assert list(read_articles([path])) == [Skipped(str(path), "language", name)]
        with pytest.raises(UnreadableFile, match=name):
            read_article(text)


def test_english_full_of_foreign_names_is_english() -> None:
    for text in (
        "Wojciech Kłopotowski and Andrzej Wiśniewski met Bundeskanzler Müller at Schloss Bellevue.",
        "Oleksandr Khomenko, Vasyl Petrenko, Halyna Shevchuk and Yevhen Tkachenko of Zhytomyr.",
        "NORWAY WILL SEND TWO HUNDRED SOLDIERS ONCE A CEASEFIRE HOLDS, THE MINISTER SAID.",
    ):
        assert judge_language(text, ("en",))[1], text


def test_a_text_of_few_letters_or_words_is_undecided_and_read() -> None:
    assert judge_language("Норвегия: да. " + "1 234 567 " * 30, ("en",)) == (None, True)
    assert judge_language(OTHERS["German"], ("en",)) == (None, True)
    assert judge_language(OTHERS["Russian"], ("en",)) == ("ru", False)


def test_an_english_report_with_a_foreign_quotation_is_read() -> None:
    text = f"{SENTENCE} {SENTENCE} He quoted: “{OTHERS['German']}” {SENTENCE}"
    assert read_article(text).language == "en"


def test_a_language_that_is_asked_for_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", OTHERS["French"] * 2)
    assert one(path, languages=("en", "fr")).language == "fr"


# ------------------------------------------------------------------ sources


def test_a_folder_is_read_in_order_and_tells_what_it_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("z.txt", "a.TXT", "b/c.txt", ".hidden.txt", ".git/x.txt", "README", "notes.md"):
        written(tmp_path / name, SENTENCE)
    written(tmp_path / "mail.eml", SENTENCE)
    found = list(read_articles([tmp_path]))
    assert [Path(f.name).name for f in found] == ["a.TXT", "mail.eml", "z.txt", "c.txt"]
    assert [f.reason for f in found if isinstance(f, Skipped)] == ["unreadable"]
    assert one(tmp_path / "mail.eml").text == SENTENCE


def test_a_file_without_a_telling_name_is_read_by_its_content(tmp_path: Path) -> None:
    line = json.dumps({"text": SENTENCE})
    assert one(written(tmp_path / "a", f"\n{line}\n")).name.endswith("a:2")
    assert one(written(tmp_path / "b.php", PAGE.format(date=""))).outlet == "Nordic Post"
    assert one(written(tmp_path / "c.dat", SENTENCE)).text == SENTENCE
    assert one(written(tmp_path / "d.txt", line), format="jsonl").text == SENTENCE


def test_the_bytes_told_add_up_to_the_bytes_counted(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"text": SENTENCE}) for _ in range(500))
    written(tmp_path / "a.jsonl", lines)
    written(tmp_path / "b.jsonl.gz", gzip.compress(lines.encode()))
    written(tmp_path / "c.txt", SENTENCE)
    told: list[int] = []
    assert sum(1 for _ in read_articles([tmp_path], progress=told.append)) == 1001
    assert sum(told) == count_bytes([tmp_path]) == sum(f.stat().st_size for f in tmp_path.iterdir())
    assert count_bytes(["-"]) is None


def test_read_article_takes_a_path_a_name_or_the_text(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", f"---\ntitle: T\noutlet: O\n---\n{SENTENCE}")
    assert read_article(path) == read_article(str(path))
    article = read_article(path, title="Mine", url="https://n.example/a")
    assert (article.title, article.outlet, article.url) == ("Mine", "O", "https://n.example/a")
    assert read_article(SENTENCE).text == SENTENCE


def test_reading_twice_gives_the_same_article(tmp_path: Path) -> None:
    path = written(tmp_path / "a.html", PAGE.format(date="2025-08-21"))
    assert one(path) == one(path)
    assert one(path).id == one(path).id


def test_the_reports_that_caveat_began_with_fall_into_parts(data: Path) -> None:
    found = {Path(a.name).name[:3]: a for a in read_articles((data / "seeds").glob("*.txt"))}
    article = found["003"]
    assert isinstance(article, Article)
    assert [p.kind for p in article.parts] == [
        "furniture", "headline", "headline", "dateline", "body",
    ]  # fmt: skip
    assert [article.words(s) for s in article.carried_by] == ["TASS"]
    assert article.published is None


# ------------------------------------------------------------------ lexicons


def test_word_lists_are_sorted_and_name_nothing_twice() -> None:
    for file in (
        "agencies.txt",
        "agencies_bracketed.txt",
        "furniture.tsv",
        "languages.tsv",
        "not_cities.txt",
    ):
        listed = rows(file)
        assert listed == sorted(listed), file
        assert len({tuple(r) for r in listed}) == len(listed), file
    common = {tuple(r) for r in rows("agencies.txt")} & {
        tuple(r) for r in rows("agencies_bracketed.txt")
    }
    assert not common


def test_furniture_is_of_known_sorts_and_written_small() -> None:
    for sort, words in rows("furniture.tsv"):
        assert sort in ("label", "start", "whole")
        assert words == words.casefold()
    for words in furniture("start"):
        assert kinds(f"{SENTENCE}\n\n{words.strip()} x\n\n{SENTENCE}") == [
            "body",
            "furniture",
            "body",
        ]


def test_each_language_of_the_model_has_one_name() -> None:
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    assert set(languages()) == set(model.labels)


def test_words_that_are_no_cities_are_in_capitals_and_agencies_are_found() -> None:
    assert all(words.isupper() for words in not_cities())
    for (name,) in rows("agencies.txt"):
        assert agency(False).fullmatch(name)
        assert agency(True).fullmatch(name.upper())
