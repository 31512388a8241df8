"""The views of a register, with speaking names; plain SQL that SQLite and PostgreSQL both read.

`current_readings` is the one definition of what counts today, in code (`load.py`) as in Datasette.
"""

from __future__ import annotations

from sqlalchemy import Connection

HAND = "hand"
"""The reader of positions that a person entered."""

# the last machine reading of the last version of each article, and what people entered, of a
# table's row the last; nothing of articles that were retracted or corrected
_CURRENT_READINGS = """
SELECT r.id AS reading_id, r.article_id, r.reader
FROM readings r
WHERE NOT EXISTS (
    SELECT 1 FROM article_marks m
    WHERE m.article_id = r.article_id AND m.mark IN ('retracted', 'corrected')
    AND NOT EXISTS (
        SELECT 1 FROM article_marks later
        WHERE later.article_id = m.article_id AND later.number > m.number
        AND later.mark <> 'archived'
    )
)
AND ((
    r.reader = 'hand'
    AND (
        NOT EXISTS (SELECT 1 FROM imported_rows i WHERE i.reading_id = r.id)
        OR EXISTS (
            SELECT 1 FROM imported_rows i
            WHERE i.reading_id = r.id AND NOT EXISTS (
                SELECT 1 FROM imported_rows later
                WHERE later.source = i.source AND later.row = i.row AND later.number > i.number
            )
        )
    )
)
OR (
    r.reader <> 'hand' AND
    NOT EXISTS (
        SELECT 1 FROM readings later
        WHERE later.article_id = r.article_id
        AND later.number > r.number AND later.reader <> 'hand'
    )
    AND NOT EXISTS (SELECT 1 FROM articles newer WHERE newer.replaces = r.article_id)
))
"""

_SENTENCES = """
SELECT p.key AS position_key, p.id AS position_id, a.id AS article_id, a.title,
    substr(a.text, p.sentence_start + 1, p.sentence_end - p.sentence_start) AS sentence
FROM positions p JOIN articles a ON a.id = p.article_id
"""


_ARTICLE_TEXTS = """
SELECT k.key AS article_key, a.id AS article_id, a.title, a.text
FROM article_keys k JOIN articles a ON a.id = k.article_id
"""


def _words(start: str, end: str) -> str:
    return f"substr(a.text, {start} + 1, {end} - {start})"


_POSITIONS = f"""
SELECT p.id AS position_id, a.published_end AS reported, p.said_start, p.said_end, a.outlet,
    h.actor AS holder, p.stance, p.kind, p.negated,
    {_words("p.action_start", "p.action_end")} AS action, p.voice,
    {_words("p.speaker_start", "p.speaker_end")} AS speaker, p.speaker_actor,
    (SELECT count(*) FROM conditions c WHERE c.position_key = p.key) AS conditions,
    p.confidence, {_words("p.sentence_start", "p.sentence_end")} AS sentence,
    a.title, a.url, r.reader, a.id AS article_id
FROM positions p
JOIN current_readings r ON r.reading_id = p.reading_id
JOIN articles a ON a.id = p.article_id
LEFT JOIN position_actors h ON h.position_key = p.key AND h.role = 'holder'
"""

_CONDITIONS = f"""
SELECT p.id AS position_id, p.stance, p.kind, c.relation,
    {_words("c.span_start", "c.span_end")} AS condition_words, c.proposition, c.or_group,
    {_words("p.action_start", "p.action_end")} AS action, a.outlet, a.title
FROM conditions c
JOIN positions p ON p.key = c.position_key
JOIN current_readings r ON r.reading_id = p.reading_id
JOIN articles a ON a.id = p.article_id
"""

_CAVEATS = """
SELECT p.id AS position_id, c.name AS caveat, c.why
FROM caveats c
JOIN positions p ON p.key = c.position_key
JOIN current_readings r ON r.reading_id = p.reading_id
"""

_SPEAKS_FOR = f"""
SELECT s.speaker, s.party, s.role, {_words("s.span_start", "s.span_end")} AS evidence,
    a.outlet, a.title, a.id AS article_id
FROM speaks_for s
JOIN current_readings r ON r.reading_id = s.reading_id
JOIN articles a ON a.id = r.article_id
"""

_ATTRIBUTIONS = f"""
SELECT t.reading_id, t.number AS attribution, t.actor, s.role, s.number,
    {_words("s.span_start", "s.span_end")} AS words, a.outlet, a.title, a.id AS article_id
FROM attributions t
JOIN current_readings r ON r.reading_id = t.reading_id
JOIN articles a ON a.id = r.article_id
JOIN attribution_spans s ON s.reading_id = t.reading_id AND s.attribution = t.number
"""

_ARTICLES = """
SELECT a.id AS article_id, a.published_end AS published, a.outlet, a.title, a.url, a.language,
    length(a.text) AS characters, a.replaces,
    (SELECT newer.id FROM articles newer WHERE newer.replaces = a.id) AS replaced_by,
    (SELECT count(*) FROM positions p JOIN current_readings r ON r.reading_id = p.reading_id
        WHERE p.article_id = a.id) AS positions
FROM articles a
"""

VIEWS: tuple[tuple[str, str], ...] = (
    ("current_readings", _CURRENT_READINGS),
    ("sentences", _SENTENCES),
    ("article_texts", _ARTICLE_TEXTS),
    ("positions_readable", _POSITIONS),
    ("conditions_readable", _CONDITIONS),
    ("caveats_readable", _CAVEATS),
    ("speaks_for_readable", _SPEAKS_FOR),
    ("attributions_readable", _ATTRIBUTIONS),
    ("articles_readable", _ARTICLES),
)
"""Names and queries, in the order in which they rest on each other."""


def drop_views(connection: Connection) -> None:
    """Drop all views."""
    for name, _ in reversed(VIEWS):
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")


def create_views(connection: Connection) -> None:
    """Create all views."""
    for name, query in VIEWS:
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {query.strip()}")
