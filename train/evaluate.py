"""Figures of a checkpoint or an ONNX file. usage: evaluate.py MODEL.pt|.onnx --encoder DIR
[--settings FILE] [--part dev|held] [--out PREDICTIONS.jsonl]

`held` is the tenth of PolNeAR's training articles that fit.py leaves out: constants are
tuned there, and `dev` only chooses between models.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch
from data import DATA, Lexer, hold_out, read_passages, read_polnear
from model import Reader

from caveat.tag.attribute import Settings, look, read_off
from caveat.tag.sessions import session

sys.path.insert(0, str(DATA / "score"))
from attributions import score
from spans import Tally


def load(path):
    saved = torch.load(path, weights_only=True)
    model = Reader(layers=len(saved["layers"]))
    model.load_state_dict(saved["weights"])
    return model.eval()


def findings(tokens, columns, settings, run=None):
    """The attributions that the scores show, in the form that the scorer reads."""
    found, _ = read_off(tokens, columns, settings, run)
    return {
        "attributions": [
            {"source": a.source, "cue": a.cue, "content": a.content, "within": a.within,
             "relay": a.relay}
            for a in found
        ]
    }  # fmt: skip


def onnx_runner(path, threads):
    """`run` for attribute.look out of an ONNX file."""
    held = session(Path(path), threads)

    def run(ids, surface):
        feed = {"ids": ids[None].astype(np.int32), "surface": surface[None].astype(np.int32)}
        return held.run(None, feed)[0][0]

    return run


def settings_of(model, **more):
    return Settings(moves=model.crf.table().detach().numpy().astype(np.float32), **more)


def runner(model, precise=False):
    """`run` for attribute.look out of a torch model."""

    def run(ids, surface):
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=not precise):
            out = model(
                torch.from_numpy(ids)[None],
                torch.from_numpy(surface)[None],
                torch.tensor([len(ids)]),
            )
        return out[0].float().numpy()

    return run


def part_of(name):
    """Articles of `held`, `dev` or `passages` (the project's own second dev set)."""
    if name == "passages":
        return read_passages()[0]
    return hold_out(read_polnear("train"))[1] if name == "held" else read_polnear("dev")


def seen(articles, lexer, run, settings):
    """[(article, tokens, columns)]: the model's part, done once for many settings."""
    out = []
    for a in articles:
        tokens = lexer(a.text)
        out.append((a, tokens, look(tokens, run, settings)))
    return out


def figures(looked, settings, out=None, run=None):
    guesses = {a.name: findings(tokens, columns, settings, run) for a, tokens, columns in looked}
    if out:
        with Path(out).open("w", encoding="utf8") as file:
            for name, found in guesses.items():
                file.write(json.dumps({"id": name, **found}, ensure_ascii=False) + "\n")
    return score_found(looked, guesses)


def score_found(looked, guesses):
    """The scorer's figures of the outer attributions, and span F1 of relays and of inner ones.

    An inner attribution counts as found if its content and cue are exactly a gold inner one's.
    """
    whole = {n: [a for a in g["attributions"] if a["within"] is None] for n, g in guesses.items()}
    gold = [
        (a.name, a.text, [x for x in a.attributions if x.get("within") is None])
        for a, _, _ in looked
    ]
    out = score(gold, whole)
    for kind, spans in (("relay", relays), ("inner", inner)):
        tally = Tally()
        for a, _, _ in looked:
            g, p = spans(a.attributions), spans(guesses[a.name]["attributions"])
            tally.add(len(g & p), len(p), len(g))
        out[kind] = tally.figures()
    return out


def relays(attributions):
    return {tuple(s) for a in attributions for s in a.get("relay") or []}


def inner(attributions):
    return {
        (tuple(map(tuple, a["cue"])), tuple(map(tuple, a["content"])))
        for a in attributions
        if a.get("within") is not None
    }


def line(f):
    """One line of the five figures with floors, and P/R of cue and content."""
    return " ".join(
        [f"lenient {f['lenient']['f1']} strict {f['strict']['f1']}"]
        + [
            f"{role} {f[role]['exact']['f1']} ({f[role]['exact']['p']}/{f[role]['exact']['r']})"
            for role in ("source", "cue", "content")
        ]
    )


def main():
    p = argparse.ArgumentParser()
    p.add_argument("model")
    p.add_argument("--encoder", required=True)
    p.add_argument("--settings")
    p.add_argument("--part", default="dev")
    p.add_argument("--out")
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    tokenizer = Path(a.encoder) / "tokenizer.json"
    settings = Settings.load(Path(a.settings)) if a.settings else None
    if a.model.endswith(".onnx"):
        run = onnx_runner(a.model, a.threads)
    else:
        model = load(a.model)
        settings = settings or settings_of(model)
        run = runner(model)
    looked = seen(part_of(a.part), Lexer(tokenizer), run, settings)
    f = figures(looked, settings, a.out, run)
    print(line(f))
    if a.part == "passages":
        print("relay", f["relay"], "inner", f["inner"])


if __name__ == "__main__":
    main()
