"""All evidence for contexts, gathered from plays.

Each kind is computed in its own module and collected here; its weights are data (`weights.py`). Add
a kind of evidence here and to the weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import Bools, Floats, Ints
from pipelines.listening.contexts import CONTEXTS, phrases, shape, sound
from pipelines.listening.contexts.habits import KINDS, Habit, HourlyHabits
from pipelines.listening.contexts.phrases import PhraseMatches
from pipelines.listening.contexts.repertoire import Repertoire, repertoire
from pipelines.listening.contexts.shape import Repeats
from pipelines.listening.contexts.timeline import Timeline, dictionary_codes, previous_same


@dataclass(frozen=True)
class Names:
    """The distinct names in one field of the plays, and the phrases found in them.

    Attributes:
        field: one of `phrases.NAME_FIELDS`.
        of_play: for each play the index of its name; -1 where it has none.
        names: the distinct names.
        matches: the phrases in each of them.
    """

    field: str
    of_play: Ints
    names: pa.Array
    matches: PhraseMatches


@dataclass(frozen=True)
class Evidence:
    """All evidence for contexts. A sign is a named yes or no, such as "explicit".

    Attributes:
        timeline: the plays.
        names: names and their phrases, one entry per field.
        track_signs: signs of tracks by their sound, one value per track.
        track_of: for each play the row index of its track; -1 where it has none.
        play_signs: signs of single plays, one value per play.
        repertoire: stretches with songs of their own.
        repertoire_signs: signs of plays in such stretches, one value per play.
        facts: `plays` rows.
        repeats: earlier plays of the same recording, artist, album or playlist.
        habits: by what is repeated: recording, artist, album, played_from.
        hours: habits by hour of the day.
    """

    timeline: Timeline
    names: tuple[Names, ...]
    track_signs: Mapping[str, Bools]
    track_of: Ints
    play_signs: Mapping[str, Bools]
    repertoire: Repertoire
    repertoire_signs: Mapping[str, Bools]
    facts: pa.Table
    repeats: Repeats
    habits: Mapping[str, Habit]
    hours: HourlyHabits

    def signs(self, of_parts: Mapping[str, Bools]) -> dict[str, Mapping[str, Bools]]:
        """All signs by their kind, as in `weights.SIGNS`.

        Args:
            of_parts: those of parts of sessions, from `shape`.
        """
        return {
            "sound": self.track_signs,
            "play": self.play_signs,
            "repertoire": self.repertoire_signs,
            "session": of_parts,
        }

    def shape(self, parts: Timeline) -> dict[str, Bools]:
        """Signs of sessions, or of parts of sessions: one value per part."""
        return dict(shape.session_signs(parts, self.facts, self.repeats))

    def habit_scores(
        self, probabilities: Floats, baseline: Floats | None = None
    ) -> dict[str, Floats]:
        """The scores of each habit, by its name: one row per play, one column per context.

        Args:
            probabilities: for each play the probability of each context, manual labels included.
            baseline: the same without manual labels, if there are any, to compare with. Otherwise
                a rule for one artist would raise its context's average, and so count against
                that context everywhere else.
        """
        week, day = self.hours.scores(probabilities, baseline)
        scores = {
            kind: habit.scores(probabilities, baseline) for kind, habit in self.habits.items()
        }
        return scores | {"week": week, "day": day}


def gather(
    plays: pa.Table, tracks: pa.Table, track_of: Ints, gaps: pa.Table, pause: timedelta
) -> Evidence:
    """Gather the evidence in plays.

    Args:
        plays: `plays` rows with a `recording_id` and an `artist_key`, in order of `played_at`.
        tracks: reference data of the distinct tracks: `genres` and audio features.
        track_of: for each play its row index in `tracks`; -1 where it has none.
        gaps: `gaps` rows.
        pause: the longest silence within a session.
    """
    timeline = Timeline.of(plays, gaps, pause)
    habits = {kind: Habit(timeline, getattr(timeline, kind)) for kind in KINDS}
    own_songs = repertoire(timeline, shape.is_spoken(timeline, plays))
    return Evidence(
        timeline=timeline,
        names=(*_names(plays), _genres(tracks, track_of)),
        track_signs=dict(sound.track_signs(tracks)),
        track_of=track_of,
        play_signs=dict(shape.play_signs(timeline, plays)),
        repertoire=own_songs,
        repertoire_signs=dict(own_songs.signs()),
        facts=plays,
        repeats=Repeats(
            recording=previous_same(timeline.recording),
            artist=previous_same(timeline.artist),
            album=previous_same(timeline.album),
            played_from=previous_same(timeline.played_from),
            recording_elsewhere=habits["recording"].other_sessions,
            artist_elsewhere=habits["artist"].other_sessions,
        ),
        habits=habits,
        hours=HourlyHabits(timeline),
    )


def _names(plays: pa.Table) -> list[Names]:
    is_playlist = pc.equal(plays["played_from_type"], "playlist")
    spelled = {
        "playlist": pc.if_else(
            is_playlist, plays["played_from_name"], pa.scalar(None, pa.string())
        ),
        "album": plays["album_name"],
        "track": plays["track_name"],
        # "Various Artists" tell nothing.
        "artist": pc.if_else(
            pc.is_valid(plays["artist_key"]), plays["artist_name"], pa.scalar(None, pa.string())
        ),
        "platform": plays["platform"],
    }
    parts = []
    for field, names in spelled.items():
        of_play, different = dictionary_codes(names)
        parts.append(Names(field, of_play, different, phrases.find_phrases(different, field)))
    return parts


def _genres(tracks: pa.Table, track_of: Ints) -> Names:
    """Phrases in the genres of each track: of several genres the strongest for each context."""
    lists = tracks["genres"].combine_chunks()
    of_track = pc.list_parent_indices(lists).to_numpy()
    numbers, different = dictionary_codes(pc.list_flatten(lists))
    matches = phrases.find_phrases(different, "genre")
    strength = np.zeros((len(tracks), len(CONTEXTS)), np.int8)
    phrase = np.full((len(tracks), len(CONTEXTS)), -1, np.int32)
    for context in range(len(CONTEXTS)):
        strengths = matches.strength[numbers, context]
        weakest_first = np.argsort(strengths, kind="stable")
        at = of_track[weakest_first]
        strength[at, context] = strengths[weakest_first]
        phrase[at, context] = matches.phrase[numbers, context][weakest_first]
    return Names(
        "genre",
        track_of,
        tracks["genres"].combine_chunks(),
        PhraseMatches(strength, phrase, matches.phrases),
    )
