import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from sandbox import truth
from sandbox.catalogue import catalogue
from sandbox.life import latest, plays_of_day, top_tracks
from sandbox.people import LABELS

TIMEZONE = "Europe/Berlin"
START = datetime(2026, 10, 19, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.fixture(scope="module")
def month():
    """Thirty days, the change from summer time among them."""
    return truth("demo", START, START + MONTH)


def local_hours(plays, label, timezone=TIMEZONE):
    zone = ZoneInfo(timezone)
    return Counter(p.played_at.astimezone(zone).hour for p in plays if p.label == label)


def share_in(hours, counts):
    return sum(counts[hour] for hour in hours) / sum(counts.values())


def test_a_life_is_the_same_in_every_process():
    program = (
        "from datetime import UTC, datetime; from sandbox import truth;"
        "print([(p.played_at.isoformat(), p.track.id) for p in"
        " truth('demo', datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC))])"
    )
    first, second = (
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
        for _ in range(2)
    )
    assert first == second
    assert len(first) > 1000


def test_days_asked_one_by_one_make_the_same_month(month):
    days = [truth("demo", START + timedelta(n), START + timedelta(n + 1)) for n in range(30)]

    assert [play for day in days for play in day] == month


def test_plays_follow_each_other_without_overlap(month):
    for one, other in pairwise(month):
        assert other.played_at - timedelta(milliseconds=other.ms_played) >= one.played_at


def test_play_times_have_milliseconds_and_no_finer(month):
    assert all(play.played_at.microsecond % 1000 == 0 for play in month)
    assert len({play.played_at.microsecond for play in month}) > 100


def test_completed_plays_last_as_long_as_their_track(month):
    assert all(p.ms_played == p.track.duration_ms for p in month if not p.skipped)
    assert all(p.ms_played < 30_000 for p in month if p.skipped)
    assert 0.005 < sum(p.skipped for p in month) / len(month) < 0.2


def test_the_demos_listener_does_everything_in_its_hours(month):
    assert {play.label for play in month} == set(LABELS)
    assert share_in(range(16, 22), local_hours(month, "kids")) > 0.8
    assert share_in({20, 21, 22, 23, *range(7)}, local_hours(month, "sleep")) > 0.9
    assert share_in(range(8, 18), local_hours(month, "focus")) > 0.8


def test_parties_are_on_friday_and_saturday(month):
    zone = ZoneInfo(TIMEZONE)
    evenings = {
        (p.played_at.astimezone(zone) - timedelta(hours=6)).weekday()
        for p in month
        if p.label == "party"
    }
    assert evenings <= {4, 5}


def test_habits_follow_the_listeners_own_clock():
    plays = truth("demo", START, START + MONTH, "America/New_York")

    assert share_in(range(16, 22), local_hours(plays, "kids", "America/New_York")) > 0.8


def test_some_nights_loop_short_noise_and_some_hear_an_album(month):
    nights = {}
    for play in month:
        if play.label == "sleep":
            nights.setdefault(play.session, []).append(play)
    loops = [n for n in nights.values() if len(n) > 50 and len({p.track.id for p in n[9:]}) <= 3]

    assert 3 < len(loops) < len(nights) - 3


def test_some_plays_come_from_albums_some_from_playlists_and_some_from_nowhere(month):
    kinds = Counter(play.context and play.context.split(":")[1] for play in month)

    assert set(kinds) == {"playlist", "album", None}


def test_nothing_is_heard_before_its_release(month):
    assert all(play.track.album.released <= play.played_at.date() for play in month)


def test_seeds_lead_different_lives(month):
    assert truth("nico", START, START + MONTH) != month


def test_the_latest_plays_are_the_completed_ones_up_to_now(month):
    now = month[-40].played_at
    shown = latest("demo", now, 50)

    assert shown[0].played_at <= now
    assert shown == [p for p in month if p.played_at <= now and not p.skipped][-50:][::-1]


def test_top_tracks_are_ranked_by_completed_plays():
    today = (START + timedelta(days=29)).date()
    ranked = top_tracks("demo", today, "short_term", TIMEZONE)
    counts = Counter(
        play.track.id
        for n in range(1, 29)
        for play in plays_of_day("demo", today - timedelta(days=n))
        if not play.skipped
    )
    assert [counts[track.id] for track in ranked] == sorted(counts.values(), reverse=True)


def test_the_catalogue_is_plausible():
    tracks = catalogue().tracks.values()

    assert 1500 <= len(tracks) <= 3000
    assert all(re.fullmatch(r"[0-7][0-9A-Za-z]{21}", track.id) for track in tracks)
    assert all(re.fullmatch(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", track.isrc) for track in tracks)
    assert any(not track.name.isascii() for track in tracks)
    assert any(len(track.artists) > 1 for track in tracks)
    assert {t.album.precision for t in tracks} == {"day", "year"}


def test_a_recording_on_an_album_and_a_single_has_one_isrc():
    isrcs = Counter(track.isrc for track in catalogue().tracks.values())
    shared = {isrc for isrc, count in isrcs.items() if count > 1}
    pairs = [t for t in catalogue().tracks.values() if t.isrc in shared]

    assert shared
    assert len({(t.isrc, t.name, t.duration_ms) for t in pairs}) == len(shared)
    assert max(isrcs.values()) == 2
