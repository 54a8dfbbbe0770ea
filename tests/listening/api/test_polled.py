import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.listening.api.polled import PolledRows, add_names, deduplicate, merge_polled
from pipelines.resources.lake.tables import to_parquet
from tests.support.places import RECORDED
from tests.support.spotify_answers import (
    NOON,
    Heard,
    iso,
    item,
    minutes,
    page,
    poll,
    polled,
    respond,
    taken,
    track,
)

GONE = {"popularity", "available_markets", "linked_from", "preview_url", "followers", "label"}


def stripped(value: Any) -> Any:
    """The shape of an app made since February 2026."""
    if isinstance(value, list):
        return [stripped(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: stripped(one) for key, one in value.items() if key not in GONE}


def shown(*items: Any) -> PolledRows:
    return taken(respond(page(items)))


def only(*items: Any) -> dict[str, Any]:
    [row] = shown(*items).plays.to_pylist()
    return row


def of(**changed: Any) -> dict[str, Any]:
    """A good play of a track with something changed about it."""
    return item(Heard(NOON - minutes(5), "a"), track=track("a", **changed))


def keys(plays: pa.Table) -> list[tuple[datetime, str, int]]:
    names = ("played_at", "track_id", "ordinal")
    return sorted(tuple(row[name] for name in names) for row in plays.to_pylist())


def as_bytes(one: PolledRows) -> list[bytes]:
    return [to_parquet(table, {}) for table in (one.plays, one.polls, one.refused)]


def test_a_recorded_answer_in_the_old_shape_tells_everything():
    body = json.loads((RECORDED / "recently_played_tracks.json").read_text("utf-8"))
    at = datetime.fromisoformat(body["items"][0]["played_at"])
    read = taken(respond(body, at))

    assert len(read.plays) == len(body["items"])
    assert len(read.refused) == 0
    for column in ("popularity", "isrc", "track_id", "album_name", "artist_name", "release_year"):
        assert read.plays[column].null_count == 0


def test_a_recorded_answer_in_the_new_shape_tells_the_same_but_popularity():
    body = json.loads((RECORDED / "recently_played_tracks.json").read_text("utf-8"))
    at = datetime.fromisoformat(body["items"][0]["played_at"])
    old, new = taken(respond(body, at)).plays, taken(respond(stripped(body), at)).plays

    assert new["popularity"].null_count == len(new)
    assert new["genres"].null_count == len(new)
    assert new.drop_columns("popularity") == old.drop_columns("popularity")


def test_a_local_file_has_no_id():
    local = of(id=None, uri="spotify:local:A:B:C:180", is_local=True, album={"id": None})
    row = only(local)

    assert (row["kind"], row["track_id"], row["album_id"]) == ("local", None, None)
    assert row["track_uri"] == "spotify:local:A:B:C:180"


def test_an_episode_is_named_after_its_show():
    episode = {
        "id": "e",
        "uri": "spotify:episode:e",
        "type": "episode",
        "name": "One",
        "duration_ms": 1,
        "release_date": "2026-01",
        "show": {"id": "s", "name": "The Show", "publisher": "The Publisher"},
    }
    row = only(item(Heard(NOON, "a"), track=episode))

    assert (row["kind"], row["album_name"], row["artist_name"], row["release_year"]) == (
        "episode",
        "The Show",
        "The Publisher",
        2026,
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"album": None},
        {"artists": None},
        {"artists": []},
        {"artists": [None, {"id": None, "name": None}]},
        {"external_ids": None},
        {"external_ids": {}},
        {"duration_ms": None},
        {"explicit": None},
        {"name": "a\u0000b \U0001f3b5"},
        {"album": {"release_date": "0000"}},
        {"album": {"release_date": ""}},
    ],
)
def test_what_spotify_leaves_out_is_null_and_keeps_its_play(changed: dict[str, Any]):
    assert only(of(**changed))["track_id"] == "a"


