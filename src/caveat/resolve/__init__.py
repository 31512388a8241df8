"""Mentions to actors: gazetteer, name chains, descriptions, pronouns, and who speaks for whom."""

from caveat.resolve.core import actor_known, actor_name, actor_named, resolve

__all__ = ["actor_known", "actor_name", "actor_named", "resolve"]
