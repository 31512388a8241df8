"""Shipped int8 graphs → a checkpoint to go on from.

usage: python -m positions.restore --onnx DIR --encoder DIR --out PT

The graphs hold every matrix as int8 with a scale per column, so what comes back differs from the
checkpoint that was exported by rounding alone; the layers that never learned come from the
encoder. Which constant is which parameter follows from building the graphs again: export.py names
constants by their order.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from . import export
from .model import FLAGS, GLUE, PLACES, QUOTES, SHAPES, Reader, bucket


def recorded(build, model):
    """[(module, names of its constants in order)] for linear layers and norms of a graph."""
    made, found = [], []

    class Recorder(export.Graph):
        def constant(self, value, name=None):
            made.append(super().constant(value, name))
            return made[-1]

        def linear(self, x, module, output=None, scale=None, by_word=False):
            at = len(made)
            y = super().linear(x, module, output, scale, by_word)
            found.append((module, made[at:]))
            return y

        def norm(self, x, module):
            at = len(made)
            y = super().norm(x, module)
            found.append((module, made[at:]))
            return y

    linears = [m for m in model.modules() if isinstance(m, torch.nn.Linear)]
    ones = {id(m): np.ones(m.weight.shape[1], np.float32) for m in linears}
    plain, export.Graph = export.Graph, Recorder
    try:
        with tempfile.TemporaryDirectory() as folder:
            build(model, Path(folder) / "graph.onnx", ones)
    finally:
        export.Graph = plain
    return found


def constants(path):
    """{name: array} of a quantised graph, matrices as floats under the names they were built by."""
    graph = onnx.load(str(path)).graph
    out = {c.name: numpy_helper.to_array(c) for c in graph.initializer}
    for name in [n for n in out if n.endswith("_quantized")]:
        plain = name.removesuffix("_quantized")
        zero = out[f"{plain}_zero_point"].astype(np.float32)
        out[plain] = (out[name].astype(np.float32) - zero) * out[f"{plain}_scale"]
    return out


def weight_and_bias(module, names, held, heads):
    """The (out, in) matrix and bias of a linear layer, what export.py folded in taken out."""
    *sizes, weight, bias = (held[n] for n in names)
    weight = weight * sizes[0][:, None]  # the constant is 1 / size
    width = module.weight.shape[1]
    if heads and module.weight.shape[0] == 3 * width:
        weight[:, :width] *= (width // heads) ** 0.5
        bias = bias.copy()
        bias[:width] *= (width // heads) ** 0.5
    return weight.T, bias


def parts_of(table):
    """The four surface tables whose sums are `table` (SURFACES, H), by least squares."""
    counts = (SHAPES, GLUE, PLACES, QUOTES)
    codes = np.indices(counts).reshape(4, -1).T
    design = np.concatenate([np.eye(n)[codes[:, i]] for i, n in enumerate(counts)], 1)
    parts = np.linalg.lstsq(design, table.astype(np.float64), rcond=None)[0]
    return np.split(parts, np.cumsum(counts)[:-1])


def near_back(model, held):
    """Take the relative positions' bias out of the table that export.py made of it."""
    heads = model.layers[0].heads
    near = next(v for v in held.values() if v.shape[:2] == (1, heads))[0]
    at = torch.arange(near.shape[-1])
    where = bucket(at[None, :] - at[:, None])
    for number in range(model.near.weight.shape[0]):
        for row, column in (where == number).nonzero()[:1].tolist():
            model.near.weight[number] = torch.tensor(near[:, row, column])


@torch.no_grad()
def restore(folder, encoder, size="mpnet", upper=3, frozen=4):
    """A Reader with the weights of the graphs in `folder`."""
    model = Reader(size, upper, frozen)
    model.load_bert(Path(encoder) / "model.safetensors")
    fresh, seen = {n: p.clone() for n, p in model.named_parameters()}, {}
    heads = model.layers[0].heads
    for name, build in (("encode", export.encode_graph), ("look", export.look_graph)):
        held = constants(folder / f"{name}.onnx")
        for module, names in recorded(build, model):
            if isinstance(module, torch.nn.Linear):
                inside = any(module is layer.qkv for layer in model.layers)
                pair = weight_and_bias(module, names, held, heads if inside else 0)
            else:
                pair = tuple(held[n] for n in names)
            seen.setdefault(module, []).append(pair)
        if name == "encode":
            surfaces = next(
                v for v in held.values() if v.shape == tuple(model.surface_table().shape)
            )
        else:
            flags = next(v for v in held.values() if v.shape == (FLAGS, surfaces.shape[1]))
    for module, pairs in seen.items():  # the upper layers stand in both graphs
        module.weight.copy_(torch.tensor(np.mean([w for w, _ in pairs], 0)))
        module.bias.copy_(torch.tensor(np.mean([b for _, b in pairs], 0)))
    for table, part in zip(
        (model.shape, model.glue, model.place, model.quote), parts_of(surfaces), strict=True
    ):
        table.weight.copy_(torch.tensor(part))
    model.flag.weight.copy_(torch.tensor(flags))
    if model.near is not None:
        near_back(model, held)
    settings = json.loads((folder / "settings.json").read_text())
    model.width_bias.copy_(torch.tensor(settings["width_bias"]))
    for number in range(frozen):  # these never moved: no need for their rounded form
        for name, p in model.layers[number].named_parameters():
            p.copy_(fresh[f"layers.{number}.{name}"])
    return model


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--onnx", required=True, help="folder with both graphs and settings.json")
    p.add_argument("--encoder", required=True)
    p.add_argument("--out", required=True)
    a = p.parse_args()
    model = restore(Path(a.onnx), a.encoder)
    saved = {"weights": model.state_dict(), "size": "mpnet", "upper": model.upper}
    torch.save({**saved, "frozen": model.frozen, "arguments": vars(a), "epoch": -1}, a.out)


if __name__ == "__main__":
    main()
