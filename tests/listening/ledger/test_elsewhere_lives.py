"""A life that polls, exports and other sources tell: each play of it once, whatever the order."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.listening.api import polled
from pipelines.listening.api.responses import Response
from pipelines.listening.ledger import plays as ledger
from pipelines.listening.ledger.export_union import ImportedExport
from pipelines.listening.schema.tables import PLAYS
from pipelines.listening.time.local_time import Zone
from pipelines.listening.time.months import by_local_month, split_by_month
from tests.support import lives
from tests.support.elsewhere import ADDED_TO_TITLES, life_told, made_up
from tests.support.lives import HOUR, Fact, moment
from tests.support.spotify_answers import taken

ZONES = (Zone("Europe/Berlin"),)

WITHOUT = frozenset({"renamed"})
"""A scrobble tells no length by which a play could be found under another name altogether."""


@dataclass
class Told:
    """What sources tell of a life, and the plays that any of them tells."""

    answers: list[Response] = field(default_factory=list)
    imports: list[ImportedExport] = field(default_factory=list)
    known: set[Fact] = field(default_factory=set)

    @property
    def shown(self) -> pa.Table:
        return polled.merge_polled([taken(one) for one in self.answers]).plays

    def plays(self, imports: Sequence[ImportedExport] | None = None) -> pa.Table:
        """The ledger, sources in the order of import if no other one is given."""
        order = sorted(self.imports, key=lambda one: (one.imported_at, one.id))
        parts = [ledger.assemble(self.shown, imports or order)]
        return PLAYS.conform(ledger.plays(parts, listener="nico", zones=ZONES))


@pytest.fixture(autouse=True, scope="module")
def from_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with made_up(tmp_path_factory.mktemp("sources")):
        yield


def told_of(seed: int, sources: Sequence[str], *, polls: bool = True) -> Told:
    chance = random.Random(seed)
    facts = lives.life(seed, days=1.2, without=WITHOUT)
    found, last = Told(), facts[-1].end + 20 * HOUR
    if polls:
        for answer, seen in lives.polls(facts, chance):
            found.answers.append(answer)
            found.known |= set(seen)
    whole = lives.extended(facts, last, chance)
    found.imports.append(lives.imported(whole.files, moment(last), "export"))
    found.known |= set(whole.facts)
    for number, source in enumerate(sources):
        told, seen = life_told(
            source,
            facts,
            chance,
            made=last + chance.choice((-1, 1)) * (number + 1) * HOUR,
            lost=0.3,
            lengths=source == "listens",
            spelled=True,
        )
        if len(told.rows):
            found.imports.append(told)
            found.known |= set(seen)
    return found


def once_each(told: Told) -> None:
    names = {
        name + added: one.song.key
        for one in told.known
        for name in _names(one)
        for added in ("", *ADDED_TO_TITLES)
    }
    rows = told.plays().select(["track_id", "track_name"]).to_pylist()
    found = Counter(names[row["track_id"] or row["track_name"]] for row in rows)
    assert found == Counter(one.song.key for one in told.known)


def _names(one: Fact) -> tuple[str, ...]:
    return one.song.key, one.song.export_key, one.song.name, one.song.export_name


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), polls=st.booleans())
@pytest.mark.parametrize(
    "sources", [("scrobbler", "listens"), ("diary",), ("jukebox", "scrobbler", "listens", "diary")]
)
def test_a_life_that_five_sources_tell_has_each_play_once(
    sources: tuple[str, ...], seed: int, polls: bool
):
    once_each(told_of(seed, sources, polls=polls))


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), shuffled=st.randoms(use_true_random=False))
def test_the_order_in_which_imports_are_taken_in_changes_no_play(
    seed: int, shuffled: random.Random
):
    told = told_of(seed, ("scrobbler", "listens", "diary"))
    order = list(told.imports)
    shuffled.shuffle(order)
    one, other = told.plays(), told.plays(order)

    # What names a play is the time at which its rows came, not the order in which they are given.
    assert one.equals(other)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_month_by_month_gives_what_all_at_once_gives(seed: int):
    told = told_of(seed, ("scrobbler", "listens", "diary"))
    whole = split_by_month(told.plays())
    shown = dict(by_local_month(told.shown, ZONES))
    for month, rows in whole.items():
        answers = shown.get(month, told.shown.slice(0, 0))
        order = sorted(told.imports, key=lambda one: (one.imported_at, one.id))
        part = ledger.assemble(answers, order, month)
        alone = PLAYS.conform(ledger.plays([part], listener="nico", zones=ZONES))
        assert alone.equals(PLAYS.conform(rows))
