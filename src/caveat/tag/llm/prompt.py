"""What the model is told: the instruction, worked examples, and one passage, clearly as data.

The words are in `data/`; their hash is part of the reader's version, and a test fails where they
change without a new `PROMPT`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

from caveat.tag.llm.schema import Quote, corrections_schema, findings_schema
from caveat.tag.llm.windows import Window

PROMPT = "1"
"""Version of the prompt, for people; readers and replies are told apart by `prompt_hash`."""

Message = dict[str, str]
Messages = tuple[Message, ...]

_AGAIN = (
    "Your last reply to this passage broke off or was no JSON. Reply with the one JSON object, "
    "complete and without any other word."
)
_ASK = "Mark this passage. Reply with the one JSON object only."
_WHERE = (
    "These words were not found in the passage, or more than once. For each, give the id, and in "
    '"words" the exact words of the passage that are meant, copied character by character, with '
    'the two to five words directly before and after them in "before" and "after". Keep "until" '
    'where it is not "". Leave out what the passage does not hold. Reply with one JSON object '
    'only: {"spans": [{"id", "words", "before", "after", "until"}]}.'
)


def _data(name: str) -> str:
    return (resources.files("caveat.tag.llm") / "data" / name).read_text("utf-8")


@cache
def examples() -> tuple[tuple[str, dict[str, Any]], ...]:
    """Worked examples in our own words: passages, and the replies to them."""
    lines = (json.loads(line) for line in _data("examples.jsonl").splitlines() if line)
    return tuple((line["passage"], line["reply"]) for line in lines)


@cache
def prompt_hash() -> str:
    """12 hex digits over all that is fixed in the prompt, the schemas included."""
    fixed = (
        PROMPT, _data("instruction.txt"), _data("examples.jsonl"), _AGAIN, _ASK, _WHERE,
        json.dumps([findings_schema(), corrections_schema()], sort_keys=True),
    )  # fmt: skip
    return hashlib.sha256("\x1f".join(fixed).encode()).hexdigest()[:12]


@cache
def _opening() -> Messages:
    out: list[Message] = [{"role": "system", "content": _data("instruction.txt")}]
    for passage, reply in examples():
        out.append({"role": "user", "content": f"{_fenced(passage)}\n\n{_ASK}"})
        out.append({"role": "assistant", "content": json.dumps(reply, ensure_ascii=False)})
    return tuple(out)


def _fenced(passage: str) -> str:
    # named by the passage's own hash: no text can hold the line that would end it
    name = hashlib.sha256(passage.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"<passage-{name}>\n{passage}\n</passage-{name}>"


def _about(window: Window) -> str:
    met = []
    if window.names:
        met.append("Names earlier in this article: " + "; ".join(window.names))
    if window.speakers:
        met.append("Speakers earlier in this article: " + "; ".join(window.speakers))
    if not met:
        return ""
    told = "\n".join(met)
    # they are the article's words as well, and fenced like them
    return (
        "Who was met before this passage, for pronouns and surnames only (mark nothing there):\n"
        f"{_fenced(told)}\n\n"
    )


def question(window: Window) -> Messages:
    """The messages that ask for the findings of a passage."""
    content = f"{_about(window)}{_fenced(window.shown)}\n\n{_ASK}"
    return (*_opening(), {"role": "user", "content": content})


def question_again(window: Window) -> Messages:
    """The same after a reply that was no whole JSON."""
    first = question(window)
    content = f"{first[-1]['content']} {_AGAIN}"
    return (*first[:-1], {"role": "user", "content": content})


def question_where(window: Window, lost: Iterable[Quote]) -> Messages:
    """The messages that ask where words stand which were not found, or not found once."""
    asked = [
        {"id": n, "words": q.words, "before": q.before, "after": q.after, "until": q.until}
        for n, q in enumerate(lost)
    ]
    content = f"{_fenced(window.shown)}\n\n{_WHERE}\n{json.dumps(asked, ensure_ascii=False)}"
    return (
        {"role": "system", "content": _data("instruction.txt")},
        {"role": "user", "content": content},
    )
