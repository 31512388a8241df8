"""Caveat: who is willing to do what, under which conditions, and who says so."""
