"""The main path: an article in, its positions out; and a batch of them into a register."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from caveat.commit import commit
from caveat.errors import CaveatError, ReaderError
from caveat.model import NO_REPLY, Article, Findings, Skipped
from caveat.read import ReadOptions, read_articles
from caveat.resolve import resolve
from caveat.tag import Reader, load_reader
from caveat.undertaking import Undertaking

if TYPE_CHECKING:  # the database library takes a quarter of a second to load
    from caveat.register import Register


def find_positions(
    article: Article, undertaking: Undertaking | None = None, reader: Reader | None = None
) -> Findings:
    """Find the attributions and positions of one article.

    What is found depends on the article and the undertaking alone. Without an undertaking,
    propositions and scope are None. `reader` defaults to the shipped one; load it once with
    `caveat.tag.load_reader` to read many articles.
    """
    reader = reader or load_reader()
    # 1. mark attributions, names and parts of positions on the words
    marks = reader.mark(article)
    # 2. resolve mentions to actors, with evidence of who speaks for whom
    resolution = resolve(article, marks)
    # 3. normalise: kinds, amounts, times, propositions, scope, voice, caveats
    positions = commit(article, marks, resolution, undertaking)
    return Findings(
        article=article,
        reader=marks.reader,
        undertaking=undertaking.digest if undertaking else None,
        attributions=marks.attributions,
        attribution_actors=tuple(
            next((a for s in one.source for a in resolution.of(s)), None)
            for one in marks.attributions
        ),
        positions=positions,
        resolution=resolution,
        names=marks.names,
    )


Items = Iterable[Article | Skipped]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a batch did: articles read, how many were new to the register, what was left out."""

    read: int
    new: int
    positions: int
    skipped: tuple[Skipped, ...]
    undated: int
    seconds: float

    @property
    def known(self) -> int:
        """Articles that the register held already, read by the same reader."""
        return self.read - self.new


def read_into(
    register: Register,
    sources: Iterable[str | Path],
    options: ReadOptions | None = None,
    reader: Reader | None = None,
    progress: Callable[[Article | Skipped], None] | None = None,
    bytes_read: Callable[[int], None] | None = None,
    ahead: Callable[[Items], Items] | None = None,
) -> Summary:
    """Read sources into a register, one transaction an article; `progress` is told of each.

    What cannot be read is named in the summary and in the register, and the rest goes on; so it
    does after an article on which a stage fails ("failed": an error of ours). `bytes_read` is
    told how many bytes of the sources were read since its last call. All pass through `ahead`
    first: a reader that waits for others' machines prepares several articles there at once.
    """
    reader = reader or load_reader()
    started = time.monotonic()
    read = new = positions = undated = 0
    skipped: list[Skipped] = []
    items: Items = read_articles(sources, options or ReadOptions(), progress=bytes_read)
    for one in ahead(items) if ahead is not None else items:
        found = one if isinstance(one, Skipped) else _found(one, register.undertaking, reader)
        if isinstance(found, Skipped):
            if found.reason != NO_REPLY:
                register.skip(found.name, found.reason, found.detail)
            skipped.append(found)
        else:
            new += register.add(found)
            read += 1
            undated += found.article.published is None
            positions += len(found.positions)
        if progress is not None:
            progress(one)
    register.refresh()
    seconds = time.monotonic() - started
    return Summary(read, new, positions, tuple(skipped), undated, seconds)


def _found(article: Article, undertaking: Undertaking | None, reader: Reader) -> Findings | Skipped:
    """An article's findings; one on which a stage fails is named, and the batch goes on."""
    try:
        return find_positions(article, undertaking, reader)
    except ReaderError as e:
        return Skipped(article.name or article.id, NO_REPLY, str(e))
    except CaveatError:
        raise
    except Exception as e:  # one article in a million must not end the night's run
        return Skipped(article.name, "failed", f"{type(e).__name__}: {e}")
