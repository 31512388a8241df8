"""PolNeAR and the project's own passages → articles with spans, and label arrays.

CAVEAT_DATA names the folder that holds polnear/, gold/ and corpus/ (default ../shared
beside the repository).
"""

import hashlib
import json
import os
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from caveat.tag.attribute import NAME_TAGS, RELAY_TAGS, ROLES, TAGS
from caveat.tag.pieces import Tokens, character_classes, continuing

DATA = Path(os.environ.get("CAVEAT_DATA", Path(__file__).resolve().parents[2] / "shared"))
IGNORE = -100
CONTENT_TAGS = [i for i, tag in enumerate(TAGS) if tag.endswith("content")]


@dataclass
class Article:
    """A text and what is marked in it; None = this layer is not marked at all."""

    name: str
    text: str
    attributions: list | None = None  # [{role: [(start, end), ...]}]
    inner: list | None = None  # the same, of attributions inside a content
    names: list | None = None  # [(start, end, kind)]
    relay: list | None = None  # [(start, end)]
    versions: list = field(default_factory=list)  # every annotator's attributions
    known: dict = field(default_factory=dict)  # layer → the only regions it is marked in


def read_ann(path):
    """The attributions of one brat file, each {role: [(start, end), ...]}."""
    spans, found = {}, []
    with Path(path).open(encoding="utf8", newline="\n") as lines:
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if len(cells) < 2:
                continue
            if cells[0].startswith("T"):
                offsets = cells[1].split(" ", 1)[1]
                spans[cells[0]] = [tuple(map(int, x.split())) for x in offsets.split(";")]
            elif cells[0].startswith("E"):
                one = {role: [] for role in ROLES}
                for argument in cells[1].split()[1:]:
                    role, _, key = argument.partition(":")
                    role = re.sub(r"\d+$", "", role).lower()
                    if role in one:
                        one[role] += spans.get(key, [])
                found.append(one)
    return found


def read_polnear(part):
    """The articles of polnear/PART; the first file by name is the gold, as for the scorer."""
    files = defaultdict(list)
    for path in sorted((DATA / "polnear" / part / "attributions").glob("*.ann")):
        files[path.name[: -len("_xxxx.ann")]].append(path)
    articles = []
    for name, paths in files.items():
        path = DATA / "polnear" / part / "text" / (name + ".txt")
        text = path.read_bytes().decode("utf8")
        versions = [read_ann(p) for p in paths]
        articles.append(
            Article(name, text, versions[0], inner=[], versions=versions, known={"inner": []})
        )
    return articles


def read_passages():
    """(second dev set, ids of all passages from its articles).

    bench/attributions-dev.jsonl gives ids and offsets; the texts are in corpus/passages.jsonl.
    """
    with Path(DATA / "corpus" / "passages.jsonl").open(encoding="utf8") as lines:
        rows = {r["id"]: r for r in map(json.loads, lines)}
    articles, addresses = [], set()
    with (Path(__file__).parents[1] / "bench" / "attributions-dev.jsonl").open(
        encoding="utf8"
    ) as lines:
        for row in map(json.loads, lines):
            articles.append(Article(row["id"], rows[row["id"]]["text"], row["attributions"]))
            addresses.add(rows[row["id"]]["url"])
    return articles, {i for i, r in rows.items() if r["url"] in addresses}


def read_relays():
    """Passages of gold/positions-train.jsonl with a relay, and as many without.

    Passages from the articles of the second dev set are left out.
    """
    _, dev = read_passages()
    with_relay, without = [], []
    with Path(DATA / "gold" / "positions-train.jsonl").open(encoding="utf8") as lines:
        for row in map(json.loads, lines):
            if row["id"] in dev:
                continue
            relay = sorted({tuple(r) for p in row["positions"] for r in p.get("relay") or []})
            article = Article("passage-" + row["id"], row["text"], relay=relay)
            if relay:
                with_relay.append(article)
            elif row["positions"]:
                without.append(article)
    without.sort(key=lambda a: hashlib.sha256(a.name.encode()).hexdigest())
    return with_relay + without[: len(with_relay)]


def clusters(articles, size=8, share=0.15):
    """Article name → name of its story cluster: copies share word 8-grams."""
    grams, parent = {}, {a.name: a.name for a in articles}
    holders = defaultdict(list)

    def root(x):
        while parent[x] != x:
            x = parent[x]
        return x

    for a in articles:
        words = re.findall(r"\w+", a.text.lower())
        grams[a.name] = {hash(tuple(words[i : i + size])) for i in range(0, len(words) - size + 1)}
        for g in grams[a.name]:
            holders[g].append(a.name)
    shared = defaultdict(int)
    for names in holders.values():
        for other in names[1:]:
            shared[names[0], other] += 1
    for (one, other), n in shared.items():
        if n >= share * min(len(grams[one]), len(grams[other])):
            parent[root(other)] = root(one)
    return {name: root(name) for name in parent}


