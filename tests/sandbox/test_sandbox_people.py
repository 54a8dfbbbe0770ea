"""What makes the lives hard to read: many people, drifting weeks, names that say nothing."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

import pytest

from sandbox import truth
from sandbox.catalogue import catalogue
from sandbox.life import SKIPS
from sandbox.listeners import playlists
from sandbox.people import people, person_of
from sandbox.rhythm import day_kind, sessions

YEAR = (datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
EVERYONE = sorted(people())


@pytest.fixture(scope="module")
def years():
    """A year of every person."""
    return {name: truth(name, *YEAR) for name in EVERYONE}


@pytest.fixture(scope="module")
def shelves():
    return {s.name: s for person in people().values() for s in person.shelves.values()}


def by_session(plays):
    found = defaultdict(list)
    for play in plays:
        found[play.session].append(play)
    return found


def minutes(plays):
    counted = Counter()
    for play in plays:
        counted[play.label] += play.ms_played / 60_000
    return counted


def usual_hour(name, plays, label, wanted):
    """The mean hour on the person's clock at which such sessions begin."""
    zone = ZoneInfo(people()[name].timezone)
    begun = {p.session for p in plays if p.label == label}
    hours = [b.astimezone(zone).hour + b.minute / 60 for b in begun if wanted(b.astimezone(zone))]
    return sum(hours) / len(hours)


def test_there_are_eight_people_in_eight_countries():
    assert len(people()) >= 8
    assert len({person.country for person in people().values()}) == len(people())
    assert len({person.timezone for person in people().values()}) == len(people())


def test_a_seed_leads_to_one_person_and_many_seeds_to_all():
    assert person_of("student/3").name == "student"
    assert person_of("demo").timezone == "Europe/Berlin"
    assert {person_of(f"anyone-{n}").name for n in range(100)} == set(people())


def test_two_lives_of_one_person_differ_in_hours_and_favourites():
    days = (YEAR[0], YEAR[0] + timedelta(days=60))
    one, other = truth("runner/1", *days), truth("runner/2", *days)

    assert {p.session for p in one}.isdisjoint({p.session for p in other})
    top = [{t for t, _ in Counter(p.track.id for p in x).most_common(20)} for x in (one, other)]
    assert len(top[0] & top[1]) < 10


def test_no_two_people_share_an_artist_but_for_few():
    names = [
        {artist for shelf in person.shelves.values() for artist in shelf.artists}
        for person in people().values()
    ]
    assert all(len(one & other) <= 2 for one, other in combinations(names, 2))


@pytest.mark.parametrize("name", EVERYONE)
def test_people_do_what_their_music_is_for(name, years):
    heard = minutes(years[name])
    total = sum(heard.values())

    assert set(heard) == people()[name].tastes.keys()
    assert heard["everyday"] > 0.12 * total
    assert heard["sleep"] < 0.55 * total
    assert min(heard.values()) > 0.01 * total


def test_the_student_and_the_dj_have_no_children_and_the_dj_sleeps_in_silence():
    assert "kids" not in people()["student"].tastes
    assert {"kids", "sleep"}.isdisjoint(people()["dj"].tastes)


def test_the_nurse_sleeps_by_day_and_the_runner_runs_at_dawn(years):
    assert 7.5 < usual_hour("nurse", years["nurse"], "sleep", lambda _: True) < 9
    workday = usual_hour("runner", years["runner"], "workout", lambda at: at.weekday() < 5)
    assert 5.5 < workday < 7


@pytest.mark.parametrize("name", EVERYONE)
def test_many_minutes_bear_names_without_a_hint_and_many_do(name, years, shelves):
    hinted, heard = Counter(), Counter()
    for play in years[name]:
        heard[play.label] += play.ms_played
        hinted[play.label] += play.ms_played * shelves[play.track.shelf].obvious
    shares = {label: hinted[label] / heard[label] for label in heard}

    assert shares.pop("everyday") < 0.15
    assert all(share > 0.2 for share in shares.values()), shares
    # A baby sleeps to noise or not at all.
    assert all(share < 0.75 for label, share in shares.items() if label != "sleep"), shares


def test_artists_are_heard_in_several_contexts(years):
    for plays in years.values():
        contexts = defaultdict(Counter)
        for play in plays:
            contexts[play.track.artists[0].id][play.label] += 1
        assert sum(len(found) > 1 for found in contexts.values()) > 8


