"""The podcasts of a life: heard while no music is on, and always the same ones."""

from datetime import UTC, datetime, timedelta

from sandbox import truth
from sandbox.life import zone_of
from sandbox.podcasts import SHOWS, shows_of, spoken

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=200)


def test_no_music_is_on_while_an_episode_is_heard():
    music = truth("demo", START, START + timedelta(days=40))
    heard = spoken("demo", START, START + timedelta(days=40))

    assert len(heard) > 5
    for one in heard:
        for play in music:
            began = play.played_at - timedelta(milliseconds=play.ms_played)
            assert play.played_at <= one.started_at or began >= one.played_at


def test_a_longer_span_only_adds_to_a_shorter_one():
    later = START + timedelta(days=30, hours=15)

    assert spoken("demo", later, END) == [
        one for one in spoken("demo", START, END) if one.played_at >= later
    ]


def test_episodes_are_heard_by_day_at_most_one_a_day():
    zone = zone_of("demo")
    heard = [one.started_at.astimezone(zone) for one in spoken("demo", START, END)]

    assert 50 < len(heard) < 110
    assert len({at.date() for at in heard}) == len(heard)
    assert {at.hour for at in heard} <= set(range(7, 21))


def test_some_are_broken_off_and_the_others_last_as_long_as_the_show():
    minutes = {show.name: show.minutes for show in SHOWS}
    heard = spoken("demo", START, END)

    assert {one.finished for one in heard} == {True, False}
    for one in heard:
        shortest, longest = minutes[one.show]
        assert one.ms_played <= longest * 60_000
        assert not one.finished or one.ms_played >= shortest * 60_000


def test_an_episode_has_one_id_and_one_length_whoever_hears_it():
    told = {}
    for seed in ("demo", "office/4", "student/9", "nurse/2"):
        for one in spoken(seed, START, END):
            ids, lengths = told.setdefault((one.show, one.episode), (set(), set()))
            ids.add(one.episode_id)
            if one.finished:
                lengths.add(one.ms_played)
    assert all(len(ids) == 1 and len(lengths) <= 1 for ids, lengths in told.values())
    assert len({next(iter(ids)) for ids, _ in told.values()}) == len(told)


def test_listeners_follow_shows_of_their_own():
    assert shows_of("demo") == shows_of("demo")
    assert len({shows_of(f"student/{n}") for n in range(20)}) > 5
