"""Inference sessions of onnxruntime."""

from __future__ import annotations

from pathlib import Path

import onnxruntime


def session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """An inference session on the CPU with so many threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
