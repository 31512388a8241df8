"""Checkpoint → int8 ONNX with fused operators. usage: export.py MODEL.pt --encoder DIR --out DIR

Writes OUT/reader.onnx, tokenizer.json, settings.json (unless there), export.json (hashes).

The graph is built by hand: embeddings as int8 rows with a scale each; every matrix of the
encoder int8 per column behind a *static* uint8 quantisation of its input, whose ranges are
calibrated on training windows. Dynamic ranges would depend on what else is in the batch and
cost a pass over each tensor. Operators of onnxruntime's com.microsoft domain (QAttention,
MatMulIntegerToFloat, FastGelu) save the float round trips.
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
from data import Lexer, read_polnear
from evaluate import load, settings_of
from onnx import TensorProto, helper, numpy_helper

from caveat.tag.attribute import CLS, SEP, WIDTH
from caveat.tag.pieces import layout

CALIBRATION = 120  # windows, every 5th training article's first ones
POSITIONS = 320  # longest window with its two marks; layout never asks for more
MS = "com.microsoft"


def column_int8(w):
    """(in, out) float → int8 with one symmetric scale per column."""
    scale = np.maximum(np.abs(w).max(0), 1e-8) / 127
    return np.clip(np.round(w / scale), -127, 127).astype(np.int8), scale.astype(np.float32)


def range_of(values):
    """(scale, zero point) of uint8 that loses least (squared error) on a sample of values."""
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    best = None
    for shrink in np.linspace(0.4, 1.0, 13):
        scale = max((high - low) * shrink / 255, 1e-8)
        zero = np.clip(np.round(-low * shrink / scale), 0, 255)
        q = np.clip(np.round(values / scale) + zero, 0, 255)
        error = float((((q - zero) * scale - values) ** 2).mean())
        if best is None or error < best[0]:
            best = (error, np.float32(scale), np.uint8(zero))
    return best[1:]


class Watch:
    """Collects the inputs of the quantised matrices in a float pass."""

    def __init__(self, model):
        self.samples = {}
        for i, layer in enumerate(model.layers):
            for name in ("qkv", "out", "up", "down"):
                getattr(layer, name).register_forward_pre_hook(self._keep(f"{i}.{name}"))
        model.dense.register_forward_pre_hook(self._keep("dense"))
        model.heads.register_forward_pre_hook(self._keep("heads"))

    def _keep(self, key):
        def hook(_, inputs):
            values = inputs[0].detach().flatten(0, 1).numpy()
            self.samples.setdefault(key, []).append(
                values[:: max(1, len(values) // 12)].astype(np.float32)
            )

        return hook

    def ranges(self):
        return {key: range_of(np.concatenate(many).ravel()) for key, many in self.samples.items()}


def calibrate(model, lexer):
    watch, done = Watch(model), 0
    for article in read_polnear("train")[::5]:
        tokens = lexer(article.text)
        for begin, _, _, end in layout(tokens, 224, 16, 256)[:2]:
            ids = torch.tensor([[CLS, *tokens.ids[begin:end], SEP]])
            surface = torch.tensor([[0, *tokens.surface[begin:end], 0]])
            with torch.no_grad():
                model(ids, surface, torch.tensor([ids.shape[1]]))
            done += 1
        if done >= CALIBRATION:
            break
    return watch.ranges()


class Graph:
    """Nodes and constants of the ONNX graph under construction."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, name, value):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind, inputs, output, domain="", **more):
        self.nodes.append(
            helper.make_node(kind, inputs, [output], name=output, domain=domain, **more)
        )
        return output

    def quantised(self, x, name, ranges):
        scale, zero = ranges[name]
        s, z = (
            self.constant(name + ".s", np.array(scale)),
            self.constant(name + ".z", np.array(zero)),
        )
        return self.node("QuantizeLinear", [x, s, z], name + ".q"), s, z

    def linear(self, x, name, module, ranges):
        q, s, z = self.quantised(x, name, ranges)
        w, scale = column_int8(module.weight.detach().numpy().T)
        return self.node(
            "MatMulIntegerToFloat",
            [
                q,
                self.constant(name + ".w", w),
                s,
                self.constant(name + ".ws", scale),
                z,
                self.constant(name + ".wz", np.zeros(len(scale), np.int8)),
                self.constant(name + ".b", module.bias.detach().numpy()),
            ],
            name + ".y",
            MS,
        )

    def attention(self, x, name, module, heads, ranges):
        q, s, z = self.quantised(x, name, ranges)
        w, scale = column_int8(module.weight.detach().numpy().T)
        return self.node(
            "QAttention",
            [
                q,
                self.constant(name + ".w", w),
                self.constant(name + ".b", module.bias.detach().numpy()),
                s,
                self.constant(name + ".ws", scale),
                "",
                z,
                self.constant(name + ".wz", np.zeros(len(scale), np.int8)),
            ],
            name + ".y",
            MS,
            num_heads=heads,
        )

    def normed_sum(self, x, y, name, norm):
        # Two operators: onnxruntime's fused SkipLayerNormalization takes five times as long on CPU.
        return self.node(
            "LayerNormalization",
            [
                self.node("Add", [x, y], name + ".sum"),
                self.constant(name + ".g", norm.weight.detach().numpy()),
                self.constant(name + ".beta", norm.bias.detach().numpy()),
            ],
            name,
            epsilon=1e-12,
        )