@pytest.mark.parametrize("name", EVERYONE)
def test_some_sessions_are_opened_from_a_playlist_most_are_not(name, years):
    opened = [s[0].context for s in by_session(years[name]).values()]
    share = sum(bool(uri and ":playlist:" in uri) for uri in opened) / len(opened)

    assert 0.25 <= share <= 0.4


def test_every_playlist_a_play_names_is_the_listeners_own(years):
    for name, plays in years.items():
        mine = {f"spotify:playlist:{each.id}" for each in playlists(name) if each.readable}
        named = {p.context for p in plays if p.context and ":playlist:" in p.context}
        assert named <= mine
        assert len(named) > len(mine) / 2


def test_what_was_opened_holds_what_was_played(years):
    for name, plays in years.items():
        held = {f"spotify:playlist:{p.id}": {t.id for t in p.tracks} for p in playlists(name)}
        held |= {
            f"spotify:album:{key}": {t.id for t in tracks}
            for key, tracks in catalogue().listings.items()
        }
        assert all(play.track.id in held[play.context] for play in plays if play.context)


def test_sessions_follow_each_other_sooner_or_later(years):
    for plays in years.values():
        found = list(by_session(plays).values())
        gaps = [
            b[0].session - a[-1].played_at for a, b in pairwise(found) if a[0].label != b[0].label
        ]
        soon = sum(gap < timedelta(minutes=20) for gap in gaps) / len(gaps)
        assert 0.08 < soon < 0.5


def test_skips_tell_contexts_apart_and_sleepers_skip_only_at_first(years):
    plays = [play for year in years.values() for play in year]
    share = {
        label: sum(p.skipped for p in plays if p.label == label)
        / sum(p.label == label for p in plays)
        for label in SKIPS
    }
    assert share["focus"] < share["relaxation"] < share["party"] < share["everyday"]
    late = [p for p in plays if p.label == "sleep" and p.skipped]
    assert late
    assert all(p.played_at - p.session < timedelta(minutes=12) for p in late)


def test_children_hear_the_same_few_songs_many_times(years):
    found = [s for s in by_session(years["parent"]).values() if s[0].label == "kids"]
    long = [s for s in found if len(s) >= 15]
    again = sum(len(s) / len({p.track.id for p in s}) >= 2 for s in long)

    assert again > len(long) / 4


def test_the_usual_hour_of_a_habit_wanders_over_the_months(years):
    monthly = []
    for month in range(1, 13):
        plays = [p for p in years["student"] if p.session.month == month]
        monthly.append(usual_hour("student", plays, "focus", lambda at: at.hour > 18))

    assert max(monthly) - min(monthly) > 0.5


def test_on_holiday_nobody_works_and_nobody_trains():
    for name, person in people().items():
        zone = ZoneInfo(person.timezone)
        days = [date(2025, 1, 1) + timedelta(days=n) for n in range(365)]
        kinds = {day: day_kind(name, day) for day in days}
        assert 7 <= sum(kind in {"away", "restful"} for kind in kinds.values()) <= 32
        assert 4 <= sum(kind == "silent" for kind in kinds.values()) <= 32
        free = [day for day, kind in kinds.items() if kind in {"away", "restful"}]
        habits = [s.habit for day in free for s in sessions(name, day, zone)]
        assert {"focus", "workout"}.isdisjoint(habit.does for habit in habits)
        assert not any(habit.duty for habit in habits)


def test_guests_bring_music_that_the_listener_never_plays(years):
    own = {a.id for s in person_of("parent").shelves for a in artists_on(f"parent/{s}")}
    parties = [s for s in by_session(years["parent"]).values() if s[0].label == "party"]
    foreign = [s for s in parties if not {p.track.artists[0].id for p in s} & own]

    assert 1 <= len(foreign) < len(parties) / 4


def artists_on(shelf):
    return {artist for track in catalogue().shelves[shelf] for artist in track.artists}


def test_lullabies_are_sung_for_some_weeks_of_the_year(years):
    evenings = sorted(
        session
        for session, plays in by_session(years["couple"]).items()
        if len(plays) > 4
        and all(p.track.shelf == "couple/ninar" for p in plays)
        and plays[0].label == "kids"
    )
    assert len(evenings) > 10
    weeks = {session.isocalendar().week for session in evenings}
    assert 4 <= len(weeks) <= 22
