"""One bad item never ends a batch: it is named, with a reason, and the rest is read."""

import gzip
import io
import json
import os
import subprocess
import sys
import time
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest

from caveat.errors import BadDate, UnreadableFile
from caveat.model import Article, Skipped
from caveat.read import ReadOptions, read_article, read_articles

SENTENCE = "Norway will send two hundred soldiers once a ceasefire holds, the minister said."
as_root = pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything"
)


def written(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def skipped(*sources: Path | str, **options: object) -> list[tuple[str, str]]:
    """Reasons and details of all that was left out, the good file beside them read all the same."""
    found = list(read_articles(sources, ReadOptions(**options)))  # type: ignore[arg-type]
    return [(s.reason, s.detail) for s in found if isinstance(s, Skipped)]


def reason(path: Path, data: str | bytes, **options: object) -> str:
    (one,) = skipped(written(path, data), **options)
    return one[0]


def test_the_rest_of_a_batch_is_read(tmp_path: Path) -> None:
    good = [written(tmp_path / f"{n}.txt", SENTENCE) for n in "az"]
    bad = [
        written(tmp_path / "b.txt", ""),
        written(tmp_path / "c.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        tmp_path / "missing.txt",
        written(tmp_path / "d.html", "<html><body></body></html>"),
        written(tmp_path / "e.jsonl.gz", b"no gzip"),
    ]
    found = list(read_articles([good[0], *bad, good[1]]))
    assert [f.name for f in found] == [str(p) for p in (good[0], *bad, good[1])]
    assert [f.reason for f in found if isinstance(f, Skipped)] == [
        "empty", "binary", "unreadable", "no-main-text", "unreadable",
    ]  # fmt: skip


def test_empty_files_are_named(tmp_path: Path) -> None:
    assert reason(tmp_path / "a.txt", "") == "empty"
    assert reason(tmp_path / "b.txt", " \r\n\t\n") == "empty"
    assert reason(tmp_path / "c.html", "\n") == "empty"
    assert reason(tmp_path / "d.txt", "12 345 ... --- 6") == "no-text"
    assert reason(tmp_path / "e.txt", "---\ntitle: T\n---\n") == "no-text"
    assert skipped(written(tmp_path / "f.jsonl", "\n\n")) == []


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.dat"])
def test_a_huge_file_is_left_out_without_reading_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("wb") as f:
        f.truncate(200_000_000)
    tracemalloc.start()
    assert skipped(path) == [("too-large", "more than 50,000,000 bytes")]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_a_small_archive_that_unpacks_to_much_is_left_out(tmp_path: Path) -> None:
    bomb = gzip.compress(b"word " * 2_000_000)
    assert reason(tmp_path / "a.txt.gz", bomb, max_bytes=1_000_000) == "too-large"
    assert reason(tmp_path / "a.jsonl.gz", bomb, max_bytes=1_000_000) == "too-large"


def test_a_line_that_is_too_long_costs_only_itself(tmp_path: Path) -> None:
    good = json.dumps({"text": SENTENCE})
    long = json.dumps({"text": SENTENCE * 100})
    for lines in ([good, long, good], [long, good, good], [good, good, long]):
        path = written(tmp_path / "a.jsonl", "\n".join(lines))
        found = list(read_articles([path], ReadOptions(max_bytes=1000)))
        at = lines.index(long)
        assert found[at] == Skipped(f"{path}:{at + 1}", "too-large", "more than 1,000 bytes")
        assert sum(isinstance(f, Article) for f in found) == 2
        assert [f.name for f in found] == [f"{path}:{n}" for n in (1, 2, 3)]


def test_json_lines_larger_than_the_limit_are_read_line_by_line(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", (json.dumps({"text": SENTENCE}) + "\n") * 100)
    assert skipped(path, max_bytes=1000) == []
    path = path.rename(tmp_path / "a.unknown")
    assert skipped(path, max_bytes=1000) == []


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\nIHDR",
        b"%PDF-1.7\nsome text " * 9,
        b"{\\rtf1 text}",
        b"PK\x03\x04 text",
        SENTENCE.encode() + b"\0",
        SENTENCE.encode("utf-16-le"),
        bytes(range(1, 256)) * 9,
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.html", "a"])
def test_binary_files_are_named_so(tmp_path: Path, data: bytes, name: str) -> None:
    assert reason(tmp_path / name, data) == "binary"


def test_bad_json_lines_are_named_by_their_number(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "one", "text": SENTENCE}),
        '{"id": "two", "text": ',
        json.dumps({"id": "three", "title": SENTENCE}),
        json.dumps({"id": "four", "text": 4}),
        json.dumps([SENTENCE]),
        "[" * 100_000,
        '{"text": ' + "9" * 5000 + "}",
        "",
        json.dumps({"id": "nine", "text": SENTENCE, "date": "2025-02-30"}),
    ]
    data = "\n".join(lines).encode() + b'\n{"text": "\xff"}\n' + lines[0].encode()
    path = written(tmp_path / "a.jsonl", data)
    found = list(read_articles([path]))
    assert [(Path(f.name).name, f.reason) for f in found if isinstance(f, Skipped)] == [
        ("a.jsonl:2", "bad-json"),
        ("a.jsonl:3", "no-text"),
        ("a.jsonl:4", "no-text"),
        ("a.jsonl:5", "bad-json"),
        ("a.jsonl:6", "bad-json"),
        ("a.jsonl:7", "bad-json"),
        ("a.jsonl:10", "bad-json"),
    ]
    assert [f.id for f in found if isinstance(f, Skipped)][1:3] == ["three", "four"]
    articles = [f for f in found if isinstance(f, Article)]
    assert [a.extra["id"] for a in articles] == ["one", "nine", "one"]
    assert articles[1].published is None
    assert "2025-02-30" in articles[1].extra["date_error"]


def test_a_json_document_over_several_lines_is_named_once(tmp_path: Path) -> None:
    assert reason(tmp_path / "a.json", json.dumps([{"text": SENTENCE}], indent=1)) == "bad-json"


def test_an_archive_cut_off_keeps_the_lines_before_the_cut(tmp_path: Path) -> None:
    lines = "".join(
        json.dumps({"id": n, "text": f"{SENTENCE} {n * 7919}"}) + "\n" for n in range(5000)
    )
    data = gzip.compress(lines.encode())
    found = list(read_articles([written(tmp_path / "a.jsonl.gz", data[: len(data) // 2])]))
    assert isinstance(found[0], Article)
    assert isinstance(found[-1], Skipped)
    assert found[-1].reason == "unreadable"


def test_halves_of_characters_are_replaced_one_for_one(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", '{"title": "\\ud83d", "text": "\\ud83d ' + SENTENCE + '"}')
    (article,) = read_articles([path])
    assert isinstance(article, Article)
    assert article.text == f"\ufffd {SENTENCE}"
    assert article.title == "\ufffd"


LINKED = "<script type='application/ld+json'>"
BODY = "".join(
    f"<p>{SENTENCE} Paragraph {n} of a page that is not written as pages should be.</p>"
    for n in range(5)
)


@pytest.mark.parametrize(
    "page",
    [
        f"<html><body><p>Norway <b>will send<p>soldiers</i></div><<<p {BODY}",
        f"{BODY}</html></html></body>",
        f"<html><body><!-- {BODY}",
        f"<html><head><script>{BODY}</head><body>{BODY}",
        "<html><body>" + "<div>" * 20_000 + BODY,
        "<div><p>" * 100_000 + BODY,
        "<html><body><!--" + "<!--" * 20_000 + f"{BODY}-->",
        "<html " + "a=1 " * 100_000 + f">{BODY}",
        "<!DOCTYPE html [<!ENTITY a 'aaaaaaaaaa'>"
        + "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in pairwise("abcdefghi"))
        + f"]><html><body><p>&i;</p>{BODY}</body></html>",
        f"<html><body>{'&' * 100_000}{'<' * 20_000}{BODY}",
        f"<html><head>{LINKED}{'[' * 50_000}\"datePublished\"</script>{BODY}",
        f'<html><head>{LINKED}{{"datePublished": 5}}</script>{BODY}',
        "<html><head><meta charset='utf-7'><meta charset='\udcff'></head>" + BODY,
    ],
    ids=["unclosed", "fragment", "comment", "script", "deep", "deeper", "comments", "attributes",
         "entities", "signs", "json", "json number", "charset"],
)  # fmt: skip
def test_broken_and_hostile_pages_neither_crash_nor_hang(tmp_path: Path, page: str) -> None:
    path = written(tmp_path / "a.html", page.encode("utf-8", "surrogateescape"))
    begun = time.monotonic()
    (found,) = read_articles([path])
    assert time.monotonic() - begun < 20
    if isinstance(found, Skipped):
        assert found.reason in ("no-main-text", "too-large")
    else:
        assert SENTENCE in found.text


def test_a_page_of_too_many_elements_is_left_out_at_once(tmp_path: Path) -> None:
    begun = time.monotonic()
    assert reason(tmp_path / "a.html", "<html><body>" + "<b>x</b>" * 1_000_000) == "too-large"
    assert time.monotonic() - begun < 2


def test_names_that_lead_nowhere_are_unreadable(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(tmp_path / "gone.txt")
    for source in (tmp_path / "no.txt", tmp_path / "link.txt", "", "a\0b", "x" * 5000):
        ((why, detail),) = skipped(source)
        assert why == "unreadable"
        assert detail
    assert skipped(tmp_path) == [("unreadable", "No such file or directory")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert skipped(tmp_path) == [("unreadable", "not a regular file")]


@as_root
def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    written(tmp_path / "a.txt", SENTENCE).chmod(0)
    (tmp_path / "folder").mkdir(mode=0)
    assert skipped(tmp_path) == [("unreadable", "Permission denied")] * 2


def test_a_folder_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    written(tmp_path / "z.txt", SENTENCE)
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = list(read_articles([tmp_path]))
    assert Skipped(str(tmp_path / "closed"), "unreadable", "Permission denied") in found
    assert sum(isinstance(f, Article) for f in found) == 1


def test_an_impossible_date_option_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    for given in ("2025-02-30", "unknown", "soon"):
        with pytest.raises(BadDate):
            read_articles([tmp_path], ReadOptions(date=given))
        with pytest.raises(BadDate):
            read_article(SENTENCE, date=given)


@pytest.mark.parametrize(
    "text", ["", " \n", "12345", "no-such-file.txt", "reports/a.jsonl", "x.html"]
)
def test_read_article_refuses_what_is_no_text(text: str) -> None:
    with pytest.raises(UnreadableFile):
        read_article(text)


def test_read_article_refuses_folders_and_several_articles(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no article"):
        read_article(tmp_path)
    line = json.dumps({"text": SENTENCE}) + "\n"
    assert read_article(written(tmp_path / "a.jsonl", line)).text == SENTENCE
    with pytest.raises(UnreadableFile, match="several"):
        read_article(written(tmp_path / "a.jsonl", line * 2))
    with pytest.raises(UnreadableFile, match=r"binary \(PNG image\)"):
        read_article(written(tmp_path / "b.txt", b"\x89PNG\r\n"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (SENTENCE, ["standard input"]),
        (json.dumps({"text": SENTENCE}) + "\n{broken\n", ["standard input:1", "standard input:2"]),
        ('{"text": \n' + json.dumps({"text": SENTENCE}), ["standard input:1", "standard input:2"]),
        ("", ["standard input"]),
    ],
)
def test_standard_input_is_text_or_json_lines(
    monkeypatch: pytest.MonkeyPatch, given: str, expected: list[str]
) -> None:
    stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(given.encode())))  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stdin", stdin)
    assert [f.name for f in read_articles(["-"])] == expected


def test_importing_loads_neither_the_page_reader_nor_the_language_model() -> None:
    code = "import sys, caveat.read; print({'trafilatura', 'lxml', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("text", "title"),
    [("a\n" * 300_000, ""), ("word " * 500_000, "word " * 100_000), ("Ab. " * 500_000, "Ab")],
    ids=["lines", "long title", "one line"],
)
def test_long_texts_are_read_in_a_time_that_grows_with_their_length(
    tmp_path: Path, text: str, title: str
) -> None:
    path = written(tmp_path / "a.jsonl", json.dumps({"text": text, "title": title}))
    begun = time.monotonic()
    (found,) = read_articles([path])
    assert time.monotonic() - begun < 15
    assert isinstance(found, Skipped) or found.text == text