def build(model, ranges):
    g = Graph()
    table = model.words.weight.detach().numpy()
    scale = np.maximum(np.abs(table).max(1, keepdims=True), 1e-8) / 127
    rows = np.clip(np.round(table / scale), -127, 127).astype(np.int8)
    e = g.node(
        "Cast",
        [g.node("Gather", [g.constant("words", rows), "ids"], "e0")],
        "e1",
        to=TensorProto.FLOAT,
    )
    e = g.node(
        "Mul",
        [e, g.node("Gather", [g.constant("words.s", scale.astype(np.float32)), "ids"], "e2")],
        "e3",
    )
    e = g.node(
        "Add",
        [
            e,
            g.node(
                "Gather",
                [g.constant("surfaces", model.surface_table().detach().numpy()), "surface"],
                "e4",
            ),
        ],
        "e5",
    )
    shape = g.node("Shape", ["ids"], "n0", start=1, end=2)
    positions = g.node(
        "Slice",
        [
            g.constant("positions", model.positions.weight.detach().numpy()[:POSITIONS]),
            g.constant("zero", np.zeros(1, np.int64)),
            shape,
        ],
        "e6",
    )
    x = g.node(
        "LayerNormalization",
        [
            g.node("Add", [e, positions], "e7"),
            g.constant("norm.g", model.norm.weight.detach().numpy()),
            g.constant("norm.b", model.norm.bias.detach().numpy()),
        ],
        "x",
        epsilon=1e-12,
    )
    for i, layer in enumerate(model.layers):
        a = g.attention(x, f"{i}.qkv", layer.qkv, layer.heads, ranges)
        x = g.normed_sum(x, g.linear(a, f"{i}.out", layer.out, ranges), f"{i}.x1", layer.norm1)
        h = g.node("FastGelu", [g.linear(x, f"{i}.up", layer.up, ranges)], f"{i}.gelu", MS)
        x = g.normed_sum(x, g.linear(h, f"{i}.down", layer.down, ranges), f"{i}.x2", layer.norm2)
    h = g.node("FastGelu", [g.linear(x, "dense", model.dense, ranges)], "dense.gelu", MS)
    # The heads stay float: a hundredth of the work, and the margins between tags live here.
    g.node(
        "Add",
        [
            g.node(
                "MatMul",
                [h, g.constant("heads.w", model.heads.weight.detach().numpy().T)],
                "heads.y",
            ),
            g.constant("heads.b", model.heads.bias.detach().numpy()),
        ],
        "columns",
    )
    graph = helper.make_graph(
        g.nodes,
        "reader",
        [
            helper.make_tensor_value_info(name, TensorProto.INT32, ["windows", "pieces"])
            for name in ("ids", "surface")
        ],
        [helper.make_tensor_value_info("columns", TensorProto.FLOAT, ["windows", "pieces", WIDTH])],
        g.constants,
    )
    made = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(MS, 1)]
    )
    made.ir_version = 9
    return made


def main():
    p = argparse.ArgumentParser()
    p.add_argument("model")
    p.add_argument("--encoder", required=True)
    p.add_argument("--out", required=True)
    p.add_argument(
        "--settings", help="tuned settings; default: the checkpoint's own transitions only"
    )
    a = p.parse_args()
    out = Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    model = load(a.model)
    ranges = calibrate(model, Lexer(Path(a.encoder) / "tokenizer.json"))
    onnx.save(build(model, ranges), str(out / "reader.onnx"))
    shutil.copy(Path(a.encoder) / "tokenizer.json", out / "tokenizer.json")
    if a.settings:
        shutil.copy(a.settings, out / "settings.json")
    else:
        settings_of(model).save(out / "settings.json")
    files = [out / n for n in ("reader.onnx", "tokenizer.json", "settings.json")]
    record = {
        f.name: {"sha256": hashlib.sha256(f.read_bytes()).hexdigest(), "bytes": f.stat().st_size}
        for f in files
    }
    (out / "export.json").write_text(json.dumps(record, indent=1))
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
