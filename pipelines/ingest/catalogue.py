"""Asking Spotify's catalogue about tracks of which something is missing, a few each day.

Reads of single tracks and searches are what Spotify refuses first, and then it refuses polls too.
So there is a budget for each day, which is kept in the lake: what was sent counts, whoever started
it again. What the response cache has costs nothing. Every answer is kept in `raw/`, also that there
is no such track; which tracks were asked for is known from these alone.

Add here what is asked, and when to stop. Which tracks are wanted, and what the answers change, is
`listening/catalogue/described.py`.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import spotipy

from pipelines.errors import (
    BudgetSpent,
    LockedOut,
    PlayledgerError,
    RefusedRequest,
    SpotifyDown,
    UnreadableAnswer,
)
from pipelines.ingest.collector import Collection, Collector
from pipelines.listening.api import cache_outcomes as counted
from pipelines.listening.api.catalogue_answers import SEARCH, TRACK, VERSION, described_tracks
from pipelines.listening.api.json_text import members
from pipelines.listening.api.responses import KeptResponse, Response
from pipelines.listening.catalogue.described import (
    BY_ID,
    WANTED_COLUMNS,
    search_query,
    wanted_tracks,
)
from pipelines.listening.catalogue.tracks_and_artists import unique_tracks
from pipelines.listening.schema.tables import (
    CACHE_OUTCOMES,
    DESCRIBED_TRACKS,
    PLAYS,
    UNIQUE_TRACKS,
)
from pipelines.resources.cache import responses as cache
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.manifest import add_dates
from pipelines.resources.lake.raw import RawResponses
from pipelines.resources.lake.tables import WriteResult, retry_on_conflict
from pipelines.resources.spotify.client import ApiCall, Spotify, SpotifyClient

BUDGET = "state/catalogue_reads.json"

FOR_SURVEYS = 4
"""One in so many of a day's requests is left to surveys, while one of them has something to ask:
else a ledger of years would be asked about first, for weeks."""

LEFT_FOR = timedelta(days=3)
"""So long after the survey asked the last time."""

CAREFUL_FOR = timedelta(days=30)
"""How long no more than half of that is sent after which Spotify refused requests."""

HITS = 10
"""As many as Spotify gives out at once; a search costs the same for one."""

SECONDS_A_RUN = 40 * 60
"""What else is due today waits for no longer; 200 requests take seven minutes."""

MOST_REFUSED = 5
"""After so many refusals in a row, of tracks that Spotify may well have, it refuses them all."""

NO_SUCH_TRACK = {400, 404}

_OUTCOMES = {"spotify": "miss", "cache": "hit", "stale": "stale"}
"""What became of a question, by where its answer is from."""

A_MOMENT_S = 0.2
"""How long others, such as polls, have to be first before each request."""

log = logging.getLogger("playledger")


@dataclass
class Budget:
    """The requests of one listener that may be sent on a day, UTC; kept in the lake.

    Attributes:
        lake: the listener's.
        per_day: how many.
        is_surveys: whether they are a survey's, for which some are left.
        sent: how many this process has sent.
    """

    lake: ListenerLake
    per_day: int
    is_surveys: bool = False
    sent: int = field(default=0, init=False)

    @property
    def left(self) -> int:
        """How many may still be sent today."""
        return self._left(self._state())

    def check(self) -> None:
        """Do nothing where a request may be sent.

        Raises:
            BudgetSpent: where none may.
        """
        self._check(self._state())

    def take(self) -> None:
        """Count a request that is about to be sent.

        Raises:
            BudgetSpent: where there is none left.
        """
        self._change(self._taken)
        self.sent += 1

    def locked_out(self) -> None:
        """Be careful for some time: Spotify refuses requests after those that were sent today."""
        self._change(
            lambda state: {
                **state,
                "most": state["sent"] // 2,
                "careful_since": state["date"],
            }
        )

    def leave_some(self, *, is_wanted: bool) -> None:
        """Leave some of the next days' requests to surveys, or no more.

        Args:
            is_wanted: whether a survey has something to ask.
        """
        some = self.per_day // FOR_SURVEYS
        self._change(
            lambda state: {
                **{name: state[name] for name in state if name not in {"left", "left_on"}},
                **({"left": some, "left_on": state["date"]} if is_wanted else {}),
            }
        )

    def _taken(self, state: Mapping[str, Any]) -> dict[str, Any]:
        self._check(state)
        surveys = {"by_surveys": state.get("by_surveys", 0) + 1} if self.is_surveys else {}
        return {**state, "sent": state["sent"] + 1, **surveys}

    def _check(self, state: Mapping[str, Any]) -> None:
        if self._left(state) > 0:
            return
        if "most" in state:
            raise BudgetSpent(
                f"no more than {state['most']} requests a day about single tracks are sent for "
                f"{CAREFUL_FOR.days} days from {state['careful_since']} on, since Spotify then "
                "refused all requests after twice as many"
            )
        raise BudgetSpent(
            f"today's {state['sent']} requests about single tracks are sent "
            "(CATALOGUE_READS_PER_DAY, for all listeners together); tomorrow's run goes on"
        )

    def _left(self, state: Mapping[str, Any]) -> int:
        most: int = min(self.per_day, state.get("most", self.per_day))
        others = 0 if self.is_surveys else state.get("left", 0) - state.get("by_surveys", 0)
        return max(0, most - int(state["sent"]) - max(0, others))

    def _state(self) -> dict[str, Any]:
        stored = self.lake.store.get(BUDGET)
        return _of_today(stored.body if stored else b"")

    @retry_on_conflict
    def _change(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        stored = self.lake.store.get(BUDGET)
        state = change(_of_today(stored.body if stored else b""))
        body = json.dumps(state).encode() + b"\n"
        self.lake.store.put_if_match(BUDGET, body, stored.etag if stored else None)


def _of_today(body: bytes) -> dict[str, Any]:
    """What is known of today.

    It is `sent`, of these `by_surveys`; `most` with its date while one should be careful; and what
    is `left` to surveys, with its date.
    """
    today = datetime.now(UTC).date()
    try:
        state = json.loads(body)
        is_today = date.fromisoformat(state["date"]) == today
        counts = {name: int(state.get(name, 0)) for name in ("sent", "by_surveys")}
        kept = {
            **_lasting(state, "most", "careful_since", CAREFUL_FOR),
            **_lasting(state, "left", "left_on", LEFT_FOR),
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {"date": f"{today}", "sent": 0}
    by_surveys = {"by_surveys": counts["by_surveys"]} if is_today and counts["by_surveys"] else {}
    return {
        "date": f"{today}",
        "sent": counts["sent"] if is_today else 0,
        **by_surveys,
        **kept,
    }


def _lasting(state: Mapping[str, Any], name: str, since: str, lasts: timedelta) -> dict[str, Any]:
    """A number that holds for some days, with its date; nothing where it does no longer."""
    if state.get(name) is None:
        return {}
    day = date.fromisoformat(state[since])
    holds = datetime.now(UTC).date() - day < lasts
    return {name: int(state[name]), since: f"{day}"} if holds else {}


@dataclass
class LookedUp:
    """What one run asked.

    Attributes:
        answered: tracks of which Spotify said something, or that it knows nothing.
        learned: of them, those it knows.
        from_cache: of them, those without a request.
        failed: questions without an answer, which are asked again.
        requests: how many requests were sent.
        left: tracks that are still to be asked for.
        budget_left: requests that may still be sent today.
        stopped: why no more were asked for; None where there are no more.
        outcomes: what became of the questions, and what the cache holds now.
    """

    answered: int = 0
    learned: int = 0
    from_cache: int = 0
    failed: int = 0
    requests: int = 0
    left: int = 0
    budget_left: int = 0
    stopped: str | None = None
    outcomes: counted.Record = field(default_factory=lambda: counted.Record({}))

    def count(self, kind: cache.Kind, outcome: str) -> None:
        """Count what became of a question."""
        times = self.outcomes.kinds.setdefault(kind.name, counted.Times())
        setattr(times, outcome, getattr(times, outcome) + 1)


Question = Mapping[str, Any]
"""What is asked: `asked_by` (`BY_ID`, else it is a search), `track_id`, and `words` to search for,
or else `artist_name` and `track_name`."""

Keep = Callable[[Question, Response], bool | None]
"""Keeps the answer to a question, and says whether Spotify knows the track; None where nothing can
be read in it, and it has to be asked again."""


def share(whole: int, listener: str, listeners: Sequence[str]) -> int:
    """A listener's part of the requests of a day; the parts of all make the whole.

    Args:
        whole: how many may be sent for all together.
        listener: one of them.
        listeners: all of them.
    """
    each, more = divmod(whole, max(1, len(listeners)))
    return each + (sum(other < listener for other in listeners) < more)


def look_up_tracks(lake: ListenerLake, spotify: Spotify, *, per_day: int, day: str) -> LookedUp:
    """Ask about tracks of which something is missing, as far as today's budget goes.

    Whatever prevents that is no failure: what is missing today is asked for tomorrow.

    Args:
        lake: the listener's.
        spotify: creates the client that sends requests.
        per_day: how many requests may be sent on a day.
        day: the date, YYYY-MM-DD, under which answers are kept.
    """

    def wanted() -> list[Question]:
        update_described(lake, date=None)  # also what a run was told that was killed
        tracks = _tracks(lake).select(WANTED_COLUMNS)
        described = lake.read(DESCRIBED_TRACKS)
        questions: list[Question] = wanted_tracks(tracks, described, datetime.now(UTC)).to_pylist()
        return questions

    return ask_catalogue(lake, spotify, wanted, _keeper(lake, day), per_day=per_day, day=day)


def ask_catalogue(
    lake: ListenerLake,
    spotify: Spotify,
    wanted: Callable[[], Sequence[Question]],
    keep: Keep,
    *,
    per_day: int,
    day: str,
    is_surveys: bool = False,
) -> LookedUp:
    """Ask questions one after the other, as far as the listener's budget of today goes.

    Args:
        lake: the listener's, as whom they are asked.
        spotify: creates the client that sends requests.
        wanted: gives the questions, the most useful ones first.
        keep: keeps each answer.
        per_day: how many requests may be sent on a day.
        day: the date, YYYY-MM-DD.
        is_surveys: whether they are a survey's questions.
    """
    budget = Budget(lake, per_day, is_surveys)
    result = LookedUp()
    try:
        _Run(lake, spotify, budget, day, result).ask(wanted(), keep)
    except PlayledgerError as problem:
        result.stopped = str(problem)
    try:
        if is_surveys:
            budget.leave_some(is_wanted=result.left > 0)
        result.requests, result.budget_left = budget.sent, budget.left
        _record(lake, spotify, day, result.outcomes)
    except PlayledgerError as problem:
        result.stopped = result.stopped or str(problem)
    return result


def _keeper(lake: ListenerLake, day: str) -> Keep:
    """Keeps answers as they came; one that is none is kept aside, and asked for again."""
    raw = RawResponses(lake)

    def keep(_: Question, response: Response) -> bool | None:
        try:
            members(response.body)
        except ValueError:
            path = raw.keep_aside(day, response)
            log.warning("asked again tomorrow: no JSON object came, see %s", path)
            return None
        raw.keep(day, response)
        rows = described_tracks(DESCRIBED_TRACKS.empty(), [response])
        return bool(pc.any(pc.greater(rows["place"], 0)).as_py())

    return keep


def _record(lake: ListenerLake, spotify: Spotify, day: str, outcomes: counted.Record) -> None:
    """Keep what became of the questions of this run; of a run without any there is nothing."""
    if spotify.cache:
        used = spotify.cache.usage()
        outcomes.backend, outcomes.entries, outcomes.bytes = used.backend, used.entries, used.bytes
    if outcomes.kinds:
        RawResponses(lake).keep(day, counted.as_response(outcomes, datetime.now(UTC)))


@dataclass
class _Run:
    lake: ListenerLake
    spotify: Spotify
    budget: Budget
    day: str
    result: LookedUp

    def ask(self, wanted: Sequence[Question], keep: Keep) -> None:
        """Ask one question after the other."""
        self.result.left = len(wanted)
        if not wanted:
            return
        self.budget.check()
        client = self._client()
        until = time.monotonic() + SECONDS_A_RUN
        refused = 0
        for question in wanted:
            self.budget.check()
            if time.monotonic() > until:
                raise BudgetSpent("this run took long enough; the next one goes on")
            try:
                answer = self._answer(client, question)
            except RefusedRequest as refusal:
                self._count(keep(question, _named(question, refusal.answer)))
                refused = 0 if refusal.status in NO_SUCH_TRACK else refused + 1
                if refused >= MOST_REFUSED:
                    raise
            except (SpotifyDown, UnreadableAnswer) as problem:
                log.warning("asked again tomorrow: %s", problem)
                self.result.failed += 1
            else:
                refused = 0
                self.result.from_cache += answer.source != "spotify"
                self._count(keep(question, _named(question, answer.response)))

    def _count(self, learned: bool | None) -> None:
        if learned is None:
            self.result.failed += 1
            return
        self.result.answered += 1
        self.result.learned += learned
        self.result.left -= 1

    def _client(self) -> SpotifyClient:
        collection = Collection(self.day, is_open=True, is_backfill=False)
        Collector(self.lake, self.spotify, collection).verify_account()
        client = self.spotify.client(self.lake.listener)
        client.before_sending = self.budget.take
        return client

    def _answer(self, client: SpotifyClient, question: Question) -> cache.Answer:
        sent = self.budget.sent
        kind, endpoint, call = _request(question)
        try:
            answer = client.look_up(kind, endpoint, call)
        except PlayledgerError as problem:
            if self.budget.sent > sent:
                self.result.count(kind, "miss")
                self._be_careful_after(problem)
            raise
        self.result.count(kind, _OUTCOMES[answer.source])
        if self.budget.sent > sent:
            self._be_careful_after(answer.instead_of)
            time.sleep(min(client.throttle.interval_s / 10, A_MOMENT_S))
        return answer

    def _be_careful_after(self, problem: PlayledgerError | None) -> None:
        """Send less from now on where our own request led to a lockout, answered or not."""
        if isinstance(problem, LockedOut):
            self.budget.locked_out()


def _tracks(lake: ListenerLake) -> pa.Table:
    """The tracks as the last run left them; before there is such a run, those of the ledger."""
    stored = lake.find_if_valid(UNIQUE_TRACKS)
    return stored.rows if stored else unique_tracks(lake.read_months(PLAYS))


def _request(question: Question) -> tuple[cache.Kind, str, ApiCall]:
    """The kind of a question, the name under which its answer is kept, and the call."""
    if question["asked_by"] == BY_ID:
        return cache.TRACK, TRACK, partial(_track, question["track_id"])
    words = question.get("words")
    words = words or search_query(question["artist_name"], question["track_name"])
    return cache.SEARCH, SEARCH, partial(_search, words)


def _named(question: Question, response: Response) -> Response:
    """An answer under the name under which answers to such questions are kept."""
    _, endpoint, _ = _request(question)
    request = msgspec.structs.replace(response.request, endpoint=endpoint)
    return msgspec.structs.replace(response, request=request)


def _track(track_id: str, spotify: spotipy.Spotify) -> object:
    return spotify.track(track_id)


def _search(words: str, spotify: spotipy.Spotify) -> object:
    return spotify.search(words, limit=HITS, type="track")


def update_described(
    lake: ListenerLake, *, date: str | None, full_refresh: bool = False
) -> WriteResult:
    """Bring `described_tracks` up to date with all answers that are kept.

    Args:
        lake: the listener's.
        date: the date, YYYY-MM-DD, that the run is for; None for the dates that are missing.
        full_refresh: start from scratch.
    """
    raw = RawResponses(lake)

    def answers(endpoint: str, names: Mapping[str, Sequence[str]]) -> Iterator[Response]:
        for day in names:
            yield from _kept(raw, endpoint, day, names[day], "asked for again")

    def add(known: pa.Table, since: str) -> tuple[pa.Table, str | None]:
        names = {endpoint: raw.names_since(endpoint, since) for endpoint in (TRACK, SEARCH)}
        every = chain.from_iterable(answers(endpoint, names[endpoint]) for endpoint in names)
        last = max((day for dates in names.values() for day in dates), default=None)
        return described_tracks(known, every), last

    return add_dates(
        lake, DESCRIBED_TRACKS, add, version=VERSION, date=date, full_refresh=full_refresh
    )


def update_outcomes(
    lake: ListenerLake, *, date: str | None, full_refresh: bool = False
) -> WriteResult:
    """Bring `cache_outcomes` up to date with the records of all runs.

    Args:
        lake: the listener's.
        date: as of `update_described`.
        full_refresh: likewise.
    """
    raw = RawResponses(lake)

    def add(known: pa.Table, since: str) -> tuple[pa.Table, str | None]:
        names = raw.names_since(counted.RECORD, since)
        days = ((day, _kept(raw, counted.RECORD, day, names[day], "not counted")) for day in names)
        rows, problems = counted.cache_outcomes(known, days)
        for problem in problems:
            log.warning("not counted: %s", problem)
        return rows, max(names, default=None)

    return add_dates(
        lake, CACHE_OUTCOMES, add, version=counted.VERSION, date=date, full_refresh=full_refresh
    )


def _kept(
    raw: RawResponses, endpoint: str, day: str, names: Sequence[str], otherwise: str
) -> Iterator[Response]:
    """A date's files that can be read; of the others the log says what becomes of them."""
    for one in raw.load(endpoint, day, names):
        if isinstance(one, KeptResponse):
            yield one.response
        else:
            log.warning("%s: %s", otherwise, one.problem)
