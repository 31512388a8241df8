"""Checkpoint → two int8 ONNX graphs.

usage: python -m positions.export PT --encoder DIR [--settings JSON] --out DIR

Writes OUT/encode.onnx, words.bin, look.onnx, tokenizer.json, settings.json and export.json (sizes,
hashes).

The graphs are built by hand, then onnxruntime quantises their matrices: int8 weights with a
scale per column, ranges of the inputs measured at run time. Windows and looks are read one by
one and unpadded, so that these ranges depend on nothing but the text. Word vectors are int8
rows with a scale each. Sizes in comments as in model.py.
"""

import argparse
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from data import Lexer
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import set_external_data
from onnxruntime.quantization import QuantType, quantize_dynamic

from caveat.tag.actions import AROUND, LONGEST, SPOT_WIDTH, WINDOW
from caveat.tag.looks import LOOK_WIDTH, WHOLE_WIDTH

from .data import look_batch, special, training, window_batch, windows
from .evaluate import load

ALPHA = 0.5  # see Graph.linear; of 0.5, 0.65, 0.75 and 0.85 it changes the states least
# The matrices whose inputs have outliers in single words (the sizes of 100 after the GELU).
BY_WORD = ("down",)
LEAST = 0.2  # of a word's range: the GELU goes no lower than -0.17
WORDS = "words"  # the table of word vectors
CALIBRATION = 10  # passages whose channels are measured
MOST = max(WINDOW + 2, 2 * AROUND + 4 * LONGEST)  # pieces of the longest window or look


@torch.no_grad()
def peaks_of(model, encoder, count=CALIBRATION):
    """{id of a linear module: (in,) greatest size of each input channel} on training windows."""
    peaks = {}

    def watch(module, inputs):
        seen = inputs[0].abs().flatten(0, -2).amax(0).numpy()
        peaks[id(module)] = np.maximum(peaks.get(id(module), 0), seen)

    hooks = [
        m.register_forward_pre_hook(watch)
        for m in model.modules()
        if isinstance(m, torch.nn.Linear)
    ]
    lexer = Lexer(Path(encoder) / "tokenizer.json")
    for row in training()[0][:count]:
        for one in windows(row, lexer, special(model.size)):
            batch = window_batch([one])
            states = model.base(batch["ids"], batch["surface"], batch["lengths"])
            states = model.lower(states, batch["surface"], batch["lengths"])
            model.spots(states, batch["lengths"])
            for m in one.marks[:2]:
                looks = look_batch([(0, one, [(*m.action, m)])])
                model.looks(states[0][looks["piece"]], looks["flags"], looks["lengths"])
    for hook in hooks:
        hook.remove()
    return peaks


