"""HTML → main text, title, outlet, URL and publication date, through trafilatura.

Only the text, title, site name and canonical URL are trafilatura's. The date is read here from
what the page declares, because htmldate, which trafilatura asks, fills gaps by guessing: a
month becomes a day, 30 February the 1st, a year in the title the year of publication.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from caveat.read.raw import LeftOut, Raw

MAX_TAGS = 60_000
"""trafilatura's time grows with the square of the elements (50,000 paragraphs: 6 s, 100,000
`div`s: 13 s on one core of 2026); a long live blog has some 20,000."""
_MAX_JSON = 1_000_000
_DATE_NAMES = (  # most telling first; "modified" dates are not publication dates
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "article:published",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "citation_publication_date",
    "publishdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "pubdate",
    "article.published",
    "cxenseparse:recs:publishtime",
    "dc.date",
    "dcterms.date",
    "date",
)


def main_text(html: str, name: str) -> Raw:
    """The article of a page, paragraphs parted by an empty line, its title first.

    Raises `LeftOut`: "no-main-text", "too-large" (too many elements).
    """
    if html.count("<") > MAX_TAGS:
        raise LeftOut("too-large", f"HTML with more than {MAX_TAGS:,} tags")
    tree, document = _extracted(html)
    paragraphs = [p for line in (document.text or "").split("\n") if (p := line.strip())]
    if not paragraphs:
        raise LeftOut("no-main-text", "no paragraphs found")
    given = {
        "title": document.title,
        "outlet": document.sitename,
        "url": document.url,
        "date": _published(tree),
    }
    fields = {key: str(value).strip() for key, value in given.items() if value}
    text = "\n\n".join(paragraphs)
    title = fields.get("title", "")
    if title and _folded(title) not in _folded(text[: 2 * len(title) + 200]):
        text = f"{title}\n\n{text}"
    return Raw(text, name, fields)


def _extracted(html: str) -> tuple[Any, Any]:
    """The page's tree and trafilatura's document of it."""
    trafilatura = _trafilatura()
    if "<body" not in html[:100_000].lower():  # it refuses fragments
        html = f"<html><body>{html}</body></html>"
    try:
        tree = trafilatura.load_html(html)
        document = tree is not None and trafilatura.bare_extraction(
            tree,
            with_metadata=True,
            include_comments=False,
            include_tables=False,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    except Exception as e:  # whatever broken markup does to the parser, the batch goes on
        raise LeftOut("no-main-text", f"cannot be parsed ({type(e).__name__})") from e
    if not document:
        raise LeftOut("no-main-text", "nothing found that looks like an article")
    return tree, document


@cache
def _trafilatura() -> ModuleType:
    """The library, its complaints silenced: what it cannot read is reported by us, by name."""
    import trafilatura

    for name in ("trafilatura", "htmldate", "justext", "courlan"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return trafilatura


def _published(tree: Any) -> str | None:
    """The publication date as the page declares it, in its own words; None if it does not.

    Order: JSON-LD `datePublished`, `<meta>`, microdata, and `<time datetime>` if all agree.
    """
    return (
        next(_linked_data_dates(tree), None)
        or _meta_date(tree)
        or next(
            (
                value
                for e in tree.iterfind(".//*[@itemprop='datePublished']")
                if (value := (e.get("content") or e.get("datetime") or e.text or "").strip())
            ),
            None,
        )
        or _only_time(tree)
    )


def _meta_date(tree: Any) -> str | None:
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        key = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        if content := (meta.get("content") or "").strip():
            found.setdefault(key.strip().casefold(), content)
    return next((found[name] for name in _DATE_NAMES if name in found), None)


def _only_time(tree: Any) -> str | None:
    times = [t.strip() for e in tree.iter("time") if (t := e.get("datetime")) and t.strip()]
    return times[0] if len({t[:10] for t in times}) == 1 else None


def _linked_data_dates(tree: Any) -> Iterator[str]:
    for script in tree.iterfind(".//script[@type='application/ld+json']"):
        text = script.text or ""
        if "datePublished" not in text or len(text) > _MAX_JSON:
            continue
        try:
            todo: deque[Any] = deque([json.loads(text)])
        except (ValueError, RecursionError):
            continue
        while todo:
            item = todo.popleft()
            if isinstance(item, list):
                todo += item
            elif isinstance(item, dict):
                date = item.get("datePublished")
                if isinstance(date, str) and date.strip() and _is_article(item.get("@type")):
                    yield date.strip()
                todo += [item[key] for key in ("@graph", "mainEntity") if key in item]


def _is_article(kind: object) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(k, str) and k.endswith(("Article", "Posting", "Report")) for k in kinds)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
