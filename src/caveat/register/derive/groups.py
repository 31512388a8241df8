"""Disjoint groups whose name does not depend on the order in which members were joined."""

from __future__ import annotations


class Groups:
    """Union-find over ids; each group is named by its smallest member."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def smallest(self, member: str) -> str:
        """The smallest member of this member's group; of one never joined, itself."""
        root = member
        while (above := self._above.get(root, root)) != root:
            root = above
        while member != root:
            # hang what was passed directly below the root, so that later ways are short
            self._above[member], member = root, self._above[member]
        return root

    def join(self, one: str, other: str) -> None:
        """Put both members' groups together."""
        low, high = sorted((self.smallest(one), self.smallest(other)))
        if low != high:
            self._above[high] = low
