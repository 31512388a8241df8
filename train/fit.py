"""Train the reader. usage: fit.py --encoder DIR --names NAMES.jsonl --out DIR [--epochs 8] …

Writes OUT/last.pt (averaged weights, each epoch) and OUT/log.jsonl.

Each step's windows are cut into small parts, which one-threaded worker processes take from
a common counter; their gradients are added. On a machine that others use too this runs
three times faster than threads inside the operators, which wait for the slowest at every
one of them. Seeds fix the data, their order, the augmentation and the dropout; the order of
the sums is not fixed, so two runs agree to rounding, not to the bit.
"""

import argparse
import json
import random
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from augment import dressed
from data import DATA, IGNORE, Article, Lexer, digest, hold_out, label, read_polnear, read_relays
from model import Noise, Reader, losses

# What each head counts in the sum; PolNeAR's own come first.
WEIGHTS = {"tags": 1.0, "source_of": 0.3, "cue_of": 0.3, "names": 0.2, "inner": 0.2, "relay": 0.2}
CLS, SEP = 101, 102
WINDOW = 254  # pieces besides [CLS] and [SEP]


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--encoder", required=True)
    p.add_argument("--names", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--layers", default="0,1,2,3,4,5")
    p.add_argument("--epochs", type=int, default=8)
    p.add_argument("--rate", type=float, default=3e-4)
    p.add_argument("--head-rate", type=float, default=1e-3)
    p.add_argument("--decay", type=float, default=0.85, help="of the rate, per layer downwards")
    p.add_argument("--pieces", type=int, default=3072, help="word pieces in a step")
    p.add_argument("--parts", type=int, default=4, help="parts of a step, the unit of work")
    p.add_argument("--dropout", type=float, default=0.1)
    p.add_argument("--average", type=float, default=0.998)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--all", action="store_true", help="train on the held-out tenth too")
    p.add_argument("--start", help="go on from this checkpoint's averaged weights")
    p.add_argument("--plain", action="store_true", help="no augmentation")
    return p.parse_args()


def material(names_path, everything):
    """(articles to train on, held-out articles)."""
    silver, corpus = {}, []
    with Path(names_path).open(encoding="utf8") as lines:
        for row in map(json.loads, lines):
            marks = [tuple(n) for n in row["names"]]
            if "text" in row:
                corpus.append(Article(row["name"], row["text"], names=marks))
            else:
                silver[row["name"]] = marks
    polnear = [replace(a, names=silver.get(a.name)) for a in read_polnear("train")]
    kept, out = hold_out(polnear)
    return (polnear if everything else kept), corpus, read_relays(), out


def windows(tokens, labels, rng):
    """Cut an article into windows of whole paragraphs where possible, none overlapping.

    The first is of random length, so that every epoch cuts elsewhere.
    """
    count, pieces = len(tokens.first), len(tokens.ids)
    piece_at = np.append(tokens.first, pieces)
    at, budget = 0, rng.randint(48, WINDOW)
    while at < count:
        limit = int(np.searchsorted(piece_at, piece_at[at] + budget, "right")) - 1
        limit = min(max(limit, at + 1), count)
        cut = limit
        if limit < count and rng.random() < 0.85:
            for wanted in (tokens.initial, tokens.place == 3):
                good = np.flatnonzero(wanted[at + (limit - at) // 2 + 1 : limit + 1])
                if len(good):
                    cut = at + (limit - at) // 2 + 1 + int(good[-1])
                    break
        cut = min(cut, count)
        yield window(tokens, labels, at, cut)
        at, budget = cut, WINDOW


def window(tokens, labels, first, last):
    """One window's arrays; pointers that leave it are not asked."""
    begin = tokens.first[first]
    end = tokens.first[last] if last < len(tokens.first) else len(tokens.ids)
    end = min(end, begin + WINDOW)
    first_pieces = tokens.first[first:last]
    keep = first_pieces < end
    one = {
        "ids": np.concatenate(([CLS], tokens.ids[begin:end], [SEP])),
        "surface": np.concatenate(([0], tokens.surface[begin:end], [0])),
        "first": first_pieces[keep] - begin + 1,
        "initial": tokens.initial[first:last][keep],
    }
    for key, values in labels.items():
        one[key] = values[first:last][keep].copy()
    for key in ("source_of", "cue_of"):
        v = one[key]
        away = (v >= 0) & ((v < first) | (v >= last))
        v[v >= 0] -= first
        v[away] = IGNORE
    one["initial"][0] = False  # unknown what came before; a span may continue
    return one


def epoch_windows(groups, lexer, rng, plain):
    polnear, corpus, relays = groups
    found = []
    for articles in (polnear, corpus, relays):
        for article in articles:
            worn = article if plain else dressed(article, rng)
            tokens = lexer(worn.text)
            if len(tokens.ids):
                found += windows(tokens, label(worn, tokens), rng)
    return found


def batches(found, pieces, parts, rng):
    """[[part, …], …]: steps of `parts` parts with `pieces` word pieces (padding included) in
    all; windows of a part are of like length, the parts of a step are drawn at random."""
    order = sorted(range(len(found)), key=lambda i: len(found[i]["ids"]) + rng.random() * 24)
    out, now, longest = [], [], 0
    for i in order:
        size = len(found[i]["ids"])
        if now and max(longest, size) * (len(now) + 1) > pieces // parts:
            out.append(now)
            now, longest = [], 0
        now.append(found[i])
        longest = max(longest, size)
    out.append(now)
    rng.shuffle(out)
    return [out[i : i + parts] for i in range(0, len(out), parts)]


def collate(many):
    def pad(key, fill):
        width = max(len(w[key]) for w in many)
        a = np.full((len(many), width), fill, np.int64)
        for row, w in zip(a, many, strict=True):
            row[: len(w[key])] = w[key]
        return torch.from_numpy(a)

    batch = {key: pad(key, 0) for key in ("ids", "surface", "first", "initial")}
    for key in ("inner", "names", "relay", "source_of", "cue_of"):
        batch[key] = pad(key, IGNORE)
    tags = pad("tags", 0)
    batch["marked"] = tags[:, 0] != IGNORE
    batch["tags"] = tags.clamp(min=0)
    batch["lengths"] = torch.tensor([len(w["first"]) for w in many])
    batch["pieces"] = torch.tensor([len(w["ids"]) for w in many])
    padding = torch.arange(batch["first"].shape[1])[None, :] >= batch["lengths"][:, None]
    batch["padding"] = torch.cat((torch.zeros(len(many), 1, dtype=torch.bool), padding), 1)
    return batch


def parameters(model, rate, head_rate, decay):
    """Parameter groups: the rate falls by `decay` per layer from the top down."""
    depth = len(model.layers)
    groups = []
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        if name.startswith("layers."):
            lr = rate * decay ** (depth - 1 - int(name.split(".")[1]))
        elif name.startswith(("words", "positions", "norm")):
            lr = rate * decay**depth
        elif name.startswith("crf"):
            lr = head_rate * 5
        else:
            lr = head_rate
        groups.append(
            {"params": [p], "lr": lr, "top": lr, "weight_decay": 0.01 if p.ndim > 1 else 0.0}
        )
    return groups


def shape_rate(done, total, warm=0.08):
    if done < warm * total:
        return done / (warm * total)
    return 0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * (done - warm * total) / ((1 - warm) * total)))


class Team:
    """Worker processes that share the weights, and add up the gradients of a step's parts.

    All of them lay out the same epochs from the same seed, so that only counters travel.
    """

    def __init__(self, model, groups, lexer, arguments, workers=2):
        self.model, self.groups, self.lexer, self.a = model, groups, lexer, arguments
        self.model.share_memory()
        self.trained = [p for p in model.parameters() if p.requires_grad]
        context = torch.multiprocessing.get_context("fork")
        self.barrier = context.Barrier(workers)
        self.counter = context.Value("l", 0)
        size = sum(p.numel() for p in self.trained)
        self.gradients = [torch.zeros(size).share_memory_() for _ in range(workers)]
        self.sums = torch.zeros(workers, len(WEIGHTS)).share_memory_()
        self.others = [
            context.Process(target=self._follow, args=(i,), daemon=True) for i in range(1, workers)
        ]

    def start(self):
        for other in self.others:
            other.start()
        self._claim(0)

    def _claim(self, mine):
        """Let this process's .grad fields be views of its shared gradient vector."""
        self.mine, at = mine, 0
        for p in self.trained:
            p.grad = self.gradients[mine][at : at + p.numel()].view(p.shape)
            at += p.numel()

    def epoch(self, number):
        rng = random.Random(self.a.seed * 1000 + number)
        polnear, corpus, relays = self.groups
        # A tenth of the corpus sample and half of the passages an epoch serve names and relays.
        groups = (
            polnear,
            rng.sample(corpus, len(corpus) // 10),
            rng.sample(relays, len(relays) // 2),
        )
        return batches(
            epoch_windows(groups, self.lexer, rng, self.a.plain), self.a.pieces, self.a.parts, rng
        )

    def _follow(self, mine):
        torch.set_num_threads(1)
        self._claim(mine)
        self.model.train()
        for number in range(self.a.epochs):
            for step, parts in enumerate(self.epoch(number)):
                self.barrier.wait()
                self._take(parts, number, step)
                self.barrier.wait()

    def step(self, parts, number, step):
        """All parts' gradients summed into this process's .grad; the losses by head."""
        self.counter.value = 0
        self.barrier.wait()
        self._take(parts, number, step)
        self.barrier.wait()
        for other in self.gradients[1:]:
            self.gradients[0] += other
        return self.sums.sum(0)

    def _take(self, parts, number, step):
        self.gradients[self.mine].zero_()
        self.sums[self.mine] = 0
        total = sum(len(w["first"]) for part in parts for w in part)
        while True:
            with self.counter.get_lock():
                index = self.counter.value
                self.counter.value += 1
            if index >= len(parts):
                return
            share = sum(len(w["first"]) for w in parts[index]) / total
            if self.model.noise:
                self.model.noise.generator.manual_seed(
                    hash((self.a.seed, number, step, index)) % (1 << 62)
                )
            batch = collate(parts[index])
            with torch.autocast("cpu", dtype=torch.bfloat16):
                columns = self.model(batch["ids"], batch["surface"], batch["pieces"])
            found = losses(self.model, columns.float(), batch)
            (share * sum(WEIGHTS[k] * v for k, v in found.items())).backward()
            for i, head in enumerate(WEIGHTS):
                if head in found:
                    self.sums[self.mine, i] += share * found[head].item()


def main():
    a = arguments()
    out = Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(a.seed)
    lexer = Lexer(Path(a.encoder) / "tokenizer.json")
    polnear, corpus, relays, _ = material(a.names, a.all)
    chosen = [int(x) for x in a.layers.split(",")]
    model = Reader(layers=len(chosen))
    if a.start:
        model.load_state_dict(torch.load(a.start, weights_only=True)["weights"])
    else:
        model.load_bert(Path(a.encoder) / "model.safetensors", chosen)
    # 840 articles touch few of the word rows; frozen, they cost no gradient (half of all weights).
    model.words.weight.requires_grad_(False)
    model.noise = Noise(a.dropout, seed=a.seed) if a.dropout else None
    team = Team(model, (polnear, corpus, relays), lexer, a)
    team.start()
    model.train()
    optimizer = torch.optim.AdamW(
        parameters(model, a.rate, a.head_rate, a.decay), betas=(0.9, 0.98), fused=True
    )
    average = {k: v.detach().clone() for k, v in model.state_dict().items()}
    floats = [k for k, p in model.named_parameters() if p.requires_grad]
    now = model.state_dict()
    done, total = 0, None
    with (out / "log.jsonl").open("a", encoding="utf8") as log:
        log.write(json.dumps({"arguments": vars(a), "digest": digests(a)}) + "\n")
        log.flush()
        for number in range(a.epochs):
            opened, sums = time.time(), []
            todo = team.epoch(number)
            total = total or len(todo) * a.epochs
            for n, parts in enumerate(todo):
                sums.append(team.step(parts, number, n))
                for g in optimizer.param_groups:
                    g["lr"] = g["top"] * shape_rate(min(done + 1, total), total)
                torch.nn.utils.clip_grad_norm_(team.trained, 1.0)
                optimizer.step()
                done += 1
                keep = min(a.average, (1 + done) / (10 + done))
                with torch.no_grad():
                    torch._foreach_lerp_(
                        [average[k] for k in floats], [now[k] for k in floats], 1 - keep
                    )
                if n % 20 == 0:
                    print(
                        number,
                        n,
                        len(todo),
                        f"{time.time() - opened:.0f}s",
                        told(sums[-20:]),
                        flush=True,
                    )
            torch.save(
                {"weights": average, "layers": chosen, "arguments": vars(a), "epoch": number},
                out / "last.pt.new",
            )
            (out / "last.pt.new").replace(out / "last.pt")
            row = {"epoch": number, "seconds": round(time.time() - opened), "loss": told(sums)}
            log.write(json.dumps(row) + "\n")
            log.flush()
            print(row, flush=True)


def told(sums):
    return dict(zip(WEIGHTS, torch.stack(sums).mean(0).round(decimals=4).tolist(), strict=True))


def digests(a):
    return {
        "polnear/train": digest((DATA / "polnear" / "train").glob("*/*")),
        "positions-train": digest([DATA / "gold" / "positions-train.jsonl"]),
        "names": digest([a.names]),
        "encoder": digest(
            [Path(a.encoder) / "model.safetensors", Path(a.encoder) / "tokenizer.json"]
        ),
    }


if __name__ == "__main__":
    main()