BAD = {
    "no track": (item(Heard(NOON, "a"), track=None), "track is null"),
    "nothing to name the track": (of(id=None, uri=None, name=""), "no id, uri or name"),
    "names of a wrong type": (of(id=1, uri=2, name=3), "no id, uri or name"),
    "a track of a wrong type": (item(Heard(NOON, "a"), track="a"), "track"),
    "no time": ({"track": track("a")}, "played_at"),
    "a time of null": (item(Heard(NOON, "a"), played_at=None), "played_at"),
    "a time without a zone": (item(Heard(NOON, "a"), played_at="2026-05-01T11:00:00"), "time zone"),
    "a time in 1970": (item(Heard(NOON, "a"), played_at="1970-01-01T00:00:00Z"), "1970"),
    "a time in 2100": (item(Heard(NOON, "a"), played_at="2100-01-01T00:00:00Z"), "2100"),
    "no object": (7, "int"),
    "null": (None, "null"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_named_and_the_good_ones_survive(name: str):
    bad, reason = BAD[name]
    good = [item(Heard(NOON - minutes(n), f"t{n}")) for n in (1, 2)]
    read = shown(good[0], bad, good[1])
    [refused] = read.refused.to_pylist()

    assert sorted(read.plays["track_id"].to_pylist()) == ["t1", "t2"]
    assert (refused["response"], refused["item"]) == ("20260501T120000.000000Z.json.gz", 2)
    assert reason in refused["reason"]
    assert json.loads(refused["row"]) == bad
    assert read.polls["refused"].to_pylist() == [1]


@pytest.mark.parametrize("body", [b'{"items": null}', b"[]", b"<html>", b'{"items": 3}'])
def test_an_answer_that_is_no_list_is_refused_whole_and_vouches_for_nothing(body: bytes):
    read = taken(respond(body))

    assert read.refused["item"].to_pylist() == [0]
    assert len(read.plays) == 0
    assert read.polls.to_pylist()[0]["full"]


def test_spotifys_clock_may_be_ahead_of_ours():
    ahead = NOON + timedelta(hours=2)
    body = page([item(Heard(ahead, "a"))])

    assert len(taken(respond(body)).plays) == 0
    assert len(taken(respond(body, server_date=ahead)).plays) == 1


def test_a_zone_other_than_utc_is_the_same_moment():
    moment = NOON.astimezone(timezone(timedelta(hours=9)))

    assert only(item(Heard(NOON, "a"), played_at=moment.isoformat()))["played_at"] == NOON


def test_equal_rows_of_one_answer_are_as_many_plays():
    twice = polled([Heard(NOON, "a"), Heard(NOON, "a"), Heard(NOON, "b")])
    once_ = polled([Heard(NOON, "a")], NOON + minutes(15))

    assert keys(merge_polled([once_, twice]).plays) == keys(twice.plays)
    assert [key[1:] for key in keys(twice.plays)] == [("a", 1), ("a", 2), ("b", 1)]


def test_tracks_that_share_half_their_names_are_still_different_plays():
    halves = [
        of(id=None, uri="same", name="x"),
        of(id="a", uri="same", name="x"),
        of(id="b", uri="same", name="x"),
        of(id="a2", uri=None, name=None),
        of(id="", uri="spotify:track:c", name="x"),
        of(id="", uri="spotify:track:d", name="x"),
        of(id="", uri="", name="x"),
    ]
    read = shown(*halves)

    assert len(merge_polled([read, read]).plays) == len(halves)


def test_a_play_keeps_the_description_that_showed_it_first():
    def told(name: str, at: datetime) -> PolledRows:
        return taken(respond(page([of(name=name)]), at))

    late, early = told("Renamed", NOON + minutes(30)), told("First name", NOON)

    assert merge_polled([late, early]).plays["track_name"].to_pylist() == ["First name"]


def test_names_come_from_playlists_the_album_itself_and_genres_from_artists():
    playlist = {"type": "playlist", "uri": "spotify:playlist:p"}
    album = {"type": "album", "uri": "spotify:album:album-b"}
    read = shown(
        item(Heard(NOON, "a"), context=playlist), item(Heard(NOON, "b"), context=album), of()
    )
    named = add_names(
        read.plays, playlists={"spotify:playlist:p": "Mine"}, genres={"artist-b": ["pop"]}
    )
    by_track = {row["track_id"]: row for row in named.to_pylist() if row["played_from_type"]}

    assert by_track["a"]["played_from_name"] == "Mine"
    assert by_track["b"]["played_from_name"] == "Album b"
    assert (by_track["a"]["genres"], by_track["b"]["genres"]) == (None, ["pop"])


@pytest.mark.parametrize(
    "context",
    [
        {"type": "playlist", "uri": "spotify:playlist:mine"},
        {"type": "playlist_v2", "uri": "spotify:playlist_v2:mine"},
        {"type": "playlist", "uri": "spotify:user:somebody:playlist:mine"},
        {"type": "playlist", "uri": "https://open.spotify.com/intl-de/playlist/mine?si=a "},
        {"type": "playlist", "uri": None, "href": "https://api.spotify.com/v1/playlists/mine"},
        {"external_urls": {"spotify": "https://open.spotify.com/playlist/mine"}},
    ],
)
def test_what_was_played_from_is_one_thing_with_one_name_in_every_shape(context: Any):
    plays = shown(item(Heard(NOON - minutes(5), "a"), context=context)).plays
    [row] = add_names(plays, playlists={"spotify:playlist:mine": "Mine"}, genres={}).to_pylist()

    assert [row[f"played_from_{part}"] for part in ("type", "uri", "name")] == [
        "playlist",
        "spotify:playlist:mine",
        "Mine",
    ]


@pytest.mark.parametrize(
    "uri", ["spotify:collection", "spotify:user:somebody:collection", "spotify:collection:tracks"]
)
def test_liked_songs_are_one_thing_with_one_name(uri: str):
    plays = shown(item(Heard(NOON - minutes(5), "a"), context={"type": "x", "uri": uri})).plays
    [row] = add_names(plays, playlists={}, genres={}).to_pylist()

    assert [row[f"played_from_{part}"] for part in ("type", "uri", "name")] == [
        "collection",
        "spotify:collection",
        "Liked Songs",
    ]


def test_a_context_without_any_address_has_its_type_alone():
    row = only(item(Heard(NOON - minutes(5), "a"), context={"type": "Playlist_v2"}))

    assert (row["played_from_type"], row["played_from_uri"]) == ("playlist", None)


@pytest.mark.parametrize("isrc", ["DEA379900001", "DE-A37-99-00001", " dea379900001 "])
def test_an_isrc_has_one_spelling(isrc: str):
    assert only(of(external_ids={"isrc": isrc}))["isrc"] == "DEA379900001"


def test_what_is_no_isrc_is_null_and_its_play_is_kept():
    assert only(of(external_ids={"isrc": "n/a"}))["isrc"] is None


def test_names_learnt_later_replace_those_kept_from_the_same_answer():
    kept = polled([Heard(NOON, "a")]).plays
    named = add_names(kept, playlists={}, genres={"artist-a": ["pop"]})

    assert deduplicate(named, kept=kept)["genres"].to_pylist() == [["pop"]]
    assert deduplicate(kept, kept=named)["genres"].to_pylist() == [None]


parts = st.lists(
    st.builds(
        lambda ends, minute, extra: taken(
            respond(
                page([*(item(Heard(NOON - minutes(n), f"t{n % 2}")) for n in ends), *extra]),
                NOON + minutes(minute),
            )
        ),
        st.lists(st.integers(0, 3), max_size=6),
        st.integers(0, 2),
        st.lists(
            st.sampled_from([None, of(duration_ms="x"), of(name="other"), of(id=5)]), max_size=2
        ),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=20)
@given(parts, st.randoms(use_true_random=False))
def test_uniting_does_not_depend_on_order_grouping_or_repetition(
    answers: list[PolledRows], chance: Any
):
    for number, one in enumerate(answers):  # a file name stands for one answer only
        names = pa.array([f"{number}"] * len(one.polls))
        refused = pa.array([f"{number}"] * len(one.refused), pa.string())
        answers[number] = PolledRows(
            one.plays,
            one.polls.set_column(1, one.polls.schema.field(1), names),
            one.refused.set_column(0, one.refused.schema.field(0), refused),
        )
    whole = as_bytes(merge_polled(answers))
    shuffled = chance.sample(answers, len(answers))
    cut = chance.randint(0, len(answers))

    assert as_bytes(merge_polled(shuffled)) == whole
    assert (
        as_bytes(merge_polled([merge_polled(answers[:cut]), merge_polled(answers[cut:])])) == whole
    )
    assert as_bytes(merge_polled([merge_polled(answers), *answers])) == whole


def test_a_poll_says_what_it_vouches_for():
    heard = [Heard(NOON - minutes(n), "a") for n in range(3)]
    [short] = taken(poll(heard)).polls.to_pylist()
    [more] = taken(poll(heard, next_page=True)).polls.to_pylist()
    [full] = taken(poll([Heard(NOON - minutes(n), "a") for n in range(50)])).polls.to_pylist()

    assert [one["full"] for one in (short, more, full)] == [False, True, True]
    assert (short["oldest_played_at"], short["newest_played_at"]) == (NOON - minutes(2), NOON)
    assert iso(short["known_to"]) == iso(NOON)


def test_a_late_play_among_newer_ones_does_not_stretch_what_is_known():
    late = item(Heard(NOON - timedelta(hours=9), "late"))
    rest = [item(Heard(NOON - minutes(n), "a")) for n in range(2)]
    [row] = shown(late, *rest).polls.to_pylist()

    assert row["oldest_played_at"] == NOON - minutes(1)


def test_the_slower_clock_says_how_far_an_answer_knows():
    slow = NOON - minutes(4)
    [row] = taken(respond(page([]), server_date=slow)).polls.to_pylist()

    assert row["known_to"] == slow + timedelta(seconds=1), "the header tells whole seconds"


def test_a_clock_that_plays_run_ahead_of_is_not_gone_by() -> None:
    body = page([item(Heard(NOON - minutes(5), "a"))])
    [row] = taken(respond(body, server_date=NOON - minutes(3 * 24 * 60))).polls.to_pylist()
    assert row["known_to"] == NOON
