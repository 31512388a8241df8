"""Sweep the settings on the held-out tenth and fit the confidence.

usage: python -m positions.tune --checkpoint PT --encoder DIR --out settings.json
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from bench.errors import judged, sure_share
from sklearn.linear_model import LogisticRegression

from caveat.tag.looks import ROLES, confidence_features, joint, kept, parts_of

from .data import training
from .evaluate import collect, figures, maker, predict

# What each figure counts in choosing: the register rests on stance and holder.
WEIGHTS = {
    "found": 0.5,
    "stance": 1.0,
    "holder": 1.5,
    "speaker": 0.5,
    "record": 0.7,
    "conditions": 0.4,
    "kind": 0.3,
    "amounts": 0.05,
    "times": 0.05,
    "relays": 0.05,
    "addressees": 0.05,
    "beneficiaries": 0.05,
}


def worth(rows, collected, settings):
    f = figures(rows, predict(collected, settings))
    return sum(w * f[k] for k, w in WEIGHTS.items()), f


def sweep(rows, collected, settings):
    best, f = worth(rows, collected, settings)
    print("start", round(best, 2), f, flush=True)

    def attempt(name, **change):
        nonlocal settings, best
        other = replace(settings, **change)
        value, f = worth(rows, collected, other)
        if value > best + 0.02:
            settings, best = other, value
            print(f"{value:.2f} {name} {change}", f, flush=True)

    for turn in range(2):
        for weight in (0.0, 0.15, 0.3, 0.5, 0.8):
            for bound in (
                np.arange(-2.0, 2.1, 0.5)
                if turn == 0
                else settings.bound + np.array([-0.4, -0.2, 0.2, 0.4])
            ):
                attempt("bound", spot_weight=weight, bound=round(float(bound), 3))
        if turn:
            break
        for role in ROLES:
            for value in (-1.5, -0.8, -0.3, 0.5):
                attempt(role, outside={**settings.outside, role: value})
        for value in (0.0, 1.0, 2.0, 3.0, 5.0):
            attempt("rescue", rescue=value)
        for value in (0.35, 0.5, 0.6):
            attempt("duplicate", duplicate=value)
        for value in (0.3, 0.5, 0.7):
            attempt("negated", negated=value)
    return settings


def printed(rows, collected, settings):
    """Features and rightness of every printed position: (n, 6), (n,)."""
    x, y = [], []
    predictions = predict(collected, settings)
    right = {}
    for row in rows:
        good = judged([row], predictions)
        right[row["id"]] = [ok for _, ok in good]
    for row, _tokens, found in collected:
        for (c, _), ok in zip(kept(found, settings), right[row["id"]], strict=False):
            x.append(confidence_features(c, settings, parts_of(c, settings)))
            y.append(ok)
    return np.array(x), np.array(y)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--checkpoint")
    p.add_argument("--encoder")
    p.add_argument("--onnx", help="exported graphs instead of a checkpoint")
    p.add_argument("--out", required=True)
    a = p.parse_args()
    torch.set_num_threads(1)
    make = maker(a)
    rows = training()[1]
    collected, own = collect(make, rows), make().settings
    likely = [
        (row, tokens, [c for c in found if joint(c, own) > -5]) for row, tokens, found in collected
    ]
    settings = sweep(rows, likely, own)
    x, y = printed(rows, collected, settings)
    mean, spread = x.mean(0), x.std(0) + 1e-6
    fit = LogisticRegression(C=0.3).fit((x - mean) / spread, y)
    weights = fit.coef_[0] / spread
    settings = replace(
        settings, calibration=(float(fit.intercept_[0] - weights @ mean), *map(float, weights))
    )
    pairs = judged(rows, predict(collected, settings))
    bound, share = sure_share(pairs)
    record = {
        "sure_bound": bound,
        "sure_share_held_out": share,
        "held_out": figures(rows, predict(collected, settings)),
        "held_out_passages": len(rows),
        "printed": len(pairs),
    }
    settings.save(Path(a.out), **record)
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
