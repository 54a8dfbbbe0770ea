"""Sentences: told where the plays carry them, with the numbers of the tables in good English.

Add a test here with every story. What the tables say is tested against plain Python.
"""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from tests.support.insights.chance import SOUND
from tests.support.insights.lives import Life, Row, at, daily, gap, heard, song, tables

NINE_MONTHS = 273
BEGIN = date(2025, 1, 1)
SEPTEMBER, JUNE, MARCH = date(2025, 9, 1), date(2025, 6, 1), date(2025, 3, 1)
SONGS = [song(f"Song {n}", f"Artist {n}") for n in range(36)]


def rich() -> Life:
    """Nine months of three songs a day, and some songs looped, loved or forgotten."""
    noon = at(str(BEGIN))
    plays = [
        heard(
            noon + timedelta(days=day, minutes=5 * time),
            SONGS[(3 * day + time) % 25 + (10 if day > 180 else 0)],
            context="focus" if time == 0 else "everyday",
        )
        for day in range(NINE_MONTHS)
        for time in range(3)
    ]
    plays += daily("2025-04-07", 5, song("Loop", "{}"), times=3)
    plays += daily("2025-05-03", 4, song("Other loop", "Nobody"), times=4)
    plays += daily("2025-02-01", 6, song('So "good" {0}', "Somebody"))
    plays += daily("2025-09-20", 11, song("Now {", "Them}"))
    sounds = [
        {"track_key": str(n), "track_id": one["track_id"], "popularity": 10 + 2 * n, **SOUND}
        for n, one in enumerate(SONGS)
    ]
    return Life(plays, sounds=sounds)


@pytest.fixture(scope="module")
def made() -> dict[str, pa.Table]:
    return tables(rich())


def told(found: dict[str, pa.Table], scope: str = "all") -> dict[str, str]:
    """Sentences by what they are about, in order."""
    rows = sorted(found["stories"].to_pylist(), key=lambda row: row["place"])
    return {row["story"]: row["sentence"] for row in rows if row["scope"] == scope}


def stories(*plays: Row, **known: Any) -> dict[str, str]:
    return told(tables(Life(plays, **known), ["stories"]))


def of(found: dict[str, pa.Table], name: str, **where: object) -> Row:
    """The one row of a table with these values, in the scope `all`."""
    rows: list[Row] = found[name].to_pylist()
    where = {"scope": "all"} | where
    [row] = [row for row in rows if all(row[key] == value for key, value in where.items())]
    return row


def test_a_rich_life_has_every_story_in_order(made: dict[str, pa.Table]) -> None:
    assert list(told(made)) == [
        *("busiest_time", "biggest_month", "artist_turnover", "discovery", "mainstream"),
        *("context", "rotation", "obsession", "forgotten", "streak", "sound"),
    ]
    own = told(made, "mine")
    assert "of your own minutes in" in own["context"]
    everything = told(made)
    assert own | {"context": ""} == everything | {"context": ""}, "nothing is left out"


def test_numbers_are_those_of_the_tables(made: dict[str, pa.Table]) -> None:
    months = [row for row in made["listening_by_month"].to_pylist() if row["scope"] == "all"]
    biggest = max(months, key=lambda row: row["minutes"])
    width = of(made, "discovery_by_month", month=SEPTEMBER)
    before = of(made, "popularity_by_month", month=MARCH)["mainstream_score"]
    after = of(made, "popularity_by_month", month=SEPTEMBER)["mainstream_score"]
    focus = of(made, "contexts_by_month", month=SEPTEMBER, context="focus")
    loop = of(made, "obsessions", track_name="Other loop")
    sound = of(made, "audio_profile_by_month", month=SEPTEMBER)
    silence = of(made, "forgotten_favourites", rank=1)

    assert told(made) | {"busiest_time": "", "artist_turnover": ""} == {
        "busiest_time": "",
        "biggest_month": f"Of the 9 whole months that are known, {biggest['month']:%B %Y} was the "
        f"fullest: {biggest['minutes'] / 60:.0f} hours and {biggest['plays']} plays.",
        "artist_turnover": "",
        "discovery": f"In September 2025 you heard {width['artists']} artists, one of them for "
        f"the first time; {width['repeat_rate'] * 100:.0f} % of the plays were of songs that you "
        "had already played in that month.",
        "mainstream": "On a scale of popularity from 0 (hardly known) to 100 (known to everybody), "
        f"what you played moved from {before:.0f} in March 2025 to {after:.0f} in September 2025.",
        "context": f"{focus['share'] * 100:.0f} % of the minutes heard in September 2025 "
        "were for focus.",
        "rotation": 'On 30 September 2025, one song was in heavy rotation: "Now {" by Them}.',
        "obsession": f'In May 2025 you looped "Other loop" by Nobody: {loop["plays"]} plays '
        "in a week. Of the 2 songs that you looped like that and whose next 60 days are known, "
        "you dropped all, with one play at most in those days.",
        "forgotten": f"Up to 30 September 2025, you had not played "
        f'"{silence["track_name"]}" by {silence["artist_name"]} '
        f"for {silence['days_since']} days, after {silence['plays']} plays in a year.",
        "streak": f"You listened every day for {NINE_MONTHS} days in a row, "
        "up to 30 September 2025: your longest streak.",
        "sound": "In September 2025 your music was lively on average, and mostly electronic and "
        f"instrumental; its mood was {sound['mood_score']:.2f}, between 0 (dark and calm) and 1 "
        f"(bright and lively). The sound of {sound['known_share'] * 100:.0f} % of the plays is "
        "known.",
    }


