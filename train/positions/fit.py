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
from data import DATA, Lexer, digest

from caveat.tag.actions import span_scores
from caveat.tag.looks import ROLES

from .data import MARKS, asked, look_batch, special, training, window_batch, windows
from .model import SIZES, Noise, Reader, look_losses, span_logits, spot_loss

SPOT_WEIGHT = 0.04  # of the summed span loss of a window
CLIP = 5.0  # the greatest norm of a step's gradient
HEADS = ("spot", "stance", "kind", "negated", *ROLES, "relation")


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
    p.add_argument("--frozen", type=int, default=0, help="lowest layers that do not learn")
    p.add_argument("--epochs", type=int, default=5)
    p.add_argument("--rate", type=float, default=5e-5)
    p.add_argument("--head-rate", type=float, default=5e-4)
    p.add_argument("--decay", type=float, default=0.9, help="of the rate, per layer downwards")
    p.add_argument("--windows", type=int, default=2, help="passages in a part of a step")
    p.add_argument("--parts", type=int, default=4, help="parts of a step")
    p.add_argument(
        "--negatives", type=float, default=1.8, help="false proposals looked at, per passage"
    )
    p.add_argument("--dropout", type=float, default=0.1)
    p.add_argument("--average", type=float, default=0.98)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--all", action="store_true", help="train on the held-out tenth too")
    p.add_argument("--steps", type=int, default=0, help="stop after so many steps (a smoke test)")
    p.add_argument("--until", help="HH:MM UTC: the schedule ends by then, whatever --epochs says")
    return p.parse_args()


class Team:
    """Two one-threaded processes that share the weights and take the parts of a step in turn.

    Threads inside the operators wait for the slowest at every operator; on a busy machine that
    costs a factor of three. Weights that learn are bfloat16 in shared memory, with float32
    masters: autocast would keep the residual stream in float32 and cast it before every matrix.
    Each process owns one half of the masters and steps them. All lay out the same epochs from
    the same seed, so that only counters travel. The rate falls by `decay` per layer from the
    top down; word vectors and frozen layers stay.
    """

    def __init__(self, model, material, arguments, workers=2):
        self.a, self.material, self.model = arguments, material, model
        self.frozen = {k: v.detach().clone() for k, v in model.state_dict().items()}
        self.names, masters, self.rates = [], [], []
        for name, p in model.named_parameters():
            lr = rate_of(name, model, arguments)
            if lr is None:
                p.requires_grad_(False)
                continue
            self.names.append(name)
            self.rates.append(lr)
            masters.append(p.detach().clone().float())
        model.to(torch.bfloat16)
        model.share_memory()
        live = dict(model.named_parameters())
        self.live = [live[n] for n in self.names]
        size = sum(m.numel() for m in masters)
        self.masters = [m.share_memory_() for m in masters]
        self.average = [m.clone().share_memory_() for m in masters]
        self.gradients = [
            torch.zeros(size, dtype=torch.bfloat16).share_memory_() for _ in range(workers)
        ]
        context = torch.multiprocessing.get_context("fork")
        self.barrier, self.counter = context.Barrier(workers), context.Value("l", 0)
        self.sums = torch.zeros(workers, 2, len(HEADS)).share_memory_()
        self.norms = torch.zeros(workers).share_memory_()
        self.factor = torch.zeros(1).share_memory_()  # of the rates; below 0: stop
        self.others = [
            context.Process(target=self._follow, args=(i,), daemon=True) for i in range(1, workers)
        ]

    def start(self):
        for other in self.others:
            other.start()
        self._claim(0)

    def _claim(self, mine):
        """Let this process's .grad fields be views of its shared vector; own every other master."""
        torch.set_num_threads(1)
        self.mine, self.done, at, total = mine, 0, 0, 0
        workers = len(self.gradients)
        size = len(self.gradients[0])
        self.owned = []
        for number, p in enumerate(self.live):
            p.grad = self.gradients[mine][at : at + p.numel()].view(p.shape)
            if int(workers * (total + p.numel() / 2) / size) == mine:
                self.owned.append((number, slice(at, at + p.numel())))
            at += p.numel()
            total += p.numel()
        groups = [
            {
                "params": [self.masters[n]],
                "lr": self.rates[n],
                "top": self.rates[n],
                "weight_decay": 0.01 if self.masters[n].ndim > 1 else 0.0,
            }
            for n, _ in self.owned
        ]
        self.optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)
        self.model.train()

    def epoch(self, number):
        """[[part, …], …]: the steps of an epoch; windows of a part are of like length."""
        rng = random.Random(self.a.seed * 1000 + number)
        parts = batches(self.material, self.a.windows, rng)
        return [parts[i : i + self.a.parts] for i in range(0, len(parts), self.a.parts)]

    def _follow(self, mine):
        self._claim(mine)
        for number in range(1000):
            for step, parts in enumerate(self.epoch(number)):
                if not self._step(parts, number, step):
                    return

    def step(self, parts, number, step, factor):
        """One step of the main process; the losses by head."""
        self.counter.value, self.factor[0] = 0, factor
        self._step(parts, number, step)
        total = self.sums.sum(0)
        return {h: float(total[0, i] / total[1, i]) for i, h in enumerate(HEADS) if total[1, i]}

    def stop(self):
        self.factor[0] = -1
        self.barrier.wait()

    def _step(self, parts, number, step):
        self.barrier.wait()
        if self.factor[0] < 0:
            return False
        self._take(parts, number, step)
        self.barrier.wait()
        with torch.no_grad():
            square = 0.0
            for n, where in self.owned:
                g = self.gradients[0][where].float()
                for other in self.gradients[1:]:
                    g += other[where]
                self.masters[n].grad = g.view_as(self.masters[n])
                square += float(g.dot(g))
            self.norms[self.mine] = square
            self.barrier.wait()
            norm = float(self.norms.sum()) ** 0.5
            for (n, _), group in zip(self.owned, self.optimizer.param_groups, strict=True):
                if norm > CLIP:
                    self.masters[n].grad *= CLIP / norm
                group["lr"] = group["top"] * float(self.factor[0])
            self.optimizer.step()
            self.done += 1
            keep = min(self.a.average**4, (1 + self.done) / (30 + self.done))
            for n, _ in self.owned:
                self.live[n].copy_(self.masters[n])
                if self.done % 4 == 0:
                    self.average[n].lerp_(self.masters[n], 1 - keep)
        self.barrier.wait()
        return True

    def _take(self, parts, number, step):
        self.gradients[self.mine].zero_()
        self.sums[self.mine] = 0
        while True:
            with self.counter.get_lock():
                index = self.counter.value
                self.counter.value += 1
            if index >= len(parts):
                return
            seed = (self.a.seed * 1000 + number) * 10000 + step * 10 + index
            if self.model.noise:
                self.model.noise.generator.manual_seed(seed)
            found = forward(self.model, parts[index], random.Random(seed), self.a.negatives)
            (sum(found.values()) / len(parts)).backward()
            for i, head in enumerate(HEADS):
                if head in found:
                    self.sums[self.mine, 0, i] += found[head].item()
                    self.sums[self.mine, 1, i] += 1

    def weights(self):
        """The averaged weights, with the untouched ones, in float32."""
        return {**self.frozen, **dict(zip(self.names, self.average, strict=True))}


