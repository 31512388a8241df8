"""Train the position reader. usage: python -m positions.fit --size mpnet --encoder DIR --out DIR …

Writes OUT/last.pt (averaged weights, each epoch) and OUT/log.jsonl.
"""

import argparse
import json
import math
import random
import time
from pathlib import Path

import numpy as np
import torch

from data import Lexer

from .data import asked, hold_out, look_batch, read_gold, window_batch, windows
from .decode import span_scores
from .model import SIZES, Noise, Reader, look_losses, span_logits, spot_loss

SPOT_WEIGHT = 0.12  # of the summed span loss of a window


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--size", choices=SIZES, default="minilm")
    p.add_argument(
        "--encoder", required=True, help="folder with model.safetensors and tokenizer.json"
    )
    p.add_argument("--start", help="attribution reader's checkpoint to take the encoder from")
    p.add_argument("--resume", help="a checkpoint of this trainer to go on from (weights only)")
    p.add_argument("--out", required=True)
    p.add_argument("--upper", type=int, default=3, help="layers that a second look runs again")
    p.add_argument("--epochs", type=int, default=5)
    p.add_argument("--rate", type=float, default=5e-5)
    p.add_argument("--head-rate", type=float, default=5e-4)
    p.add_argument("--decay", type=float, default=0.9, help="of the rate, per layer downwards")
    p.add_argument("--windows", type=int, default=6, help="passages in a batch")
    p.add_argument(
        "--negatives", type=float, default=2.5, help="false proposals looked at, per passage"
    )
    p.add_argument("--dropout", type=float, default=0.1)
    p.add_argument("--average", type=float, default=0.98)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--all", action="store_true", help="train on the held-out tenth too")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--steps", type=int, default=0, help="stop after so many steps (a smoke test)")
    p.add_argument("--until", help="HH:MM UTC: the schedule ends by then, whatever --epochs says")
    return p.parse_args()


def special(size):
    """The ids of the marks at a window's ends."""
    return (0, 2) if size == "mpnet" else (101, 102)


def parameters(model, rate, head_rate, decay):
    """Parameter groups: the rate falls by `decay` per layer from the top down; word vectors stay."""
    depth = len(model.layers)
    model.words.weight.requires_grad_(False)
    groups = {}
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        top = name.split(".")[0]
        if top == "layers":
            lr = rate * decay ** (depth - 1 - int(name.split(".")[1]))
        elif top in ("positions", "norm", "near"):
            lr = rate * decay**depth
        else:
            lr = head_rate
        groups.setdefault((lr, 0.01 if p.ndim > 1 else 0.0), []).append(p)
    return [
        {"params": ps, "lr": lr, "top": lr, "weight_decay": wd} for (lr, wd), ps in groups.items()
    ]


def shape_rate(share, warm=0.08):
    """The rate's factor when `share` of the schedule is done: warm-up, then a cosine."""
    if share < warm:
        return share / warm
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, (share - warm) / (1 - warm))))


def batches(found, size, rng):
    """Windows of like length together."""
    order = sorted(range(len(found)), key=lambda i: len(found[i].ids) + rng.random() * 40)
    out = [[found[i] for i in order[k : k + size]] for k in range(0, len(order), size)]
    rng.shuffle(out)
    return out


def forward(model, many, rng, negatives):
    """The losses of one batch, by name."""
    batch = window_batch(many)
    p, t = batch["ids"].shape
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = model.lower(batch["ids"], batch["surface"], batch["lengths"])
        spots = model.spots(states, batch["lengths"])
    words = spots.float().gather(1, batch["first"][..., None].expand(-1, -1, spots.shape[-1]))
    scores = span_logits(words, model.width_bias)
    out = {"spot": SPOT_WEIGHT * spot_loss(scores, batch["targets"], batch["alive"])}
    guess = words.detach().numpy().astype(np.float64)
    bias = model.width_bias.detach().numpy()
    todo = [
        (i, x, asked(x, span_scores(guess[i, : len(x.pieces)], bias), rng, negatives))
        for i, x in enumerate(many)
    ]
    if not any(spans for _, _, spans in todo):
        return out
    looks = look_batch(todo)
    index = looks["row"][:, None] * t + looks["piece"]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        seen = states.flatten(0, 1).index_select(0, index.flatten()).view(*index.shape, -1)
        tags, whole = model.looks(seen, looks["flags"], looks["lengths"])
    tags = tags.float().gather(1, looks["first"][..., None].expand(-1, -1, tags.shape[-1]))
    return {**out, **look_losses(tags, whole.float(), looks)}


