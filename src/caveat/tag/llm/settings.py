"""Which model to ask, where, and how much: one frozen object out of the environment and options."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from caveat.errors import InputError

PREFIX = "CAVEAT_LLM_"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the reader by language model needs to know.

    `url` is the endpoint's base ("http://localhost:11434/v1"); lengths are in characters, `cap`
    and `max_reply` in tokens, prices in whatever currency per million tokens. The key is left out
    of the representation, so that no log or traceback of locals shows it.
    """

    model: str
    url: str = ""
    key: str = field(default="", repr=False)
    window: int = 6000
    """Longest passage of one request: about 1,500 tokens. Longer ones cost recall in small models
    and make replies that run into `max_reply`; not swept here, for no model can be reached."""
    overlap: int = 800
    max_reply: int = 4096
    concurrency: int = 4
    per_minute: int = 0
    """Requests a minute over all threads; 0 sets no limit of our own."""
    timeout: float = 120.0
    """Seconds for one whole reply, however slowly it drips."""
    attempts: int = 5
    patience: float = 120.0
    """Seconds that a `Retry-After` may ask for; a server that asks for more is given up."""
    backoff: float = 1.0
    cap: int | None = None
    price_in: float | None = None
    price_out: float | None = None
    offline: bool = False

    @property
    def address(self) -> str:
        """Where requests go: the chat completions of the endpoint."""
        parts = urlsplit(self.url)
        path = parts.path.rstrip("/")
        if not path.endswith("/chat/completions"):
            path += "/chat/completions"
        return parts._replace(path=path, fragment="").geturl()

    @property
    def shown(self) -> str:
        """The endpoint as messages name it: without query, for some servers take keys there."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"

    @property
    def is_local(self) -> bool:
        """Whether texts stay on this machine."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    @property
    def is_open(self) -> bool:
        """Whether texts would travel unencrypted to another machine."""
        return urlsplit(self.url).scheme == "http" and not self.is_local

    @property
    def parameters(self) -> str:
        """What changes replies besides model, prompt and passage; part of a reply's key."""
        return f"temperature=0;seed=0;max={self.max_reply}"


def settings_from(environment: Mapping[str, str], **given: Any) -> Settings:
    """Settings out of `CAVEAT_LLM_…`; options that are `given` and not None win.

    Raises `InputError` for what is missing or makes no sense. The message never holds the key.
    """
    found: dict[str, Any] = {}
    for name in ("model", "url", "key"):
        if value := environment.get(PREFIX + name.upper(), "").strip():
            found[name] = value
    for name, number in _NUMBERS.items():
        if value := environment.get(PREFIX + name.upper(), "").strip():
            found[name] = _number(PREFIX + name.upper(), value, number)
    found |= {name: value for name, value in given.items() if value is not None}
    if not found.get("model"):
        raise InputError("no language model is named: set CAVEAT_LLM_MODEL, or give --llm-model")
    settings = Settings(**found)
    _check(settings)
    return settings


_NUMBERS: Mapping[str, type[int] | type[float]] = {
    "window": int, "max_reply": int, "concurrency": int, "per_minute": int, "timeout": float,
    "price_in": float, "price_out": float,
}  # fmt: skip
_LEAST: Mapping[str, float] = {
    "window": 500, "max_reply": 64, "concurrency": 1, "per_minute": 0, "timeout": 1, "price_in": 0,
    "price_out": 0, "cap": 0,
}  # fmt: skip


def _number(name: str, value: str, number: type[int] | type[float]) -> float:
    try:
        return number(value)
    except ValueError:
        raise InputError(f"{name} must be a number, not {value!r}") from None


def _check(settings: Settings) -> None:
    for name, least in _LEAST.items():
        value = getattr(settings, name)
        if value is not None and not value >= least:  # not "<": NaN is no number either
            raise InputError(f"{PREFIX}{name.upper()} must be {least:g} or more, not {value:g}")
    if not (settings.key.isascii() and settings.key.isprintable() and " " not in settings.key):
        # said here, for the HTTP library would quote the key in its own message
        raise InputError("CAVEAT_LLM_KEY holds characters that no key has, such as a line break")
    if not settings.url:
        if settings.offline:
            return
        raise InputError("no endpoint is named: set CAVEAT_LLM_URL, or give --llm-url")
    try:
        parts = urlsplit(settings.url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        named = parts.username is not None or parts.password is not None
    except ValueError:
        fine, named = False, False
    if named:
        raise InputError("the endpoint's URL holds a user name or password: set CAVEAT_LLM_KEY")
    if not fine:
        raise InputError("the endpoint must be a URL such as http://localhost:11434/v1")