class Graph:
    """Nodes and constants of an ONNX graph under construction."""

    def __init__(self, peaks):
        self.nodes, self.constants, self.count, self.peaks = [], {}, 0, peaks

    def constant(self, value, name=None):
        value = np.ascontiguousarray(value)
        self.count += 1
        name = name or f"c{self.count}"
        self.constants[name] = numpy_helper.from_array(value, name)
        return name

    def node(self, kind, *inputs, outputs=None, **more):
        self.count += 1
        made = outputs or [f"n{self.count}"]
        self.nodes.append(
            helper.make_node(kind, list(inputs), made, name=f"{kind}{self.count}", **more)
        )
        return made[0] if len(made) == 1 else made

    def linear(self, x, module, output=None, scale=None, by_word=False):
        """x @ w + b, to be quantised; `by_word`: with a range for each row of x."""
        w, b = module.weight.detach().numpy().T.copy(), module.bias.detach().numpy().copy()
        if scale is not None:
            w, b = w * scale, b * scale
        most = None
        if id(module) in self.peaks:
            # A few channels of MPNet's states are a hundred times the rest and would take the
            # whole range of the int8 input: part of their size moves into the weights.
            size = np.maximum(self.peaks[id(module)], 1e-4) ** ALPHA
            size = size / np.maximum(np.abs(w).max(1), 1e-4) ** (1 - ALPHA)
            size = (size / np.exp(np.log(size).mean())).astype(np.float32)
            w = w * size[:, None]
            x = self.node("Mul", x, self.constant(1 / size))
            if by_word:
                # The same for single words: onnxruntime's range is that of the whole input.
                high = self.node("ReduceMax", x, self.constant(np.array([-1])), keepdims=1)
                most = self.node("Max", high, self.constant(np.float32(LEAST)))
                x = self.node("Div", x, most)
        y = self.node("MatMul", x, self.constant(w))
        if most is not None:
            y = self.node("Mul", y, most)
        return self.node("Add", y, self.constant(b), outputs=output and [output])

    def norm(self, x, module):
        return self.node(
            "LayerNormalization",
            x,
            self.constant(module.weight.detach().numpy()),
            self.constant(module.bias.detach().numpy()),
            axis=-1,
            epsilon=module.eps,
        )

    def near(self, model, x):
        """MPNet's position bias for as many pieces as x has; None for BERT."""
        if model.near is None:
            return None
        table = self.constant(model.near_bias(MOST).detach().numpy())
        size = self.node("Shape", x, start=1, end=2)
        ends = self.node("Concat", size, size, axis=0)
        return self.node(
            "Slice",
            table,
            self.constant(np.zeros(2, np.int64)),
            ends,
            self.constant(np.array([2, 3])),
        )

    def layer(self, x, layer, bias):
        width = layer.out.weight.shape[0]
        heads, size = layer.heads, width // layer.heads
        scale = np.ones(3 * width, np.float32)
        scale[:width] = size**-0.5
        qkv = self.linear(x, layer.qkv, scale=scale, by_word="qkv" in BY_WORD)
        parts = self.node(
            "Split", qkv, axis=-1, num_outputs=3, outputs=[f"{qkv}.{i}" for i in "qkv"]
        )
        split = self.constant(np.array([0, 0, heads, size]))
        q, k, v = (self.node("Reshape", part, split) for part in parts)
        q, v = (self.node("Transpose", y, perm=[0, 2, 1, 3]) for y in (q, v))
        a = self.node("MatMul", q, self.node("Transpose", k, perm=[0, 2, 3, 1]))
        a = self.node("Softmax", a if bias is None else self.node("Add", a, bias), axis=-1)
        a = self.node("Transpose", self.node("MatMul", a, v), perm=[0, 2, 1, 3])
        a = self.node("Reshape", a, self.constant(np.array([0, 0, width])))
        x = self.norm(
            self.node("Add", x, self.linear(a, layer.out, by_word="out" in BY_WORD)), layer.norm1
        )
        h = self.node("Gelu", self.linear(x, layer.up, by_word="up" in BY_WORD))
        return self.norm(
            self.node("Add", x, self.linear(h, layer.down, by_word="down" in BY_WORD)), layer.norm2
        )

    def finish(self, inputs, outputs, path):
        def info(many):
            return [helper.make_tensor_value_info(n, t, s) for n, t, s in many]

        graph = helper.make_graph(
            self.nodes, "positions", info(inputs), info(outputs), list(self.constants.values())
        )
        made = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)],
        )
        made.ir_version = 9
        onnx.checker.check_model(made)
        onnx.save(made, str(path))


def encode_graph(model, path, peaks):
    """ids, surface (P, t) → states (P, t, H), spots (P, t, SPOT_WIDTH)."""
    g, width = Graph(peaks), model.words.weight.shape[1]
    table = model.words.weight.detach().numpy()
    scale = np.maximum(np.abs(table).max(1, keepdims=True), 1e-8) / 127
    rows = np.clip(np.round(table / scale), -127, 127).astype(np.int8)
    x = g.node("Cast", g.node("Gather", g.constant(rows, WORDS), "ids"), to=TensorProto.FLOAT)
    x = g.node("Mul", x, g.node("Gather", g.constant(scale.astype(np.float32)), "ids"))
    surface = g.node("Gather", g.constant(model.surface_table().detach().numpy()), "surface")
    size = g.node("Shape", "ids", start=1, end=2)
    places = g.constant(model.positions.weight.detach().numpy()[:MOST])
    x = g.node("Add", x, g.node("Slice", places, g.constant(np.zeros(1, np.int64)), size))
    if not model.frozen:
        x = g.node("Add", x, surface)
    x = g.norm(x, model.norm)
    bias, lower = g.near(model, x), len(model.layers) - model.upper
    for number, layer in enumerate(model.layers[:lower]):
        if model.frozen and number == model.frozen:
            x = g.node("Add", x, surface)
        x = g.layer(x, layer, bias)
    g.node("Identity", x, outputs=["states"])
    for layer in model.layers[lower:]:
        x = g.layer(x, layer, bias)
    g.linear(g.node("Gelu", g.linear(x, model.spot_dense)), model.spot, "spots")
    g.finish(
        [("ids", TensorProto.INT32, ["P", "t"]), ("surface", TensorProto.INT32, ["P", "t"])],
        [
            ("states", TensorProto.FLOAT, ["P", "t", width]),
            ("spots", TensorProto.FLOAT, ["P", "t", SPOT_WIDTH]),
        ],
        path,
    )


