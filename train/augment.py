"""Articles in other clothes: quote styles, paragraphs, datelines, names, nesting, relays.

Every change is a list of edits (start, end, new text) on the stored text; all marks move
with it. PolNeAR marks neither attributions inside a content nor relays, so both are made
here: a paragraph is put into somebody's mouth (its own attributions become `inner`), and
relay phrases are added to reporting clauses. Rates are in RATES; each is per article.
"""

import re
import tomllib
from bisect import bisect_right
from dataclasses import replace
from pathlib import Path

RATES = {
    "curly_to_straight": 0.15,
    "straight_to_curly": 0.15,
    "single": 0.05,
    "lost_closer": 0.06,
    "joined": 0.12,
    "split": 0.06,
    "dateline": 0.12,
    "renamed": 0.15,
    "nested": 0.35,
    "relayed": 0.25,
}
WORDS = tomllib.loads((Path(__file__).parent / "wordlists.toml").read_text(encoding="utf8"))


def edited(article, edits, extra=None):
    """The article after edits [(start, end, new)], none overlapping, with all marks moved.

    `extra(begin, end)` gets the two maps of old offsets to new ones, and returns fields to
    set. An insertion at a span's edge stays outside the span.
    """
    edits = sorted(edits)
    pieces, at, shift = [], 0, 0
    ends, shifts, inserts = [], [0], {}
    for start, end, new in edits:
        pieces += [article.text[at:start], new]
        at = end
        shift += len(new) - (end - start)
        ends.append(end)
        shifts.append(shift)
        if start == end:
            inserts[start] = len(new)
    pieces.append(article.text[at:])
    text = "".join(pieces)

    def begin(p):
        return p + shifts[bisect_right(ends, p)]

    def end(p):
        return begin(p) - inserts.get(p, 0)

    def spans(many):
        moved = [(begin(s), end(e), *rest) for s, e, *rest in many]
        return [m for m in moved if m[0] < m[1]]

    def attributions(many):
        return many and [{role: spans(a[role]) for role in a} for a in many]

    fields = {
        "text": text,
        "attributions": attributions(article.attributions),
        "inner": attributions(article.inner),
        "names": None if article.names is None else spans(article.names),
        "relay": None if article.relay is None else spans(article.relay),
        "known": {k: spans(v) for k, v in article.known.items()},
        "versions": [],
    }
    fields.update(extra(begin, end) if extra else {})
    return replace(article, **fields)


def _all_spans(article):
    return [
        s
        for layer in (article.attributions, article.inner)
        for a in layer or []
        for role in a.values()
        for s in role
    ]


def quotes(article, rng):
    t, edits = article.text, []
    draw = rng.random()
    if draw < RATES["curly_to_straight"]:
        flat = {"“": '"', "”": '"', "‘": "'", "’": "'"}
        edits = [(i, i + 1, flat[c]) for i, c in enumerate(t) if c in flat]
    elif draw < RATES["curly_to_straight"] + RATES["straight_to_curly"]:
        for i, c in enumerate(t):
            if c in "\"'":
                opens = (i == 0 or t[i - 1].isspace() or t[i - 1] in "([—-") and t[
                    i + 1 : i + 2
                ].strip() != ""
                edits.append(
                    (i, i + 1, ("“" if opens else "”") if c == '"' else ("‘" if opens else "’"))
                )
    elif draw < RATES["curly_to_straight"] + RATES["straight_to_curly"] + RATES["single"]:
        single = {"“": "‘", "”": "’", '"': "'"}
        edits = [(i, i + 1, single[c]) for i, c in enumerate(t) if c in single]
    if not edits and rng.random() < RATES["lost_closer"]:
        marks = [i for i, c in enumerate(t) if c in '”"' and i and not t[i - 1].isspace()]
        edits = [(i, i + 1, "") for i in marks if rng.random() < 0.15]
    return edited(article, edits) if edits else article


def paragraphs(article, rng):
    t, draw = article.text, rng.random()
    if draw < RATES["joined"]:
        share = rng.choice((0.4, 1.0))
        edits = [
            (m.start(), m.end(), " ")
            for m in re.finditer(r"(?<=\S)[ \t]*\n\s*(?=\S)", t)
            if rng.random() < share
        ]
        return edited(article, edits)
    if draw < RATES["joined"] + RATES["split"]:
        spans = _all_spans(article)
        edits = [
            (m.start(), m.end(), "\n\n")
            for m in re.finditer(r"(?<=[a-z][.?!]) (?=[A-Z])", t)
            if rng.random() < 0.5 and not any(s < m.end() and m.start() < e for s, e in spans)
        ]
        return edited(article, edits)
    return article


def dateline(article, rng):
    if rng.random() >= RATES["dateline"] or not article.text[:1].strip():
        return article
    line = rng.choice(WORDS["datelines"]).format(
        city=rng.choice(WORDS["cities"]),
        day=f"{rng.choice(WORDS['months'])} {rng.randint(1, 30)}",
        agency=rng.choice(("Reuters", "AFP", "TASS", "AP", "Interfax-Ukraine", "dpa", "Ukrinform")),
    )
    return edited(article, [(0, 0, line)])


def rename(article, rng):
    if rng.random() >= RATES["renamed"]:
        return article
    given = {name: rng.choice(WORDS["last"]) for name in WORDS["renamed_last"]}
    given.update({name: rng.choice(WORDS["first"]) for name in WORDS["renamed_first"]})
    pattern = r"\b(" + "|".join(given) + r")\b"
    return edited(
        article,
        [(m.start(), m.end(), given[m.group()]) for m in re.finditer(pattern, article.text)],
    )


