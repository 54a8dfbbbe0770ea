"""The rule by which rows of other sources join the plays of polls and exports, line by line."""

from collections import Counter
from itertools import permutations

import pytest

from pipelines.listening.ledger.export_union import ImportedExport
from tests.support.elsewhere import ended, heard, told
from tests.support.sources import (
    EDGES,
    Json,
    account,
    all_plays,
    answer,
    assembled,
    at,
    export,
    item,
    loop,
    minute,
    plays,
    row,
)

pytestmark = pytest.mark.usefixtures("from_elsewhere")

# What is one play


@pytest.mark.parametrize("off", [-29, -1, 0, 2, 29])
def test_a_scrobble_that_began_as_an_exports_play_is_that_play(off: int):
    found = plays([], export(row(600)), told("scrobbler", heard(420 + off)))

    assert found == [(600, "export+scrobbler")]


def test_a_scrobble_far_from_any_play_is_one_of_its_own():
    [found, _] = all_plays([], [export(row(600)), told("scrobbler", heard(60))])

    assert (found["source"], found["played_at"], found["started_at"]) == (
        "scrobbler",
        at(60),
        at(60),
    )
    assert (found["ms_played"], found["ms_played_source"]) == (None, "unknown")
    assert found["counts"]


def test_a_scrobble_of_another_song_at_the_same_time_is_a_play_of_its_own():
    found = plays([], export(row(600)), told("scrobbler", heard(420, "b")))

    assert found == [(420, "scrobbler"), (600, "export")]


def test_the_same_title_of_another_artist_is_another_song():
    other = heard(420, artist_name="Somebody else")

    assert len(plays([], export(row(600)), told("scrobbler", other))) == 2


@pytest.mark.parametrize(
    "names",
    [
        {"track_name": "SONG  A"},
        {"track_name": "Song a - Remastered 2011"},
        {"track_name": "Song a (2011 Remaster)"},
        {"track_name": "Song a (feat. Somebody)"},
        {"track_name": "Song a feat. Somebody"},
        {"artist_name": "Artist a, Somebody"},
        {"artist_name": "Artist a & Somebody"},
        {"artist_name": "Artist a feat. Somebody"},
        {"artist_name": "Another spelling", "track_uri": "spotify:track:a"},
        {"artist_name": "The artist of the track", "album_name": "Album a"},
        {"artist_name": None},
        {"artist_name": "Various Artists"},
    ],
    ids=lambda names: " ".join(map(str, names.values())),
)
def test_a_song_is_found_however_it_is_spelled(names: Json):
    found = plays([], export(row(600)), told("scrobbler", heard(422, **names)))

    assert found == [(600, "export+scrobbler")]


@pytest.mark.parametrize(
    "title", ["Song a (Live)", "Song a - Live at Home / Remastered 2011", "Song a - X Remix"]
)
def test_another_recording_of_a_song_is_another_play(title: str):
    found = plays([], export(row(600)), told("scrobbler", heard(421, track_name=title)))

    assert len(found) == 2


def test_of_two_recordings_each_is_paired_with_the_one_that_is_called_the_same():
    live = {"master_metadata_track_name": "Song a - Live", "spotify_track_uri": "spotify:track:l"}
    told_by_export = export(row(600), row(640, seconds=210, **live))
    scrobbles = told("scrobbler", heard(425), heard(422, track_name="Song a - Live"))

    assert plays([], told_by_export, scrobbles) == [
        (600, "export+scrobbler"),
        (640, "export+scrobbler"),
    ]


def test_a_code_that_polls_told_finds_the_play_under_any_name():
    polls = [answer(item(600, external_ids={"isrc": "DEA379900001"}))]
    scrobble = heard(420, "under another name", isrc="DEA379900001")

    assert plays(polls, told("scrobbler", scrobble)) == [(600, "api+scrobbler")]


def test_an_episode_is_found_by_its_show():
    episode: Json = {
        "spotify_track_uri": None,
        "master_metadata_track_name": None,
        "master_metadata_album_artist_name": None,
        "master_metadata_album_album_name": None,
        "spotify_episode_uri": "spotify:episode:e",
        "episode_name": "First",
        "episode_show_name": "A show",
    }
    scrobble = heard(421, track_name="First", artist_name="A show")

    assert plays([], export(row(600, **episode)), told("scrobbler", scrobble)) == [
        (600, "export+scrobbler")
    ]


