"""The reader by language model: windows, replies, words located, windows merged."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from caveat.errors import EndpointError, NoReply, NotAsked, ReaderError
from caveat.model import NO_REPLY, Article, Marks, Skipped, Span
from caveat.tag.llm.client import Answer, Client
from caveat.tag.llm.estimate import CHARACTERS, REPLY_SHARE, Estimate, tokens_of
from caveat.tag.llm.ground import Grounded, ground
from caveat.tag.llm.merge import merged
from caveat.tag.llm.pace import Budget, Usage
from caveat.tag.llm.prompt import (
    Messages,
    prompt_hash,
    question,
    question_again,
    question_where,
)
from caveat.tag.llm.replies import Asked, Replies
from caveat.tag.llm.schema import (
    Said,
    corrections_schema,
    findings_schema,
    read_corrections,
    read_findings,
)
from caveat.tag.llm.settings import Settings
from caveat.tag.llm.tolerant import read_json
from caveat.tag.llm.windows import Window, windows

Around = Collection[Span] | None


@dataclass(frozen=True, slots=True)
class _Queued:
    """An item on its way, the hash of its text, and the questions asked about it."""

    item: Article | Skipped
    text: str
    asked: list[Future[None]]


class LlmReader:
    """Asks a language model and keeps what stands in the text.

    `mark` reads one article; `ahead` prepares many at once, several requests in the air. With
    `replies` nothing is asked twice. Close it, or use it as a context manager.
    """

    def __init__(self, settings: Settings, replies: Replies | None = None) -> None:
        self.settings = settings
        self.usage = Usage()
        self.version = f"llm/{settings.model}/{prompt_hash()}"
        self._replies = replies
        self._stop = threading.Event()
        self._budget = Budget(settings.cap, self.usage)
        self._ready: dict[tuple[str, Span], tuple[Grounded, Counter[str]]] = {}
        self._made: Client | None = None
        self._closed: EndpointError | None = None
        self._failures = 0
        self._lock = threading.Lock()

    def __enter__(self) -> LlmReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all waiting and close all connections."""
        self._stop.set()
        if self._made is not None:
            self._made.close()

    def mark(self, article: Article, around: Around = None) -> Marks:
        """Mark headline and body of an article; with `around`, only the passages of these spans.

        Raises `ReaderError` where the model cannot be asked about a passage of it.
        """
        found, dropped = [], Counter[str]()
        for window in self._windows(article, around):
            ready = self._ready.get((article.sha256, window.span))
            grounded, left_out = ready or self._read(article.sha256, window)
            found.append(grounded)
            dropped.update(left_out)
        self.usage.drop(dropped)
        attributions, positions = merged(found)
        return Marks(self.version, attributions, (), positions)

    def estimate(self, articles: Iterable[tuple[Article, Around]]) -> Estimate:
        """What reading these articles may cost. Asks nobody."""
        count = requests = cached = tokens_in = passages = 0
        for article, around in articles:
            count += 1
            for window in self._windows(article, around):
                messages = question(window)
                if self._kept(self._asked(article.sha256, window, messages)):
                    cached += 1
                    continue
                requests += 1
                tokens_in += tokens_of(*(m["content"] for m in messages))
                passages += len(window.shown)
        out = round(REPLY_SHARE * passages / CHARACTERS)
        return Estimate(count, requests, cached, tokens_in, out, passages)

    def ahead(
        self, items: Iterable[Article | Skipped], around: Mapping[str, Around] | None = None
    ) -> Iterator[Article | Skipped]:
        """The items in order, each once its replies are there; several are asked at once.

        An article that the model cannot be asked about comes out as `Skipped` with the reason.
        `around` gives passages by article id.
        """
        queue: deque[_Queued] = deque()
        pool = ThreadPoolExecutor(self.settings.concurrency, thread_name_prefix="caveat-llm")
        try:
            for item in items:
                queue.append(self._queued(pool, item, around, queue))
                if len(queue) > 2 * self.settings.concurrency:
                    yield from self._finished(queue)
            while queue:
                yield from self._finished(queue)
        except BaseException:
            self._stop.set()  # back-off and pauses must not hold up who interrupts
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    # ------------------------------------------------------------------ within

    def _client(self) -> Client:
        with self._lock:  # made by the first question, once for all threads
            if self._made is None:
                self._made = Client(self.settings, self._stop, self._count_retry)
            return self._made

    def _count_retry(self) -> None:
        with self.usage.lock:
            self.usage.retries += 1

    def _windows(self, article: Article, around: Around) -> tuple[Window, ...]:
        return windows(article, self.settings.window, self.settings.overlap, around)

    def _queued(
        self,
        pool: ThreadPoolExecutor,
        item: Article | Skipped,
        around: Mapping[str, Around] | None,
        queue: Iterable[_Queued],
    ) -> _Queued:
        if not isinstance(item, Article):
            return _Queued(item, "", [])
        spans = around.get(item.id) if around is not None else None
        text, found = item.sha256, []
        in_the_air = {q.text: q.asked for q in queue}  # one text in two articles is asked once
        if text in in_the_air and spans is None:
            return _Queued(item, text, in_the_air[text])
        for window in self._windows(item, spans):
            found.append(pool.submit(self._prepare, text, window))
        return _Queued(item, text, found)

    def _prepare(self, text: str, window: Window) -> None:
        self._ready[text, window.span] = self._read(text, window)

    def _finished(self, queue: deque[_Queued]) -> Iterator[Article | Skipped]:
        """The first of the queue once it is done; what was prepared for it is then forgotten."""
        done = queue.popleft()
        failed: ReaderError | None = None
        for one in done.asked:
            try:
                one.result()
            except ReaderError as e:
                failed = failed or e
        item = done.item
        if failed is not None and isinstance(item, Article):
            item = Skipped(item.name or item.id, NO_REPLY, str(failed), item.extra.get("id"))
        yield item
        if not any(q.text == done.text for q in queue):
            for key in [k for k in self._ready if k[0] == done.text]:
                self._ready.pop(key, None)

    def _read(self, article: str, window: Window) -> tuple[Grounded, Counter[str]]:
        """The findings of a window: one question, and one more where the reply needs it."""
        dropped: Counter[str] = Counter()
        said, whole = self._said(article, window, question(window), dropped)
        if not whole:
            again: Counter[str] = Counter()
            second, better = self._said(article, window, question_again(window), again)
            if second is not None and (better or said is None):
                said, dropped, whole = second, again, better
            if said is None:
                raise NoReply(f"{self.settings.model} replies with no JSON")
            dropped["half reply"] += not whole
            return ground(said, window, dropped), dropped
        assert said is not None
        first: Counter[str] = Counter()
        found = ground(said, window, first)
        if found.lost:
            lost = list(found.lost)
            asked = self._object(
                article, window, question_where(window, lost), corrections_schema()
            )
            first.clear()
            found = ground(said, window, first, read_corrections(asked[0] or {}, lost))
        return found, dropped + first

    def _said(
        self, article: str, window: Window, messages: Messages, dropped: Counter[str]
    ) -> tuple[Said | None, bool]:
        reply, whole = self._object(article, window, messages, findings_schema())
        if reply is None:
            return None, False
        return read_findings(reply, dropped), whole

    def _object(
        self, article: str, window: Window, messages: Messages, schema: dict[str, Any]
    ) -> tuple[dict[str, Any] | None, bool]:
        """The JSON object of a reply, kept or new, and whether it is whole."""
        asked = self._asked(article, window, messages)
        if (kept := self._kept(asked)) is not None:
            with self.usage.lock:
                self.usage.cached += 1
            return read_json(kept)
        answer = self._ask(messages, schema)
        found, whole = read_json(answer.reply.text)
        if found is not None and self._replies is not None:
            # what is no JSON at all is not kept: it may be the server's bad day
            reply = answer.reply
            tokens = (reply.tokens_in, reply.tokens_out)
            self._replies.keep_reply(asked.key, asked.columns, reply.text, tokens)
        return found, whole and not answer.cut

    def _asked(self, article: str, window: Window, messages: Messages) -> Asked:
        digest = hashlib.sha256(json.dumps(messages).encode("ascii")).hexdigest()
        settings = self.settings
        return Asked(
            article, window.span, settings.model, prompt_hash(), settings.parameters, digest
        )

    def _kept(self, asked: Asked) -> str | None:
        return self._replies.reply(asked.key) if self._replies is not None else None

    def _ask(self, messages: Messages, schema: dict[str, Any]) -> Answer:
        """A new reply, within the cap. Raises `ReaderError`."""
        if self._closed is not None:
            raise self._closed
        if self.settings.offline:
            raise NotAsked("the reply is not kept, and --offline asks nobody")
        most = tokens_of(*(m["content"] for m in messages)) + self.settings.max_reply
        self._budget.reserve(most)
        spent, counted = (0, 0), True
        try:
            with self.usage.lock:
                self.usage.requests += 1
            answer = self._client().ask(messages, schema)
            spent = (answer.reply.tokens_in, answer.reply.tokens_out)
            counted = answer.counted
            self._failures = 0
        except NoReply:
            self._failed()
            raise
        except EndpointError as e:
            self._closed = e
            raise
        finally:
            self._budget.settle(most, *spent, counted=counted)
        return answer

    def _failed(self) -> None:
        """After some questions in a row without a reply the endpoint is taken for dead."""
        with self._lock:
            self._failures += 1
            if self._failures >= 3 * self.settings.concurrency and self._closed is None:
                self._closed = EndpointError(
                    f"{self.settings.shown} gave no reply to {self._failures} questions in a row"
                )