def person(rng):
    """(words of a source, offset of its name or None): "Foreign Minister Olena Nowak"."""
    name = f"{rng.choice(WORDS['first'])} {rng.choice(WORDS['last'])}"
    draw = rng.random()
    if draw < 0.25:
        return rng.choice(WORDS["bodies"]), None
    if draw < 0.45:
        return name.rsplit(maxsplit=1)[-1], 0
    if draw < 0.6:
        return name, 0
    office = rng.choice(WORDS["offices"])
    return f"{office} {name}", len(office) + 1


def nest(article, rng):
    """One or two paragraphs become another's words; their own attributions become `inner`."""
    if article.attributions is None or rng.random() >= RATES["nested"]:
        return article
    for _ in range(rng.choice((1, 1, 2))):
        article = _nest_one(article, rng)
    return article


def _nest_one(article, rng):
    chosen = []
    for m in re.finditer(r"[^\n]+", article.text):
        inside = [
            a
            for a in article.attributions
            if a["cue"] and all(m.start() <= s and e <= m.end() for r in a.values() for s, e in r)
        ]
        crossing = [
            a
            for a in article.attributions
            if a not in inside
            and any(s < m.end() and m.start() < e for r in a.values() for s, e in r)
        ]
        words = m.group().strip()
        if (
            inside
            and not crossing
            and 40 < len(words) < 700
            and not re.search('[“”"]', words)
            and words[-1] == "."
            and not any(s >= m.start() and e <= m.end() for s, e in article.known["inner"])
        ):
            chosen.append((m, inside))
    if not chosen:
        return article
    match, inside = rng.choice(chosen)
    start = match.start() + len(match.group()) - len(match.group().lstrip())
    stop = match.start() + len(match.group().rstrip()) - 1
    source, named = person(rng)
    verb = rng.choice(
        ("said", "said", "told reporters", "explained", "added", "wrote", "stated", "noted")
    )
    curly = "“" in article.text or '"' not in article.text
    left, right = ("“", "”") if curly else ('"', '"')
    frame = rng.choice(("post", "post", "pre", "that"))
    one_sentence = not re.search(r"[.?!] ", article.text[start:stop])
    if frame == "that" and one_sentence:
        head, tail = f"{source} {verb} that ", ""
        head = head[0].upper() + head[1:]
        offsets = (0, len(source), len(source) + 1, len(source) + 1 + len(verb))
    elif frame == "pre":
        head, tail = f"{source} {verb}: {left}", right
        head = head[0].upper() + head[1:]
        offsets = (0, len(source), len(source) + 1, len(source) + 1 + len(verb))
    else:
        head, tail = left, f",{right} {source} {verb}."
        offsets = (3, 3 + len(source), 4 + len(source), 4 + len(source) + len(verb))
    head_in_quote = 1 if head.endswith(left) and left else 0
    after = tail.startswith(",")
    whole = len(article.text)
    limit = stop if after else whole
    edits = [(start, start, head)]
    if tail:
        edits.append((stop, stop + 1, tail if after else "." + tail))

    def fields(begin, end):
        def move(a, last):
            return {r: [(begin(s), end(min(e, last))) for s, e in a[r]] for r in a}

        base = begin(start) - len(head)
        body_end = end(stop) if not tail else begin(stop)
        content = (begin(start) - head_in_quote, body_end + (2 if tail else 0))
        origin = body_end if after else base
        s0, s1, c0, c1 = (origin + x for x in offsets)
        outer = {"source": [(s0, s1)], "cue": [(c0, c1)], "content": [content]}
        names = None
        if article.names is not None:
            names = [(begin(s), end(e), k) for s, e, k in article.names]
            if named is not None:
                names.append((s0 + named, s1, "PERSON"))
        return {
            "attributions": [move(a, whole) for a in article.attributions if a not in inside]
            + [outer],
            "inner": [move(a, whole) for a in article.inner] + [move(a, limit) for a in inside],
            "known": {
                **{k: [(begin(s), end(e)) for s, e in v] for k, v in article.known.items()},
                "inner": [(begin(s), end(e)) for s, e in article.known["inner"]] + [content],
            },
            "names": names,
        }

    return edited(article, edits, fields)


def relayed(article, rng):
    """Reporting clauses get somebody through whom the words came; only there relay is marked."""
    if (
        article.attributions is None
        or article.relay is not None
        or rng.random() >= RATES["relayed"]
    ):
        return article
    edits, marks = [], []
    for a in article.attributions:
        if not a["cue"] or rng.random() > 0.3:
            continue
        end = max(e for _, e in a["cue"])
        if article.text[end : end + 1] not in (".", ",") or any(p == end for p, _, _ in edits):
            continue
        medium = rng.choice(WORDS["media"])
        before = rng.choice(
            (
                ", as quoted by ",
                ", ",
                ", according to ",
                " in an interview with ",
                " on ",
                ", cited by ",
                ", in remarks carried by ",
                ", as reported by ",
                " to ",
            )
        )
        after = rng.choice((" reported", " reports", "")) if before == ", " else ""
        edits.append((end, end, before + medium + after))
        marks.append((end, len(before), len(medium)))
    if not edits:
        return article

    def fields(begin, end):
        relay, regions = [], []
        for at, skip, length in marks:
            start = end(at) + skip
            relay.append((start, start + length))
            regions.append((max(0, start - 200), start + length + 200))
        return {
            "relay": relay,
            "known": {
                **{k: [(begin(s), end(e)) for s, e in v] for k, v in article.known.items()},
                "relay": regions,
            },
        }

    return edited(article, edits, fields)


def dressed(article, rng):
    """A random variant of the article for one epoch; several annotators: one by lot."""
    if len(article.versions) > 1:
        article = replace(article, attributions=rng.choice(article.versions))
    for change in (nest, relayed, rename, quotes, paragraphs, dateline):
        article = change(article, rng)
    return article
