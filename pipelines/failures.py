"""What went wrong, as one line in the run: for failures that a person can do something about.

Any other exception is a mistake of ours and keeps its traceback.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.archives import RefusedExport
from pipelines.listening.contexts.weights import WrongWeights
from pipelines.listening.responses import Unreadable
from pipelines.listening.table import RefusedTable
from pipelines.resources.lake import CorruptFile
from pipelines.resources.lockouts import LockedOut
from pipelines.resources.login import LoginExpired, LoginMissing, RefreshFailed
from pipelines.resources.spotify import SpotifyError
from pipelines.resources.stores import StoreUnavailable
from pipelines.resources.throttle import BudgetSpent
from pipelines.resources.tokens import TokenFileError
from pipelines.settings import SettingsError


class NothingCollected(RuntimeError):
    """A date for which Spotify was not asked while it could still answer."""

    def __init__(self, what: str, date: str) -> None:
        were = "were" if what.endswith("s") else "was"
        super().__init__(
            f"no {what} {were} collected on {date}, and Spotify only tells the present: "
            "choose dates that were collected, or today"
        )


class WrongAccount(RuntimeError):
    """The login belongs to another Spotify account than the plays in the lake."""


CAUSE = "cause"
"""Under which metadata a failed step tells the kind of its failure."""

EXPECTED = (
    BudgetSpent,
    CorruptFile,
    LockedOut,
    LoginExpired,
    LoginMissing,
    NothingCollected,
    RefreshFailed,
    RefusedExport,
    RefusedTable,
    SettingsError,
    SpotifyError,
    StoreUnavailable,
    TokenFileError,
    Unreadable,
    WrongAccount,
    WrongWeights,
)


def _kind_of(problem: Exception) -> str:
    """Which of `EXPECTED` it is, itself or as one of its kinds."""
    return next(kind.__name__ for kind in EXPECTED if isinstance(problem, kind))


@contextmanager
def plainly() -> Iterator[None]:
    """Turn expected failures into a `Failure` whose description is their one line.

    They are not retried by Dagster: Spotify's own retries are over by then, and none of the
    others passes by itself.
    """
    try:
        yield
    except EXPECTED as problem:
        import dagster as dg  # noqa: PLC0415 the command line has no need of it

        raise dg.Failure(
            str(problem), metadata={CAUSE: _kind_of(problem)}, allow_retries=False
        ) from None
