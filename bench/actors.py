"""Who is meant: the right actor for holders and speakers, given their spans.

python -m bench.actors            figures with intervals, by form and by kind of text
python -m bench.actors --json     the same, for machines
python -m bench.actors --wrong    every mention that is not right, by id and offsets

`actors-gold.jsonl` marks 130 passages and 20 whole articles of the corpus, the first by the hash
of their ids, that have a holder or a speaker: for each such span its form (name, adjective,
pronoun, description) and the actor, by ids and offsets alone. `actors-again.jsonl`: 33 of the
passages by a second annotator. A label is `iso:FR`, `org:NATO`, `office:RU:defence ministry` (right
as that state, too), `per:Olaf Scholz`, `role:FR:president` (an office of which there is one, nobody
named: right as the state), `out:Reuters`, `grp` (unnamed; so are people of whom only "official",
"source" and the like is said), or none where the text leaves it open. A quoted "we" that is
labelled as a party is right as the person quoted, too, where the text does not tell whom that
person speaks for: the register follows the person to the party.

*right*: the share of mentions that a reader can resolve (neither `grp` nor none) for which exactly
the labelled actors are given. *precision*: the share right among all mentions for which somebody
other than an unnamed group is given. *groups*: the share of unnamed ones left unnamed. Mistakes
were looked at in one half of the texts, mostly (`--half seen`).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bench.data import Counts, folder, interval, lines
from caveat.model import Article, Marks, PositionMark, Resolution, Span
from caveat.resolve import actor_named, resolve
from caveat.tag import load_reader

GOLD = Path(__file__).with_name("actors-gold.jsonl")
AGAIN = Path(__file__).with_name("actors-again.jsonl")
OFFICES = re.compile(
    r"\b(president|premier|prime minister|chancellor|minister|secretary|spokes\w+|ambassador|envoy|"
    r"mayor|governor|king|queen|speaker|chief|chair\w*|head|director|commissioner|leader|taoiseach)\b",
    re.IGNORECASE,
)
"""Words of offices of which a state or body has one, or one voice: all other roles name nobody."""
FIGURES = ("all", "name", "pronoun", "description", "holder", "speaker", "groups")
FORMS = ("name", "adjective", "pronoun", "description")
Tally = tuple[int, int, int]
"""Right, given, and gold."""


def texts() -> dict[str, tuple[str, str | None]]:
    """{id: (text, title)} of the corpus' passages, and of its articles by the hash of their URL."""
    found = {
        p["id"]: (p["text"], p.get("title")) for p in lines(folder() / "corpus" / "passages.jsonl")
    }
    wanted = {r["id"] for r in lines(GOLD) if r["from"] == "article"}
    with gzip.open(folder() / "corpus" / "articles.jsonl.gz", "rt", encoding="utf-8") as f:
        for line in f:
            row = json.loads(line)
            id_ = hashlib.sha256(row["url"].encode()).hexdigest()[:12]
            if id_ in wanted:
                found[id_] = (row["text"], row["title"])
    return found


def marked(positions: Iterable[Mapping[str, Any]]) -> Iterator[PositionMark]:
    """The gold's positions of a passage as a reader would mark them."""
    for p in positions:
        yield PositionMark(
            action=tuple(p["action"]),
            stance=p["stance"],
            holder=tuple(tuple(s) for s in p["holder"]),
            speaker=tuple(p["speaker"]) if p["speaker"] else None,
        )


def resolved(
    rows: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[Mapping[str, Any], str, Resolution]]:
    """Each row of the gold with the resolution of its text, its spans given as marks."""
    told = texts()
    positions = {
        r["id"]: r["positions"] for r in lines(folder() / "gold" / "positions-train.jsonl")
    }
    for r in lines(Path(__file__).parent.parent / "train" / "positions" / "marks.jsonl"):
        positions.setdefault(r["id"], r["positions"])
    reader = load_reader("attributions")
    for row in rows:
        text, title = told[row["id"]]
        if hashlib.sha256(text.encode()).hexdigest()[:16] != row["sha256"]:
            raise SystemExit(f"{row['id']} is not the text that was marked")
        article = Article(text, title=title)
        found = reader.mark(article)
        given = tuple(marked(positions.get(row["id"], ())))
        if row["from"] == "article":
            given = tuple(_alone(m) for m in row["mentions"])
        marks = Marks(found.reader, found.attributions, found.names, given)
        yield row, text, resolve(article, marks)


