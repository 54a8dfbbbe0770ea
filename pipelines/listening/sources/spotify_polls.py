"""What Spotify says was played recently: the only source that is asked while music plays.

Its rows are in the table `polled`. Parsing them is `listening/api/polled.py`; which time an answer
covers is decided where coverage is.
"""

from datetime import timedelta

from pipelines.listening.sources.source import END, ISRC, NAMES, URI, Source

POLLS = Source(
    name="api",
    title="Spotify, asked every quarter of an hour",
    service="spotify",
    rank=2,
    place=1,
    stamp=END,
    precision=timedelta(milliseconds=1),
    measures=False,
    covers=True,
    identities=(URI, ISRC, NAMES),
    polled=True,
)

SOURCES = (POLLS,)
