"""The reader by language model: optional, off by default, every finding on exact words.

settings = settings_from(os.environ)
with LlmReader(settings, replies=register) as reader:
    findings = find_positions(article, undertaking, reader)

Nothing outside of this package imports it but those who offer it as a choice, and httpx is
imported when the first question is asked.
"""

from caveat.tag.llm.estimate import Estimate, money
from caveat.tag.llm.merge import SAME, overlap
from caveat.tag.llm.pace import Usage
from caveat.tag.llm.reader import LlmReader
from caveat.tag.llm.replies import Asked, Replies, Reply, ReplyFile
from caveat.tag.llm.settings import Settings, settings_from

__all__ = [
    "SAME", "Asked", "Estimate", "LlmReader", "Replies", "Reply", "ReplyFile",
    "Settings", "Usage", "money", "overlap", "settings_from",
]  # fmt: skip
