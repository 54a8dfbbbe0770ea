"""What songs are compared with: tracks of the lake, reference data, searches and choices.

Only versions are asked for until something is to be matched again. How songs are matched is
`listening/survey/matching.py`.
"""

from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from pipelines.listening.schema.reference_tables import ARTIST_GENRES, AUDIO_FEATURES
from pipelines.listening.schema.survey_tables import FOUND
from pipelines.listening.schema.tables import UNIQUE_TRACKS
from pipelines.listening.survey.matching import Matched, match
from pipelines.listening.survey.pool import FEATURE_COLUMNS, NO_TRACKS, TRACK_COLUMNS
from pipelines.resources.lake.lakes import Lake, SurveyLake
from pipelines.resources.lake.manifest import digest
from pipelines.surveys.choosing import PATH as CHOICES
from pipelines.surveys.choosing import read_choices


@dataclass
class Known:
    """What is known of tracks.

    Attributes:
        lake: the whole lake.
        own: the survey's folder.
    """

    lake: Lake
    own: SurveyLake

    @cached_property
    def versions(self) -> dict[str, str]:
        """The version of each table that matching depends on, by its path."""
        shared = {table.path: self.lake.etag(table) for table in (AUDIO_FEATURES, ARTIST_GENRES)}
        own = {path: self.own.etag_of(path) for path in (FOUND.path, CHOICES)}
        versions = {path: etag or "none" for path, etag in {**shared, **own}.items()}
        # In one: a listener who is forgotten must not be named in a survey's manifest.
        tracks = [self.lake.of(name).etag(UNIQUE_TRACKS) for name in self.lake.listeners()]
        return versions | {"tracks": digest(*tracks)}

    def match(self, named: pa.Table, *, searches: bool) -> Matched:
        """The track of each named song, as far as it is known.

        Args:
            named: the songs, as people wrote them.
            searches: whether what is unknown is going to be searched for.
        """
        return match(
            named,
            self._tracks(),
            self.lake.read(AUDIO_FEATURES, FEATURE_COLUMNS),
            self.lake.read(ARTIST_GENRES),
            found=self.own.read(FOUND),
            choices=read_choices(self.own),
            searches=searches,
        )

    def _tracks(self) -> pa.Table:
        stored = (self.lake.of(name).find_if_valid(UNIQUE_TRACKS) for name in self.lake.listeners())
        rows = [one.rows.select(TRACK_COLUMNS) for one in stored if one]
        return pa.concat_tables([NO_TRACKS, *rows])