def hold_out(articles, tenth=10):
    """(kept, held out): about one story cluster in ten, by hash of the cluster's name."""
    of = clusters(articles)
    kept, out = [], []
    for a in articles:
        digest = hashlib.sha256(of[a.name].encode()).digest()
        (out if digest[0] % tenth == 0 else kept).append(a)
    return kept, out


class Lexer:
    """Text → Tokens, with the encoder's own tokenizer."""

    def __init__(self, path):
        self.tokenizer = Tokenizer.from_file(str(path))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.continues = continuing(self.tokenizer)
        self.classes = character_classes()

    def __call__(self, text):
        return Tokens(
            text,
            self.tokenizer.encode(text, add_special_tokens=False),
            self.continues,
            self.classes,
        )


def words_of(tokens, start, end):
    """The words (first, one past last) that a span of code points touches."""
    first = int(np.searchsorted(tokens.word_ends, start, "right"))
    last = int(np.searchsorted(tokens.word_starts, end, "left"))
    return first, last


def _paragraph_runs(tokens, first, last):
    """A span's words cut where a paragraph begins: PolNeAR's spans end with theirs."""
    cuts = [w for w in range(first + 1, last) if tokens.initial[w]]
    return list(zip([first, *cuts], [*cuts, last], strict=True))


def label(article, tokens):
    """Label arrays per word, (W,) each: tags, inner, names, relay, and the pointers' targets.

    `source_of`: at the words of a cue, the first word of its source, -1 for none;
    `cue_of`: at the words of a content, the first word of its cue, -1 for none;
    IGNORE where nothing is asked.
    """
    count = len(tokens.first)
    out = {
        key: np.full(count, IGNORE, np.int64)
        for key in ("tags", "inner", "names", "relay", "source_of", "cue_of")
    }
    if article.attributions is not None:
        out["tags"][:] = 0
        _attributions(article.attributions, tokens, out["tags"], out["source_of"], out["cue_of"])
    if article.inner is not None:
        out["inner"][:] = 0
        _attributions(article.inner, tokens, out["inner"])
    for key, spans, names in (
        ("names", article.names, NAME_TAGS),
        ("relay", article.relay and [(*r, "relay") for r in article.relay], RELAY_TAGS),
    ):
        if getattr(article, key) is None:
            continue
        out[key][:] = 0
        for start, end, kind in spans or []:
            first, last = words_of(tokens, start, end)
            if last > first:
                out[key][first:last] = names.index("I-" + kind)
                out[key][first] = names.index("B-" + kind)
    for key, regions in article.known.items():
        unknown = np.ones(count, bool)
        for start, end in regions:
            first, last = words_of(tokens, start, end)
            unknown[first:last] = False
        if key == "inner":
            # PolNeAR marks nothing inside a content; outside, nothing is inner.
            unknown &= np.isin(out["tags"], CONTENT_TAGS)
        out[key][unknown] = IGNORE
    return out


def _attributions(attributions, tokens, tags, source_of=None, cue_of=None):
    for one in attributions:
        firsts = {}
        for role in ROLES:
            for start, end in sorted(one[role]):
                first, last = words_of(tokens, start, end)
                if last <= first:
                    continue
                firsts.setdefault(role, first)
                for a, b in _paragraph_runs(tokens, first, last):
                    _mark(tags, a, b, role)
        if source_of is None:
            continue
        cue = firsts.get("cue", -1)
        for role, target, value in (
            ("cue", source_of, firsts.get("source", -1)),
            ("content", cue_of, cue),
        ):
            for start, end in one[role]:
                first, last = words_of(tokens, start, end)
                target[first:last] = value


def _mark(tags, first, last, role):
    at = {place: TAGS.index(f"{place}-{role}") for place in "BIES"}
    tags[first:last] = at["I"]
    tags[first], tags[last - 1] = at["B"], at["E"]
    if last - first == 1:
        tags[first] = at["S"]


def digest(paths):
    """One hash over files' names and bytes, to record what a model was trained on."""
    total = hashlib.sha256()
    for path in sorted(map(Path, paths)):
        total.update(path.name.encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
