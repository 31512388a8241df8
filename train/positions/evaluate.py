"""Read gold files with a checkpoint or exported graphs, and score.

usage: python -m positions.evaluate (--checkpoint PT --encoder DIR | --onnx DIR)
    [--settings JSON] [--report JSON]

Scores by CAVEAT_DATA/score/positions.py on the two dev files, passages read alone, with
bootstrap intervals; by stance, kind, relation and outlet; and counts the errors that turn an
answer round, on dev and on bench/pairs-open.jsonl.
"""

import argparse
import importlib.util
import json
import multiprocessing
import random
import sys
import time
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from bench.errors import above, breakdown, judged, reliability, sure_share
from data import DATA, Lexer

from caveat.tag.looks import Settings, candidates, marks_of
from caveat.tag.positions import PositionTagger
from caveat.tag.weights import Weights

from .data import read_gold, special
from .model import Reader

# The texts of ours that stand in bench/.
PAIRS = Path(__file__).resolve().parents[2] / "bench" / "pairs-open.jsonl"
DEV = ("positions-dev", "positions-dev-recent")


def load_scorer():
    """score/positions.py as a module: its name is this package's, so it is loaded by path."""
    sys.path.append(str(DATA / "score"))  # for its own import of spans
    spec = importlib.util.spec_from_file_location(
        "score_positions", DATA / "score" / "positions.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


scorer = load_scorer()


def load(path):
    """A checkpoint → (model in float32, ready to read; its averaged width bias as Settings)."""
    saved = torch.load(path, map_location="cpu", weights_only=False)
    model = Reader(saved["size"], saved["upper"], saved["frozen"])
    model.load_state_dict(saved["weights"])
    cls, sep = special(saved["size"])
    settings = Settings(
        tuple(round(float(x), 5) for x in model.width_bias.detach()), cls=cls, sep=sep
    )
    return model.eval(), settings


class TorchReader:
    """The interface of PositionTagger over a checkpoint, for choosing and checking."""

    def __init__(self, checkpoint, encoder, dtype=torch.bfloat16):
        self.model, self.settings = load(checkpoint)
        self.model.to(dtype)
        self.lexer = Lexer(Path(encoder) / "tokenizer.json")

    def tokens(self, text):
        return self.lexer(text)

    @torch.no_grad()
    def _encode(self, ids, surface):
        ids, surface = torch.from_numpy(ids)[None], torch.from_numpy(surface)[None]
        lengths = torch.tensor([ids.shape[1]])
        states = self.model.lower(self.model.base(ids, surface, lengths), surface, lengths)
        return states[0].float().numpy(), self.model.spots(states, lengths)[0].float().numpy()

    @torch.no_grad()
    def _look(self, states, flags):
        states = torch.from_numpy(states)[None].to(self.model.words.weight.dtype)
        tags, whole = self.model.looks(
            states, torch.from_numpy(flags)[None], torch.tensor([states.shape[1]])
        )
        return tags[0].float().numpy(), whole[0].float().numpy()


class OnnxReader(PositionTagger):
    def __init__(self, folder):
        super().__init__(Weights("trial", Path(folder)))

    def tokens(self, text):
        return self._pieces(text)


def collect(make, rows, workers=2):
    """[(row, tokens, candidates)]: all that needs the encoder, once, by forked processes.

    make(): a reader; every process makes its own.
    """
    context = multiprocessing.get_context("fork")
    queue = context.Queue()

    def some(mine):
        torch.set_num_threads(1)
        reader, kept = make(), []
        for row in rows[mine::workers]:
            tokens = reader.tokens(row["text"])
            kept.append(
                (row, tokens, candidates(tokens, reader._encode, reader._look, reader.settings))
            )
        queue.put((mine, kept))

    team = [context.Process(target=some, args=(i,)) for i in range(workers)]
    for one in team:
        one.start()
    parts = dict(queue.get() for _ in team)
    for one in team:
        one.join()
    return [x for mine in range(workers) for x in parts[mine]]


def predict(collected, settings):
    """{id: positions in the scorer's form}."""
    return {
        row["id"]: [asdict(m) for m in marks_of(row["text"], tokens, found, settings)]
        for row, tokens, found in collected
    }


def figures(rows, predictions):
    """The contract's figures, F1 each, kind as a share."""
    out = scorer.score(rows, predictions)
    return {k: v["f1"] if isinstance(v, dict) else v for k, v in out.items()}


def intervals(rows, predictions, times=200):
    """95 % bootstrap intervals over passages."""
    rng, many = random.Random(7), defaultdict(list)
    for _ in range(times):
        for k, v in figures([rng.choice(rows) for _ in rows], predictions).items():
            many[k].append(v)
    return {k: [round(float(np.percentile(v, q)), 1) for q in (2.5, 97.5)] for k, v in many.items()}


def report(make, settings, bound=None, boot=True):
    """All of it, as one JSON object."""
    out = {}
    for name in (*DEV, "pairs-open"):
        if name == "pairs-open":
            path = Path(__file__).resolve().parents[2] / "bench" / "pairs-open.jsonl"
            rows = (
                [json.loads(line) for line in path.open(encoding="utf8")] if path.exists() else []
            )
        else:
            rows = read_gold(name)
        opened = time.time()
        predictions = predict(collect(make, rows), settings)
        pairs = judged(rows, predictions)
        out[name] = {
            "figures": figures(rows, predictions),
            "seconds": round(time.time() - opened, 1),
            "printed": len(pairs),
            "sure": sure_share(pairs),
            "reliability": reliability(pairs),
        }
        parts = breakdown(rows, predictions)
        parts["confusion"] = {f"{a} > {b}": n for (a, b), n in parts["confusion"].items()}
        out[name] |= parts
        out[name]["turned_share"] = round(
            sum(map(len, parts["turned"].values())) / max(1, parts["found"]), 4
        )
        if bound is not None:
            good, sure, printed = above(pairs, bound)
            out[name]["above_bound"] = [
                round(sure / max(1, printed), 3),
                round(good / max(1, sure), 3),
            ]
        if boot and name in DEV:
            out[name]["intervals"] = intervals(rows, predictions)
        brief = {
            k: v
            for k, v in out[name].items()
            if k in ("figures", "printed", "turned_share", "sure", "above_bound", "seconds")
        }
        print(name, json.dumps(brief), flush=True)
    return out


def maker(a):
    """A function that makes the reader which the arguments name."""
    if a.onnx:
        return lambda: OnnxReader(a.onnx)
    return lambda: TorchReader(a.checkpoint, a.encoder)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--checkpoint")
    p.add_argument("--encoder")
    p.add_argument("--onnx")
    p.add_argument("--settings")
    p.add_argument("--report")
    p.add_argument("--no-bootstrap", action="store_true")
    a = p.parse_args()
    torch.set_num_threads(1)
    make = maker(a)
    extra = (
        json.loads(Path(a.settings or f"{a.onnx}/settings.json").read_text())
        if a.settings or a.onnx
        else {}
    )
    settings = Settings.load(Path(a.settings)) if a.settings else make().settings
    out = report(make, settings, extra.get("sure_bound"), not a.no_bootstrap)
    if a.report:
        Path(a.report).write_text(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
