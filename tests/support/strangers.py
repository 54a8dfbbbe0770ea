"""Made-up listeners whose weeks are known: who does what at which hour, to which music.

They are strangers to the sandbox, to whose people the weights are fitted: other weeks, other ways
to choose music, hardly a name that tells. Add a person to `TUNED` or `HELD_OUT`; whoever changes a
weight or a rule looks at the first ones only. What labels should find of them belongs in tests.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from pipelines.listening.schema.tables import PLAYS

Row = dict[str, Any]

START = datetime(2025, 9, 1, tzinfo=UTC)
"""A Monday; these listeners live on UTC."""

WEEKS = 16
WORKDAYS, EVERY_DAY = (0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5, 6)

SOUNDS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "mixed": {
        "energy": (0.6, 0.2),
        "danceability": (0.6, 0.15),
        "loudness": (-8, 3),
        "valence": (0.48, 0.2),
        "acousticness": (0.28, 0.25),
        "instrumentalness": (0.06, 0.12),
        "speechiness": (0.09, 0.08),
        "tempo": (119, 28),
    },
    "hard": {
        "energy": (0.82, 0.1),
        "danceability": (0.67, 0.11),
        "loudness": (-5.5, 1.6),
        "valence": (0.52, 0.18),
        "acousticness": (0.07, 0.08),
        "instrumentalness": (0.05, 0.1),
        "speechiness": (0.11, 0.09),
        "tempo": (132, 18),
    },
    "dance": {
        "energy": (0.78, 0.1),
        "danceability": (0.76, 0.08),
        "loudness": (-6, 1.6),
        "valence": (0.62, 0.17),
        "acousticness": (0.08, 0.09),
        "instrumentalness": (0.06, 0.14),
        "speechiness": (0.07, 0.05),
        "tempo": (123, 9),
    },
    "study": {
        "energy": (0.32, 0.14),
        "danceability": (0.52, 0.16),
        "loudness": (-15, 4),
        "valence": (0.32, 0.18),
        "acousticness": (0.65, 0.25),
        "instrumentalness": (0.8, 0.14),
        "speechiness": (0.05, 0.03),
        "tempo": (108, 25),
    },
    "calm": {
        "energy": (0.3, 0.12),
        "danceability": (0.5, 0.13),
        "loudness": (-12.5, 3),
        "valence": (0.4, 0.18),
        "acousticness": (0.75, 0.17),
        "instrumentalness": (0.12, 0.2),
        "speechiness": (0.04, 0.02),
        "tempo": (105, 24),
    },
    "night": {
        "energy": (0.13, 0.08),
        "danceability": (0.28, 0.12),
        "loudness": (-24, 5),
        "valence": (0.16, 0.1),
        "acousticness": (0.88, 0.1),
        "instrumentalness": (0.88, 0.1),
        "speechiness": (0.05, 0.02),
        "tempo": (92, 24),
    },
    "small": {
        "energy": (0.5, 0.18),
        "danceability": (0.74, 0.11),
        "loudness": (-9.5, 3),
        "valence": (0.76, 0.15),
        "acousticness": (0.5, 0.22),
        "instrumentalness": (0.02, 0.05),
        "speechiness": (0.09, 0.08),
        "tempo": (118, 24),
    },
}
"""Mean and deviation of audio features by kind of music; study and night as in Scarratt 2023."""

_LOW = ("loudness", "tempo")

WORDS = [
    "Copper",
    "Harbor",
    "Velvet",
    "Static",
    "Lantern",
    "Orchard",
    "Meridian",
    "Paper",
    "Glass",
    "Winter",
    "Marble",
    "Canyon",
    "Signal",
    "Ember",
    "Willow",
    "Cobalt",
    "Arcade",
    "Saffron",
    "Mirror",
    "Tide",
    "Granite",
    "Hollow",
    "Juniper",
    "Neon",
    "Falcon",
    "Cedar",
    "Atlas",
    "Violet",
    "Timber",
    "Comet",
    "Pepper",
    "Sable",
    "Ivory",
    "Raven",
    "Sierra",
    "Bishop",
    "Garnet",
    "Echo",
    "Mercury",
    "Linen",
]


@dataclass(frozen=True)
class Shelf:
    """Songs of one kind.

    Attributes:
        songs: how many.
        artists: how many artists they are by.
        sound: a name of `SOUNDS`.
        titles: titles that tell something, which every third song has; usually none.
        by: artists that tell something; usually none.
        seconds: shortest and longest song.
        explicit: share of explicit songs.
    """

    songs: int
    artists: int
    sound: str = "mixed"
    titles: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    seconds: tuple[int, int] = (150, 270)
    explicit: float = 0.1


@dataclass(frozen=True)
class Slot:
    """Something that is done at a usual time.

    Attributes:
        does: its context.
        days: weekdays, 0 is Monday.
        at: when, as minutes after midnight; beyond 1440 on the next day.
        minutes: shortest and longest.
        from_: shelves with their shares.
        chance: that it happens on such a day.
        jitter: minutes that it is off its time, as a standard deviation.
        way: shuffle, album or loop.
        skips: share of songs that are skipped.
        playlist: what it is played from, for listeners whose polls tell it.
        weeks: in which weeks of `WEEKS`, from and to.
        every: in every so many weeks, from the first on.
    """

    does: str
    days: tuple[int, ...]
    at: int
    minutes: tuple[int, int]
    from_: Mapping[str, float]
    chance: float = 0.85
    jitter: float = 10
    way: str = "shuffle"
    skips: float = 0.1
    playlist: str | None = None
    weeks: tuple[int, int] = (0, WEEKS)
    every: tuple[int, int] = (1, 0)


@dataclass(frozen=True)
class Stranger:
    """A listener.

    Attributes:
        shelves: their music.
        slots: their week.
        told_by: `export`, `polls` or `account`.
        known: share of songs whose sound reference data knows.
    """

    shelves: Mapping[str, Shelf]
    slots: Sequence[Slot]
    told_by: str = "export"
    known: float = 0.0


@dataclass(frozen=True)
class Lived:
    """A stranger's months.

    Attributes:
        plays: `plays` rows.
        truth: what was done at each.
        sounds: rows of `audio_features`.
    """

    plays: pa.Table
    truth: list[str]
    sounds: list[Row] = field(default_factory=list)


def lived(name: str, known: float | None = None) -> Lived:
    """What a stranger heard.

    Args:
        name: of `TUNED` or `HELD_OUT`.
        known: share of songs whose sound is known; their own by default.
    """
    who = (TUNED | HELD_OUT)[name]
    chance = random.Random(f"stranger/{name}")
    songs = {key: _songs(f"{name}/{key}", shelf, chance) for key, shelf in who.shelves.items()}
    rows: list[tuple[Row, str]] = []
    free = START
    for day in range(7 * WEEKS):
        for slot in _of_day(who.slots, day, chance):
            begins = START + timedelta(days=day, minutes=slot.at + chance.gauss(0, slot.jitter))
            begins = max(begins, free + timedelta(seconds=chance.randrange(20, 90)))
            over = begins + timedelta(minutes=chance.uniform(*slot.minutes))
            for row in _session(who, slot, songs, (begins, over), chance):
                rows.append((row, slot.does))
                free = row["played_at"]
    share = who.known if known is None else known
    distinct = {song["track_id"]: song for some in songs.values() for song in some}
    sounds = [_features(song) for song in distinct.values() if _known(song) < share]
    return Lived(
        PLAYS.conform(PLAYS.from_rows([row for row, _ in rows])), [does for _, does in rows], sounds
    )


def _of_day(slots: Sequence[Slot], day: int, chance: random.Random) -> Iterator[Slot]:
    week = day // 7
    for slot in sorted(slots, key=lambda one: one.at):
        takes_place = chance.random() < slot.chance
        each, first = slot.every
        inside = slot.weeks[0] <= week < slot.weeks[1] and week % each == first
        if day % 7 in slot.days and inside and takes_place:
            yield slot


def _songs(key: str, shelf: Shelf, chance: random.Random) -> list[Row]:
    found: list[Row] = []
    artists = [f"{chance.choice(WORDS)} {chance.choice(WORDS)}" for _ in range(shelf.artists)]
    for number in range(shelf.songs):
        artist = artists[number % shelf.artists]
        if shelf.by and number % 3 == 1:
            artist = shelf.by[number // 3 % len(shelf.by)]
        title = f"{chance.choice(WORDS)} {chance.choice(WORDS)}"
        if shelf.titles and number % 3 == 0:
            title = shelf.titles[number // 3 % len(shelf.titles)]
            title += "" if number < 3 * len(shelf.titles) else f" {number}"
        length = round(chance.uniform(*shelf.seconds) * 1000)
        found.append(
            {
                "track_id": f"{key}/{number}",
                "track_name": title,
                "artist_name": artist,
                "album_name": f"{artist} {number // shelf.artists // 8 + 1}",
                "duration_ms": length,
                "explicit": chance.random() < shelf.explicit,
                "sound": shelf.sound,
            }
        )
    return found


def _session(
    who: Stranger,
    slot: Slot,
    songs: Mapping[str, list[Row]],
    span: tuple[datetime, datetime],
    chance: random.Random,
) -> Iterator[Row]:
    now, over = span
    shuffled = slot.way == "shuffle"
    for song in _chosen(slot, songs, chance):
        skipped = chance.random() < slot.skips
        heard = chance.randrange(2_000, 28_000) if skipped else song["duration_ms"]
        end = now + timedelta(milliseconds=heard)
        if end > over:
            return
        if not (skipped and who.told_by == "polls"):
            yield _row(who, slot, song, end, heard, skipped=skipped, shuffled=shuffled)
        now = end + timedelta(seconds=chance.choice((0, 0, 0, 0, 0, 40)))


def _chosen(slot: Slot, songs: Mapping[str, list[Row]], chance: random.Random) -> Iterator[Row]:
    shelves = list(slot.from_)
    shares = list(slot.from_.values())
    if slot.way == "loop":
        few = chance.sample(songs[shelves[0]], k=2)
        while True:
            yield from few
    while True:
        shelf = songs[chance.choices(shelves, shares)[0]]
        if slot.way == "album":
            album = chance.choice(shelf)["album_name"]
            yield from [song for song in shelf if song["album_name"] == album]
        else:
            # A few are loved, most are heard now and then.
            yield shelf[int(len(shelf) * chance.random() ** 1.5)]


def _row(
    who: Stranger,
    slot: Slot,
    song: Row,
    end: datetime,
    heard: int,
    *,
    skipped: bool,
    shuffled: bool,
) -> Row:
    track = {key: value for key, value in song.items() if key != "sound"}
    end = end.replace(microsecond=0)
    told: Row = {"source": "export", "ms_played_source": "measured", "skipped": skipped}
    if who.told_by == "export":
        told |= {"platform": "ios", "shuffle": shuffled}
    elif who.told_by == "polls":
        told = {"source": "api", "ms_played_source": "assumed"}
        if slot.playlist and shuffled:
            uri = f"spotify:playlist:{slot.playlist}"
            told |= {"played_from_type": "playlist", "played_from_uri": uri}
            told |= {"played_from_name": slot.playlist}
    else:
        end = end.replace(second=0)
        told |= {"source": "account", "skipped": None}
        track |= dict.fromkeys(("track_id", "album_name", "duration_ms", "explicit"))
    return {
        "play_id": f"{end.isoformat()} {song['track_id']} {heard}",
        "listener": "stranger",
        "played_at": end,
        "started_at": end - timedelta(milliseconds=heard),
        "local_time": end.replace(tzinfo=None),
        "local_date": end.date(),
        "local_hour": end.hour,
        "local_weekday": end.weekday(),
        "kind": "track",
        "ms_played": heard,
        "counts": heard >= 30_000,
        **track,
        **told,
    }


def _known(song: Row) -> float:
    return random.Random(f"{song['track_id']}/known").random()


def _features(song: Row) -> Row:
    chance = random.Random(f"{song['track_id']}/sound")
    drawn = {name: round(chance.gauss(*told), 3) for name, told in SOUNDS[song["sound"]].items()}
    shares = {k: min(max(v, 0.0), 1.0) for k, v in drawn.items() if k not in _LOW}
    same = {"track_key": song["track_id"], "track_id": song["track_id"]}
    return (
        same
        | {"artist_name": song["artist_name"], "track_name": song["track_name"]}
        | drawn
        | shares
    )


NURSERY = Shelf(
    40,
    5,
    "small",
    (
        "Wheels on the Bus",
        "Baby Shark",
        "Old MacDonald Had a Farm",
        "Itsy Bitsy Spider",
        "Five Little Ducks",
    ),
    ("Super Simple Songs", "CoComelon"),
    (80, 160),
    0,
)
RAIN = Shelf(
    12,
    2,
    "night",
    ("Rain Sounds", "White Noise", "Ocean Waves for Sleep"),
    ("White Noise Baby Sleep",),
    (120, 400),
    0,
)
AMBIENT = Shelf(40, 4, "night", ("Sleep Music", "Deep Sleep"), (), (180, 420), 0)
LOFI = Shelf(120, 8, "study", ("Lofi Study Beat", "Deep Focus"), ("Lofi Girl",), (110, 210), 0)
FLOOR = Shelf(
    220, 60, "dance", ("Party Rock Anthem", "Saturday Night Party Mix"), (), (170, 260), 0.1
)
SPA = Shelf(60, 6, "calm", ("Relaxing Piano", "Meditation Music", "Spa"), (), (180, 320), 0)

_MAIN = Shelf(320, 45)


def slot(
    does: str,
    days: Sequence[int],
    at: str,
    minutes: tuple[int, int],
    from_: Mapping[str, float] | str,
    **more: Any,
) -> Slot:
    """A slot with its time as people write it."""
    hours, rest = map(int, at.split(":"))
    shelves = {from_: 1.0} if isinstance(from_, str) else from_
    return Slot(does, tuple(days), 60 * hours + rest, minutes, shelves, **more)


def _home(main: str = "main", *, quiet: float = 0.5) -> list[Slot]:
    """What most people do beside all else: now and then, from their main repertoire."""
    return [
        slot("everyday", WORKDAYS, "12:30", (10, 40), main, chance=0.5, jitter=30),
        slot("everyday", EVERY_DAY, "19:10", (25, 80), main, chance=quiet, jitter=45),
        slot("everyday", (5, 6), "11:00", (30, 120), main, chance=0.7, jitter=60),
    ]


@cache
def _people() -> tuple[dict[str, Stranger], dict[str, Stranger]]:
    ways = [
        slot("everyday", WORKDAYS, "08:05", (20, 35), "main", jitter=6),
        slot("everyday", WORKDAYS, "17:15", (20, 35), "main", jitter=12),
    ]
    gym = Shelf(70, 20, "hard", explicit=0.3)
    tuned = {
        "lifter": Stranger(
            {"main": _MAIN, "rap": Shelf(60, 15, "hard", explicit=0.7), "rain": RAIN},
            [
                *ways,
                slot("workout", (0, 2, 4), "18:20", (50, 75), "rap", jitter=12),
                *_home(),
                slot(
                    "sleep", EVERY_DAY, "23:00", (60, 300), "rain", chance=0.4, way="loop", skips=0
                ),
            ],
        ),
        "runner": Stranger(
            {"main": _MAIN, "run": Shelf(45, 18, "hard"), "calm": SPA},
            [
                slot("workout", (1, 3, 6), "06:40", (23, 32), "run", jitter=10),
                *ways,
                *_home(),
                slot("relaxation", (0, 2, 6), "21:15", (40, 70), "calm", chance=0.7, skips=0.02),
            ],
            known=0.3,
        ),
        "own_way": Stranger(
            {"main": _MAIN, "way": Shelf(80, 25), "gym": gym, "lofi": LOFI},
            [
                slot("everyday", WORKDAYS, "07:45", (24, 34), "way", jitter=5),
                slot("everyday", WORKDAYS, "17:20", (24, 34), "way", jitter=10),
                slot("focus", WORKDAYS, "09:30", (70, 130), "lofi", chance=0.7, skips=0.03),
                slot("workout", (1, 3), "18:10", (45, 65), "gym", jitter=9),
                *_home(),
            ],
            told_by="account",
        ),
        "cleaner": Stranger(
            {"main": _MAIN, "house": Shelf(60, 25, "dance"), "kids": NURSERY, "floor": FLOOR},
            [
                slot("everyday", (5,), "10:00", (60, 95), {"house": 0.9, "main": 0.1}, jitter=20),
                *ways,
                *_home(),
                slot("kids", EVERY_DAY, "17:50", (20, 45), "kids", chance=0.7),
                slot("party", (5,), "21:00", (160, 260), "floor", chance=0.4, skips=0.05),
            ],
            known=0.3,
        ),
        "mixed_gym": Stranger(
            {"main": _MAIN, "gym": gym, "lofi": LOFI, "rain": RAIN},
            [
                *ways,
                slot("workout", (1, 3), "19:00", (45, 65), {"gym": 0.75, "main": 0.25}, jitter=12),
                slot(
                    "workout",
                    (5,),
                    "10:30",
                    (50, 70),
                    {"gym": 0.75, "main": 0.25},
                    jitter=25,
                    chance=0.6,
                ),
                slot("focus", WORKDAYS, "14:00", (60, 110), "lofi", chance=0.55, skips=0.03),
                *_home(),
                slot("sleep", EVERY_DAY, "22:45", (45, 200), "rain", chance=0.5, skips=0),
            ],
            told_by="polls",
            known=1.0,
        ),
        "nobody": Stranger(
            {"main": _MAIN},
            [*ways, *_home(), slot("everyday", (1, 3), "20:30", (40, 70), "main", jitter=15)],
        ),
        "daily_desk": Stranger(
            {"main": _MAIN, "score": Shelf(90, 9, "study"), "lofi": LOFI, "floor": FLOOR},
            [
                *ways,
                slot(
                    "focus",
                    WORKDAYS,
                    "09:15",
                    (55, 100),
                    {"score": 0.5, "lofi": 0.5},
                    way="album",
                    skips=0.02,
                ),
                slot("party", (4, 5), "21:30", (150, 260), "floor", chance=0.35, skips=0.05),
                *_home(),
            ],
            known=0.3,
        ),
        "shifts": Stranger(
            {"main": _MAIN, "gym": gym, "rain": RAIN},
            [
                slot("everyday", WORKDAYS, "05:20", (20, 35), "main", every=(2, 0)),
                slot("everyday", WORKDAYS, "14:40", (20, 35), "main", every=(2, 0)),
                slot("everyday", WORKDAYS, "21:20", (20, 35), "main", every=(2, 1)),
                slot("workout", (1, 3), "16:00", (45, 70), "gym", every=(2, 0)),
                slot("workout", (1, 3), "10:00", (45, 70), "gym", every=(2, 1)),
                slot(
                    "sleep",
                    WORKDAYS,
                    "30:30",
                    (60, 240),
                    "rain",
                    chance=0.5,
                    way="loop",
                    skips=0,
                    every=(2, 1),
                ),
                *_home(quiet=0.3),
            ],
        ),
    }
    tuned["nameless"] = Stranger(
        {
            "main": _MAIN,
            "gym": gym,
            "desk": Shelf(120, 10, "study"),
            "dim": Shelf(60, 8, "calm"),
            "floor": Shelf(220, 60, "dance"),
            "night": Shelf(30, 4, "night", seconds=(180, 420)),
        },
        [
            *ways,
            slot("workout", (0, 3), "18:30", (45, 65), "gym", jitter=12),
            slot(
                "focus", WORKDAYS, "09:40", (60, 120), "desk", chance=0.7, skips=0.02, way="album"
            ),
            slot("relaxation", (2, 6), "20:45", (45, 80), "dim", skips=0.02),
            slot("party", (5,), "21:00", (160, 240), "floor", chance=0.6, skips=0.05),
            slot("sleep", EVERY_DAY, "23:10", (60, 200), "night", chance=0.5, skips=0, way="album"),
            *_home(),
        ],
        known=0.3,
    )
    ways2 = [
        slot("everyday", (0, 1, 3), "07:10", (26, 38), "main", jitter=8),
        slot("everyday", (0, 1, 3), "16:45", (26, 38), "main", jitter=14),
    ]
    held = {
        "climber": Stranger(
            {
                "main": Shelf(240, 60),
                "wall": Shelf(85, 30, "hard", explicit=0.2),
                "lofi": LOFI,
                "rain": RAIN,
            },
            [
                *ways2,
                slot("workout", (0, 3), "20:00", (50, 80), "wall", jitter=14),
                *_home(),
                slot("focus", (0, 1, 2, 3), "10:00", (60, 120), "lofi", chance=0.6, skips=0.02),
                slot(
                    "sleep", EVERY_DAY, "23:30", (60, 240), "rain", chance=0.35, way="loop", skips=0
                ),
            ],
            known=0.3,
        ),
        "early_gym": Stranger(
            {"main": _MAIN, "gym": Shelf(55, 14, "hard"), "kids": NURSERY, "spa": SPA},
            [
                slot("workout", (0, 2, 4), "06:15", (42, 60), "gym", jitter=7),
                *ways2,
                slot("kids", EVERY_DAY, "07:30", (15, 30), "kids", chance=0.5),
                slot("kids", EVERY_DAY, "17:30", (20, 50), "kids", chance=0.6),
                *_home(),
                slot("relaxation", (2, 6), "21:00", (45, 80), "spa", skips=0.02),
            ],
            told_by="account",
        ),
        "park_runs": Stranger(
            {"main": _MAIN, "run": Shelf(40, 22, "hard"), "floor": FLOOR, "ambient": AMBIENT},
            [
                *ways,
                slot("workout", (1, 3, 5), "18:45", (24, 34), {"run": 0.9, "main": 0.1}, jitter=12),
                *_home(),
                slot("party", (5,), "22:00", (150, 240), "floor", chance=0.4, skips=0.05),
                slot("sleep", EVERY_DAY, "23:15", (50, 120), "ambient", chance=0.4, skips=0),
            ],
            told_by="polls",
        ),
        "bike_and_bus": Stranger(
            {"main": _MAIN, "way": Shelf(90, 30), "spin": Shelf(50, 20, "hard"), "lofi": LOFI},
            [
                slot("everyday", WORKDAYS, "08:20", (25, 35), {"way": 0.8, "main": 0.2}, jitter=5),
                slot("everyday", WORKDAYS, "18:00", (25, 35), {"way": 0.8, "main": 0.2}, jitter=12),
                slot("workout", (0, 2), "18:50", (45, 60), "spin", jitter=8),
                slot("focus", WORKDAYS, "13:30", (60, 100), "lofi", chance=0.6, skips=0.02),
                *_home(),
            ],
        ),
        "saturday_mop": Stranger(
            {
                "main": _MAIN,
                "house": Shelf(70, 30, "dance"),
                "gym": Shelf(65, 18, "hard"),
                "rain": RAIN,
            },
            [
                slot("everyday", (5,), "09:45", (55, 90), "house", jitter=15),
                *ways,
                *_home(),
                slot("workout", (1, 3), "17:50", (50, 70), "gym", jitter=8),
                slot("sleep", EVERY_DAY, "22:50", (60, 240), "rain", chance=0.5, skips=0),
            ],
            known=0.3,
        ),
        "mover": Stranger(
            {"main": _MAIN, "gym": Shelf(75, 25, "hard"), "spa": SPA},
            [
                *ways,
                slot("workout", (1, 3), "18:15", (45, 65), "gym", weeks=(0, 8), jitter=9),
                slot("workout", (0, 2), "07:00", (45, 65), "gym", weeks=(8, WEEKS), jitter=9),
                *_home(),
                slot("relaxation", (6,), "20:30", (60, 100), "spa", skips=0.02),
            ],
            told_by="account",
        ),
        "night_nurse": Stranger(
            {"main": _MAIN, "gym": Shelf(60, 20, "hard"), "rain": RAIN},
            [
                slot("everyday", (0, 1, 2, 3), "20:20", (20, 35), "main"),
                slot("everyday", (1, 2, 3, 4), "06:40", (20, 35), "main"),
                slot(
                    "sleep",
                    (1, 2, 3, 4),
                    "08:00",
                    (120, 300),
                    "rain",
                    way="loop",
                    skips=0,
                    chance=0.7,
                ),
                slot("workout", (1, 3), "16:30", (45, 60), "gym", jitter=12),
                slot("everyday", (4, 5, 6), "15:00", (40, 120), "main", jitter=60),
                slot("everyday", WORKDAYS, "03:00", (30, 60), "main", chance=0.4),
            ],
        ),
        "cook": Stranger(
            {"main": _MAIN, "kitchen": Shelf(90, 20, "calm"), "lofi": LOFI},
            [
                *ways,
                slot(
                    "everyday",
                    EVERY_DAY,
                    "18:30",
                    (35, 60),
                    {"kitchen": 0.8, "main": 0.2},
                    chance=0.8,
                    jitter=15,
                ),
                slot("focus", WORKDAYS, "10:00", (60, 120), "lofi", chance=0.6, skips=0.02),
                *_home(),
            ],
            known=0.3,
        ),
    }
    tuned |= {name: held.pop(name) for name in ("climber", "bike_and_bus", "cook")}
    held |= {
        "swimmer": Stranger(
            {"main": _MAIN, "laps": Shelf(90, 30, "hard"), "kids": NURSERY, "lofi": LOFI},
            [
                *ways2,
                slot("workout", (0, 4), "07:15", (42, 60), "laps", jitter=11),
                *_home(),
                slot("kids", (5, 6), "09:00", (20, 50), "kids", chance=0.8),
                slot("focus", (0, 1, 2, 3), "13:30", (60, 120), "lofi", chance=0.6, skips=0.02),
            ],
            told_by="polls",
        ),
        "boxer": Stranger(
            {
                "main": Shelf(260, 40),
                "bag": Shelf(100, 24, "hard", explicit=0.6),
                "soul": Shelf(70, 20),
                "floor": FLOOR,
            },
            [
                *ways,
                slot("workout", (1, 3), "19:30", (55, 75), {"bag": 0.85, "main": 0.15}, jitter=10),
                slot(
                    "workout",
                    (5,),
                    "11:00",
                    (55, 75),
                    {"bag": 0.85, "main": 0.15},
                    jitter=20,
                    chance=0.7,
                ),
                slot("everyday", (6,), "17:00", (60, 80), "soul", jitter=25),
                *_home(quiet=0.3),
                slot("party", (4,), "22:00", (150, 240), "floor", every=(3, 1), skips=0.05),
            ],
            known=0.3,
        ),
        "teacher": Stranger(
            {"main": _MAIN, "ring": Shelf(60, 18, "hard"), "spa": SPA},
            [
                slot("everyday", WORKDAYS, "07:00", (20, 30), "main", jitter=5),
                slot("everyday", WORKDAYS, "14:30", (20, 30), "main", jitter=20),
                slot("workout", (2, 6), "17:00", (55, 80), "ring", jitter=15),
                *_home(),
                slot("relaxation", EVERY_DAY, "21:40", (30, 60), "spa", chance=0.6, skips=0.02),
            ],
            told_by="account",
        ),
        "new_job": Stranger(
            {"main": _MAIN, "gym": Shelf(80, 28, "hard"), "rain": RAIN, "lofi": LOFI},
            [
                *ways,
                slot("workout", (0, 2, 4), "12:20", (40, 50), "gym", weeks=(0, 8), jitter=9),
                slot("workout", (1, 3, 5), "20:10", (45, 65), "gym", weeks=(8, WEEKS), jitter=12),
                slot("everyday", EVERY_DAY, "18:20", (20, 60), "main", chance=0.5, jitter=40),
                slot("focus", WORKDAYS, "09:20", (70, 120), "lofi", chance=0.6, skips=0.02),
                slot(
                    "sleep", EVERY_DAY, "23:20", (60, 240), "rain", chance=0.4, way="loop", skips=0
                ),
            ],
        ),
        "gardener": Stranger(
            {"main": _MAIN, "beds": Shelf(80, 25), "iron": Shelf(60, 20), "kids": NURSERY},
            [
                *ways2,
                slot("everyday", (6,), "14:00", (90, 150), "beds", jitter=30),
                slot("everyday", (2,), "19:00", (40, 60), "iron", jitter=15, chance=0.8),
                *_home(quiet=0.3),
                slot("kids", EVERY_DAY, "17:30", (20, 40), "kids", chance=0.5),
            ],
            known=0.3,
        ),
    }
    return tuned, held


TUNED: Mapping[str, Stranger] = MappingProxyType(_people()[0])
"""Those at whom weights and rules were tried."""

HELD_OUT: Mapping[str, Stranger] = MappingProxyType(_people()[1])
"""Those who were looked at only in the end."""
