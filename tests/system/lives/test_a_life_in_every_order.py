"""A life shown through polls and exports, in whatever order they come, with crashes between."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.assets.ledger import update_gaps
from pipelines.ingest.recent_tracks import ENDPOINT, RecentTracks
from pipelines.listening.api.responses import Response
from pipelines.listening.ledger.gaps import EARLIEST, SHORTEST_GAP
from pipelines.resources.lake.imported_exports import ImportedExports
from tests.support import lives
from tests.support.lives import HOUR, Export, Fact, moment
from tests.support.spotify_answers import LIMIT
from tests.support.world import Crash, World, local_date

Json = dict[str, Any]
Stretch = tuple[datetime, datetime]

NEAR = timedelta(seconds=5)
"""A play's time in the ledger is as near as this to one that a source told of it."""

NEAR_A_MINUTE = timedelta(seconds=91)


@dataclass
class Story:
    """A life, and what came of it in the order in which it came."""

    facts: list[Fact]
    events: list[tuple[int, Response | Export]]
    polled: set[Fact] = field(default_factory=set)
    exported: set[Fact] = field(default_factory=set)
    account: set[Fact] = field(default_factory=set)

    @property
    def known(self) -> set[Fact]:
        return self.polled | self.exported | self.account

    @classmethod
    def of(cls, seed: int, *, without: frozenset[str] = frozenset()) -> "Story":
        chance = random.Random(seed + 1)
        story = cls(lives.life(seed, days=1.2, without=without), [])
        for answer, shown in lives.polls(story.facts, chance):
            story.events.append((lives.millis(answer.fetched_at), answer))
            story.polled |= set(shown)
        for kind in ("extended", "anew", "account"):
            if chance.random() < 0.7:
                story._export(kind, chance)
        # An export can lie about for days before it is imported.
        story.events.sort(key=lambda event: event[0])
        return story

    def _export(self, kind: str, chance: random.Random) -> None:
        first, last = self.facts[0].end, self.facts[-1].end
        at = first + int((last - first) * chance.uniform(0.1, 1.2))
        files = chance.choice((1, 2, 3))
        if kind == "account":
            export = lives.account(self.facts, at, rounded=chance.random() < 0.5)
            self.account |= set(export.facts)
        else:
            restamped = 0.05 if kind == "anew" else 0
            export = lives.extended(self.facts, at, chance, files=files, restamped=restamped)
            self.exported |= set(export.facts)
        if export.facts:
            self.events.append((at + chance.choice((0, HOUR, 40 * HOUR)), export))


def tell(story: Story, world: World, chance: random.Random, *, crashes: bool) -> None:
    """Put it all into the lake, and let runs take it in now and then."""
    named: dict[str, Json] = {}
    for at, event in story.events:
        day = world.keep_answer(event) if isinstance(event, Response) else None
        if crashes and chance.random() < 0.4:
            world.store.crash_after = chance.randrange(9)
        while True:
            try:
                _take_in(world, event, at, day if chance.random() < 0.3 else None)
                break
            except Crash:
                if isinstance(event, Response) and chance.random() < 0.5:
                    break  # and nobody runs it again until the next one
        world.store.crash_after = None
        named = assert_plays_keep_their_names(named, world)
    world.run(day_of(story))
    assert_plays_keep_their_names(named, world)


def _take_in(world: World, event: Response | Export, at: int, day: str | None) -> None:
    if isinstance(event, Export):
        # An answer that was kept before, but never derived, would else name its plays anew.
        if days := world.raw.dates("recently_played"):
            world.run(days[-1])
        world.run_import(event.files, moment(at))
    elif day:
        world.run(day)


def day_of(story: Story) -> str:
    """The date of the last answer."""
    answers = [event for _, event in story.events if isinstance(event, Response)]
    return f"{answers[-1].fetched_at:%Y-%m-%d}"


def assert_plays_keep_their_names(before: dict[str, Json], world: World) -> dict[str, Json]:
    after: dict[str, Json] = {str(one["play_id"]): one for one in world.plays()}
    new = [after[name] for name in after.keys() - before.keys()]
    for name in before.keys() - after.keys():
        gone = before[name]
        assert not [one for one in new if is_same_play(gone, one)], gone
    return after


def is_same_play(one: Json, other: Json) -> bool:
    return (one["track_id"], one["played_at"]) == (other["track_id"], other["played_at"])


def assert_every_play_is_there_once(story: Story, plays: Iterable[Json]) -> None:
    found = defaultdict(list)
    key_of = dict(_keys(story.facts))
    for one in plays:
        found[key_of[one["track_id"] or one["track_name"]]].append(one)
    for key, there in _by_song(story.known).items():
        rows = sorted(found.pop(key, []), key=lambda one: one["played_at"])
        assert len(rows) == len(there), (key, rows, there)
        for one, fact in zip(rows, there, strict=True):
            assert _stands_right(story, fact, one["played_at"]), (one, fact)
        measured = Counter(one["ms_played_source"] for one in rows)["measured"]
        assert measured == sum(fact in story.exported | story.account for fact in there)
    assert not found


