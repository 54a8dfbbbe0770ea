"""Everything that may speak for a context, gathered from plays: the one list of evidence.

Each kind is computed in its own module and put together here; what a piece of evidence is worth
is data (`weights.py`). Add a kind of evidence by adding it here and to the weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import Bools, Floats, Ints
from pipelines.listening.contexts import CONTEXTS, phrases, shape, sound
from pipelines.listening.contexts.habits import KINDS, Habit, Hours
from pipelines.listening.contexts.phrases import Found
from pipelines.listening.contexts.shape import Again
from pipelines.listening.contexts.timeline import Timeline, last_before, numbered


@dataclass(frozen=True)
class Names:
    """What the names of one place tell.

    Attributes:
        place: one of `phrases.PLACES`.
        of_play: for each play the number of its name; -1 where it has none.
        names: the different names.
        found: what they tell.
    """

    place: str
    of_play: Ints
    names: pa.Array
    found: Found


@dataclass(frozen=True)
class Evidence:
    """What may speak for a context.

    Attributes:
        line: the plays.
        names: by place.
        tracks: signs of tracks by their sound, one value per track.
        track_of: for each play its track.
        plays: signs of single plays, one value per play.
        facts: the plays' columns.
        again: what of each play had been heard before, and elsewhere.
        habits: by what is heard again: recording, artist, album, played_from.
        hours: what is usual at an hour.
    """

    line: Timeline
    names: tuple[Names, ...]
    tracks: Mapping[str, Bools]
    track_of: Ints
    plays: Mapping[str, Bools]
    facts: pa.Table
    again: Again
    habits: Mapping[str, Habit]
    hours: Hours

    def shape(self, parts: Timeline) -> dict[str, Bools]:
        """Signs of whole sessions, or of parts of them: one value per part."""
        return dict(shape.of_sessions(parts, self.facts, self.again))

    def habit_votes(self, likely: Floats, usual: Floats | None = None) -> dict[str, Floats]:
        """How each habit votes, by its name.

        Args:
            likely: for each play how likely each context is, with what the listener said.
            usual: the same without, if the listener said anything. It is what is compared with:
                or a rule for one artist would make its context usual, and so speak against
                it everywhere else.
        """
        week, day = self.hours.votes(likely, usual)
        votes = {kind: habit.votes(likely, usual) for kind, habit in self.habits.items()}
        return votes | {"week": week, "day": day}


def gather(
    plays: pa.Table, tracks: pa.Table, track_of: Ints, gaps: pa.Table, pause: timedelta
) -> Evidence:
    """Gather the evidence that plays carry.

    Args:
        plays: `plays` rows with a `recording_id`, in order of `played_at`.
        tracks: what is known of the different tracks: `genres` and audio features.
        track_of: for each play its row in `tracks`.
        gaps: `gaps` rows.
        pause: the longest silence within a session.
    """
    line = Timeline.of(plays, gaps, pause)
    habits = {kind: Habit(line, getattr(line, kind)) for kind in KINDS}
    return Evidence(
        line=line,
        names=(*_names(plays), _genres(tracks, track_of)),
        tracks=dict(sound.of_tracks(tracks)),
        track_of=track_of,
        plays=dict(shape.of_plays(line, plays)),
        facts=plays,
        again=Again(
            recording=last_before(line.recording),
            artist=last_before(line.artist),
            album=last_before(line.album),
            played_from=last_before(line.played_from),
            recording_elsewhere=habits["recording"].others,
            artist_elsewhere=habits["artist"].others,
        ),
        habits=habits,
        hours=Hours(line),
    )


def _names(plays: pa.Table) -> list[Names]:
    is_playlist = pc.equal(plays["played_from_type"], "playlist")
    spelled = {
        "playlist": pc.if_else(
            is_playlist, plays["played_from_name"], pa.scalar(None, pa.string())
        ),
        "album": plays["album_name"],
        "track": plays["track_name"],
        "artist": plays["artist_name"],
        "platform": plays["platform"],
    }
    told = []
    for place, names in spelled.items():
        of_play, different = numbered(names)
        told.append(Names(place, of_play, different, phrases.found(different, place)))
    return told


def _genres(tracks: pa.Table, track_of: Ints) -> Names:
    """What its genres tell of each track: of several the strongest phrase for each context."""
    lists = tracks["genres"].combine_chunks()
    of_track = pc.list_parent_indices(lists).to_numpy()
    numbers, different = numbered(pc.list_flatten(lists))
    found = phrases.found(different, "genre")
    strength = np.zeros((len(tracks), len(CONTEXTS)), np.int8)
    phrase = np.full((len(tracks), len(CONTEXTS)), -1, np.int32)
    for context in range(len(CONTEXTS)):
        told = found.strength[numbers, context]
        weakest_first = np.argsort(told, kind="stable")
        at = of_track[weakest_first]
        strength[at, context] = told[weakest_first]
        phrase[at, context] = found.phrase[numbers, context][weakest_first]
    return Names(
        "genre", track_of, tracks["genres"].combine_chunks(), Found(strength, phrase, found.phrases)
    )
