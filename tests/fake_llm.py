"""A chat endpoint on loopback that behaves, and on request misbehaves.

    with FakeLlm(replies) as server:          # passage text -> reply (an object or raw words)
        server.script += [Status(429, {"Retry-After": "0"}), Dead()]
        ... LlmReader(Settings("m", server.url)) ...
        server.requests                        # the bodies it got, in order

Each step of the script answers one request; afterwards it behaves.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FENCED = re.compile(r"<passage-([0-9a-f]+)>\n(.*?)\n</passage-\1>", re.DOTALL)
EMPTY = {"attributions": [], "positions": []}


@dataclass(frozen=True)
class Status:
    """An answer with this status, headers and body."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Words:
    """A chat completion with these words; by default it ends by itself."""

    content: str | None
    finish: str = "stop"
    usage: Any = None


@dataclass(frozen=True)
class Slow:
    """Drips a byte every `gap` seconds for as long as anybody listens."""

    gap: float = 0.05


@dataclass(frozen=True)
class Dead:
    """Closes the connection without a word."""


@dataclass(frozen=True)
class Half:
    """Promises more bytes than it sends."""


Step = Status | Words | Slow | Dead | Half


class FakeLlm:
    """The server; its thread ends with the context."""

    def __init__(
        self,
        replies: Mapping[str, Any] | Callable[[str], Any] | None = None,
        corrections: Mapping[str, Any] | None = None,
    ) -> None:
        self.replies = replies or {}
        self.corrections = corrections or {}
        self.script: list[Step] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.refuses: tuple[str, ...] = ()
        """Fields of a request that it answers with 400."""
        self.delay = 0.0
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()

    def __enter__(self) -> FakeLlm:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                fake._answer(self)

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # clients that go away are part of the tests

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def passages(self) -> list[str]:
        """The passage of each request, in order."""
        return [passage(r) for r in self.requests]

    # ------------------------------------------------------------------ within

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length", 0))
        raw = handler.rfile.read(length)
        with self._lock:
            self.paths.append(handler.path)
            self.headers.append(dict(handler.headers))
            body = json.loads(raw) if raw else {}
            self.requests.append(body)
            step = self.script.pop(0) if self.script else None
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            time.sleep(self.delay)
            self._send(handler, step or self._behave(body))
        finally:
            with self._lock:
                self._now -= 1

    def _behave(self, body: dict[str, Any]) -> Step:
        for name in self.refuses:
            given = body.get(name)
            if name in body or (isinstance(body.get("response_format"), dict)
                                and body["response_format"]["type"] == name):  # fmt: skip
                said = {"error": {"message": f"unsupported: {name} ({str(given)[:20]})"}}
                return Status(400, body=json.dumps(said))
        text = passage(body)
        asked = body["messages"][-1]["content"]
        if '{"spans"' in asked:
            lost = json.loads(asked[asked.rindex("\n") + 1 :])
            spans = [{"id": q["id"], **self.corrections[q["words"]]}
                     for q in lost if q["words"] in self.corrections]  # fmt: skip
            return Words(json.dumps({"spans": spans}))
        found = self.replies(text) if callable(self.replies) else self.replies.get(text, EMPTY)
        return Words(found if isinstance(found, str) else json.dumps(found))

    def _send(self, handler: BaseHTTPRequestHandler, step: Step) -> None:
        if isinstance(step, Dead):
            handler.close_connection = True
            handler.connection.close()
            return
        if isinstance(step, Words):
            choice = {"message": {"role": "assistant", "content": step.content},
                      "finish_reason": step.finish}  # fmt: skip
            usage = step.usage or {"prompt_tokens": 1000, "completion_tokens": 100}
            step = Status(200, body=json.dumps({"choices": [choice], "usage": usage}))
        if isinstance(step, Slow | Half):
            handler.send_response(200)
            handler.send_header("Content-Length", "100000")
            handler.end_headers()
            for _ in range(1 if isinstance(step, Half) else 400):
                handler.wfile.write(b" ")
                handler.wfile.flush()
                time.sleep(step.gap if isinstance(step, Slow) else 0)
            handler.close_connection = True
            return
        data = step.body.encode()
        handler.send_response(step.code)
        for name, value in step.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)


def passage(body: dict[str, Any]) -> str:
    """The passage that a request asks about: the last fenced text of its last message."""
    found = FENCED.findall(body["messages"][-1]["content"])
    return found[-1][1] if found else ""
