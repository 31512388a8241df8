"""Fixtures that tests share: where the evaluation data lies."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def data_folder() -> Path | None:
    """The evaluation data by CAVEAT_DATA, by default ../shared beside the repository."""
    folder = Path(os.environ.get("CAVEAT_DATA", ROOT.parent / "shared"))
    return folder if (folder / "score" / "positions.py").is_file() else None


@pytest.fixture(scope="session")
def data() -> Path:
    """The evaluation data; tests that need it are skipped, and say so, where it is missing."""
    folder = data_folder()
    if folder is None:
        # the data is not ours to ship: a user's machine does not have it, CI does
        pytest.skip("no evaluation data here: set CAVEAT_DATA to its folder")
    return folder
