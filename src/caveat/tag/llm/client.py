"""Asking a chat endpoint that speaks OpenAI's protocol: one question, one reply, or one sentence.

Texts go to the endpoint that was named and nowhere else: redirects are errors, proxies and
credentials out of the environment are not used. What a server answers never reaches a message
with the key in it.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from caveat.errors import EndpointError, NoReply
from caveat.tag.llm.estimate import tokens_of
from caveat.tag.llm.pace import Pace
from caveat.tag.llm.prompt import Messages
from caveat.tag.llm.replies import Reply
from caveat.tag.llm.settings import Settings

if TYPE_CHECKING:
    import httpx

_LARGEST = 4 << 20
"""Bytes of one response; a reply of 4,096 tokens has some 20,000."""
_BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_REFUSED = frozenset({401, 403})
_SLOWEST = 60.0
"""Seconds that our own back-off grows to."""


_LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2")
_QUIET: ContextVar[bool] = ContextVar("caveat_llm_quiet", default=False)


def _said_elsewhere(_: logging.LogRecord) -> bool:
    return not _QUIET.get()


@contextmanager
def _unlogged() -> Iterator[None]:
    """The library logs addresses and headers, and either may hold a key: not during our requests.

    Requests that the same program makes for other reasons are logged as before.
    """
    token = _QUIET.set(True)
    try:
        yield
    finally:
        _QUIET.reset(token)


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply with what was seen of its making."""

    reply: Reply
    cut: bool
    """Whether the server ended it at its limit of tokens."""
    counted: bool
    """Whether the server counted the tokens."""


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What a server turned out to take: formats fall from a schema to JSON to plain text."""

    formats: tuple[str, ...] = ("json_schema", "json_object", "text")
    seed: bool = True
    limit: str = "max_tokens"


class _Busy(Exception):
    """A response or failure after which the same request may be sent again."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Client:
    """Sends questions; may be used from several threads at once."""

    def __init__(
        self, settings: Settings, stop: threading.Event, retried: Callable[[], None]
    ) -> None:
        try:
            import httpx
        except ImportError:
            raise EndpointError(
                "the reader by language model needs httpx: pip install 'caveat[llm]'"
            ) from None
        self._httpx = httpx
        for name in _LOGGERS:  # adding one filter twice changes nothing
            logging.getLogger(name).addFilter(_said_elsewhere)
        self._settings = settings
        self._pace = Pace(settings.per_minute, stop)
        self._retried = retried
        self._slots = threading.Semaphore(settings.concurrency)
        self._dialect = _Dialect()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if settings.key:
            headers["Authorization"] = f"Bearer {settings.key}"
        self._client = httpx.Client(
            headers=headers, follow_redirects=False, trust_env=False,
            timeout=httpx.Timeout(settings.timeout, connect=min(20.0, settings.timeout)),
        )  # fmt: skip

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def ask(self, messages: Messages, schema: Mapping[str, Any]) -> Answer:
        """The reply to a question.

        Raises `NoReply` where the endpoint gives none after all attempts, and `EndpointError`
        where asking again would not help: it refuses, redirects, or is no such endpoint.
        """
        reason = ""
        for attempt in range(self._settings.attempts):
            try:
                return self._adapt(messages, schema)
            except _Busy as e:
                reason = str(e)
                if e.wait is not None and e.wait > self._settings.patience:
                    raise NoReply(f"{reason}; it asks to wait {e.wait:.0f} s") from None
                if attempt + 1 < self._settings.attempts:
                    self._retried()
                    pause = min(_SLOWEST, self._settings.backoff * 2.0**attempt)
                    # jitter: threads that failed together must not come back together
                    pause *= random.uniform(0.5, 1.0)
                    if e.wait is not None:
                        pause = e.wait + pause / 4
                        self._pace.hold(e.wait)
                    self._pace.sleep(pause)
        raise NoReply(f"{reason} ({self._settings.attempts} attempts)")

    # ------------------------------------------------------------------ one attempt

    def _adapt(self, messages: Messages, schema: Mapping[str, Any]) -> Answer:
        """One attempt, repeated at once without what the server says it does not take."""
        dialect = self._dialect
        while True:
            status, body = self._send(_body(self._settings, dialect, messages, schema))
            if status in (400, 404, 415, 422) and (lesser := _lesser(dialect, body)):
                dialect = lesser
                continue
            if status == 200:
                self._dialect = dialect  # learned only from what then works
                return self._answer(messages, body)
            raise EndpointError(f"{self._settings.shown} answers {status}{self._why(body)}")

    def _send(self, body: Mapping[str, Any]) -> tuple[int, bytes]:
        """Status and body of a response. Raises `_Busy` or `EndpointError`."""
        settings, where = self._settings, self._settings.shown
        data = json.dumps(body).encode("ascii")
        deadline = time.monotonic() + settings.timeout
        with self._slots, _unlogged():
            self._pace.wait()
            try:
                with self._client.stream("POST", settings.address, content=data) as response:
                    status, headers = response.status_code, response.headers
                    if 300 <= status < 400:
                        to = urlsplit(headers.get("Location", "")).hostname or "another place"
                        raise EndpointError(
                            f"{where} redirects to {to}: texts go only to the endpoint named"
                        )
                    content = self._content(response, deadline)
            except self._httpx.TimeoutException:
                raise _Busy(f"{where} did not answer in {settings.timeout:g} s") from None
            except (self._httpx.HTTPError, self._httpx.InvalidURL) as e:
                # only the kind: messages of the library may quote headers
                raise _Busy(f"{where} cannot be reached ({type(e).__name__})") from None
        if status in _BUSY:
            raise _Busy(f"{where} answers {status}{self._why(content)}", _retry_after(headers))
        if status in _REFUSED:
            raise EndpointError(f"{where} answers {status}: it refuses the key, or there is none")
        return status, content

    def _content(self, response: httpx.Response, deadline: float) -> bytes:
        out = bytearray()
        for piece in response.iter_bytes():
            out += piece
            if len(out) > _LARGEST:
                raise _Busy(f"{self._settings.shown} answers with more than {_LARGEST >> 20} MB")
            if time.monotonic() > deadline:  # each byte came in time, the whole did not
                raise _Busy(f"{self._settings.shown} did not end in {self._settings.timeout:g} s")
        return bytes(out)

    def _answer(self, messages: Messages, body: bytes) -> Answer:
        try:
            found = json.loads(body)
            choice = found["choices"][0]
            text = choice["message"]["content"]
        except (ValueError, RecursionError, LookupError, TypeError):
            raise _Busy(f"{self._settings.shown} answers with no chat completion") from None
        # what no database holds cannot be part of any article's words either
        text = text if isinstance(text, str) else ""
        text = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
        usage = found.get("usage") if isinstance(found, dict) else None
        in_, out = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
        counted = in_ is not None and out is not None
        if in_ is None:
            in_ = tokens_of(*(m["content"] for m in messages))
        reply = Reply(text, in_, tokens_of(text) if out is None else out)
        return Answer(reply, choice.get("finish_reason") == "length", counted)

    def _why(self, body: bytes) -> str:
        """What the server says of an error, in short and without the key."""
        said = _message(body)
        if self._settings.key:
            said = said.replace(self._settings.key, "…")
        said = "".join(c if c.isprintable() else " " for c in said)[:200].strip()
        return f": {said}" if said else ""