def _keys(facts: Iterable[Fact]) -> Iterator[tuple[str, str]]:
    for song in {fact.song for fact in facts}:
        for name in (song.key, song.export_key, song.name, song.export_name):
            yield name, song.key


def _by_song(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    found = defaultdict(list)
    for fact in sorted(facts, key=lambda one: one.end):
        found[fact.song.key].append(fact)
    return found


def _stands_right(story: Story, fact: Fact, at: datetime) -> bool:
    if fact in story.exported and abs(moment(fact.told) - at) <= NEAR:
        return True
    # Of two that follow each other, told by their beginnings, an export that ends between them
    # may be taken to tell the second.
    if fact in story.polled and abs(moment(fact.shown) - at) <= NEAR:
        return True
    return fact in story.account and abs(moment(fact.end) - at) <= NEAR_A_MINUTE


def assert_gaps_are_sound(story: Story, world: World) -> None:
    """Every whole play that nobody told lies in an open gap, or beyond all that is known."""
    coverage = update_gaps(world.own, date=None, full_refresh=False).coverage
    open_gaps = [(gap.start, gap.end) for gap in coverage.gaps if not gap.closed_at]
    assert coverage.start is not None
    assert coverage.end is not None
    for fact in set(story.facts) - story.known:
        in_time = fact.known_at == fact.end
        inside = coverage.start < moment(fact.end) < coverage.end
        if fact.whole and in_time and inside:
            assert any(a - NEAR < moment(fact.end) < b + NEAR for a, b in open_gaps), fact
    assert [gap for gap in open_gaps if _long(gap)] == uncovered(covered(story, world))


def _long(stretch: Stretch) -> bool:
    return stretch[1] - stretch[0] >= SHORTEST_GAP


def covered(story: Story, world: World) -> list[Stretch]:
    """What each source covers by itself."""
    found = [(span.start, span.end) for one in ImportedExports(world.own).all for span in one.spans]
    for _, event in story.events:
        if isinstance(event, Response):
            shown, _ = lives.poll(story.facts, lives.millis(event.fetched_at))
            ends = sorted(_shown_times(story.facts, event))
            begin = ends[-LIMIT] if len(ends) >= LIMIT else EARLIEST
            found.append((begin, shown.fetched_at))
    return found


def _shown_times(facts: Sequence[Fact], answer: Response) -> Iterator[datetime]:
    at = lives.millis(answer.fetched_at)
    return (moment(one.shown) for one in facts if one.whole and one.known_at <= at)


def uncovered(stretches: Sequence[Stretch]) -> list[Stretch]:
    """What lies between the first and the last of some stretches and in none of them."""
    found = []
    known_to = min(start for start, _ in stretches)
    for start, end in sorted(stretches):
        if start > known_to:
            found.append((known_to, start))
        known_to = max(known_to, end)
    return [one for one in found if _long(one)]


def assert_months_are_right(world: World) -> None:
    for name, rows in world.months().items():
        for row in rows.to_pylist():
            day = local_date(row["played_at"], world.listener.zones)
            assert row["local_date"] == day
            assert name == f"year={day.year:04}/month={day.month:02}"


def bring_snapshots_up_to_date(world: World) -> None:
    """What daily runs do: other runs derive dates that were interrupted, and write none of them."""
    for day in world.raw.dates(ENDPOINT):
        RecentTracks(world.own, day).update(full_refresh=False)


def assert_all_is_true(story: Story, world: World) -> None:
    plays = world.plays()
    assert len({one["play_id"] for one in plays}) == len(plays)
    assert_every_play_is_there_once(story, plays)
    assert_months_are_right(world)
    assert_gaps_are_sound(story, world)
    bring_snapshots_up_to_date(world)
    before = world.files()
    world.forget_derived()
    world.run(None)
    assert world.files() == before


@pytest.mark.rare
@settings(max_examples=3)
@given(seed=st.integers(0, 10_000), crashes=st.booleans())
def test_every_play_that_any_source_told_is_there_once(
    tmp_path_factory: pytest.TempPathFactory, seed: int, crashes: bool
):
    story = Story.of(seed)
    world = World(tmp_path_factory.mktemp("lake"))
    tell(story, world, random.Random(seed + 2), crashes=crashes)

    assert_all_is_true(story, world)


def test_polls_and_imports_give_the_same_plays_in_whatever_order_they_are_taken_in(
    tmp_path: Path,
):
    story = Story.of(7)
    found = []
    for number, order in enumerate((story.events, story.events[::-1])):
        world = World(tmp_path / str(number))
        for at, event in order:
            if isinstance(event, Response):
                world.keep_answer(event)
            else:
                world.import_export(event.files, moment(at))
        world.run(None)
        found.append(world.files("plays/year=", "aggregated/"))

    assert found[0] == found[1]