def look_graph(model, path, peaks):
    """states (N, n, H), flags (N, n) → tags (N, n, LOOK_WIDTH), whole (N, WHOLE_WIDTH)."""
    g, width = Graph(peaks), model.words.weight.shape[1]
    flag = g.node("Gather", g.constant(model.flag.weight.detach().numpy()), "flags")
    x = g.node("Add", "states", flag)
    bias = g.near(model, x)
    for layer in model.layers[len(model.layers) - model.upper :]:
        x = g.layer(x, layer, bias)
    g.linear(g.node("Gelu", g.linear(x, model.tag_dense)), model.tag, "tags")
    # Means over the action's pieces and over its first word, by the flags.
    weights = np.zeros((model.flag.weight.shape[0], 2), np.float32)
    weights[1], weights[2] = (1, 1), (1, 0)
    mask = g.node("Gather", g.constant(weights), "flags")  # (N, n, 2)
    total = g.node("ReduceSum", mask, g.constant(np.array([1])), keepdims=0)
    total = g.node("Max", total, g.constant(np.ones(1, np.float32)))
    sums = g.node("MatMul", g.node("Transpose", mask, perm=[0, 2, 1]), x)  # (N, 2, H)
    means = g.node("Div", sums, g.node("Unsqueeze", total, g.constant(np.array([2]))))
    first = g.node(
        "Slice", x, g.constant(np.array([0])), g.constant(np.array([1])), g.constant(np.array([1]))
    )
    pooled = g.node("Concat", first, means, axis=1)  # (N, 3, H)
    pooled = g.node("Reshape", pooled, g.constant(np.array([0, 3 * width])))
    g.linear(g.node("Gelu", g.linear(pooled, model.whole_dense)), model.whole, "whole")
    g.finish(
        [
            ("states", TensorProto.FLOAT, ["N", "n", width]),
            ("flags", TensorProto.INT32, ["N", "n"]),
        ],
        [
            ("tags", TensorProto.FLOAT, ["N", "n", LOOK_WIDTH]),
            ("whole", TensorProto.FLOAT, ["N", WHOLE_WIDTH]),
        ],
        path,
    )


def apart(path):
    """Move the word vectors into a file of their own, words.bin: no file over 100 MB."""
    graph = onnx.load(str(path))
    for constant in graph.graph.initializer:
        if constant.name == WORDS:
            set_external_data(constant, "words.bin")
    (path.parent / "words.bin").unlink(missing_ok=True)
    onnx.save(graph, str(path))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("checkpoint")
    p.add_argument("--encoder", required=True)
    p.add_argument("--settings", help="default: the checkpoint's own, untuned")
    p.add_argument("--out", required=True)
    p.add_argument("--float", action="store_true", help="do not quantise (to compare)")
    a = p.parse_args()
    out = Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    model, settings = load(a.checkpoint)
    peaks = {} if a.float else peaks_of(model, a.encoder)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        for name, build in (("encode", encode_graph), ("look", look_graph)):
            plain = out / f"{name}.onnx" if a.float else Path(folder) / f"{name}.onnx"
            build(model, plain, peaks)
            if not a.float:
                # Reduced range off: the machines that matter multiply int8 without overflow (VNNI).
                quantize_dynamic(
                    plain,
                    out / f"{name}.onnx",
                    op_types_to_quantize=["MatMul"],
                    per_channel=True,
                    weight_type=QuantType.QInt8,
                    extra_options={"MatMulConstBOnly": True},
                )
    shutil.copy(Path(a.encoder) / "tokenizer.json", out / "tokenizer.json")
    if not a.float:
        apart(out / "encode.onnx")
    if a.settings:
        shutil.copy(a.settings, out / "settings.json")
    else:
        settings.save(out / "settings.json")
    files = [
        out / n
        for n in ("encode.onnx", "words.bin", "look.onnx", "tokenizer.json", "settings.json")
    ]
    record = {
        f.name: {"sha256": hashlib.sha256(f.read_bytes()).hexdigest(), "bytes": f.stat().st_size}
        for f in files
    }
    (out / "export.json").write_text(json.dumps(record, indent=1))
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