def _body(
    settings: Settings, dialect: _Dialect, messages: Messages, schema: Mapping[str, Any]
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": settings.model,
        "messages": list(messages),
        "temperature": 0,
        dialect.limit: settings.max_reply,
        "stream": False,
    }
    if dialect.seed:
        body["seed"] = 0
    if dialect.formats[0] == "json_schema":
        named = {"name": "findings", "strict": True, "schema": schema}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    elif dialect.formats[0] == "json_object":
        body["response_format"] = {"type": "json_object"}
    return body


def _lesser(dialect: _Dialect, body: bytes) -> _Dialect | None:
    """What to try after a request was called bad; None where nothing is left to leave out."""
    said = _message(body).lower()
    if dialect.limit == "max_tokens" and "max_completion_tokens" in said:
        return _Dialect(dialect.formats, dialect.seed, "max_completion_tokens")
    if dialect.seed and "seed" in said:
        return _Dialect(dialect.formats, False, dialect.limit)
    if len(dialect.formats) > 1:
        return _Dialect(dialect.formats[1:], dialect.seed, dialect.limit)
    return None


def _message(body: bytes) -> str:
    """The message of an error, in whichever of the usual places it stands."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    for name in ("error", "message", "detail"):
        if isinstance(found, dict) and name in found:
            found = found[name]
    return found if isinstance(found, str) else ""


def _count(usage: object, name: str) -> int | None:
    found = usage.get(name) if isinstance(usage, dict) else None
    return found if type(found) is int and 0 <= found < 1 << 40 else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds out of a Retry-After header, which gives seconds or a date (RFC 9110, 10.2.3)."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.replace(".", "", 1).isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return max(0.0, (when - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
