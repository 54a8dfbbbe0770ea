"""What is a podcast and what is music, where names, lengths and dates are all that is known.

Listeners here are made of one name at a time, as account data has them. What a whole account file
of a real person becomes is in `test_kinds_of_real_plays.py`.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import pyarrow as pa
import pytest

from pipelines.listening.catalogue.tracks_and_artists import unique_artists, unique_tracks
from pipelines.listening.schema.tables import KNOWN_ARTISTS, PLAYS

Row = dict[str, Any]

FIRST = datetime(2021, 3, 1, 18, tzinfo=UTC)


def heard(
    name: str | None, title: str | None, *, day: float = 0, minutes: float, **known: Any
) -> Row:
    """A play of account data, which names a show as an artist."""
    ms, end = round(minutes * 60_000), FIRST + timedelta(days=day)
    return {
        "listener": "nico",
        "played_at": end,
        "started_at": end - timedelta(milliseconds=ms),
        "local_time": end.replace(tzinfo=None),
        "local_date": end.date(),
        "local_hour": end.hour,
        "local_weekday": end.weekday(),
        "kind": "unknown",
        "artist_name": name,
        "track_name": title,
        "ms_played": ms,
        "ms_played_source": "measured",
        "counts": ms >= 30_000,
        "source": "account",
        **known,
    }


def each(name: str, titles: Iterable[str], *, minutes: Sequence[float], days: float) -> list[Row]:
    """Each title once, so many days apart, with these lengths in turn."""
    return [
        heard(name, title, day=number * days, minutes=long)
        for number, (title, long) in enumerate(zip(titles, cycle(minutes), strict=False))
    ]


def songs(name: str, count: int = 8) -> list[Row]:
    """Songs, each heard to its end on several days."""
    return [
        heard(name, f"Song {chr(65 + n)}", day=n + 9 * again + 0.01 * n, minutes=2.6 + 0.21 * n)
        for n in range(count)
        for again in range(3)
    ]


def table(rows: Iterable[Row]) -> pa.Table:
    return PLAYS.conform(
        PLAYS.from_rows([{**row, "play_id": f"p{n}"} for n, row in enumerate(rows)])
    )


def kinds(rows: Iterable[Row], *, artists: Sequence[str] = ()) -> dict[str, str]:
    """The kind of each title; all that names alone tell is marked as inferred."""
    reference = pa.table({"artists": pa.array([artists] if artists else [], pa.list_(pa.string()))})
    tracks = unique_tracks(table(rows), reference).to_pylist()
    assert {row["kind_source"] for row in tracks if not row["track_id"]} <= {"inferred", "told"}
    return {row["track_name"]: row["kind"] for row in tracks}


def only_kind(rows: Iterable[Row], **known: Any) -> str:
    found = set(kinds(rows, **known).values())
    assert len(found) == 1, found
    return found.pop()


TALKS = (
    "Why the Elbe Never Freezes Over Any More",
    "Wie ein Postbote einmal Oberarzt geworden ist",
    "The Woman Who Sold Her Town to a Circus",
    "Was wir aus alten Fahrplänen über uns lernen",
    "How to Lose an Election That You Have Won",
    "Der Mann, der alle Leuchttürme kaufen wollte",
)

PODCASTS = {
    "numbers at the front": each(
        "Lautes Brett",
        ["#144 MIR EGAL", "#105 FRÖSCHE", "#145 GUTE LAUNE", "#89 ENDE"],
        minutes=(15, 31.2, 0.2, 62),
        days=3,
    ),
    "Folge": each(
        "Kreidezeit", [f"Folge {n}: Kreide" for n in range(1, 6)], minutes=(44, 51), days=7
    ),
    "Ep.": each("Cold Tea", [f"Ep. {n} Teapots" for n in (12, 13, 14)], minutes=(33, 29), days=7),
    "season and episode": each("Cold Tea", ["S2E1 Kettle", "S2 E2 Milk"], minutes=(33, 29), days=7),
    "one title, long, with a number": [heard("Tiefseh", "#12 Anglerfische", minutes=38)],
    "podcast in its name": [heard("Spielfeld, der Podcast", "Die Startelf", minutes=4)],
    "podcast in Swedish": [heard("Tågpodden", "Om växlar", minutes=14)],
    "podcast in Russian": [heard("Чайный подкаст", "Улун", minutes=14)],
    "podcast in Japanese": [heard("お茶のポッドキャスト", "煎茶", minutes=14)],
    "sentences": each("Hinterzimmer", TALKS, minutes=(47, 67, 54, 33, 28), days=6),
    "numbers in Japanese": each(
        "夜の声", ["第12回 猫", "第13回 犬", "第14回 鳥"], minutes=(30,), days=7
    ),
    "titles like those of songs": each(
        "Night Bus",
        ["Terminus", "Last Stop Altona", "Lost Umbrella", "Turnstile", "The Depot", "Rain Check"],
        minutes=(41, 37, 55),
        days=8,
    ),
    "three minutes of news": each(
        "Kurz und Neu",
        [f"Nachrichten vom {n:02}.03.2021" for n in range(1, 13)],
        minutes=(3,),
        days=1,
    ),
    "news with a month in words": each(
        "Morning Minute",
        [f"March {n}, early edition" for n in range(1, 13)],
        minutes=(3.1,),
        days=1,
    ),
    "news with a day and a month": each(
        "Kurz", [f"Nachrichten {n}.3., 8 Uhr" for n in range(1, 9)], minutes=(4, 5), days=1
    ),
    "numbers before titles": each(
        "Roofs", ["298 - Stay Inside", "299 - Never", "301 - Why"], minutes=(90, 61), days=7
    ),
    "numbers in brackets": each(
        "Virus", ["(12) Masken", "(13) Tests", "(15) Impfen"], minutes=(40, 35), days=7
    ),
    "numbers behind titles": each(
        "Tea", ["Anna Blum | #12", "Bernd Rot | #13"], minutes=(40, 35), days=7
    ),
    "plain titles, day by day for a month": each(
        "Morning Read",
        [
            f"{what} {how}"
            for what in ("Inflation", "Borders", "Oil", "Courts", "Storms", "Debt")
            for how in ("Explained", "Again", "Tomorrow", "in Ruins", "on Trial")
        ],
        minutes=(24, 27, 31),
        days=1.2,
    ),
    "beginnings and ends": [
        heard("Lautes Brett", f"#{n} AB", day=n, minutes=long)
        for n, long in enumerate((3, 15, 15, 1, 15, 0.2, 8, 15, 11, 12))
    ],
    "news in sentences": each(
        "Three Minutes",
        [f"Why {who} may not sign the treaty after all" for who in map(chr, range(65, 85))],
        minutes=(2.9, 3.2, 3.4),
        days=1,
    ),
}

MUSIC = {
    "songs": songs("Some Band"),
    "one song of twelve minutes": [
        *songs("Some Band"),
        heard("Some Band", "I'm Dying of Thirst", minutes=12.1, day=40),
    ],
    "an only song of thirteen minutes": [heard("Ali Jihad Racy", "Maqam Nahawand", minutes=13.3)],
    "progressive rock": [
        row
        for again in (0, 30, 75)
        for row in each(
            "Tall Ships",
            ["Karn", "The Gates of a Very Long Delirium Indeed", "Close to the Hedge", "Octopus"],
            minutes=(20.6, 21.9, 18.7, 23.4),
            days=0.02,
        )
        for row in [row | {"local_date": row["local_date"] + timedelta(days=again)}]
    ],
    "post rock, an album at a time": each(
        "Silver Mountain",
        [
            "We Drift Like Worried Fire Across the Plain",
            "There Is a Light That Nobody Has Seen",
            "What We Loved Was Never Quite Enough",
            "Mladic",
        ],
        minutes=(20, 15.2, 16.1, 19.9),
        days=0.02,
    ),
    "mixes of a DJ": each(
        "DJ Nachtwind",
        ["Solstice", "Equinox", "Perihelion", "Zenith", "Nadir", "Halo", "Node"],
        minutes=(61, 118, 75),
        days=9,
    ),
    "mixes by title": each(
        "Nachtwind", [f"Sunset Mix #{n}" for n in range(12, 20)], minutes=(61, 118, 75), days=9
    ),
    "sets by title": each(
        "Nachtwind",
        [f"Episode {n} (Live at Fusion)" for n in range(12, 20)],
        minutes=(61, 118, 75),
        days=9,
    ),
    "symphonies": each(
        "Gustav Mahler",
        [
            f"Symphony No. {n} in D Minor: {part}"
            for n in (2, 3)
            for part in ("I. Kräftig. Entschieden", "IV. Sehr langsam. Misterioso", "VI. Langsam")
        ],
        minutes=(34, 12, 25),
        days=7,
    ),
    "works with numbers": each(
        "Johann Sebastian Bach",
        [
            f"Weihnachtsoratorium, BWV 248: Part {n}: For the First Day of Christmas"
            for n in range(1, 7)
        ],
        minutes=(26, 31),
        days=1,
    ),
    "a radio play in parts": each(
        "Die drei Detektive",
        [f"Folge {n}: Der Geisterhund - Teil {part}" for n in (12, 13) for part in range(1, 20)],
        minutes=(2.9, 3.4, 1.8),
        days=0.03,
    ),
    "a radio play in long parts": each(
        "Die drei Detektive",
        [f"Folge {n}: Der Geisterhund, Teil {part}" for n in (12, 13, 14) for part in (1, 2)],
        minutes=(22, 24.5),
        days=1,
    ),
    "a radio play whole, evening after evening": [
        heard("Hexe Hilda", f"Folge {n}: Die Zauberschule", day=n + 8 * again, minutes=41 + n / 10)
        for n in range(1, 5)
        for again in range(4)
    ],
    "an audiobook": each(
        "Jules Verne",
        [f"Kapitel {n} - In 80 Tagen um die Welt" for n in range(1, 38)],
        minutes=(18, 24, 31),
        days=1,
    ),
    "an audiobook by numbers": each(
        "Jules Verne",
        [f"{n} - In 80 Tagen um die Welt" for n in range(1, 20)],
        minutes=(18, 31),
        days=3,
    ),
    "an audiobook, a chapter each night": each(
        "Jules Verne",
        ["Der Sturm", "Die Wette", "Der Elefant", "In Bombay", "Am Ziel", "Der Konsul", "Das Ende"],
        minutes=(18, 24, 31),
        days=1,
    ),
    "chapters out of the middle of an audiobook": each(
        "Autorin",
        [f"{n} - {title}" for n, title in enumerate(TALKS, 10)],
        minutes=(18, 25),
        days=2,
    ),
    "an audiobook whose title is a sentence": each(
        "Autor",
        [f"Der lange Roman über das Meer und den Wind - {n}" for n in range(1, 30)],
        minutes=(18, 25),
        days=1,
    ),
    "recitations": each(
        "Qari",
        ["Surah Yasin", "Surah Maryam", "Surah Hud", "Surah Yusuf", "Surah Nuh", "Surah Taha"],
        minutes=(120, 20, 31),
        days=6,
    ),
    "an electronic pioneer, two tracks an evening": each(
        "Klaus S.",
        ["Mirage", "Velvet Voyage", "Crystal Lake", "Bois", "Nowhere", "Floating", "Totem"],
        minutes=(25, 29, 22),
        days=0.3,
    ),
    "concerts by their dates": each(
        "The Dead",
        [f"{title} (Live at Winterland, {n}/12/1974)" for n, title in enumerate("ABCDEFG", 1)],
        minutes=(25, 31, 18),
        days=5,
    ),
    "a concert of last week": [
        heard("Phi", f"{title} (3/{d}/21)", day=d + 5, minutes=9 + d)
        for d in (1, 2, 3)
        for title in ("Tweezer", "Bowie", "Ghost", "Sand")
    ],
    "noise for whole nights": [
        heard("White Dreams", title, day=night, minutes=300 + 7 * (night % 5))
        for night in range(30)
        for title in ("Steady Fan", "Brown Air")
    ],
    "noise of one night each": each(
        "Sleep Sounds", [f"Rain {n}" for n in "ABCDEFGHI"], minutes=(480, 301), days=5
    ),
    "meditation": each(
        "Stille", [f"Guided Meditation for Day {n}" for n in range(1, 15)], minutes=(20,), days=1
    ),
    "a live album": each(
        "Some Band",
        [f"{title} (Live at the Old Town Hall, 4/12/1977)" for title in "ABCDEFG"],
        minutes=(5, 12.4, 24),
        days=0.01,
    ),
    "series of freestyles": each(
        "Mixtape Street",
        [f"Mad About Bars - S5-E{n}" for n in range(1, 14)],
        minutes=(3.3, 4.1),
        days=2,
    ),
    "songs with long titles, each once": each("The Wordy", TALKS, minutes=(3.1, 2.8, 3.7), days=4),
    "a title with a number": [
        *songs("DDG"),
        heard("DDG", "Rule #1 (feat. Lil Y)", minutes=2, day=3),
        heard("DDG", "#1 Dad", minutes=2.2, day=3),
    ],
    "an artist called like a podcast": songs("Podcast"),
    "stand-up comedy": each(
        "Funny Person",
        ["Airports", "My Dad and the Dishwasher", "Bees"],
        minutes=(6, 8, 9.5),
        days=0.01,
    ),
    "nothing but the beginnings of something": each(
        "Who Knows", ["One", "Two"], minutes=(0.4, 0.1), days=4
    ),
}


@pytest.mark.parametrize("rows", PODCASTS.values(), ids=PODCASTS)
def test_a_podcast_is_found_by(rows: list[Row]) -> None:
    assert only_kind(rows) == "episode"


@pytest.mark.parametrize("rows", MUSIC.values(), ids=MUSIC)
def test_music_stays_music(rows: list[Row]) -> None:
    assert only_kind(rows) == "track"


def test_an_artist_who_is_also_a_show_has_songs_and_episodes() -> None:
    band = songs("Two Hats")
    show = each("Two Hats", [f"#{n} Backstage" for n in range(1, 5)], minutes=(51, 48), days=7)
    found = kinds([*band, *show])

    assert {title for title, kind in found.items() if kind == "episode"} == {
        row["track_name"] for row in show
    }


def test_of_an_artist_who_is_also_a_show_what_is_not_marked_as_an_episode_stays_music() -> None:
    long = each("Two Hats", ["Endless", "A Very Long Way Down", "Sea"], minutes=(22, 18), days=7)

    assert only_kind([*songs("Two Hats"), *long]) == "track"


UNMARKED = each("Half Past", ["One Thing", "Another Thing"], minutes=(31, 44), days=7)
"""By themselves these could be anything."""


def told_episode(show: str, title: str, **known: Any) -> Row:
    """An episode in an extended export, which names its show as an album."""
    uri = f"spotify:episode:{title}"
    known |= {"kind": "episode", "album_name": show, "track_id": title, "track_uri": uri}
    return heard(None, title, day=90, minutes=40, source="export", **known)


def told_song(artist: str, title: str, **known: Any) -> Row:
    known |= {"kind": "track", "track_id": title, "track_uri": f"spotify:track:{title}"}
    return heard(artist, title, day=90, minutes=3, source="export", **known)


def test_in_doubt_it_is_music() -> None:
    assert only_kind(UNMARKED) == "track"


def test_a_show_that_another_source_tells_of_is_a_show() -> None:
    assert only_kind([*UNMARKED, told_episode("Half  Past", "A Third Thing")]) == "episode"


def test_an_artist_whom_another_source_tells_of_is_an_artist() -> None:
    numbered = each("Lautes Brett", ["#1 AN", "#2 AUS"], minutes=(31, 44), days=7)

    assert only_kind(numbered) == "episode"
    assert only_kind([*numbered, told_song("Lautes Brett", "Another")]) == "track"
    assert only_kind(numbered, artists=["LAUTES BRETT"]) == "track"


def test_a_title_that_another_source_tells_of_is_what_it_says() -> None:
    rows = [*UNMARKED, told_song("Half Past", "Sea"), told_episode("Half Past", "One Thing")]
    row = next(row for row in named_only(rows) if row["track_name"] == "One Thing")
    assert (row["kind"], row["kind_source"]) == ("episode", "told")

    later = told_song("Half Past", "One Thing") | {"track_id": None, "track_uri": None}
    row = next(row for row in named_only([later, *UNMARKED]) if row["track_name"] == "One Thing")
    assert (row["kind"], row["kind_source"]) == ("track", "told")


def named_only(rows: Iterable[Row]) -> list[Row]:
    """The tracks of which names are all that is known."""
    found: list[Row] = unique_tracks(table(rows)).to_pylist()
    return [row for row in found if not row["track_uri"]]


def test_what_is_inferred_does_not_depend_on_what_came_first() -> None:
    rows = [row for group in (*PODCASTS.values(), *MUSIC.values()) for row in group]
    numbered = [row | {"play_id": f"p{n}"} for n, row in enumerate(rows)]
    there, back = (PLAYS.from_rows(each) for each in (numbered, numbered[::-1]))

    assert unique_tracks(there).equals(unique_tracks(back))


def test_what_is_told_is_never_inferred() -> None:
    song = told_song("Lautes Brett", "#12 LIED", ms_played=2_400_000)
    [row] = unique_tracks(table([song])).to_pylist()

    assert (row["kind"], row["kind_source"]) == ("track", "told")


def test_without_an_artist_a_title_is_music_and_without_a_title_nothing_is_known() -> None:
    rows = [heard(None, "#12 LIED", minutes=40), heard(None, None, minutes=3)]
    found = {row["track_name"]: row for row in unique_tracks(table(rows)).to_pylist()}

    assert (found["#12 LIED"]["kind"], found["#12 LIED"]["kind_source"]) == ("track", "inferred")
    assert (found[None]["kind"], found[None]["kind_source"]) == ("unknown", None)


def test_the_album_of_an_inferred_episode_is_its_show_and_no_artist_is() -> None:
    tracks = unique_tracks(table([*PODCASTS["Folge"], *songs("Some Band")]))
    shows = {row["album_name"] for row in tracks.to_pylist() if row["kind"] == "episode"}
    artists = unique_artists(tracks, KNOWN_ARTISTS.empty())

    assert shows == {"Kreidezeit"}
    assert artists["artist_name"].to_pylist() == ["Some Band"]