def _alone(mention: Mapping[str, Any]) -> PositionMark:
    """A marked span by itself: of whole articles no positions are marked."""
    span: Span = tuple(mention["span"])
    if mention["role"] == "speaker":
        return PositionMark(action=span, stance="done", speaker=span)
    return PositionMark(action=span, stance="done", holder=(span,))


def judge(labels: Sequence[str], found: Sequence[str], resolution: Resolution) -> bool:
    """Whether the actors found are exactly those labelled."""
    left = list(found)
    for label in labels:
        hit = next((f for f in left if fits(label, f, resolution)), None)
        if hit is None:
            return False
        left.remove(hit)
    return not left


def fits(label: str, found: str, resolution: Resolution) -> bool:
    """Whether an actor is the one that a label names."""
    sort, _, rest = label.partition(":")
    if found.startswith("grp:") and sort != "grp":
        return False
    if sort == "iso":
        return found == label or label in _behind(found, resolution, bodies=True)
    if sort in ("office", "role"):
        party = _party(rest.partition(":")[0])
        return party is not None and (found == party or party in _behind(found, resolution))
    if sort == "per":
        return found.startswith("per:") and _same_person(rest, _name(found, resolution))
    if sort == "grp":
        return found.startswith("grp:")
    listed = actor_named(rest)
    if found == listed:
        return True
    name = _name(found, resolution)
    return _folded(name) == _folded(rest) or set(_folded(rest)) <= set(_folded(name))


def _party(word: str) -> str | None:
    return actor_named(f"iso:{word}") if len(word) == 2 else actor_named(word)


def _behind(found: str, resolution: Resolution, *, bodies: bool = False) -> set[str]:
    if bodies and found.startswith("per:"):
        return set()
    return {s.party for s in resolution.speaks_for if s.speaker == found != s.party}


def _name(found: str, resolution: Resolution) -> str:
    return next((a.name for a in resolution.actors if a.id == found), found)


@cache
def _folded(name: str) -> tuple[str, ...]:
    from caveat.resolve.lexicon import fold

    return tuple(w for w in fold(name).replace("-", " ").replace(".", " ").split() if w != "the")


def _same_person(one: str, other: str) -> bool:
    """Same surname, and first names that do not speak against it; the fuller name decides."""
    a, b = _folded(one), _folded(other)
    if not a or not b or a[-1] != b[-1]:
        return False
    return len(a) == 1 or len(b) == 1 or a[0] == b[0] or a[0][0] == b[0][0]


def can_be_told(labels: Sequence[str]) -> bool:
    """Whether a reader can say which actor it is, from the text alone."""
    return bool(labels) and not any(unnamed(x) for x in labels)


def unnamed(label: str) -> bool:
    """Whether nobody can be named by a label."""
    sort, _, rest = label.partition(":")
    party, _, role = rest.partition(":")
    return sort == "grp" or (sort == "role" and (party == "?" or not OFFICES.search(role)))


def is_right(mention: Mapping[str, Any], words: str, resolution: Resolution) -> bool:
    """Whether a mention has its actors; see the module for the quoted "we"."""
    found = resolution.of(tuple(mention["span"]))
    if judge(mention["actor"], found, resolution):
        return True
    return (
        words.casefold() in ("we", "us", "our")
        and len(found) == 1
        and found[0].startswith("per:")
        and mention["actor"][0].startswith(("iso:", "org:", "office:"))
        and not _behind(found[0], resolution)
    )


def tallies(row: Mapping[str, Any], text: str, resolution: Resolution) -> dict[str, Tally]:
    """Counts of one text, by figure."""
    out: dict[str, list[int]] = {}

    def add(figure: str, right: bool, given: bool, gold: bool) -> None:
        cell = out.setdefault(figure, [0, 0, 0])
        cell[0] += right
        cell[1] += given
        cell[2] += gold

    for m in row["mentions"]:
        found = resolution.of(tuple(m["span"]))
        named = bool(found) and not all(f.startswith("grp:") for f in found)
        if can_be_told(m["actor"]):
            right = is_right(m, text[slice(*m["span"])], resolution)
            for figure in ("all", m["form"], m["role"], row["from"]):
                add(figure, right, named, True)
        else:
            for figure in ("all", m["form"], m["role"], row["from"]):
                add(figure, False, named, False)
            if m["actor"]:
                add("groups", not named, True, True)
    return {k: (v[0], v[1], v[2]) for k, v in out.items()}


