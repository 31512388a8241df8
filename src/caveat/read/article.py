"""A raw text and its fields → `Article`: language, parts, dates, title."""

from __future__ import annotations

import re
from datetime import date

from caveat.errors import BadDate
from caveat.model import Article, Interval, Span
from caveat.read.dateline import Day
from caveat.read.dates import parse_date
from caveat.read.language import judge_language, language_name
from caveat.read.parts import lay_out
from caveat.read.raw import LeftOut, Raw, ReadOptions

_KNOWN = ("title", "date", "outlet", "url")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def build_article(raw: Raw, options: ReadOptions) -> Article:
    """Work out all that one article says of itself.

    Raises `LeftOut` ("no-text", "language") and, for `options.date`, `BadDate`. A metadata date
    that cannot be read is kept in `extra["date_error"]`; the article is read without it.
    """
    # 1. the text: halves of characters (broken JSON escapes) become U+FFFD, so that it can be
    #    stored in any encoding; they are one code point each, so that offsets hold
    text = _SURROGATE.sub("\ufffd", raw.text)
    fields = {key: _SURROGATE.sub("\ufffd", value) for key, value in raw.fields.items()}
    if not any(map(str.isalpha, text)):
        raise LeftOut("no-text", "no letters", fields.get("id"))
    # 2. language
    language, accepted = judge_language(text, options.languages)
    if not accepted:
        raise LeftOut("language", language_name(str(language)), fields.get("id"))
    # 3. parts
    title = fields.get("title", "").strip() or None
    layout = lay_out(text, title)
    # 4. date
    extra = {key: value for key, value in fields.items() if key not in _KNOWN}
    published, source = _given_date(raw, options, extra)
    published, source = _with_dateline(published, source, layout.day)
    # 5. title
    return Article(
        text=text,
        title=title or _words(text, layout.headline),
        outlet=options.outlet or fields.get("outlet", "").strip() or None,
        url=fields.get("url", "").strip() or None,
        published=published,
        published_from=source,
        language=language,
        parts=layout.parts,
        carried_by=layout.carried_by,
        name=raw.name,
        extra=extra,
    )


def _words(text: str, span: Span | None) -> str | None:
    return text[span[0] : span[1]] if span else None


def _given_date(
    raw: Raw, options: ReadOptions, extra: dict[str, str]
) -> tuple[Interval | None, str | None]:
    """The date of option or fields, and which of them gave it."""
    if options.date is not None:
        return parse_date(options.date), "option"
    try:
        published = parse_date(raw.fields.get("date", ""))
    except BadDate as e:
        extra["date_error"] = str(e)
        published = None
    return published, raw.fields_from if published else None


def _with_dateline(
    published: Interval | None, source: str | None, day: Day | None
) -> tuple[Interval | None, str | None]:
    """Let the dateline give the day, where its year is known from itself or from the metadata."""
    if day is None or (published and published.is_day):
        return published, source
    if published is None:
        days = _days(day, day.year, day.year) if day.year else []
    else:
        first, last = published.start or date.min, published.end or date.max
        days = [d for d in _days(day, first.year, last.year) if first <= d <= last]
    if len(days) != 1:
        return published, source
    return Interval(days[0], days[0]), "dateline"


def _days(day: Day, first: int, last: int) -> list[date]:
    found = []
    for year in range(first, last + 1):
        if day.year in (None, year):
            try:
                found.append(date(year, day.month, day.day))
            except ValueError:  # a day that this year does not have
                continue
    return found
