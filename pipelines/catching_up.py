"""How far a table that grows date by date has come, so that a day's cost does not grow.

For tables that take in one date after the other. Tables that are made anew from a month or from
the whole ledger do not need it.
"""

from dataclasses import dataclass

from pipelines.resources.lake import Lake


@dataclass(frozen=True)
class Watermark:
    """The last date that was taken in, and by which version of what takes it in."""

    lake: Lake
    path: str
    version: str

    def since(self, date: str | None) -> str | None:
        """From which date on to take in; None to start from nothing.

        Args:
            date: the date that the run is for; None for a rebuild of everything.
        """
        state = self.lake.document(self.path) or {}
        if date is None or state.get("version") != self.version or "through" not in state:
            return None
        return min(str(state["through"]), date)

    def move(self, through: str) -> None:
        """Everything up to this date has been taken in."""
        self.lake.write_document(self.path, {"version": self.version, "through": through})
