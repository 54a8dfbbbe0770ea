"""That a cell says something else than what was asked, by name of the reason alone.

Every module that reads cells raises it. Add nothing here that could hold a cell's text.
"""


class Unusable(Exception):
    """A cell that cannot be used.

    Args:
        reason: why, by name; never with the cell's text.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
