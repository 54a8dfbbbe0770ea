"""The surveys, as `surveys.toml` describes them.

Add here what a survey may set. Where the file is, and who reads it, is `environment.py`; what a
setting does belongs in `listening/survey/` or `pipelines/surveys/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

FEWEST = 5
"""Of fewer people nothing is published. The UK ICO's anonymisation code names cells of 1 to 5 as
the ones at risk; a survey can ask for more, never for fewer."""

FEWEST_OF_A_SONG = 3
"""A song or an artist that fewer people named is told to nobody but them."""


@dataclass(frozen=True)
class Sheet:
    """A range of a Google Sheet.

    Attributes:
        id: as in its address.
        range: such as `Form responses 1` or `Form responses 1!A:Z`.
    """

    id: str
    range: str


@dataclass(frozen=True)
class Survey:
    """One survey.

    Attributes:
        name: `[a-z0-9_]{1,40}`; the folder, the key file and the assets are named after it.
        title: as the page is headed.
        source: a range of a Google Sheet; or a CSV or XLSX file, or a folder of them.
        columns: by field, texts of headers that mean it, besides those that are known anyway.
        majors: by subject, spellings that mean it; others stay as they were written.
        k: of fewer people nothing is published.
        timezone: of the sheet's times, an IANA name.
        search_as: the listener as whom songs are searched for at Spotify; None to search for none.
    """

    name: str
    title: str
    source: Sheet | Path
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    majors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    k: int = FEWEST
    timezone: str = "UTC"
    search_as: str | None = None