def rate_of(name, model, a):
    """The rate of a parameter by its name; None for what does not learn."""
    top, depth = name.split(".")[0], len(model.layers)
    if top == "layers":
        number = int(name.split(".")[1])
        return None if number < model.frozen else a.rate * a.decay ** (depth - 1 - number)
    if top == "words" or (top in ("positions", "norm") and model.frozen):
        return None
    return a.rate * a.decay**depth if top in ("positions", "norm", "near") else a.head_rate


def shape_rate(share, warm=0.06):
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


def remember(model, material, out, workers=2):
    """Each window's base states, once: (t, H) bfloat16; computed by forked processes."""
    todo = batches(material, 8, random.Random(0))

    def some(mine):
        torch.set_num_threads(1)
        kept = []
        for many in todo[mine::workers]:
            batch = window_batch(many)
            with torch.no_grad():
                states = model.base(batch["ids"], batch["surface"], batch["lengths"])
            kept += [s[: len(x.ids)].clone() for x, s in zip(many, states, strict=True)]
        torch.save(kept, out / f"states-{mine}.pt")

    context = torch.multiprocessing.get_context("fork")
    team = [context.Process(target=some, args=(i,)) for i in range(workers)]
    for one in team:
        one.start()
    for mine, one in enumerate(team):
        one.join()
        kept = torch.load(out / f"states-{mine}.pt")
        for x, states in zip([x for many in todo[mine::workers] for x in many], kept, strict=True):
            x.states = states
        (out / f"states-{mine}.pt").unlink()