def shares(counts: Sequence[Mapping[str, Tally]], figure: str) -> tuple[float, float]:
    """(right, precision) of a figure over texts, in percent."""
    right, given, gold = (sum(c.get(figure, (0, 0, 0))[i] for c in counts) for i in range(3))
    return 100 * right / max(1, gold), 100 * right / max(1, given)


def agreement() -> tuple[int, int]:
    """(same, all) of the spans that two annotators labelled: the same labels, letter by letter."""
    first = {r["id"]: {tuple(m["span"]): m["actor"] for m in r["mentions"]} for r in lines(GOLD)}
    pairs = [
        (first[r["id"]][tuple(m["span"])], m["actor"]) for r in lines(AGAIN) for m in r["mentions"]
    ]
    return sum(a == b for a, b in pairs), len(pairs)


def gold(half: str | None = None) -> list[dict[str, Any]]:
    """The gold's rows; of one half, those whose mistakes were looked at or the others."""
    rows = lines(GOLD)
    if half is None:
        return rows
    return [r for r in rows if (int(r["sha256"], 16) % 2 == 0) == (half == "seen")]


def measure(half: str | None = None) -> list[dict[str, Tally]]:
    """The counts of each text of the gold."""
    return [tallies(*each) for each in resolved(gold(half))]


def counts(gold_file: Path) -> list[Counts]:
    """Raw counts of each text for the quality gate: right, given and resolvable mentions."""
    assert gold_file == GOLD
    return [{f: found.get(f, (0, 0, 0)) for f in FIGURES} for found in measure()]


def main() -> int:
    """Print the figures; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.actors",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--wrong", action="store_true", help="list what is not right")
    parser.add_argument("--half", choices=("seen", "unseen"), help="one half of the texts, by id")
    args = parser.parse_args()
    if args.wrong:
        for row, text, resolution in resolved(gold(args.half)):
            for m in row["mentions"]:
                found = resolution.of(tuple(m["span"]))
                told = can_be_told(m["actor"])
                named = bool(found) and not all(f.startswith("grp:") for f in found)
                if (told and not is_right(m, text[slice(*m["span"])], resolution)) or (
                    not told and named
                ):
                    how = next(
                        (x.how for x in resolution.mentions if x.span == tuple(m["span"])), ""
                    )
                    print(json.dumps({"id": row["id"], **m, "found": found, "how": how}))
        return 0
    counts = measure(args.half)
    out: dict[str, Any] = {
        "texts": len(counts),
        "mentions": sum(len(r["mentions"]) for r in gold(args.half)),
    }
    for figure in ("all", *FORMS, "holder", "speaker", "passage", "article", "groups"):
        if not any(figure in c for c in counts):
            continue
        right, precision = shares(counts, figure)
        out[figure] = {
            "right": round(right, 1),
            "right interval": interval(counts, lambda c, f=figure: shares(c, f)[0]),
            "precision": round(precision, 1),
            "precision interval": interval(counts, lambda c, f=figure: shares(c, f)[1]),
            "resolvable": sum(c.get(figure, (0, 0, 0))[2] for c in counts),
        }
    same, of = agreement()
    out["agreement"] = {"same": same, "of": of}
    if args.json:
        print(json.dumps(out, indent=1))
        return 0
    print(
        f"{out['texts']} texts, {out['mentions']} mentions; two annotators agree on {same} of {of}"
    )
    print(f"{'':>12}  right (95 % interval)   precision (95 % interval)  resolvable")
    for figure, cell in out.items():
        if isinstance(cell, dict) and "right" in cell:
            a, b = cell["right interval"], cell["precision interval"]
            print(
                f"{figure:>12}  {cell['right']:5.1f} ({a[0]:.1f} to {a[1]:.1f})     "
                f"{cell['precision']:5.1f} ({b[0]:.1f} to {b[1]:.1f})        {cell['resolvable']}"
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
