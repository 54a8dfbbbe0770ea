"""What is wrong is found before it costs plays, and told once for each cause."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import time_machine

from pipelines.errors import StoreUnavailable
from pipelines.listening.api.responses import Request, Response
from pipelines.listening.schema.survey_tables import RESPONSES
from pipelines.listening.schema.tables import GAPS, REFUSED
from pipelines.ops.health import Health, LoginHealth, check_health, login_health
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.raw import RawResponses
from pipelines.resources.spotify.client import Spotify
from pipelines.resources.spotify.token_store import Token, TokenFile
from pipelines.settings import Settings
from tests.support.environment import Environment

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def now(lake: Lake) -> Health:
    return check_health(Settings(), lake)


def told(found: Health) -> dict[str, str]:
    assert len({one.topic for one in found.problems}) == len(found.problems)
    return {one.topic: one.sentence for one in found.problems}


@pytest.mark.parametrize(
    ("before_its_end", "state", "left"),
    [
        (timedelta(days=150), "good", 150),
        (timedelta(days=31), "good", 31),
        (timedelta(days=30), "expiring", 30),
        (timedelta(hours=1), "expiring", 0),
        (-timedelta(hours=1), "expired", -1),
    ],
)
def test_a_login_lasts_six_months_from_the_consent(
    before_its_end: timedelta, state: str, left: int
) -> None:
    consent, end = datetime(2026, 5, 21, 12, tzinfo=UTC), datetime(2026, 11, 21, 12, tzinfo=UTC)
    at = end - before_its_end
    found = login_health(Token(refresh_token="r", authorized_at=consent), at)
    assert (found.state, found.days_left, found.ends_at) == (state, left, end)
    assert found.age_days == (at - consent).days


def test_a_seeded_login_ends_at_the_latest_six_months_after_it_was_taken_over() -> None:
    seeded = Token(refresh_token="r", seeded_at=NOW - timedelta(days=170))
    found = login_health(seeded, NOW)
    assert (found.state, found.age_days) == ("expiring", None)
    assert found.days_left in range(10, 15)


def test_of_a_token_from_before_nothing_is_known_and_nothing_is_wrong() -> None:
    assert login_health(Token(refresh_token="r"), NOW) == LoginHealth("good")


def test_a_refused_login_is_expired_whatever_its_age() -> None:
    token = Token(refresh_token="r", authorized_at=NOW, refused=True)
    assert login_health(token, NOW).state == "expired"


@pytest.mark.usefixtures("both_are_well")
def test_where_all_is_well_nothing_is_told(lake: Lake) -> None:
    found = now(lake)
    assert found.problems == []
    assert [one.listener for one in found.listeners] == ["nico", "mira"]
    assert found.healthy


def test_a_login_that_ends_soon_warns_and_then_fails(
    lake: Lake, log_in: Callable[..., None], answered: Callable[[str, datetime], None]
) -> None:
    log_in("mira", authorized_at=datetime(2026, 9, 1, tzinfo=UTC))
    log_in("nico", authorized_at=datetime(2026, 6, 1, tzinfo=UTC))
    for day, left, level in ((11, 20, "warning"), (29, 2, "failure")):
        with time_machine.travel(datetime(2026, 11, day, tzinfo=UTC), tick=False):
            answered("nico", datetime.now(UTC))
            answered("mira", datetime.now(UTC))
            found = now(lake)
        (problem,) = found.problems
        assert (problem.topic, problem.level) == ("nico login", level)
        assert f"expires in {left} days, on 2026-12-01" in problem.sentence
        assert "playledger login nico" in problem.sentence
        assert found.healthy is (level == "warning")


@pytest.mark.usefixtures("both_are_well")
def test_what_is_wrong_with_a_login_leads_to_the_dashboard_where_that_is(
    lake: Lake, log_in: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = "renew it at https://music.example/auth/account"
    log_in("nico", refused=True)
    log_in("mira", authorized_at=datetime.now(UTC) - timedelta(days=170))
    assert not any("dashboard" in sentence for sentence in told(now(lake)).values())
    monkeypatch.setenv("DASHBOARD_URL", "https://music.example")
    for login in ("nico login", "mira login"):
        sentence = told(now(lake))[login]
        assert sentence.endswith(f", or {page}")
        assert "run `playledger login" in sentence
    monkeypatch.setenv("DASHBOARD_URL", "no address")
    assert "renew it at" not in told(now(lake))["nico login"], "and nothing fails"


@pytest.mark.usefixtures("both_are_well")
def test_a_missing_an_expired_and_a_readable_login_are_one_problem_each(
    lake: Lake, log_in: Callable[..., None], tmp_path: Path
) -> None:
    (tmp_path / "tokens" / "mira.json").chmod(0o644)
    log_in("nico", refused=True)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=3)):
        found = told(now(lake))
    silent = {"nico collecting", "mira collecting"}
    assert set(found) == {"nico login", "mira login"} | silent, "the day after, plays are lost too"
    assert "chmod 600" in found["mira login"]
    (tmp_path / "tokens" / "nico.json").unlink()
    assert "has not logged in yet" in told(now(lake))["nico login"]


@pytest.mark.usefixtures("both_are_well")
def test_a_token_in_the_environment_that_was_not_used_yet_is_no_missing_login(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tokens" / "nico.json").unlink()
    monkeypatch.setenv("SPOTIFY_REFRESH_TOKEN_NICO", "seed")
    assert now(lake).problems == []


@pytest.mark.usefixtures("both_are_well")
def test_a_login_that_may_write_is_told_where_there_is_one_and_is_no_problem(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [one.write_login for one in now(lake).listeners] == [None, None]
    file = TokenFile(tmp_path / "tokens", "nico", "write")
    file.write(Token(refresh_token="AQ-write", refused=True))
    nico, mira = now(lake).listeners
    assert nico.write_login
    assert nico.write_login.state == "expired"
    assert mira.write_login is None
    monkeypatch.setenv("SPOTIFY_WRITE_REFRESH_TOKEN_MIRA", "seed")
    mira = now(lake).listeners[1]
    assert mira.write_login
    assert mira.write_login.state == "good"
    assert now(lake).problems == []


@pytest.mark.usefixtures("both_are_well")
def test_a_day_without_a_response_is_a_problem_of_the_listener_it_concerns(
    lake: Lake, answered: Callable[[str, datetime], None]
) -> None:
    later = datetime.now(UTC) + timedelta(hours=25)
    answered("mira", later)
    with time_machine.travel(later):
        found = told(now(lake))
    assert set(found) == {"nico collecting"}
    assert "poll_nico" in found["nico collecting"]


@pytest.mark.usefixtures("both_are_well")
def test_a_response_from_a_clock_that_was_ahead_does_not_hide_silence(
    lake: Lake, answered: Callable[[str, datetime], None]
) -> None:
    answered("nico", datetime.now(UTC) + timedelta(days=300))
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        assert "nico collecting" in told(now(lake))


@pytest.mark.usefixtures("both_are_well")
def test_a_lockout_is_told_with_its_end_and_goes_with_it(lake: Lake) -> None:
    until = datetime.now(UTC) + timedelta(hours=20)
    lockouts = Spotify(Settings(), lake).lockouts()
    lockouts.lock("profile", until, "QUOTA_EXCEEDED")
    lockouts.lock("playlists", until - timedelta(hours=1), "429")
    found = now(lake)
    assert f"{until:%Y-%m-%d %H:%M:%S} UTC" in told(found)["lockout"]
    assert [one.group for one in found.lockouts] == ["profile", "playlists"]
    with time_machine.travel(until + timedelta(seconds=1)):
        assert now(lake).problems == []


@pytest.mark.usefixtures("both_are_well")
def test_a_lake_that_cannot_be_reached_is_one_problem_and_logins_are_still_told(
    monkeypatch: pytest.MonkeyPatch, log_in: Callable[..., None]
) -> None:
    monkeypatch.setenv("LAKE_URL", "s3://bucket/ledger")
    monkeypatch.setenv("S3_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a very secret key")
    log_in("nico", refused=True)
    found = now(Lake.open(Settings()))
    assert not found.lake_reachable
    assert set(told(found)) == {"lake", "nico login"}
    assert "S3_ENDPOINT_URL" in told(found)["lake"]
    assert "secret" not in str(found)


@pytest.mark.usefixtures("both_are_well")
def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_told(lake: Lake) -> None:
    lake.store.put(f"users/nico/{GAPS.path}", b"not Parquet")
    found = now(lake)
    assert set(told(found)) == {"nico lake"}
    assert "gaps.parquet" in told(found)["nico lake"]
    assert [one.open_gaps for one in found.listeners] == [None, 0]


@pytest.mark.usefixtures("both_are_well")
def test_the_last_snapshot_is_a_complete_one(lake: Lake) -> None:
    for date, name in (
        ("2026-11-19", "metadata.json"),
        ("2026-11-20", "metadata.json"),
        ("2026-11-21", "recent_tracks.parquet"),
    ):
        lake.store.put(f"users/nico/snapshots/date={date}/{name}", b"{}")
    with time_machine.travel(NOW):
        assert [one.last_snapshot for one in now(lake).listeners] == ["2026-11-20", None]


@pytest.mark.usefixtures("both_are_well")
def test_files_and_folders_that_somebody_left_between_the_responses_say_nothing(
    lake: Lake,
) -> None:
    today = f"users/nico/raw/recently_played/date={datetime.now(UTC):%Y-%m-%d}"
    lake.store.put(f"{today}/.DS_Store", b"")
    lake.store.put(f"{today} copy/x.json.gz", b"")
    found = now(lake)
    assert found.problems == []
    assert found.listeners[0].last_response_at


@pytest.mark.usefixtures("both_are_well")
def test_a_listing_that_fails_is_no_silence(
    lake: Lake, log_in: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in("nico", authorized_at=datetime.now(UTC) - timedelta(days=20))
    folders = lake.store.folders

    def busy(prefix: str, **options: str) -> Iterator[str]:
        if "nico/raw" in prefix:
            raise StoreUnavailable("cannot list: SlowDown; try again later")
        return folders(prefix, **options)

    monkeypatch.setattr(lake.store, "folders", busy)
    assert set(told(now(lake))) == {"nico lake"}


@pytest.mark.usefixtures("both_are_well")
@pytest.mark.parametrize("spoil", ["a file", "not there", "another"])
def test_a_disk_that_is_not_mounted_is_not_taken_for_a_new_lake(
    spoil: str,
    lake: Lake,
    tmp_path: Path,
    log_in: Callable[..., None],
    answered: Callable[[str, datetime], None],
) -> None:
    began = datetime.now(UTC) - timedelta(days=40)
    log_in("nico", authorized_at=began, collecting_since=began)
    answered("nico", began)
    assert now(lake).problems == []
    shutil.rmtree(tmp_path / "lake")
    if spoil == "a file":
        (tmp_path / "lake").touch()
        assert set(told(now(lake))) == {"lake"}
        return
    if spoil == "another":
        answered("nico", datetime.now(UTC))
    found = told(now(lake))
    assert f"collected since {began:%Y-%m-%d}: is its disk mounted" in found["nico history"]


@pytest.mark.usefixtures("both_are_well")
def test_what_has_begun_today_is_no_other_lake(lake: Lake, log_in: Callable[..., None]) -> None:
    log_in("nico", authorized_at=datetime.now(UTC), collecting_since=datetime.now(UTC))
    assert now(lake).problems == []


def test_who_only_imports_is_well_without_a_login_and_without_an_app(
    environment: Environment, lake: Lake, imported: Callable[[str], None]
) -> None:
    environment.unset("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET")
    assert set(told(now(lake))) == {"nico login", "app"}, "nobody knows yet that it is so"
    imported("nico")
    found = now(lake)
    assert found.problems == []
    assert [one.login for one in found.listeners] == [LoginHealth("imports only")]


def test_who_imports_beside_one_who_collects_is_asked_for_nothing(
    environment: Environment,
    lake: Lake,
    imported: Callable[[str], None],
    log_in: Callable[..., None],
    answered: Callable[[str, datetime], None],
) -> None:
    environment.listeners("nico", "mira")
    imported("nico")
    log_in("mira", authorized_at=datetime.now(UTC))
    answered("mira", datetime.now(UTC))
    assert now(lake).problems == []
    environment.unset("SPOTIFY_CLIENT_ID")
    assert set(told(now(lake))) == {"app"}, "mira needs it"


@pytest.mark.parametrize("lost", ["years ago", "today"])
def test_a_login_that_was_lost_is_missing_whatever_was_imported(
    lost: str,
    lake: Lake,
    imported: Callable[[str], None],
    answered: Callable[[str, datetime], None],
) -> None:
    imported("nico")
    answered("nico", datetime.now(UTC) - timedelta(days=900 if lost == "years ago" else 0))
    assert "has not logged in yet" in told(now(lake))["nico login"]


@pytest.mark.parametrize("body", [b"", b"not a token"])
def test_a_token_file_that_cannot_be_used_is_told_whatever_was_imported(
    body: bytes, environment: Environment, lake: Lake, imported: Callable[[str], None]
) -> None:
    imported("nico")
    environment.tokens.mkdir()
    (environment.tokens / "nico.json").write_bytes(body)
    (environment.tokens / "nico.json").chmod(0o600)
    assert set(told(now(lake))) == {"nico login"}


def test_an_import_that_was_not_finished_is_none(lake: Lake) -> None:
    lake.store.put("users/nico/streaming_history/an-export/year=2025.parquet", b"")
    assert "has not logged in yet" in told(now(lake))["nico login"]


def test_without_the_lake_nobody_knows_whether_a_login_is_wanted(
    environment: Environment,
) -> None:
    environment.set(LAKE_URL="s3://bucket/ledger", S3_ENDPOINT_URL="http://127.0.0.1:9")
    environment.set(AWS_ACCESS_KEY_ID="key", AWS_SECRET_ACCESS_KEY="secret")
    assert set(told(now(Lake.open(Settings())))) == {"lake"}


REFUSALS = [("a.json.gz", 3, "kept with U+FFFD in track.name"), ("b.json.gz", 0, "is damaged")]


@pytest.mark.usefixtures("both_are_well")
def test_answers_that_were_not_read_are_counted_for_a_week_and_those_read_in_part_for_a_day(
    lake: Lake,
) -> None:
    own, began = lake.of("nico"), datetime.now(UTC)
    rows = [
        {"response": response, "item": item, "reason": reason, "row": ""}
        for response, item, reason in [*REFUSALS, ("a.json.gz", 4, "track is null")]
    ]
    own.replace(REFUSED, REFUSED.from_rows(rows), date=f"{began:%Y-%m-%d}")
    request = Request("playlists", "me/playlists")
    for days in (8, 1, 0):
        at = began - timedelta(days=days)
        answer = Response(request, at, 200, msgspec.Raw(b"<html>"))
        RawResponses(own).keep_aside(f"{at:%Y-%m-%d}", answer)
    lake.store.put(f"users/nico/raw/unreadable/date={began:%Y-%m-%d}/.DS_Store", b"")

    found = now(lake)
    nico, mira = found.listeners
    assert (nico.unreadable_answers, nico.odd_answers) == (3, 1)
    assert (mira.unreadable_answers, mira.odd_answers) == (0, 0)
    (problem,) = found.problems
    assert (problem.topic, problem.level) == ("nico answers", "warning")
    assert f"(the last one: playlists, {began:%Y-%m-%d %H:%M} UTC)" in problem.sentence
    assert "users/nico/raw/unreadable/" in problem.sentence
    assert found.healthy
    with time_machine.travel(began + timedelta(days=9)):
        later = now(lake).listeners[0]
    assert (later.unreadable_answers, later.odd_answers) == (0, 0)


@pytest.mark.usefixtures("both_are_well")
def test_a_kept_answer_whose_file_was_damaged_is_told_too(lake: Lake) -> None:
    now_ = datetime.now(UTC)
    row = {"response": "b.json.gz", "item": 0, "reason": "is damaged", "row": ""}
    lake.of("mira").replace(REFUSED, REFUSED.from_rows([row]), date=f"{now_:%Y-%m-%d}")
    found = now(lake)
    assert found.listeners[1].unreadable_answers == 1
    assert "(the last one: recently_played, b.json.gz)" in told(found)["mira answers"]


def test_surveys_are_told_of_apart_from_listeners(environment: Environment, lake: Lake) -> None:
    environment.surveys('[spring]\nfile = "a.csv"\nkeep_until = 2026-06-30\n')
    lake.survey("spring").replace(RESPONSES, RESPONSES.empty())
    health = check_health(Settings(), lake, datetime(2026, 6, 30, 12, tzinfo=UTC))
    [survey] = health.surveys
    assert (survey.survey, survey.people, survey.keep_until) == ("spring", 0, "2026-06-30")
    assert survey.closed is None
    health = check_health(Settings(), lake, datetime(2026, 7, 1, 12, tzinfo=UTC))
    [problem] = [one for one in health.problems if one.topic == "survey spring"]
    assert problem.level == "warning"
    assert "playledger survey forget spring --all" in problem.sentence
    assert [one.listener for one in health.listeners] == ["nico"]


def test_who_only_reads_surveys_is_well_without_a_listener_and_without_an_app(
    environment: Environment, lake: Lake
) -> None:
    environment.unset("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET")
    environment.listeners()
    assert set(told(now(lake))) == {"app"}
    environment.surveys('[spring]\nfile = "a.csv"\n')
    assert now(lake).problems == []


def test_a_broken_file_of_surveys_is_a_problem_of_its_own(
    environment: Environment, lake: Lake
) -> None:
    environment.surveys("[spring]\nk = 2\nfile = 'a.csv'\n")
    [problem] = [one for one in check_health(Settings(), lake).problems if one.topic == "surveys"]
    assert problem.level == "failure"
    assert "spring.k" in problem.sentence
