"""Data in the dashboard: what is missing and what was imported, in words; who sees whose."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st

from pipelines.dashboard import actions, running
from pipelines.dashboard.app import UPLOAD_MB
from pipelines.dashboard.menu import data
from pipelines.dashboard.menu.data import (
    Gap,
    gap_words,
    load,
    login_sentence,
    of_whom,
    span_words,
)
from pipelines.dashboard.visitor import Visitor
from pipelines.errors import RefusedExport
from pipelines.ingest.inbox import MAX_BYTES, Inbox, safe_name
from pipelines.listening.schema.tables import GAPS
from pipelines.listening.time.local_time import Zone
from pipelines.ops import starting
from pipelines.ops.dagster_server import Run
from pipelines.ops.health import LoginHealth
from pipelines.settings import Listener
from tests.dashboard.lakes import lake_in, reading_of

NICO = Listener("nico", (Zone("Europe/Berlin"),))
FILLED = "plays may be missing there. Spotify's extended streaming history fills it."
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def a_gap(hours: float, *, is_open: bool = True) -> Gap:
    begins = MONDAY.replace(tzinfo=None)
    return Gap(begins, begins + timedelta(hours=hours), is_open, 0)


def test_owners_choose_whose_data_they_see_and_others_see_their_own() -> None:
    owner = Visitor("nico", True, ("nico",), operates=("mira", "nico", "ora"))
    guest = Visitor("mira", False, ("mira", "ora"), operates=("mira",))
    assert of_whom(owner, "mira") == "mira"
    assert of_whom(owner, "") == "nico"
    assert of_whom(owner, "nobody") == "nico"
    assert of_whom(guest, "nico") == "mira"
    assert of_whom(guest, "ora") == "mira"


@pytest.mark.parametrize(
    ("gaps", "words"),
    [
        ([], "No gap: nothing shows that plays were lost."),
        ([a_gap(5, is_open=False)], "The one gap that there was has been filled."),
        ([a_gap(5, is_open=False)] * 2, "Both gaps that there were have been filled."),
        ([a_gap(5, is_open=False)] * 3, "All 3 gaps that there were have been filled."),
        (
            [a_gap(5)],
            f"One gap of 5 hours is open: {FILLED}",
        ),
        (
            [a_gap(24), a_gap(48), a_gap(1, is_open=False)],
            f"2 gaps are open, 3 days in all: {FILLED}",
        ),
    ],
)
def test_gaps_are_told_in_a_sentence(gaps: list[Gap], words: str) -> None:
    assert gap_words(gaps) == words


def test_spans_are_told_as_people_say_them() -> None:
    said = [span_words(timedelta(minutes=one)) for one in (0, 1, 90, 120, 2879, 2880)]
    assert said == ["a moment", "1 minute", "90 minutes", "2 hours", "48 hours", "2 days"]


def test_logins_are_told_with_their_end() -> None:
    ends = datetime(2027, 1, 5, tzinfo=UTC)
    assert login_sentence(LoginHealth("good", 100, 37, ends)) == (
        "The login works. It ends on 5 January 2027. That is in 37 days."
    )
    assert "until it is renewed" in login_sentence(LoginHealth("expired"))
    assert "from files that you import" in login_sentence(LoginHealth("imports only"))


def test_gaps_are_on_the_listeners_clock_the_latest_first(tmp_path: Path) -> None:
    rows = [
        {"gap_start": MONDAY, "gap_end": MONDAY + timedelta(hours=3), "detected_at": MONDAY},
        {
            "gap_start": MONDAY + timedelta(days=1),
            "gap_end": MONDAY + timedelta(days=2),
            "detected_at": MONDAY,
            "closed_at": MONDAY + timedelta(days=9),
            "plays_known": 4,
        },
    ]
    lake_in(tmp_path).of("nico").replace(GAPS, GAPS.from_rows(rows))
    later, earlier = load(reading_of(tmp_path), NICO).gaps
    assert (earlier.begins.hour, earlier.is_open, earlier.lasts) == (10, True, "3 hours")
    assert (later.is_open, later.known) == (False, 4)


def test_what_somebody_sends_lies_in_the_inbox_as_if_it_had_been_dropped(tmp_path: Path) -> None:
    inbox = Inbox(lake_in(tmp_path).of("nico"))
    names = [inbox.drop("../../my data.zip", body) for body in (b"a", b"b", b"c")]
    assert names == ["my data.zip", "my data 2.zip", "my data 3.zip"]
    assert set(load(reading_of(tmp_path), NICO).waiting) == set(names)
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.zip")}
    assert files == {f"users/nico/imports/{name}" for name in names}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("my_spotify_data.zip", "my_spotify_data.zip"),
        ("Streaming_History_Audio_2021 (1).json", "Streaming_History_Audio_2021 (1).json"),
        ("C:\\Users\\n\\..\\evil.zip", "evil.zip"),
        ("/etc/passwd", "passwd"),
        ("..", "sent"),
        ("", "sent"),
        (".hidden.zip", "hidden.zip"),
        ("refused.json", "sent refused.json"),
        ("Outcome.JSON", "sent Outcome.JSON"),
        ("__MACOSX", "sent __MACOSX"),
        ("<img src=x onerror=alert(1)>.zip", "_img src_x onerror_alert(1)_.zip"),
        ("\u202epiz.json", "piz.json"),
        ("x\x00y\n.zip", "x y .zip"),
    ],
)
def test_no_name_of_a_file_does_harm(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_ending() -> None:
    assert len(safe_name("a" * 500 + ".json.gz")) <= 100
    assert safe_name("a" * 500 + ".zip").endswith(".zip")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedExport, match="the file is empty"):
        Inbox(lake_in(tmp_path).of("nico")).drop("a.zip", b"")


def test_nothing_more_is_taken_where_too_much_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.ingest.inbox.MAX_INBOX_BYTES", 10)
    inbox = Inbox(lake_in(tmp_path).of("nico"))
    inbox.drop("a.zip", b"123456")
    inbox.drop("b.zip", b"123456")
    with pytest.raises(RefusedExport, match="wait to be imported already"):
        inbox.drop("c.zip", b"1")
    assert [entry.key for entry in inbox.waiting()] == ["imports/a.zip", "imports/b.zip"]
    Inbox(lake_in(tmp_path).of("mira")).drop("c.zip", b"1")


def test_no_more_can_be_sent_than_is_taken() -> None:
    assert UPLOAD_MB * 2**20 == MAX_BYTES


def test_what_an_owner_sends_for_one_listener_is_not_on_the_page_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []
    monkeypatch.setattr(st, "file_uploader", lambda *_, key, **__: keys.append(key))
    for listener in ("nico", "mira"):
        reading = reading_of(tmp_path, listener)
        data._show_upload(reading.lake, load(reading, NICO))
    assert len(set(keys)) == 2


class Server:
    """A webserver of Dagster's with one good run, that notes which ones it was asked for."""

    def __init__(self, run: Run) -> None:
        self.one = run
        self.asked: list[str] = []

    def runs(self, **_: Any) -> list[Run]:
        return []

    def run(self, run_id: str) -> Run:
        self.asked.append(run_id)
        return self.one


@pytest.mark.parametrize(
    ("job", "told"),
    [
        ("import_nico", "Done: an import. The tables here are new."),
        ("poll_nico", "Done: a poll."),
    ],
)
def test_a_run_is_followed_on_the_page_of_its_listener_alone(
    job: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run("a", job, "SUCCESS", 9, 9, None, None, {}, ())
    server = Server(run)
    serving = SimpleNamespace(dagster=server, processes=starting.OwnProcesses())
    monkeypatch.setattr(running, "_running", [serving])
    monkeypatch.setattr(st, "session_state", {})
    said: list[str] = []
    monkeypatch.setattr(actions, "tell", said.append)
    monkeypatch.setattr(st, "error", lambda *_, **__: None)
    monkeypatch.setattr(server, "why_failed", lambda _: "", raising=False)
    actions.follow("nico", run)
    actions._runs("mira")
    assert (server.asked, said) == ([], [])
    actions._runs("nico")
    assert server.asked == ["a"]
    assert said == [told]
