"""What is known of the songs of a survey: read from the lake, and asked of Spotify's catalogue.

Searches are sent as one of the listeners, by the rules and within the day's budget of
`ingest/catalogue.py`, so a survey asks a few songs a day and goes on tomorrow. What was found is
kept in the survey's folder by the song's key, and nothing else of the answers: it is deleted with
the survey, and with the last one who named the song. Which track a song is, is decided in
`listening/survey/matching.py`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.ingest.catalogue import LookedUp, Question, ask_catalogue, share
from pipelines.listening.api.catalogue_answers import tracks_in
from pipelines.listening.api.objects import Track
from pipelines.listening.api.responses import Response
from pipelines.listening.catalogue.described import BY_ID, BY_SEARCH
from pipelines.listening.schema.survey_tables import FOUND, SONGS
from pipelines.listening.survey.matching import DOUBTFUL, MATCHED, WAITING, Matched
from pipelines.resources.lake.lakes import Lake, SurveyLake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Settings
from pipelines.settings.surveys import Survey
from pipelines.surveys.known import Known

HITS = 5
"""So many of what a search finds are kept; of the others none is what somebody meant."""

ANSWERED = {200, 400, 404}
"""Answers that say something of a track, or that there is none."""

KEEP_EVERY = 20
"""Answers that are lost where a run is killed; the response cache has them still."""


@dataclass(frozen=True)
class Enriched:
    """The songs of a survey, and what was asked of Spotify for them.

    Attributes:
        matched: the songs with their tracks.
        versions: of all that they were compared with, by its path.
        asked: what was asked; None where there was nothing to ask.
    """

    matched: Matched
    versions: dict[str, str]
    asked: LookedUp | None = None

    @property
    def note(self) -> str | None:
        """One sentence where songs are left that are still to be searched for; nothing of them."""
        if self.asked is None or not self.asked.left:
            return None
        why = f": {self.asked.stopped}" if self.asked.stopped else ""
        return f"{self.asked.left:,} songs are still to be searched for{why}"


def enrich(
    settings: Settings, lake: Lake, survey: Survey, named: pa.Table, known: Known
) -> Enriched:
    """Find the tracks of a survey's songs: in the lake, and then by some searches.

    Whatever prevents a search is no failure: the next run goes on.

    Args:
        settings: with what requests are sent, and how many a day.
        lake: the whole lake.
        survey: which one.
        named: columns pseudonym, place, artist_name, track_name and track_id.
        known: what songs are compared with.
    """
    searches = _searches(settings, survey)
    versions = known.versions  # of before it is read
    matched = known.match(named, searches=searches)
    is_forgotten = _forget_found(known.own, matched.written_keys)
    asked = None
    if searches and len(matched.wanted):
        asked = _search(settings, lake, survey, matched.wanted)
    if is_forgotten or (asked and asked.answered):
        known = Known(lake, known.own)
        versions = known.versions
        matched = known.match(named, searches=searches)
    return Enriched(matched, versions, asked)


def _searches(settings: Settings, survey: Survey) -> bool:
    return survey.search_as is not None and settings.catalogue_reads_per_day > 0


def is_searched_for(settings: Settings, own: SurveyLake, survey: Survey) -> bool:
    """Whether there is something left to search for, of the songs as they are stored.

    Then `enrich` has something to do although nothing has changed.

    Args:
        settings: how many requests may be sent a day.
        own: the survey's.
        survey: which one.
    """
    if not _searches(settings, survey):
        return False
    songs = own.read(SONGS, ["song_key", "track_name", "state"])
    unknown = pc.or_(
        pc.is_in(songs["state"], pa.array([WAITING, DOUBTFUL])),
        pc.and_(pc.equal(songs["state"], MATCHED), pc.is_null(songs["track_name"])),
    )
    keys = set(songs.filter(unknown)["song_key"].to_pylist())
    return bool(keys - set(own.read(FOUND, ["song_key"])["song_key"].to_pylist()))


def _search(settings: Settings, lake: Lake, survey: Survey, wanted: pa.Table) -> LookedUp:
    """Ask for songs as far as today's budget goes, and keep what is found."""
    listener = settings.listener(survey.search_as or "").name
    listeners = [one.name for one in settings.listeners]
    today = datetime.now(UTC).date()
    questions = [_question(row) for row in wanted.to_pylist()]
    keeper = _Keeper(lake.survey(survey.name), today)
    try:
        return ask_catalogue(
            lake.of(listener),
            Spotify(settings, lake),
            lambda: questions,
            keeper.keep,
            per_day=share(settings.catalogue_reads_per_day, listener, listeners),
            day=f"{today}",
            is_surveys=True,
        )
    finally:
        keeper.write()


def _forget_found(own: SurveyLake, keys: Collection[str]) -> bool:
    """Delete what was found for songs that nobody names any more; whether there was any."""
    kept = pa.array(sorted(keys), pa.string())
    found = own.read(FOUND, ["song_key"])
    if pc.all(pc.is_in(found["song_key"], kept)).as_py() in {True, None}:
        return False
    own.update(FOUND, lambda rows: rows.filter(pc.is_in(rows["song_key"], kept)))
    return True


def _question(row: dict[str, Any]) -> Question:
    words = " ".join(filter(None, (row["track_name"], row["artist_name"])))
    by_id = row["track_id"] is not None
    return {**row, "asked_by": BY_ID if by_id else BY_SEARCH, "words": words}


class _Keeper:
    """Keeps what was found, some songs at a time."""

    def __init__(self, own: SurveyLake, day: date) -> None:
        self._own, self._day = own, day
        self._rows: list[dict[str, object]] = []
        self._asked: set[str] = set()

    def keep(self, question: Question, response: Response) -> bool | None:
        """Keep the answer to a question; whether anything was found."""
        if response.status not in ANSWERED:
            return None
        tracks = [one for one in tracks_in(response) if one.name and _artists(one)][:HITS]
        key = question["song_key"]
        told = [{"place": 0}] if not tracks else list(map(_told, range(1, HITS + 1), tracks))
        self._rows += [{"song_key": key, "asked_on": self._day, **one} for one in told]
        self._asked.add(key)
        if len(self._asked) >= KEEP_EVERY:
            self.write()
        return bool(tracks)

    def write(self) -> None:
        """Write down what was kept since it was written the last time."""
        if not self._asked:
            return
        new, asked = FOUND.from_rows(self._rows), pa.array(sorted(self._asked), pa.string())

        def with_new(rows: pa.Table) -> pa.Table:
            others = rows.filter(pc.invert(pc.is_in(rows["song_key"], asked)))
            return pa.concat_tables([others, new])

        self._own.update(FOUND, with_new)
        self._rows, self._asked = [], set()


def _told(place: int, track: Track) -> dict[str, object]:
    columns = track.columns()
    names = ("track_id", "isrc", "track_name", "release_year")
    return {"place": place, "artists": _artists(track), **{name: columns[name] for name in names}}


def _artists(track: Track) -> Sequence[str]:
    return [one.name for one in track.artists or [] if one and one.name]
