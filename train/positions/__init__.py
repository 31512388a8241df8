"""The learned reader of positions: torch package, except for decode.py, which is numpy only."""
