"""The tracks that a person chose for songs in doubt, and the songs that still are.

A choice stands under the key of the song, in a file of the survey's own: it survives every run, and
can be undone. It takes effect when the survey is made the next time. Only here, and in the command
that shows it (`cli/survey/matches.py`), is a song's text read to be seen by somebody.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow.compute as pc

from pipelines.errors import CorruptFile, RefusedChoice
from pipelines.listening.catalogue.identifiers import normal_isrc, spotify_uri
from pipelines.listening.schema.survey_tables import CANDIDATES, SONGS
from pipelines.listening.survey.matching import DOUBTFUL, UNMATCHED, WAITING, Choice
from pipelines.resources.lake.lakes import SurveyLake
from pipelines.resources.lake.tables import retry_on_conflict

PATH = "kept/choices.json"

NONE = "none"
"""Instead of a track: it is none of the candidates, and nothing is searched for any more."""

_TRACK = ("track_id", "isrc", "artist_name", "track_name")
_ID = re.compile(r"[0-9A-Za-z]{22}")

Choices = dict[str, Choice]


@dataclass(frozen=True)
class Candidate:
    """A track that a song may be.

    Attributes:
        rank: 1 is the likeliest; by it one chooses.
        name: artist and title.
        source: lake, reference or search.
        similarity: of its names to the song's, 0 to 1.
    """

    rank: int
    name: str
    source: str
    similarity: float


@dataclass(frozen=True)
class OpenSong:
    """A song of which the track is not known.

    Attributes:
        key: by which one chooses.
        name: as somebody wrote it.
        state: doubtful, unmatched or waiting.
        people: how many named it.
        candidates: tracks that it may be, the likeliest first.
    """

    key: str
    name: str
    state: str
    people: int
    candidates: tuple[Candidate, ...] = field(default=())


def read_choices(lake: SurveyLake) -> Choices:
    """What was chosen, by the song's key; None where it is none of the candidates.

    Args:
        lake: the survey's.

    Raises:
        CorruptFile: where the file is damaged: what a person chose is not to be lost unseen.
    """
    document = lake.document(PATH, repair_hint="delete it, and choose again")
    return _checked(lake, document or {})


def _checked(lake: SurveyLake, document: dict[str, Choice]) -> Choices:
    for track in document.values():
        texts = isinstance(track, dict) and all(
            isinstance(value, str | None) for value in track.values()
        )
        if track is not None and not (texts and set(track) <= set(_TRACK)):
            where = lake.store.url(PATH)
            raise CorruptFile(f"{where} holds no choices: delete it, and choose again")
    return dict(document)


def choose(lake: SurveyLake, key: str, track: str) -> str:
    """Choose the track of a song; returns the song's whole key.

    Args:
        lake: the survey's.
        key: the song's, or how it begins.
        track: the rank of a candidate, an id, uri or address of Spotify's, an ISRC, or `none`.

    Raises:
        RefusedChoice: where there is no such song or candidate.
    """
    songs = lake.read(SONGS, ["song_key", "state"])
    whole = _whole_key(key, set(songs["song_key"].to_pylist()) | set(read_choices(lake)))
    chosen = _chosen(lake, whole, track.strip())
    _change(lake, lambda choices: {**choices, whole: chosen})
    return whole


def undo(lake: SurveyLake, key: str) -> str:
    """Take a choice back; returns the song's whole key.

    Args:
        lake: the survey's.
        key: the song's, or how it begins.

    Raises:
        RefusedChoice: where nothing was chosen for it.
    """
    whole = _whole_key(key, set(read_choices(lake)))
    _change(lake, lambda choices: {one: choices[one] for one in choices if one != whole})
    return whole


def drop_choices(lake: SurveyLake, is_kept: Callable[[str, Collection[str]], bool]) -> None:
    """Delete choices for songs that nobody names any more.

    Args:
        lake: the survey's.
        is_kept: whether to keep a choice, by the song's key and the id and ISRC of the track.
    """

    def kept(choices: Choices) -> Choices:
        return {
            key: track
            for key, track in choices.items()
            if is_kept(key, [text for text in (track or {}).values() if text])
        }

    if read_choices(lake):
        _change(lake, kept)


def open_songs(lake: SurveyLake) -> list[OpenSong]:
    """The songs of which the track is not known and nothing was chosen, those of most people first.

    Args:
        lake: the survey's.
    """
    decided = read_choices(lake)
    rows = lake.read(SONGS, ["pseudonym", "song_key", "artist_name", "track_name", "state"])
    rows = rows.filter(pc.is_in(rows["state"], pc.cast([DOUBTFUL, UNMATCHED, WAITING], "string")))
    candidates: dict[str, list[Candidate]] = {}
    for row in lake.read(CANDIDATES).sort_by("rank").to_pylist():
        name = f"{row['artist_name']} - {row['track_name']}"
        one = Candidate(row["rank"], name, row["source"], row["similarity"])
        candidates.setdefault(row["song_key"], []).append(one)
    named: dict[str, list[dict[str, str]]] = {}
    for row in rows.to_pylist():
        if row["song_key"] not in decided:
            named.setdefault(row["song_key"], []).append(row)
    songs = [
        OpenSong(
            key,
            _most_common_name(some),
            some[0]["state"],
            len({row["pseudonym"] for row in some}),
            tuple(candidates.get(key, ())),
        )
        for key, some in named.items()
    ]
    return sorted(songs, key=lambda one: (-one.people, not one.candidates, one.name, one.key))


def _most_common_name(rows: Sequence[Mapping[str, str | None]]) -> str:
    names = (" - ".join(filter(None, (row["artist_name"], row["track_name"]))) for row in rows)
    name, _ = min(Counter(names).items(), key=lambda item: (-item[1], item[0]))
    return name


def _whole_key(key: str, known: set[str]) -> str:
    key = key.strip().lower()
    fits = sorted(one for one in known if key and one.startswith(key))
    if key in fits or len(fits) == 1:
        return key if key in fits else fits[0]
    problem = "may be several songs" if fits else "is no song's key"
    raise RefusedChoice(f"{key!r} {problem}: take one that `playledger survey matches` shows")


def _chosen(lake: SurveyLake, key: str, track: str) -> Choice:
    if track.lower() == NONE:
        return None
    if track.isdigit() and not normal_isrc(track):
        rows = lake.read(CANDIDATES).to_pylist()
        for row in rows:
            if row["song_key"] == key and row["rank"] == int(track):
                return {name: row[name] for name in _TRACK if row[name] is not None}
        raise RefusedChoice(f"{key} has no candidate {track}")
    uri = spotify_uri(track)
    if uri and uri.startswith("spotify:track:"):
        track = uri.rpartition(":")[2]
    if _ID.fullmatch(track):
        return {"track_id": track}
    if isrc := normal_isrc(track):
        return {"isrc": isrc}
    raise RefusedChoice(
        f"{track!r} is no track: give a candidate's number, an id, uri or address of Spotify's, an "
        f"ISRC, or `{NONE}`"
    )


@retry_on_conflict
def _change(lake: SurveyLake, change: Callable[[Choices], Choices]) -> None:
    stored = lake.store.get(PATH)
    choices = change(read_choices(lake))
    body = json.dumps(choices, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"
    lake.store.put_if_match(PATH, body, stored.etag if stored else None)
