"""The weights that ship inside the package: found, held to their hashes, named when damaged.

A reader's folder holds `manifest.json`: {"version", "files": {name: sha256}}. Nothing is ever
downloaded.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from caveat.errors import WeightsError


@dataclass(frozen=True, slots=True)
class Weights:
    """A checked folder of weights and the version that every finding names."""

    version: str
    folder: Path

    def file(self, name: str) -> Path:
        """A file of the folder."""
        return self.folder / name


@cache
def weights(name: str) -> Weights:
    """The packaged weights of a reader, each file held to its hash.

    Raises `WeightsError` with the file at fault, and what to do.
    """
    return checked(Path(str(resources.files("caveat.tag") / "weights" / name)))


def checked(folder: Path) -> Weights:
    """A folder of weights held to the hashes of its manifest; raises `WeightsError`."""
    repair = "install caveat again"
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        version, files = manifest["version"], manifest["files"]
    except (OSError, ValueError, KeyError) as e:
        raise WeightsError(f"the reader's weights are missing ({folder.name}): {repair}") from e
    for file, digest in files.items():
        try:
            with (folder / file).open("rb") as f:
                found = hashlib.file_digest(f, "sha256").hexdigest()
        except OSError as e:
            raise WeightsError(f"the reader's file {file} is missing: {repair}") from e
        if found != digest:
            raise WeightsError(f"the reader's file {file} is damaged: {repair}")
    return Weights(version, folder)
