"""The encoder with both views and their heads, and the losses.

Shapes: P windows, t word pieces, w words, H wide, N looks, n pieces of a look.
"""

import math

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

from caveat.tag.actions import FLAGS, LONGEST, SPAN_WIDTH, SPOT, SPOT_WIDTH
from caveat.tag.looks import LOOK, LOOK_WIDTH, ROLES, WHOLE, WHOLE_WIDTH
from caveat.tag.pieces import GLUE, PLACES, QUOTES, SHAPES

IGNORE = -100
FORBIDDEN = -1e4
SIZES = {
    "minilm": {
        "layers": 6,
        "width": 384,
        "inner": 1536,
        "heads": 12,
        "vocabulary": 30522,
        "eps": 1e-12,
        "buckets": 0,
    },
    "mpnet": {
        "layers": 12,
        "width": 768,
        "inner": 3072,
        "heads": 12,
        "vocabulary": 30527,
        "eps": 1e-5,
        "buckets": 32,
    },
}
# What each tag role counts beside stance (1); those that the figures rest on count most.
ROLE_WEIGHTS = {"holder": 0.7, "speaker": 0.35, "condition": 0.5, "action": 0.15}
# (most frequent / own count) ** 0.5 over the training passages, at most 4: rare relations are
# under-called without it. Order of caveat.model.RELATIONS.
RELATION_WEIGHTS = (1.0, 1.8, 2.3, 4.0, 4.0, 4.0)
# The same with the power 0.25: order of caveat.model.STANCES, then "no position".
STANCE_WEIGHTS = (0.85, 0.95, 1.15, 1.3, 1.2, 0.95, 1.25, 1.4, 0.85)


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
    def __init__(self, width, inner, heads, eps):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=eps)
        self.up = nn.Linear(width, inner)
        self.down = nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps=eps)

    def forward(self, x, mask, noise):
        """x (P, t, H); mask broadcastable to (P, heads, t, t), added to the attention, or None."""
        b, t, h = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, h // self.heads).permute(2, 0, 3, 1, 4)
        # Spelled out: the fused CPU kernel's backward pass took half of a training step.
        a = (q * (h // self.heads) ** -0.5) @ k.transpose(-1, -2)
        a = torch.softmax(a if mask is None else a + mask, -1) @ v
        a = self.out(a.transpose(1, 2).reshape(b, t, h))
        x = self.norm1(x + (noise(a) if noise else a))
        a = self.down(F.gelu(self.up(x)))
        return self.norm2(x + (noise(a) if noise else a))


class Reader(nn.Module):
    """`encode` and `look` of caveat.tag.looks; the upper `upper` layers serve both."""

    def __init__(self, size="minilm", upper=3, frozen=0):
        super().__init__()
        s = SIZES[size]
        self.size, self.upper, self.frozen, width = size, upper, frozen, s["width"]
        self.words = nn.Embedding(s["vocabulary"], width)
        self.positions = nn.Embedding(512, width)
        self.shape, self.glue = nn.Embedding(SHAPES, width), nn.Embedding(GLUE, width)
        self.place, self.quote = nn.Embedding(PLACES, width), nn.Embedding(QUOTES, width)
        self.norm = nn.LayerNorm(width, eps=s["eps"])
        self.layers = nn.ModuleList(
            Layer(width, s["inner"], s["heads"], s["eps"]) for _ in range(s["layers"])
        )
        self.near = nn.Embedding(s["buckets"], s["heads"]) if s["buckets"] else None
        self.flag = nn.Embedding(FLAGS, width)
        self.spot_dense, self.spot = nn.Linear(width, width), nn.Linear(width, SPOT_WIDTH)
        self.width_bias = nn.Parameter(torch.zeros(LONGEST))
        self.tag_dense, self.tag = nn.Linear(width, width), nn.Linear(width, LOOK_WIDTH)
        self.whole_dense, self.whole = nn.Linear(3 * width, width), nn.Linear(width, WHOLE_WIDTH)
        self.noise = None
        for table in (self.shape, self.glue, self.place, self.quote):
            nn.init.normal_(table.weight, std=0.02)
        nn.init.normal_(self.flag.weight, std=0.3)
        for head in (self.spot, self.tag, self.whole):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        with torch.no_grad():  # priors: few words begin anything, few spans are actions
            self.spot.weight[:3] = 0
            self.spot.bias[:3] = torch.tensor([-3.0, -2.5, 0.0])
            for role in ROLES:
                self.tag.bias[LOOK[role]] = torch.tensor([2.0, -1.5, -1.5])

    def load_bert(self, path):
        """Start weights from a BERT or MPNet checkpoint in safetensors."""
        w = {k.removeprefix("bert."): v.float() for k, v in load_file(path).items()}
        e = "embeddings."
        mpnet = self.near is not None
        self.words.weight.data.copy_(w[e + "word_embeddings.weight"])
        places = w[e + "position_embeddings.weight"]
        # MPNet counts positions from 2; BERT's token type 0 is folded in.
        self.positions.weight.data.copy_(
            places[2:] if mpnet else places + w[e + "token_type_embeddings.weight"][0]
        )
        self._copy(self.norm, w, e + "LayerNorm")
        if mpnet:
            self.near.weight.data.copy_(w["encoder.relative_attention_bias.weight"])
        for number, mine in enumerate(self.layers):
            p = f"encoder.layer.{number}.attention."
            names = (
                ("attn.q", "attn.k", "attn.v")
                if mpnet
                else ("self.query", "self.key", "self.value")
            )
            for kind in ("weight", "bias"):
                getattr(mine.qkv, kind).data.copy_(torch.cat([w[f"{p}{x}.{kind}"] for x in names]))
            self._copy(mine.out, w, p + ("attn.o" if mpnet else "output.dense"))
            self._copy(mine.norm1, w, p + ("LayerNorm" if mpnet else "output.LayerNorm"))
            for module, name in (
                (mine.up, "intermediate.dense"),
                (mine.down, "output.dense"),
                (mine.norm2, "output.LayerNorm"),
            ):
                self._copy(module, w, f"encoder.layer.{number}.{name}")

    @staticmethod
    def _copy(module, weights, name):
        module.weight.data.copy_(weights[name + ".weight"])
        module.bias.data.copy_(weights[name + ".bias"])

    def load_attributions(self, path):
        """Start the encoder from the attribution reader's checkpoint, its surface tables too."""
        w = torch.load(path, map_location="cpu", weights_only=False)["weights"]
        mine = self.state_dict()
        taken = {
            k: v
            for k, v in w.items()
            if k in mine
            and mine[k].shape == v.shape
            and k.split(".")[0]
            in ("words", "positions", "norm", "layers", "shape", "glue", "place", "quote")
        }
        self.load_state_dict({**mine, **taken})
        return len(taken)

    def surface_table(self):
        """(SURFACES, H): the four small tables folded into one, by the pieces' surface code."""
        t = self.shape.weight[:, None, None, None] + self.glue.weight[None, :, None, None]
        t = t + self.place.weight[None, None, :, None] + self.quote.weight[None, None, None, :]
        return t.reshape(-1, t.shape[-1])

    def near_bias(self, t):
        """(1, heads, t, t) of MPNet's relative positions; None for BERT."""
        if self.near is None:
            return None
        at = torch.arange(t)
        return self.near.weight[bucket(at[None, :] - at[:, None])].permute(2, 0, 1)[None]

    def mask(self, t, lengths, dtype):
        bias = self.near_bias(t)
        if int(lengths.min()) < t:
            alive = torch.arange(t)[None, :] < lengths[:, None]
            padding = (
                torch.zeros(alive.shape).masked_fill(~alive, FORBIDDEN)[:, None, None, :].to(dtype)
            )
            bias = padding if bias is None else bias + padding
        return bias

    def base(self, ids, surface, lengths):
        """→ states (P, t, H) after the frozen layers; these can be kept from epoch to epoch.

        The surface codes come in where learning begins: at the embeddings, or above the frozen
        layers, which never see them.
        """
        x = self.words(ids) + self.positions.weight[: ids.shape[1]]
        if not self.frozen:
            x = x + F.embedding(surface, self.surface_table())
        x = self.norm(x)
        mask = self.mask(ids.shape[1], lengths, x.dtype)
        for layer in self.layers[: self.frozen]:
            x = layer(x, mask, None)
        return x

    def lower(self, x, surface, lengths):
        """base states → states (P, t, H) below the upper layers."""
        noise = self.noise if self.training else None
        if self.frozen:
            x = x + F.embedding(surface, self.surface_table())
        x = noise(x) if noise else x
        mask = self.mask(x.shape[1], lengths, x.dtype)
        for layer in self.layers[self.frozen : len(self.layers) - self.upper]:
            x = layer(x, mask, noise)
        return x

    def rise(self, x, lengths):
        noise = self.noise if self.training else None
        mask = self.mask(x.shape[1], lengths, x.dtype)
        for layer in self.layers[len(self.layers) - self.upper :]:
            x = layer(x, mask, noise)
        return x

    def spots(self, x, lengths):
        """states → (P, t, SPOT_WIDTH)."""
        noise = self.noise if self.training else None
        x = F.gelu(self.spot_dense(self.rise(x, lengths)))
        return self.spot(noise(x) if noise else x)

    def looks(self, x, flags, lengths):
        """states (N, n, H), flags (N, n) → tags (N, n, LOOK_WIDTH), whole (N, WHOLE_WIDTH)."""
        noise = self.noise if self.training else None
        x = self.rise(x + self.flag(flags), lengths)
        head = F.gelu(self.tag_dense(x))
        tags = self.tag(noise(head) if noise else head)
        inside = ((flags == 1) | (flags == 2)).to(x.dtype)[..., None]
        mean = (x * inside).sum(1) / inside.sum(1).clamp(min=1)
        first = (x * (flags == 1).to(x.dtype)[..., None]).sum(1) / (flags == 1).sum(
            1, keepdim=True
        ).clamp(min=1).to(x.dtype)
        whole = F.gelu(self.whole_dense(torch.cat((x[:, 0], mean, first), 1)))
        return tags, self.whole(noise(whole) if noise else whole)


def bucket(distance, buckets=32, farthest=128):
    """MPNet's bucket of a relative position (key minus query)."""
    half = buckets // 2
    out = (distance > 0).long() * half
    n = distance.abs()
    exact = half // 2
    large = (
        exact
        + (
            torch.log(n.float().clamp(min=1) / exact) / math.log(farthest / exact) * (half - exact)
        ).long()
    )
    return out + torch.where(n < exact, n, large.clamp(max=half - 1))


def span_logits(spots, width_bias):
    """(P, w, SPOT_WIDTH) → (P, w, LONGEST), caveat.tag.actions.span_scores in torch."""
    p, w, _ = spots.shape
    pair = (
        spots[..., SPOT["begins"]]
        @ spots[..., SPOT["ends"]].transpose(1, 2)
        / math.sqrt(SPAN_WIDTH)
    )
    pair = pair + spots[..., SPOT["begin"]][:, :, None] + spots[..., SPOT["end"]][:, None, :]
    start = torch.arange(w)[:, None]
    last = (start + torch.arange(LONGEST)[None, :]).clamp(max=w - 1)
    total = F.pad(spots[..., SPOT["inside"]].cumsum(1), (1, 0))
    inside = (total[:, last + 1] - total[:, :-1, None]) / (last + 1 - start)
    return pair.gather(2, last[None].expand(p, -1, -1)) + inside + width_bias


def spot_loss(scores, targets, alive):
    """scores, targets (P, w, LONGEST); targets are F1-graded, alive marks spans that exist."""
    loss = F.binary_cross_entropy_with_logits(scores, targets, reduction="none") * alive
    return loss.sum() / scores.shape[0]


def look_losses(tags, whole, batch):
    """The losses of the looks by head; tags already gathered at words: (N, w, LOOK_WIDTH) float."""
    out = {
        "stance": F.cross_entropy(
            whole[:, WHOLE["stance"]],
            batch["stance"],
            weight=torch.tensor(STANCE_WEIGHTS),
            label_smoothing=0.05,
        )
    }
    real = batch["kind"] != IGNORE
    if not real.any():
        return out
    out["kind"] = 0.5 * F.cross_entropy(
        whole[real][:, WHOLE["kind"]], batch["kind"][real], label_smoothing=0.05
    )
    out["negated"] = F.binary_cross_entropy_with_logits(whole[real][:, 27], batch["negated"][real])
    for number, role in enumerate(ROLES):
        target = batch["tags"][:, number]
        loss = F.cross_entropy(
            tags[..., LOOK[role]].flatten(0, 1),
            target.flatten(),
            ignore_index=IGNORE,
            reduction="sum",
        )
        out[role] = ROLE_WEIGHTS.get(role, 0.2) * loss / real.sum()
    if (batch["relation"] != IGNORE).any():
        loss = F.cross_entropy(
            tags[..., LOOK["relation"]].flatten(0, 1),
            batch["relation"].flatten(),
            weight=torch.tensor(RELATION_WEIGHTS),
            ignore_index=IGNORE,
        )
        out["relation"] = 0.3 * loss
    return out