def test_who_left_the_top_twenty_is_counted(made: dict[str, pa.Table]) -> None:
    rows: list[Row] = made["top_artists_by_month"].to_pylist()
    now, then = (
        {row["artist_name"] for row in rows if row["month"] == month and row["rank"] <= 20}
        for month in (SEPTEMBER, JUNE)
    )

    assert len(now - then) > 1
    assert told(made)["artist_turnover"] == (
        f"Of your 20 most played artists of September 2025, {len(now - then)} were not among the "
        "20 of June 2025."
    )


def test_thin_plays_tell_nothing() -> None:
    lives = [
        [],
        [heard("2026-03-01")],
        [heard(f"2026-0{month}-01") for month in range(1, 9)],
        daily("2026-03-01", 6),
        daily("2026-01-01", 4, times=2) + daily("2026-03-20", 5),
    ]
    for plays in lives:
        assert len(tables(Life(plays), ["stories"])["stories"]) == 0


def test_the_busiest_time_is_two_hours_of_a_part_of_a_day() -> None:
    sundays = [one for week in (1, 8, 15, 22) for one in daily(f"2026-03-{week:02}", 1, times=30)]
    assert stories(*sundays)["busiest_time"] == (
        "In March 2026 you listened most on Sunday afternoons (13:00 to 15:00); "
        "on weekdays you heard nothing."
    )
    more = stories(*sundays, *daily("2026-03-07", 6, times=12))["busiest_time"]
    assert more.endswith(
        "; on a day of the weekend you heard 5.8 times as much as on a weekday."
    ), "33 plays a Sunday and 4 a Saturday, 16 on five weekdays"


def test_one_song_in_rotation_is_one_and_two_are_songs() -> None:
    one = daily("2026-03-01", 9, song("A", "X"))
    other = daily("2026-03-01", 9, song("B {} %s {0:d}", "Y"), times=2)

    assert stories(*one)["rotation"] == (
        'On 9 March 2026, one song was in heavy rotation: "A" by X.'
    )
    assert stories(*one, *other)["rotation"] == (
        'On 9 March 2026, 2 songs were in heavy rotation, first of all "B {} %s {0:d}" by Y.'
    )


def test_one_obsession_is_told_without_a_count() -> None:
    assert stories(*daily("2026-03-01", 5, song("A", "X"), times=2))["obsession"] == (
        'In March 2026 you looped "A" by X: 10 plays in a week.'
    )


def test_a_song_is_never_told_with_the_artist_of_another() -> None:
    nameless = daily("2026-03-01", 9, song("B", None), times=2)
    assert "rotation" not in stories(*nameless)
    assert "obsession" not in stories(*nameless)

    named = daily("2026-03-01", 9, song("A", "X"))
    found = stories(*nameless, *named, *daily("2026-03-01", 6, song("C", "Z"), times=2))
    assert found["rotation"].endswith('"C" by Z.')
    assert '"C" by Z: 12 plays' in found["obsession"]


def test_loops_of_the_kids_are_not_told_as_yours() -> None:
    assert "obsession" not in stories(*daily("2026-03-01", 5, times=3, context="kids"))


