"""The encoder with its heads, and the losses. Torch lives in train/ only.

Shapes: B windows, T word pieces, W words, H = 384 wide, K tags.
"""

import math

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

from caveat.tag.attribute import COLUMNS, TAGS, WIDTH
from caveat.tag.pieces import GLUE, PLACES, QUOTES, SHAPES

IGNORE = -100
FORBIDDEN = -1e4


class Noise:
    """Dropout from a pool of ready masks: drawing bits anew costs a third of a step on CPU."""

    def __init__(self, rate, size=1 << 24, seed=0):
        generator = torch.Generator().manual_seed(seed)
        keep = torch.rand(size, generator=generator) >= rate
        self.pool = (keep.float() / (1 - rate)).bfloat16()
        self.generator = generator

    def __call__(self, x):
        n = x.numel()
        at = int(torch.randint(0, self.pool.numel() - n, (1,), generator=self.generator))
        return x * self.pool[at : at + n].view(x.shape).to(x.dtype)


class Layer(nn.Module):
    def __init__(self, width, inner, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=1e-12)
        self.up = nn.Linear(width, inner)
        self.down = nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps=1e-12)

    def forward(self, x, mask, noise):
        b, t, h = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, h // self.heads).permute(2, 0, 3, 1, 4)
        # Spelled out: the fused CPU kernel's backward pass took half of a training step.
        a = (q * (h // self.heads) ** -0.5) @ k.transpose(-1, -2)
        a = torch.softmax(a if mask is None else a + mask, -1).to(v.dtype) @ v
        a = self.out(a.transpose(1, 2).reshape(b, t, h))
        x = self.norm1(x + (noise(a) if noise else a))
        a = self.down(F.gelu(self.up(x)))
        return self.norm2(x + (noise(a) if noise else a))


class Reader(nn.Module):
    """ids, surface (B, T) → columns (B, T, WIDTH); see decode.COLUMNS."""

    def __init__(self, layers=6, width=384, inner=1536, heads=12, vocabulary=30522, positions=512):
        super().__init__()
        self.words = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(positions, width)
        self.shape = nn.Embedding(SHAPES, width)
        self.glue = nn.Embedding(GLUE, width)
        self.place = nn.Embedding(PLACES, width)
        self.quote = nn.Embedding(QUOTES, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(width, inner, heads) for _ in range(layers))
        self.dense = nn.Linear(width, width)
        self.heads = nn.Linear(width, WIDTH)
        self.crf = Chain()
        self.noise = None
        for table in (self.shape, self.glue, self.place, self.quote):
            nn.init.normal_(table.weight, std=0.02)
        nn.init.normal_(self.heads.weight, std=0.02)
        nn.init.zeros_(self.heads.bias)

    def load_bert(self, path, chosen=None):
        """Start weights from a BERT checkpoint; `chosen`: the numbers of the layers kept."""
        w = load_file(path)
        w = {k.removeprefix("bert."): v.float() for k, v in w.items()}
        e = "embeddings."
        self.words.weight.data.copy_(w[e + "word_embeddings.weight"])
        self.positions.weight.data.copy_(
            w[e + "position_embeddings.weight"] + w[e + "token_type_embeddings.weight"][0]
        )
        self.norm.weight.data.copy_(w[e + "LayerNorm.weight"])
        self.norm.bias.data.copy_(w[e + "LayerNorm.bias"])
        for mine, number in zip(self.layers, chosen or range(len(self.layers)), strict=True):
            p = f"encoder.layer.{number}."
            for kind in ("weight", "bias"):
                parts = [w[f"{p}attention.self.{x}.{kind}"] for x in ("query", "key", "value")]
                getattr(mine.qkv, kind).data.copy_(torch.cat(parts))
                for module, name in (
                    (mine.out, "attention.output.dense"),
                    (mine.norm1, "attention.output.LayerNorm"),
                    (mine.up, "intermediate.dense"),
                    (mine.down, "output.dense"),
                    (mine.norm2, "output.LayerNorm"),
                ):
                    getattr(module, kind).data.copy_(w[f"{p}{name}.{kind}"])

    def surface_table(self):
        """(SURFACES, H): the four small tables folded into one, by decode's surface code."""
        t = self.shape.weight[:, None, None, None] + self.glue.weight[None, :, None, None]
        t = t + self.place.weight[None, None, :, None] + self.quote.weight[None, None, None, :]
        return t.reshape(-1, t.shape[-1])

    def embed(self, ids, surface):
        x = self.words(ids) + self.positions.weight[: ids.shape[1]]
        return self.norm(x + F.embedding(surface, self.surface_table()))

    def forward(self, ids, surface, lengths):
        noise = self.noise if self.training else None
        x = self.embed(ids, surface)
        if noise:
            x = noise(x)
        mask = None
        if int(lengths.min()) < ids.shape[1]:
            mask = torch.arange(ids.shape[1])[None, :] < lengths[:, None]
            mask = (
                torch.zeros(mask.shape)
                .masked_fill(~mask, FORBIDDEN)[:, None, None, :]
                .to(torch.bfloat16 if torch.is_autocast_enabled("cpu") else torch.float32)
            )
        for layer in self.layers:
            x = layer(x, mask, noise)
        x = F.gelu(self.dense(x))
        return self.heads(noise(x) if noise else x)


class Chain(nn.Module):
    """A linear-chain CRF over BIOES tags; what BIOES forbids stays forbidden."""

    def __init__(self):
        super().__init__()
        self.moves = nn.Parameter(torch.zeros(len(TAGS), len(TAGS)))
        self.register_buffer("legal", torch.tensor([[follows(a, b) for b in TAGS] for a in TAGS]))

    def table(self):
        return self.moves.masked_fill(~self.legal, FORBIDDEN)

    def forward(self, scores, tags, lengths):
        """Negative log likelihood per window: scores (B, W, K), tags (B, W), lengths (B,)."""
        table = self.table()
        count = scores.shape[1]
        alive = torch.arange(count)[None, :] < lengths[:, None]
        gold = scores.gather(2, tags[..., None]).squeeze(2)
        gold = (gold * alive).sum(1) + (table[tags[:, :-1], tags[:, 1:]] * alive[:, 1:]).sum(1)
        # The product of the words' transition matrices, paired off in a tree: log2(W) batched
        # products instead of W small steps, which took a quarter of the training time.
        top = scores.amax(2, keepdim=True)
        emit = (scores - top).exp()
        scale = (top[..., 0] * alive).sum(1)
        matrices = table.exp() * emit[:, 1:, None, :]
        same = torch.eye(len(TAGS))
        matrices = torch.where(alive[:, 1:, None, None], matrices, same)
        while matrices.shape[1] > 1:
            if matrices.shape[1] % 2:
                matrices = torch.cat((matrices, same.expand(len(matrices), 1, -1, -1)), 1)
            matrices = matrices[:, 0::2] @ matrices[:, 1::2]
            size = matrices.detach().amax((2, 3), keepdim=True)
            matrices = matrices / size
            scale = scale + size.log().sum((1, 2, 3))
        last = emit[:, :1] @ matrices[:, 0] if matrices.shape[1] else emit[:, :1]
        return scale + last[:, 0].sum(1).log() - gold


def follows(a, b):
    """May tag b come after tag a in BIOES?"""
    inside = a[0] in "BI" and a != "O"
    if inside:
        return b[0] in "IE" and a[2:] == b[2:]
    return b == "O" or b[0] in "BS"


def losses(model, columns, batch):
    """The losses of a batch by head, each a mean per word or per asked pointer.

    columns (B, T, WIDTH) float32. batch["first"] (B, W): each word's first piece.
    """
    words = columns.gather(1, batch["first"][..., None].expand(-1, -1, WIDTH))
    out = {}
    scores = words[..., COLUMNS["tags"]]
    scores = scores + batch["initial"][..., None] * CONTINUING * FORBIDDEN
    marked = batch["marked"]
    if marked.any():
        nll = model.crf(scores[marked], batch["tags"][marked], batch["lengths"][marked])
        # Overlapping marks (a handful) make a path that BIOES forbids: such a window is left out.
        nll = torch.where(nll < -FORBIDDEN / 2, nll, torch.zeros_like(nll))
        out["tags"] = nll.sum() / batch["lengths"][marked].sum()
    for head in ("inner", "names", "relay"):
        target = batch[head]
        if (target != IGNORE).any():
            s = words[..., COLUMNS[head]]
            out[head] = F.cross_entropy(s.flatten(0, 1), target.flatten(), ignore_index=IGNORE)
    for head, query, key in (
        ("source_of", "cue_query", "source_key"),
        ("cue_of", "content_query", "cue_key"),
    ):
        target = batch[head]
        if (target != IGNORE).any():
            # Position 0 is the [CLS] piece and stands for "none".
            null = columns[:, :1, COLUMNS[key]]
            keys = torch.cat((null, words[..., COLUMNS[key]]), 1)
            s = words[..., COLUMNS[query]] @ keys.transpose(1, 2) / math.sqrt(keys.shape[-1])
            s = s.masked_fill(batch["padding"][:, None, :], FORBIDDEN)
            out[head] = F.cross_entropy(
                s.flatten(0, 1),
                (target + 1).flatten().masked_fill(target.flatten() == IGNORE, IGNORE),
                ignore_index=IGNORE,
            )
    return out


# 1 for tags that continue a span: no span goes on over the beginning of a paragraph.
CONTINUING = torch.tensor([float(tag[0] in "IE") for tag in TAGS])
