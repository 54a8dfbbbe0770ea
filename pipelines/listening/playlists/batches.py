"""In which batches songs are sent, and how the one that Spotify does not take is narrowed down.

One song that Spotify does not take makes a whole batch fail, with a 5xx as an outage would. A batch
that fails twice is halved until the song is alone; refused three times on its own, it is left out,
once another song is taken after it: as long as none is, it may be Spotify that is down. Pure
decisions; what is sent, and what is read in between, is `library/writing.py`.
"""

from dataclasses import dataclass, field

from pipelines.errors import SpotifyError
from pipelines.listening.playlists.written import LeftOut

BATCH = 100
"""Songs that Spotify takes at once."""

TRIES_OF_A_BATCH = 2
"""Of a whole batch, since most failures pass; half of one that failed is tried once."""

TRIES_OF_ONE = 3
"""A song that is refused so often on its own is left out, once another one is taken."""

MAX_REFUSED = 10
"""So many songs in a row that are refused one by one: that is no matter of songs. Reasoned."""


@dataclass
class Batches:
    """Which songs of a part are sent next.

    Attributes:
        uris: of the part.
        refused: songs just before those that are sent next, which were refused on their own.
        any_taken: whether anything was taken since a whole batch was first refused; as long as
            nothing is, it may be Spotify that is down.
    """

    uris: tuple[str, ...]
    refused: tuple[LeftOut, ...] = ()
    any_taken: bool = False
    _size: int = BATCH
    _tries: int = 0
    _doubtful_until: int = field(default=0)

    def next(self, written: int) -> range | None:
        """The positions to send; None where there are no more.

        Args:
            written: how many songs of the part are dealt with.
        """
        begin = self.refused[-1].position + 1 if self.refused else written
        if begin >= len(self.uris):
            return None
        if begin >= self._doubtful_until and not self.refused:
            self._size = BATCH
        return range(begin, min(begin + self._size, len(self.uris)))

    def was_taken(self, stop: int) -> None:
        """The batch was taken, at least the songs before `stop`."""
        if self.refused:  # the culprit is found; the others may be as they should
            self._size = max(min(BATCH, self._doubtful_until - stop), 1)
        self.refused, self._tries = (), 0
        self.any_taken = True

    def was_refused(self, batch: range, reason: str) -> None:
        """Nothing of the batch was taken.

        Raises:
            SpotifyError: where too many songs in a row were refused for it to be up to them.
        """
        self._tries += 1
        whole = batch.start >= self._doubtful_until
        if whole and not self.refused:
            self.any_taken = False
        if len(batch) > 1 and self._tries >= (TRIES_OF_A_BATCH if whole else 1):
            self._doubtful_until = max(self._doubtful_until, batch.stop)
            self._size, self._tries = (len(batch) + 1) // 2, 0
        elif len(batch) == 1 and self._tries >= TRIES_OF_ONE:
            position = batch.start
            self._doubtful_until = max(self._doubtful_until, batch.stop)
            self.refused += (LeftOut(position, self.uris[position], reason),)
            self._size, self._tries = 1, 0
            if len(self.refused) >= MAX_REFUSED:
                raise none_taken(self.refused)


def none_taken(refused: tuple[LeftOut, ...]) -> SpotifyError:
    """The exception to raise where these songs were refused, and no other was taken."""
    return SpotifyError(
        f"Spotify took none of {len(refused)} songs, each sent on its own "
        f"({refused[-1].reason}): that is hardly up to the songs, so none is left out; apply the "
        "plan again later"
    )