def forward(model, many, rng, negatives):
    """The losses of one batch, by name."""
    batch = window_batch(many)
    t = batch["ids"].shape[1]
    if model.frozen:
        base = torch.nn.utils.rnn.pad_sequence([x.states for x in many], batch_first=True)
        base = torch.nn.functional.pad(base, (0, 0, 0, t - base.shape[1]))
    else:
        base = model.base(batch["ids"], batch["surface"], batch["lengths"])
    states = model.lower(base, batch["surface"], batch["lengths"])
    spots = model.spots(states, batch["lengths"])
    words = spots.gather(1, batch["first"][..., None].expand(-1, -1, spots.shape[-1])).float()
    bias = model.width_bias.float()
    scores = span_logits(words, bias)
    out = {"spot": SPOT_WEIGHT * spot_loss(scores, batch["targets"], batch["alive"])}
    guess, bias = words.detach().numpy().astype(np.float64), bias.detach().numpy()
    todo = []
    for i, x in enumerate(many):
        seen = span_scores(guess[i, : len(x.pieces)], bias)
        todo.append((i, x, asked(x, seen, rng, negatives)))
    if not any(spans for _, _, spans in todo):
        return out
    looks = look_batch(todo)
    index = looks["row"][:, None] * t + looks["piece"]
    seen = states.flatten(0, 1).index_select(0, index.flatten()).view(*index.shape, -1)
    tags, whole = model.looks(seen, looks["flags"], looks["lengths"])
    tags = tags.gather(1, looks["first"][..., None].expand(-1, -1, tags.shape[-1]))
    return {**out, **look_losses(tags.float(), whole.float(), looks)}


def seconds_left(until):
    now = time.gmtime()
    hour, minute = map(int, until.split(":"))
    return ((hour * 60 + minute - now.tm_hour * 60 - now.tm_min) % 1440) * 60 - now.tm_sec


def prepared(a, out):
    """The team, with model and windows to train on."""
    lexer = Lexer(Path(a.encoder) / "tokenizer.json")
    kept, held = training()
    rows = kept + (held if a.all else [])
    material = [w for r in rows for w in windows(r, lexer, special(a.size))]
    model = Reader(a.size, a.upper, a.frozen)
    model.load_bert(Path(a.encoder) / "model.safetensors")
    if a.start:
        print("taken from the attribution reader:", model.load_attributions(a.start))
    if a.resume:
        model.load_state_dict(
            torch.load(a.resume, map_location="cpu", weights_only=False)["weights"]
        )
    model.noise = Noise(a.dropout, seed=a.seed) if a.dropout else None
    team = Team(model, material, a)
    if a.frozen:
        remember(model, material, out)
    return team


def note(log, row):
    """Append a row to the log."""
    with log.open("a", encoding="utf8") as file:
        print(json.dumps(row), file=file)


def digests(a):
    """Hashes of all that a run learns from."""
    encoder = Path(a.encoder)
    return {
        "positions-train": digest([DATA / "gold" / "positions-train.jsonl"]),
        "marks": digest(p for p in MARKS if p.exists()),
        "encoder": digest([encoder / "model.safetensors", encoder / "tokenizer.json"]),
    }


def main():
    a = arguments()
    out = Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(a.seed)
    team = prepared(a, out)
    team.start()
    total = a.epochs * len(team.epoch(0))
    started, budget, step = time.time(), seconds_left(a.until) if a.until else None, 0
    log = out / "log.jsonl"
    record = {"arguments": vars(a), "windows": len(team.material), "digests": digests(a)}
    note(log, record)
    share, pace = 0.0, 8.0  # seconds a step, at first a guess
    for epoch in range(1000):
        opened, sums = time.time(), {}
        todo = team.epoch(epoch)
        for n, parts in enumerate(todo):
            if budget:
                left = budget - (time.time() - started)
                total = step + max(0.0, left) / pace
            share = min(1.0, step / max(1, total))
            if share >= 1 or (a.steps and step >= a.steps):
                break
            begun = time.time()
            for k, v in team.step(parts, epoch, n, shape_rate(share)).items():
                sums.setdefault(k, []).append(v)
            step += 1
            pace += max(0.03, 1 / step) * (time.time() - begun - pace)
            if n % 20 == 0:
                means = {k: round(float(np.mean(v[-20:])), 3) for k, v in sums.items()}
                print(
                    epoch,
                    n,
                    len(todo),
                    f"{time.time() - opened:.0f}s {share:.3f}",
                    means,
                    flush=True,
                )
        if not sums:
            break
        torch.save(
            {
                "weights": team.weights(),
                "size": a.size,
                "upper": a.upper,
                "frozen": a.frozen,
                "arguments": vars(a),
                "epoch": epoch,
            },
            out / "last.pt.new",
        )
        (out / "last.pt.new").replace(out / "last.pt")
        means = {k: round(float(np.mean(v)), 4) for k, v in sums.items()}
        row = {
            "epoch": epoch,
            "seconds": round(time.time() - opened),
            "share": round(share, 3),
            "loss": means,
        }
        note(log, row)
        print(row, flush=True)
        if share >= 1 or (a.steps and step >= a.steps):
            break
    team.stop()


if __name__ == "__main__":
    main()
