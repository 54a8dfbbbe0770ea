"""Which playlists are meant, and when they are due."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipelines.library.wanted import Named, due, find_wanted
from pipelines.listening.schema.playlist_tables import LIKED
from pipelines.settings import PlaylistsToRead

KEY = "37i9dQZF1DX4WYpdgoIcn6"
LIBRARY = [
    Named(KEY, "Mix", owned=True),
    Named("b" * 22, "mix", owned=True),
    Named("c" * 22, "Twin", owned=True),
    Named("d" * 22, "Twin", owned=False),
    Named("e" * 22, None),
]
NOW = datetime(2026, 11, 29, 6, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Mix", KEY),
        (" Mix ", KEY),
        ("mix", "b" * 22),
        (KEY, KEY),
        (f"spotify:playlist:{KEY}", KEY),
        (f"spotify:user:somebody:playlist:{KEY}", KEY),
        (f"https://open.spotify.com/intl-de/playlist/{KEY}?si=7", KEY),
        (f"https://api.spotify.com/v1/playlists/{KEY}", KEY),
        (f"spotify:playlist:{'9' * 22}", "9" * 22),
        ("9" * 22, "9" * 22),
        ("liked_songs", LIKED),
        ("Liked Songs", LIKED),
        ("spotify:user:nico:collection", LIKED),
        ("https://open.spotify.com/collection/tracks", LIKED),
    ],
)
def test_a_playlist_can_be_named_in_every_way(text: str, key: str) -> None:
    found, problems = find_wanted([text], LIBRARY)
    assert ([one.playlist_id for one in found], problems) == ([key], [])


@pytest.mark.parametrize(
    "text", ["Nothing", "spotify:album:" + "9" * 22, "https://example.org/x", "12345", "MIX"]
)
def test_what_fits_none_or_several_is_said_and_the_others_stay(text: str) -> None:
    found, problems = find_wanted([text, "Mix"], LIBRARY)
    assert [one.playlist_id for one in found] == [KEY]
    [problem] = problems
    assert text in problem


def test_a_playlist_that_is_named_twice_is_wanted_once() -> None:
    assert len(find_wanted(["Mix", KEY, f"spotify:playlist:{KEY}"], LIBRARY)[0]) == 1


def test_without_names_all_are_wanted_that_are_not_known_to_be_others() -> None:
    found, _ = find_wanted(None, LIBRARY, liked=True)
    assert [one.playlist_id for one in found] == [
        LIKED,
        *(one.playlist_id for one in LIBRARY if one.owned is not False),
    ]


def row(key: str = KEY, **told: Any) -> dict[str, Any]:
    seen = NOW - timedelta(days=3)
    return {
        "playlist_id": key,
        "name": "Mix",
        "owned": True,
        "listed": True,
        "state": "read",
        "read_at": seen,
        "seen_at": seen,
        "changed": False,
        **told,
    }


WEEK_AGO = NOW - timedelta(days=7)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "nothing was read yet"),
        ([row()], None),
        ([row(seen_at=WEEK_AGO)], "nobody has looked at Mix for a week"),
        ([row(state="partly")], "Mix was read in part"),
        ([row(state="not_read", seen_at=NOW)], "Mix was not read yet"),
        ([row(changed=True)], None),
        ([row(changed=True, read_at=WEEK_AGO, seen_at=NOW)], "Mix has changed"),
        ([row(state="not_readable")], None),
        ([row(), row("x", owned=False, seen_at=WEEK_AGO)], None),
        ([row(), row("x", listed=False, seen_at=WEEK_AGO)], None),
    ],
)
def test_a_schedule_reads_what_is_unfinished_at_once_and_all_else_once_a_week(
    rows: list[dict[str, Any]], says: str | None
) -> None:
    assert due(rows, PlaylistsToRead(liked=False), NOW) == says


def test_what_was_added_to_the_settings_is_due() -> None:
    assert due([row()], PlaylistsToRead(("9" * 22,), liked=False), NOW) is not None
    assert due([row()], PlaylistsToRead(liked=True), NOW) == "Liked Songs was not read yet"