def test_a_month_under_way_is_not_summed_up_yet() -> None:
    plays = daily("2026-02-01", 28, times=2, context="focus") + daily("2026-03-01", 20, times=2)

    assert stories(*plays)["context"] == (
        "100 % of the minutes heard in February 2026 were for focus."
    )
    whole = stories(*plays, known_to=at("2026-03-31"))
    assert "context" not in whole, "March is over, and was everyday"


def test_a_story_says_at_least_where_plays_may_be_missing() -> None:
    plays = daily("2026-03-01", 9)
    for gaps, missing in (([], {False}), ([gap("2026-03-03", "2026-03-04")], {True})):
        rows = tables(Life(plays, gaps=gaps), ["stories"])["stories"].to_pylist()
        assert {row["at_least"] for row in rows if row["story"] == "rotation"} == missing


def at_hour(hour: int) -> list[Row]:
    """Two weeks with a play at noon, and Thursdays of which this hour (UTC) is the busiest."""
    busy = [
        heard(at(f"2026-01-{day:02} {hour:02}:00") + timedelta(minutes=2 * n))
        for day in (1, 8)
        for n in range(29)
    ]
    return sorted([*daily("2026-01-01", 14, times=4), *busy], key=lambda play: play["played_at"])


@pytest.mark.parametrize(
    ("hour", "words"),
    [
        (1, "in the early hours of Thursdays (02:00 to 04:00)"),
        (4, "on Thursday mornings (05:00 to 07:00)"),
        (9, "on Thursday mornings (10:00 to 12:00)"),
        (16, "on Thursday evenings (17:00 to 19:00)"),
        (21, "on Thursday nights (22:00 to 00:00)"),
        (22, "on Thursday nights (23:00 to 01:00)"),
    ],
)
def test_times_of_day_are_called_as_people_call_them(hour: int, words: str) -> None:
    assert stories(*at_hour(hour))["busiest_time"].startswith(
        f"In January 2026 you listened most {words};"
    )


def test_no_month_that_is_cut_is_told_as_a_whole_one() -> None:
    plays = daily("2026-01-05", 110, times=8, ms_played=1_800_000)
    told_of = stories(*plays)
    assert "biggest_month" not in told_of, "February and March alone are whole"

    longer = daily("2026-01-05", 140, times=8, ms_played=1_800_000, context="focus")
    assert stories(*longer)["biggest_month"].startswith(
        "Of the 3 whole months that are known, March"
    )
    assert " in April 2026 " in stories(*longer)["context"]
    lost = [gap("2026-04-10", "2026-04-11")]
    assert " in March 2026 " in stories(*longer, gaps=lost)["context"]


def test_as_many_songs_as_a_list_holds_are_no_count() -> None:
    songs = [song(f"{n:02}", "X") for n in range(31)]
    plays = [play for one in songs for play in daily("2026-03-01", 9, one)]
    assert stories(*plays)["rotation"] == (
        'On 9 March 2026, first of the songs in heavy rotation was "00" by X.'
    )
    some = [play for one in songs[:29] for play in daily("2026-03-01", 9, one)]
    assert stories(*some)["rotation"].startswith("On 9 March 2026, 29 songs were in heavy rotation")


def test_only_loops_of_which_it_is_known_are_counted_as_dropped_or_not() -> None:
    first, second, late = (song(name, "X") for name in "abc")
    plays = [
        *daily("2026-01-01", 5, first, times=2),
        *daily("2026-01-02", 5, second, times=2),
        *daily("2026-02-20", 3, second, times=1),
        *daily("2026-04-01", 5, late, times=3),
    ]
    assert stories(*plays)["obsession"] == (
        'In April 2026 you looped "c" by X: 15 plays in a week. Of the 2 songs that you looped '
        "like that and whose next 60 days are known, you dropped one, with one play at most in "
        "those days."
    )


def test_a_favourite_is_not_told_as_forgotten_after_a_gap() -> None:
    plays = daily("2026-01-01", 6, song("A", "X"))
    ends = at("2026-04-01")
    assert "forgotten" in stories(*plays, known_to=ends)
    assert "forgotten" not in stories(*plays, known_to=ends, gaps=[gap("2026-03-20", "2026-03-21")])


def test_what_no_reference_file_tells_of_a_sound_is_not_told() -> None:
    sound = SOUND | {"instrumentalness": None}
    sounds = [{"track_key": "1", "track_id": song()["track_id"], **sound}]
    told_of = stories(*daily("2026-03-01", 31, times=2), sounds=sounds)["sound"]

    assert "sung" not in told_of
    assert "instrumental" not in told_of