def seconds_left(until):
    now = time.gmtime()
    hour, minute = map(int, until.split(":"))
    return ((hour * 60 + minute - now.tm_hour * 60 - now.tm_min) % 1440) * 60 - now.tm_sec


def main():
    a = arguments()
    out = Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(a.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(a.seed)
    rng = random.Random(a.seed)
    lexer = Lexer(Path(a.encoder) / "tokenizer.json")
    kept, held = hold_out(read_gold("positions-train"))
    material = [
        w for r in kept + (held if a.all else []) for w in windows(r, lexer, special(a.size))
    ]
    model = Reader(a.size, a.upper)
    model.load_bert(Path(a.encoder) / "model.safetensors")
    if a.start:
        print("taken from the attribution reader:", model.load_attributions(a.start))
    if a.resume:
        model.load_state_dict(
            torch.load(a.resume, map_location="cpu", weights_only=False)["weights"]
        )
    model.noise = Noise(a.dropout, seed=a.seed) if a.dropout else None
    optimizer = torch.optim.AdamW(
        parameters(model, a.rate, a.head_rate, a.decay), betas=(0.9, 0.98), fused=True
    )
    average = {k: v.detach().clone() for k, v in model.state_dict().items()}
    total = a.epochs * math.ceil(len(material) / a.windows)
    started, budget, step = time.time(), seconds_left(a.until) if a.until else None, 0
    with open(out / "log.jsonl", "a", encoding="utf8") as log:
        log.write(json.dumps({"arguments": vars(a)}) + "\n")
    for epoch in range(1000):
        opened, sums = time.time(), {}
        model.train()
        todo = batches(material, a.windows, rng)
        for n, many in enumerate(todo):
            share = step / total if budget is None else (time.time() - started) / budget
            if share >= 1 or (a.steps and step >= a.steps):
                break
            for g in optimizer.param_groups:
                g["lr"] = g["top"] * shape_rate(share)
            # The first looks come from the marks alone: the spotting head knows nothing yet.
            parts = forward(model, many, rng, a.negatives)
            loss = sum(parts.values())
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 2.0)
            optimizer.step()
            step += 1
            if step % 4 == 0:
                keep = min(a.average**4, (1 + step) / (30 + step))
                with torch.no_grad():
                    now = model.state_dict()
                    floats = [
                        k for k in average if average[k].is_floating_point() and k != "words.weight"
                    ]
                    torch._foreach_lerp_(
                        [average[k] for k in floats], [now[k] for k in floats], 1 - keep
                    )
            for k, v in parts.items():
                sums.setdefault(k, []).append(v.item())
            if n % 20 == 0:
                print(
                    epoch,
                    n,
                    len(todo),
                    f"{time.time() - opened:.0f}s {share:.3f}",
                    {k: round(float(np.mean(v[-20:])), 3) for k, v in sums.items()},
                    flush=True,
                )
        if not sums:
            break
        torch.save(
            {
                "weights": average,
                "size": a.size,
                "upper": a.upper,
                "arguments": vars(a),
                "epoch": epoch,
            },
            out / "last.pt.new",
        )
        (out / "last.pt.new").replace(out / "last.pt")
        row = {
            "epoch": epoch,
            "seconds": round(time.time() - opened),
            "share": round(share, 3),
            "loss": {k: round(float(np.mean(v)), 4) for k, v in sums.items()},
        }
        with open(out / "log.jsonl", "a", encoding="utf8") as log:
            log.write(json.dumps(row) + "\n")
        print(row, flush=True)
        if share >= 1 or (a.steps and step >= a.steps):
            break


if __name__ == "__main__":
    main()
