"""A dozen passages in our own words, and what a good model replies to each.

`expected` gives, for each position, the words of a few fields as they must come out.
"""

from __future__ import annotations

from typing import Any


def q(words: str, before: str = "", after: str = "") -> dict[str, str]:
    """A quotation."""
    return {"words": words, "before": before, "after": after}


def c(words: str, until: str = "") -> dict[str, str]:
    """A content."""
    return {**q(words), "until": until}


def said(source: list[Any], cue: str, *content: dict[str, str], relay: tuple[str, ...] = ()) -> Any:
    """An attribution."""
    return {"source": [_q(s) for s in source], "cue": [q(cue)], "content": list(content),
            "relay": [q(r) for r in relay]}  # fmt: skip


def position(action: Any, stance: str, kind: str, holder: Any = (), **fields: Any) -> Any:
    """A position; conditions as (words, relation) or (words, relation, group)."""
    holder = [holder] if isinstance(holder, str | dict) else holder
    lists = ("addressee", "beneficiary", "amount", "time", "relay")
    speaker = fields.get("speaker")
    return {
        "holder": [_q(h) for h in holder], "stance": stance, "kind": kind,
        "negated": fields.get("negated", False), "action": _q(action),
        "conditions": [
            {**_q(w), "relation": r, "group": g[0] if g else None}
            for w, r, *g in fields.get("conditions", ())
        ],
        "speaker": _q(speaker) if speaker else None,
        **{name: [_q(x) for x in fields.get(name, ())] for name in lists},
    }  # fmt: skip


def _q(words: Any) -> dict[str, str]:
    return words if isinstance(words, dict) else q(words)


def reply(attributions: list[Any], positions: list[Any]) -> dict[str, Any]:
    """A whole reply."""
    return {"attributions": attributions, "positions": positions}


TRUCE = (
    "Portugal is ready to send 200 sappers to Ukraine if a truce holds, Defence Minister Rui Faro "
    "said on Monday."
)
FARO = "Defence Minister Rui Faro"
REFUSAL = "“We will not send troops,” Hungary's prime minister told reporters in Pécs."
TWO_KINDS = "Denmark has delivered 12 howitzers and promised to train their crews by spring."
DEMAND = "Kyiv urged Berlin to hand over cruise missiles."
THREAT = "Any foreign soldiers will be destroyed, the Kremlin warned, according to the Baltic Wire."
GROUP = "Around 20 states may patrol the sky once a peace deal is signed, a diplomat said."
DENIED = "France has not promised jets, and Italy has ruled out sending soldiers."
TWICE = "Spain will send doctors. Italy thanked Spain, and Spain will lend money to Ukraine."
UNTIL = "Sanctions on Russia stay until the last prisoner is home, the Council decided on Friday."
ACCENTS = "“Jamais sans l’ONU”: Côte d’Ivoire 🇨🇮 will send 50 gendarmes — if the UN asks for them."
QUIET = "Rain fell on the harbour all day, and the ferry to the islands was late again."
LINES = "Norway and\nSweden are prepared to\nclear mines in the strait for a limited time."

REPLIES: dict[str, dict[str, Any]] = {
    TRUCE: reply(
        [said([FARO], "said", c("Portugal is ready to send", "if a truce holds"))],
        [position("send 200 sappers to Ukraine", "ready", "troops", "Portugal",
                  beneficiary=["Ukraine"], amount=["200 sappers"], speaker=FARO,
                  conditions=[("a truce holds", "if")])],
    ),
    REFUSAL: reply(
        [said(["Hungary's prime minister"], "told reporters", c("“We will not send troops,”"))],
        [position("send troops", "refused", "troops", "We", speaker="Hungary's prime minister")],
    ),
    TWO_KINDS: reply([], [
        position("delivered 12 howitzers", "done", "weapons", "Denmark", amount=["12 howitzers"]),
        position("train their crews", "pledged", "training", "Denmark", time=["by spring"]),
    ]),
    DEMAND: reply([], [
        position("hand over cruise missiles", "demands", "weapons", "Kyiv", addressee=["Berlin"]),
    ]),
    THREAT: reply(
        [said(["the Kremlin"], "warned", c("Any foreign soldiers will be destroyed"),
              relay=("the Baltic Wire",))],
        [position("Any foreign soldiers will be destroyed", "threatens", "force", "the Kremlin",
                  addressee=["foreign soldiers"], relay=["the Baltic Wire"])],
    ),
    GROUP: reply(
        [said(["a diplomat"], "said", c("Around 20 states may patrol", "a peace deal is signed"))],
        [position("patrol the sky", "considering", "air", "Around 20 states", speaker="a diplomat",
                  conditions=[("a peace deal is signed", "if")])],
    ),
    DENIED: reply([], [
        position("jets", "pledged", "weapons", "France", negated=True),
        position("sending soldiers", "refused", "troops", "Italy"),
    ]),
    TWICE: reply([], [
        position("send doctors", "pledged", "humanitarian", "Spain"),
        position("lend money to Ukraine", "pledged", "money",
                 q("Spain", "Spain, and", "will lend")),
    ]),
    UNTIL: reply(
        [said(["the Council"], "decided", c("Sanctions on Russia stay", "last prisoner is home"))],
        [position("Sanctions on Russia", "done", "sanctions", "the Council",
                  conditions=[("the last prisoner is home", "until")])],
    ),
    ACCENTS: reply([], [
        position("send 50 gendarmes", "pledged", "troops", "Côte d’Ivoire", amount=["50 gendarmes"],
                 conditions=[("the UN asks for them", "if")]),
    ]),
    QUIET: reply([], []),
    LINES: reply([], [
        position("clear mines in the strait", "ready", "naval", ["Norway", "Sweden"],
                 time=["for a limited time"]),
    ]),
}  # fmt: skip

EXPECTED: dict[str, list[tuple[str, str, str, tuple[str, ...]]]] = {
    # stance, kind, action, holders
    TRUCE: [("ready", "troops", "send 200 sappers to Ukraine", ("Portugal",))],
    REFUSAL: [("refused", "troops", "send troops", ("We",))],
    TWO_KINDS: [
        ("done", "weapons", "delivered 12 howitzers", ("Denmark",)),
        ("pledged", "training", "train their crews", ("Denmark",)),
    ],
    DEMAND: [("demands", "weapons", "hand over cruise missiles", ("Kyiv",))],
    THREAT: [("threatens", "force", "Any foreign soldiers will be destroyed", ("the Kremlin",))],
    GROUP: [("considering", "air", "patrol the sky", ("Around 20 states",))],
    DENIED: [
        ("pledged", "weapons", "jets", ("France",)),
        ("refused", "troops", "sending soldiers", ("Italy",)),
    ],
    TWICE: [
        ("pledged", "humanitarian", "send doctors", ("Spain",)),
        ("pledged", "money", "lend money to Ukraine", ("Spain",)),
    ],
    UNTIL: [("done", "sanctions", "Sanctions on Russia", ("the Council",))],
    ACCENTS: [("pledged", "troops", "send 50 gendarmes", ("Côte d’Ivoire",))],
    QUIET: [],
    LINES: [("ready", "naval", "clear mines in the strait", ("Norway", "Sweden"))],
}