# Polls, account data, minutes


@pytest.mark.parametrize("began", [361, 420, 479])
def test_a_play_that_only_polls_show_is_found_from_a_minute_before_its_beginning(began: int):
    assert plays([answer(item(600))], told("scrobbler", heard(began))) == [(600, "api+scrobbler")]


def test_a_poll_may_have_told_the_beginning():
    polls = [answer(item(420), item(600))]

    assert plays(polls, told("scrobbler", heard(420), heard(600))) == [
        (420, "api+scrobbler"),
        (600, "api+scrobbler"),
    ]


@pytest.mark.parametrize("off", [-59, 0, 59])
def test_a_minute_is_enough(off: int):
    scrobble = told("diary", heard(420 // 60 * 60 + off // 60 * 60))

    assert plays([], export(row(600)), scrobble) == [(600, "export+diary")]


def test_account_data_and_a_scrobble_are_one_play():
    assert plays([], account(minute(600)), told("scrobbler", heard(425))) == [
        (600, "account+scrobbler")
    ]


def test_a_play_that_was_paused_is_found_where_nothing_else_was_heard():
    told_by_export = export(row(200, "b"), row(900))

    assert plays([], told_by_export, told("scrobbler", heard(230))) == [
        (200, "export"),
        (900, "export+scrobbler"),
    ]


def test_a_play_before_another_one_is_no_pause():
    told_by_export = export(row(600, "b"), row(900))

    assert len(plays([], told_by_export, told("scrobbler", heard(230)))) == 3


# Skips, repeats, loops


def test_a_scrobble_is_none_of_the_skips_around_it():
    skips = [row(at_, seconds=5, reason_end="fwdbtn") for at_ in (410, 416, 422)]
    found = plays([], export(*skips, row(610)), told("scrobbler", heard(412)))

    assert found == [(410, "export"), (416, "export"), (422, "export"), (610, "export+scrobbler")]


def test_a_scrobble_beside_nothing_but_a_skip_stays_alone():
    skip = row(430, seconds=10, reason_end="fwdbtn")

    assert plays([], export(skip), told("scrobbler", heard(420))) == [
        (420, "scrobbler"),
        (430, "export"),
    ]


def test_the_same_song_twice_in_a_row_is_two_plays_in_every_source():
    found = plays(
        [answer(item(600), item(780))],
        export(*EDGES, row(600), row(780)),
        told("scrobbler", heard(420), heard(600)),
        told("listens", heard(421), heard(601)),
    )

    assert found == [(second, "api+export+scrobbler+listens") for second in (600, 780)]


@pytest.mark.parametrize("sources", [("scrobbler",), ("scrobbler", "listens"), ("diary",)])
@pytest.mark.parametrize("polled", [False, True])
def test_a_loop_all_night_has_each_play_once(sources: tuple[str, ...], polled: bool):
    ends = loop(600)
    short: Json = {"duration_ms": 31_000}
    began = [end - 31 for end in ends]
    if sources == ("diary",):
        began = [begin // 60 * 60 for begin in began]
    told_by = [told(source, *map(heard, began)) for source in sources]
    polls = [answer(*(item(end, **short) for end in ends), fetched=90_000)] if polled else []
    found = plays(polls, export(*(row(end + 1, seconds=31) for end in ends)), *told_by)

    names = "+".join([*(["api"] if polled else []), "export", *sources])
    assert [name for _, name in found] == [names] * 600


def test_a_loop_that_polls_and_scrobbles_tell_in_part_is_as_long_as_it_was():
    ends = loop(40)
    short: Json = {"duration_ms": 31_000}
    found = plays(
        [answer(*(item(end, **short) for end in ends[:25]))],
        told("scrobbler", *(heard(end - 31) for end in ends[15:])),
    )

    assert Counter(source for _, source in found) == {
        "api": 15,
        "api+scrobbler": 10,
        "scrobbler": 15,
    }


@pytest.mark.parametrize("heard_ms", [142, 14_900])
@pytest.mark.parametrize("reason", ["fwdbtn", "trackdone"])
def test_a_scrobble_beside_a_skip_of_its_song_is_the_play_before_it(heard_ms: int, reason: str):
    skip = row(600 + heard_ms // 1000, seconds=heard_ms / 1000, reason_end=reason)
    told_by_export = export(row(600), skip)

    for scrobble in (ended(600), ended(600, "A"), heard(420), heard(421, "A")):
        found = plays([], told_by_export, told("listens", scrobble))
        assert sorted(found) == sorted(
            [(600, "export+listens"), (600 + heard_ms // 1000, "export")]
        )


@pytest.mark.parametrize(
    "scrobble",
    [heard(585), ended(600), heard(585, track_name="Song a (feat. Somebody)"), heard(400)],
    ids=["beginning", "end", "loose", "pause"],
)
@pytest.mark.parametrize(
    ("seconds", "duration"), [(14, None), (70, 180_000), (14, 40_000), (230, 1_200_000)]
)
def test_what_was_heard_for_less_than_half_takes_no_scrobble(
    scrobble: Json, seconds: int, duration: int | None
):
    told_by_export = export(row(600, seconds=seconds, reason_end="fwdbtn"))
    scrobble = scrobble | {"duration_ms": duration}

    assert len(plays([], told_by_export, told("listens", scrobble))) == 2


def test_of_two_plays_in_one_minute_a_scrobble_is_the_one_that_was_heard_long_enough():
    skipped, broken_off = minute(600, seconds=17), minute(720, seconds=134)
    scrobbles = [told("listens", heard(597, duration_ms=166_000)), told("scrobbler", heard(597))]

    assert sorted(plays([], account(skipped, broken_off), *scrobbles)) == [
        (600, "account"),
        (720, "account+scrobbler+listens"),
    ]


@pytest.mark.parametrize(
    ("seconds", "duration"), [(16, 31_000), (90, 180_000), (240, 1_200_000), (12, 12_000)]
)
def test_half_of_a_track_or_four_minutes_of_it_are_scrobbled(seconds: int, duration: int):
    told_by_export = export(row(600, seconds=seconds, reason_end="fwdbtn"))
    scrobble = heard(600 - seconds, duration_ms=duration)

    assert len(plays([], told_by_export, told("listens", scrobble))) == 1


@pytest.mark.parametrize("length", [31, 62, 200])
def test_of_a_track_twice_in_a_row_one_row_tells_the_end_of_the_first_and_one_the_second(
    length: int,
):
    known: Json = {"duration_ms": length * 1000}
    first, second = ended(1000, **known), heard(1000)

    assert len(plays([], told("listens", first), told("scrobbler", second))) == 2


@pytest.mark.parametrize("gap", [0, 1, 15])
@pytest.mark.parametrize("length", [31, 62, 200])
def test_of_a_track_twice_in_a_row_one_source_tells_the_first_and_one_the_second(
    length: int, gap: int
):
    known: Json = {"duration_ms": length * 1000}
    first = heard(1000)
    begin = 1000 + length + gap

    for second in (heard(begin, **known), ended(begin + length, **known)):
        assert len(plays([], told("scrobbler", first), told("listens", second))) == 2
    polls = [answer(item(begin + length, **known))]
    assert len(plays(polls, told("scrobbler", first))) == 2


def test_a_row_that_tells_its_end_may_tell_the_beginning_of_a_play_that_an_export_has():
    assert plays([], export(*EDGES, row(600)), told("listens", ended(420))) == [
        (600, "export+listens")
    ]


@pytest.mark.parametrize("pause", [0, 16, 29, 120])
@pytest.mark.parametrize(
    "names",
    [{}, {"track_name": "Song a - Remastered 2011"}, {"artist_name": "Artist a feat. Somebody"}],
    ids=" ".join,
)
@pytest.mark.parametrize("before", [True, False])
def test_a_play_that_was_paused_is_found_however_it_is_spelled(
    names: Json, pause: int, before: bool
):
    begin = 600 - 180 - pause
    scrobbles = [heard(begin - 182, **names)] * before + [heard(begin + 1, **names)]
    told_by = [told(source, *scrobbles) for source in ("scrobbler", "listens")]
    earlier = begin - 2
    answers = [answer(item(-200, "b"), *[item(earlier)] * before, item(600))]
    by_minute = account(minute(-200, "b"), *[minute(earlier)] * before, minute(600))
    to_the_second = export(row(-200, "b"), *[row(earlier)] * before, row(600))
    for polls, own in (
        ([], [to_the_second]),
        ([], [by_minute]),
        (answers, []),
        (answers, [by_minute]),
    ):
        [_, *found] = sorted(plays(polls, *own, *told_by))
        assert len(found) == 1 + before
        assert all(source.endswith("+scrobbler+listens") for _, source in found)


# Within one source


def test_what_two_imports_tell_is_there_once():
    rows = [heard(420), heard(420), heard(900, "b")]
    found = plays([], told("scrobbler", *rows[:2]), told("scrobbler", *rows[1:], name="other"))

    assert found == [(420, "scrobbler"), (420, "scrobbler"), (900, "scrobbler")]


def test_overlapping_files_of_one_import_add_nothing():
    files = [[heard(420), heard(900, "b")], [heard(900, "b", album_name="Album b"), heard(1200)]]

    assert len(plays([], told("scrobbler", files=files))) == 3


def test_what_a_second_file_knows_is_filled_in():
    known = heard(420, recording_mbid="m", album_name="Album a", duration_ms=200_000)
    [found] = all_plays([], [told("scrobbler", heard(420)), told("scrobbler", known, name="b")])

    assert (found["recording_mbid"], found["album_name"], found["duration_ms"]) == (
        "m",
        "Album a",
        200_000,
    )


def test_a_file_with_minutes_tells_of_the_same_plays_as_one_with_seconds():
    exact = told("scrobbler", heard(425), heard(641))
    minutes = told(
        "scrobbler",
        heard(420, precision_ms=60_000),
        heard(600, precision_ms=60_000),
        heard(3000, precision_ms=60_000),
        name="minutes",
    )

    assert plays([], exact, minutes) == [(second, "scrobbler") for second in (425, 641, 3000)]


def test_two_songs_in_the_same_second_are_two():
    assert len(plays([], told("scrobbler", heard(420), heard(420, "b")))) == 2


# Probable doubles


def doubles(*imports: ImportedExport) -> list[tuple[float, bool]]:
    return [
        ((one["started_at"] - at(0)).total_seconds(), one["probable_double"])
        for one in sorted(all_plays([], list(imports)), key=lambda one: str(one["started_at"]))
    ]


def test_the_later_one_of_two_that_begin_within_half_a_minute_is_probably_a_double():
    found = doubles(told("scrobbler", heard(420), heard(432), heard(600), heard(630)))

    assert found == [(420, False), (432, True), (600, False), (630, False)]


def test_of_a_short_track_only_what_begins_within_half_of_it_is_a_double():
    short = {"duration_ms": 40_000}
    found = doubles(told("scrobbler", heard(420, **short), heard(441, **short)))

    assert [double for _, double in found] == [False, False]


@pytest.mark.parametrize("twins", [(420, 430), (412, 421)])
def test_a_double_beside_a_play_that_its_twin_is_is_told(twins: tuple[int, int]):
    found = all_plays([], [export(row(600)), told("scrobbler", *map(heard, twins))])

    assert sorted((one["source"], one["probable_double"]) for one in found) == [
        ("export+scrobbler", False),
        ("scrobbler", True),
    ]


def test_two_sources_that_both_have_a_double_tell_of_one_double():
    twins = [heard(420), heard(430)]
    found = all_plays([], [told("scrobbler", *twins), told("listens", *twins)])

    assert [(one["source"], one["probable_double"]) for one in found] == [
        ("scrobbler+listens", False),
        ("scrobbler+listens", True),
    ]


# What is known of a play


def test_a_spotify_play_stays_as_it_is_but_for_what_it_lacks():
    told_by_export = export(row(600))
    known = heard(421, "A", isrc="DEA379900001", recording_mbid="m", duration_ms=181_000)
    [before] = all_plays([], [told_by_export])
    [after] = all_plays([], [told_by_export, told("scrobbler", known)])

    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"isrc", "recording_mbid", "duration_ms", "source"}


def test_a_measured_source_tells_how_long_a_play_was():
    measured = heard(420, ms_played=100_000, played_at=at(525), skipped=True, platform="tv")
    [found] = all_plays([], [told("jukebox", measured), told("scrobbler", heard(421))])

    assert found["source"] == "jukebox+scrobbler"
    assert (found["started_at"], found["played_at"]) == (at(420), at(525))
    assert (found["ms_played"], found["ms_played_source"]) == (100_000, "measured")
    assert (found["skipped"], found["platform"]) == (True, "tv")


def test_a_measured_play_is_none_that_was_heard_much_longer():
    measured = heard(420, ms_played=100_000, played_at=at(520))

    assert len(plays([], export(row(600)), told("jukebox", measured))) == 2


@pytest.mark.parametrize(
    ("following", "expected"), [(596, 180_000), (594, None), (None, 180_000), (420, None)]
)
def test_a_length_is_assumed_where_the_next_play_leaves_room(
    following: int | None, expected: int | None
):
    rows = [heard(420, duration_ms=180_000)]
    rows += [heard(following, "b")] if following else []
    found = all_plays([], [told("scrobbler", *rows)])
    [one] = [each for each in found if each["track_name"] == "Song a"]

    assert one["ms_played"] == expected
    assert one["ms_played_source"] == ("assumed" if expected else "unknown")
    assert one["played_at"] == at(420 + (expected or 0) / 1000)


def test_a_row_that_tells_its_end_is_found_by_it():
    assert plays([], export(row(600)), told("listens", ended(601))) == [(600, "export+listens")]
    assert plays([answer(item(600.4))], told("listens", ended(600))) == [(600.4, "api+listens")]


def test_a_row_that_tells_its_end_ended_then():
    [found] = all_plays([], [told("listens", ended(600, duration_ms=180_000))])

    assert (found["started_at"], found["played_at"]) == (at(420), at(600))
    assert (found["ms_played"], found["ms_played_source"]) == (180_000, "assumed")


# Whatever the order


def test_the_name_of_a_play_is_that_of_the_row_that_was_seen_first():
    first = told("scrobbler", heard(420), made=1000)
    [alone] = all_plays([], [first])
    [both] = all_plays([], [first, export(row(600), made=2000)])

    assert both["play_id"] == alone["play_id"]


def test_the_order_of_import_changes_nothing_but_names():
    told_by = [
        export(*EDGES, row(600), row(780)),
        account(minute(600), minute(780), minute(1000, "b")),
        told("scrobbler", heard(420), heard(600), heard(820, "b"), heard(833, "b")),
        told("scrobbler", heard(420, precision_ms=60_000), heard(2000, "c"), name="again"),
        told("listens", heard(421, duration_ms=180_000), heard(821, "b"), heard(2001, "c")),
        told("diary", heard(420), heard(600), heard(1980, "c")),
    ]
    found = []
    for order in list(permutations(told_by))[::97]:
        rows = all_plays([answer(item(600))], list(order))
        found.append([{**one, "play_id": ""} for one in sorted(rows, key=str_of)])

    assert all(one == found[0] for one in found)


def str_of(row: Json) -> str:
    return f"{row['played_at']} {row['track_name']} {row['source']} {row['started_at']}"


# What became of an import


def test_what_became_of_the_rows_of_an_import_is_read_off_the_ledger():
    before = told("scrobbler", heard(420), heard(2000, "b"))
    mine = told(
        "scrobbler", heard(420), heard(3000), heard(5000, "c"), heard(5010, "c"), name="mine"
    )
    became = assembled([answer(item(3180))], [before, mine]).became(1)

    assert became.seen.tolist() == [True, False, False, False]
    assert became.merged.tolist() == [False, True, False, False]
    assert became.double.tolist() == [False, False, False, True]


def test_rows_of_an_export_that_scrobbles_told_before_are_merged():
    became = assembled([], [told("scrobbler", heard(420)), export(row(600), row(9000))]).became(1)

    assert (became.seen.tolist(), became.merged.tolist()) == ([False, False], [True, False])
