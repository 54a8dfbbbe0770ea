"""What lies in a lake, as far as two lakes with the same answers of Spotify must agree.

Here lives what several tests of this folder compare. How servers misbehave is `faulty_proxy.py`.
"""

from pipelines.resources.lake.lakes import Lake
from testing.pipeline import bytes_at

TIMED = ("last_updated.json", "last_asked.json")
"""Files that tell the time of the run, or that there was one."""
RECEIVED = ("/raw/", "/streaming_history/", "/imports/", "/profile.json")
"""What everything else is derived from."""


def everything(lake: Lake) -> dict[str, bytes]:
    """Every file of a lake, but for those that tell the time; where it lies is left out."""
    keys = [entry.key for entry in lake.store.list("") if not entry.key.endswith(TIMED)]
    place = lake.store.url("").encode()
    return {key: bytes_at(lake, key).replace(place, b"") for key in keys}


def received(lake: Lake) -> dict[str, bytes]:
    """The part of it that cannot be derived."""
    return {
        key: body for key, body in everything(lake).items() if any(part in key for part in RECEIVED)
    }
