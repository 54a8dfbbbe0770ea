"""What evidence is called in plain English: one sentence for each sign, habit and session.

Add here how a new sign is said; a sign without a sentence fails its test. Which sentences a play
gets is `explanations.py`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil

import numpy as np

from pipelines.listening.arrays import Ints
from pipelines.listening.contexts.repertoire import Repertoire
from pipelines.listening.contexts.shape import (
    HOURS,
    NEW_ARTISTS,
    SESSION_MINUTES,
    SINCE_QUIET,
    SPOKEN,
)
from pipelines.listening.contexts.timeline import DAY, Timeline
from pipelines.listening.time.intervals import MINUTE

WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

ARTISTS_OF: Mapping[str, str] = {
    "sleep": "music to sleep to",
    "kids": "music for children",
    "workout": "music to work out to",
    "focus": "music to work or study to",
    "party": "party music",
    "relaxation": "music to relax to",
}
"""What artists record whose whole name tells a context."""

IN_NAMES: Mapping[str, tuple[str, str, str]] = {
    "playlist": ("“", "” in the name of the playlist “", "”"),
    "album": ("“", "” in the name of the album “", "”"),
    "track": ("“", "” in the title “", "”"),
    "artist": ("“", "” in the name of the artist ", ""),
    "genre": ("a genre of “", "", "”"),
    "platform": ("played on a device called “", "", "”"),
}
"""What stands before a phrase, between it and the name in which it was found, and after that."""

_SOUND = {
    "loudness below -18": "a very quiet recording, below -18 dB",
    "loudness of -18 to -14": "a quiet recording, -18 to -14 dB",
    "energy below 0.25": "a very calm sound, with an energy below 25 of 100",
    "energy of 0.25 to 0.4": "a calm sound, with an energy of 25 to 40 of 100",
    "energy of 0.7 to 0.85": "an energetic sound, with an energy of 70 to 85 of 100",
    "energy of 0.85 or more": "a very energetic sound, with an energy of 85 of 100 or more",
    "instrumentalness of 0.5 or more": "little singing: an instrumentalness of 50 of 100 or more",
    "acousticness of 0.6 or more": "acoustic instruments: an acousticness of 60 of 100 or more",
    "danceability below 0.4": "nothing to dance to, with a danceability below 40 of 100",
    "danceability of 0.65 or more": "good to dance to, with a danceability of 65 of 100 or more",
    "valence below 0.25": "a gloomy mood, with a valence below 25 of 100",
    "valence of 0.5 or more": "a cheerful mood, with a valence of 50 of 100 or more",
    "speechiness of 0.3 or more": "much speech, with a speechiness of 30 of 100 or more",
}

_PLAY = {
    **{f"from {a} to {b} o'clock": f"begun between {a}:00 and {b}:00" for a, b in pairwise(HOURS)},
    **{
        f"{a} to {b} h after the quiet hours": (
            f"begun {a} to {b} hours after the quietest six hours of these weeks"
        )
        for a, b in pairwise(SINCE_QUIET)
    },
    "on a Friday or Saturday night": "heard on a Friday or Saturday night",
    "on a workday from 8 to 18": "heard between 8:00 and 18:00 from Monday to Friday",
    "track of 0 to 1.5 min": "a track of less than a minute and a half",
    "track of 1.5 to 2.5 min": "a track of one and a half to two and a half minutes",
    "track of 5 to 8 min": "a track of five to eight minutes",
    "track of 8+ min": "a track of eight minutes or more",
    SPOKEN: "a podcast, an audiobook, or something as long",
    "explicit": "marked as explicit",
}

_ABOUT_SESSIONS = {
    "share of skips 0 to 0.01": "nothing was skipped around it",
    "share of skips 0.01 to 0.06": "hardly anything was skipped around it",
    "share of skips 0.06 to 0.15": "one track in ten or so was skipped around it",
    "share of skips 0.15+": "many tracks were skipped around it",
    "mostly shuffled": "mostly played on shuffle",
    "different tracks 0 to 0.1": "the same one or two tracks over and over",
    "different tracks 0.1 to 0.35": "a few tracks, each of them several times",
    "different tracks 0.35 to 0.7": "many tracks more than once",
    "different tracks 0.95+": "hardly any track more than once",
    "different artists 0 to 0.1": "one or two artists in many tracks",
    "different artists 0.1 to 0.35": "a few artists in many tracks",
    "different artists 0.35 to 0.7": "several tracks by most artists",
    "different artists 0.95+": "another artist with nearly every track",
    "one album or playlist": "all from one album or playlist",
    NEW_ARTISTS: "mostly artists who are in no other session within 18 days",
    "the same recordings as in many sessions": (
        "mostly songs that are in four or more other sessions within 18 days"
    ),
    "followed by 4 h of silence": "followed by four hours without music, or more",
    "after 4 h of silence": "preceded by four hours without music, or more",
    "same weekday and hour in 1 other weeks": (
        "a session as long began at this time in one of the six weeks around"
    ),
    "same weekday and hour in 2 or 3 other weeks": (
        "sessions as long began at this time of this weekday in 2 or 3 of the six weeks around"
    ),
    "same weekday and hour in 4 or more other weeks": (
        "sessions as long began at this time of this weekday in 4 or more of the six weeks around"
    ),
}

_LENGTHS = {
    f"session of {a}+ min"
    if b is None
    else f"session of {a} to {b} min": "the length of the session"
    for a, b in SESSION_MINUTES
}

SIGN_SENTENCES: Mapping[str, str] = {**_SOUND, **_PLAY, **_ABOUT_SESSIONS, **_LENGTHS}
"""The sentence for each sign of a sound, a play or a session."""


def span(begins: int, ends: int) -> str:
    """A stretch of time as people write it: `Tue 3 Mar 2026, 18:05 to 18:55`.

    Args:
        begins: milliseconds since 1970 on the listener's clock.
        ends: likewise.
    """
    first, last = (_moment(at) for at in (begins, ends))
    day = f"{_DAYS[first.weekday()]} {first.day} {_MONTHS[first.month - 1]} {first.year}"
    return f"{day}, {first:%H:%M} to {last:%H:%M}"


def _moment(at: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)


def habit_sentences(own: Repertoire, timeline: Timeline, stretches: Ints) -> list[str]:
    """For some stretches on which weekdays, when and in how many weeks their songs are heard.

    Args:
        own: all stretches.
        timeline: the plays.
        stretches: numbers of those that are told of.
    """
    local = timeline.local[own.first]
    day, clock = (local // DAY).tolist(), (local % DAY // MINUTE).tolist()
    one, other = own.pairs
    from_ = np.searchsorted(one, stretches).tolist()
    to = np.searchsorted(one, stretches, side="right").tolist()
    found = []
    for number, first, after in zip(stretches.tolist(), from_, to, strict=True):
        alike = [number, *other[first:after].tolist()]
        known = max(1, ceil(float(own.weeks[number])))
        begun = [(day[stretch], clock[stretch]) for stretch in alike]
        found.append(_habit(begun, int(own.songs[number]), known))
    return found


def _habit(begun: Sequence[tuple[int, int]], songs: int, weeks: int) -> str:
    """A habit in words.

    Args:
        begun: days and times, in minutes, at which stretches with the same songs began; first the
            one that is told of.
        songs: how many songs of it are its own.
        weeks: how many weeks are known around it.
    """
    day, clock = begun[0]
    in_weeks = min(len({(other - day + 3) // 7 for other, _ in begun}), weeks)
    times = Counter((other + 3) % 7 for other, _ in begun)
    often = [one for one in sorted(times) if times[one] * 3 >= max(times.values())]
    apart = sorted((other - clock + 720) % 1440 - 720 for _, other in begun)
    usual = (clock + apart[len(apart) // 2]) % 1440 // 5 * 5
    loose = max(-apart[0], apart[-1]) > _LOOSE
    about = "" if loose else f" about {usual // 60:02}:{usual % 60:02}"
    tracks = f"{songs} songs that are" if songs != 1 else "a song that is"
    kept = f"in {in_weeks} of the {weeks} weeks around it"
    if in_weeks == weeks:
        kept = f"in all {weeks} weeks around it" if weeks > 1 else "in that week"
    return f"{_listed(often)}{about}, {kept}: {tracks} hardly heard otherwise"


_LOOSE = 150
"""Minutes by which times differ that are no longer about the same."""


def _listed(days: Sequence[int]) -> str:
    if len(days) == len(WEEKDAYS):
        return "every day of the week"
    names = [WEEKDAYS[day] for day in days]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
