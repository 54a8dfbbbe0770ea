from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.errors import SettingsError
from pipelines.listening.contexts.overrides import Hours, Override
from pipelines.listening.insights.inputs import Rotation
from pipelines.listening.time.local_time import Zone
from pipelines.resources.dagster_resources import (
    LakeResource,
    ListenersResource,
    SpotifyResource,
)
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import PlaylistsToRead, Settings, may_compare, parse_listeners

APP = {"SPOTIFY_CLIENT_ID": "id"}


def one_line(problem: pytest.ExceptionInfo[SettingsError]) -> str:
    assert "\n" not in str(problem.value)
    return str(problem.value)


@pytest.mark.parametrize(
    ("variable", "value", "read"),
    [
        ("SPOTIFY_CLIENT_ID", "  ", "app"),
        ("SPOTIFY_API_URL", "api.spotify.com", "app"),
        ("SPOTIFY_ACCOUNTS_URL", "ftp://accounts", "app"),
        ("REQUEST_INTERVAL_S", "-1", "request_interval_s"),
        ("REQUEST_INTERVAL_S", "nan", "request_interval_s"),
        ("REQUEST_INTERVAL_S", "two", "request_interval_s"),
        ("REQUESTS_PER_HOUR", "0", "requests_per_hour"),
        ("REQUESTS_PER_HOUR", "inf", "requests_per_hour"),
        ("CATALOGUE_READS_PER_DAY", "-1", "catalogue_reads_per_day"),
        ("CATALOGUE_READS_PER_DAY", "many", "catalogue_reads_per_day"),
        ("CATALOGUE_READS_PER_DAY", "1e9", "catalogue_reads_per_day"),
        ("CACHE_URL", "http://server", "cache"),
        ("CACHE_URL", "redis://", "cache"),
        ("CACHE_URL", "redis://:secret@server:port", "cache"),
        ("CACHE_URL", "redis://server:99999", "cache"),
        ("CACHE_TTL_HOURS", "half a day", "cache"),
        ("CACHE_MB", "0", "cache"),
        ("LISTENERS_FILE", "/nowhere/listeners.toml", "listeners"),
        ("LISTENERS_FILE", "/", "listeners"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_variable(variable: str, value: str, read: str):
    with pytest.raises(SettingsError) as problem:
        getattr(Settings({**APP, variable: value}), read)

    assert one_line(problem).startswith(variable)


def test_mistakes_in_what_the_ledger_does_without_are_told_together():
    wrong = {"CATALOGUE_READS_PER_DAY": "-1", "CACHE_URL": "redis://:secret@server:port"}
    about_the_cache, about_reads = Settings({**APP, **wrong}).mistakes
    assert about_the_cache.startswith("CACHE_URL: ")
    assert "secret" not in about_the_cache
    assert about_reads == "CATALOGUE_READS_PER_DAY: '-1' is not a number from 0 to 10,000"
    assert Settings(APP).mistakes == ()


@pytest.mark.parametrize("url", ["ftp://lake", "s3://", "http://lake"])
def test_a_lake_that_is_neither_folder_nor_bucket_is_named(url: str):
    with pytest.raises(SettingsError) as problem:
        _ = Lake.open(Settings({"LAKE_URL": url})).store

    assert "LAKE_URL" in one_line(problem)


@pytest.mark.parametrize("variable", ["LAKE_URL", "LISTENERS_FILE", "TOKENS_DIR"])
def test_a_tilde_is_the_home_folder_in_every_path(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine").write_text("\ufeff[mira]\n", encoding="utf-8")
    settings = Settings({variable: "~/mine"})

    paths = {
        "LAKE_URL": lambda: Path(Lake.open(settings).store.url("")),
        "LISTENERS_FILE": lambda: settings.listeners_file,
        "TOKENS_DIR": lambda: settings.tokens_dir,
    }
    assert paths[variable]() == tmp_path / "mine"
    if variable == "LISTENERS_FILE":
        assert [one.name for one in settings.listeners] == ["mira"]
        assert ListenersResource(listeners_file="~/mine").get("mira").name == "mira"


@pytest.mark.parametrize("variable", ["LAKE_URL", "LISTENERS_FILE", "TOKENS_DIR"])
def test_a_home_that_nobody_has_is_one_line(variable: str):
    settings = Settings({variable: "~nobody_of_this_name/mine"})
    reads = {
        "LAKE_URL": lambda: Lake.open(settings).store,
        "LISTENERS_FILE": lambda: settings.listeners,
        "TOKENS_DIR": lambda: settings.tokens_dir,
    }
    with pytest.raises(SettingsError) as problem:
        reads[variable]()

    assert one_line(problem).startswith(f"{variable}: ~nobody_of_this_name/mine: there is no home")


def test_defaults_are_spotifys_own():
    settings = Settings(APP)

    assert settings.app.api_url == "https://api.spotify.com/v1/"
    assert settings.app.accounts_url == "https://accounts.spotify.com"
    assert settings.app.client_secret is None
    assert (settings.request_interval_s, settings.requests_per_hour) == (2, 1000)
    assert settings.catalogue_reads_per_day == 200
    assert settings.refresh_token("nico") is None
    assert Settings({"SPOTIFY_REFRESH_TOKEN_NICO": "r"}).refresh_token("nico") == "r"
    writes = Settings({"SPOTIFY_WRITE_REFRESH_TOKEN_NICO": "w"})
    assert (writes.refresh_token("nico"), writes.refresh_token("nico", "write")) == (None, "w")


TWO_APPS = "[nico]\n[maria]\napp = 'second'\n"


def test_each_listener_is_asked_for_through_the_app_that_they_name(tmp_path: Path):
    path = tmp_path / "listeners.toml"
    path.write_text(TWO_APPS)
    given = {**APP, "LISTENERS_FILE": str(path), "SPOTIFY_CLIENT_SECRET": "secret"}
    given |= {"SPOTIFY_CLIENT_ID_SECOND": "id2", "SPOTIFY_CLIENT_SECRET_SECOND": "secret2"}
    settings = Settings(given)
    for listener in ("nico", "who has no section yet"):
        assert settings.app_of(listener) == settings.app
        assert settings.app.client_id == "id"
    assert settings.app_of("maria").client_id == "id2"
    assert settings.app_of("maria").client_secret == "secret2"
    assert [app.client_id for app in settings.apps] == ["id", "id2"]


def test_apps_have_a_request_budget_each_until_they_are_said_to_be_one_developers(tmp_path: Path):
    path = tmp_path / "listeners.toml"
    path.write_text(TWO_APPS)
    given = {**APP, "LISTENERS_FILE": str(path), "SPOTIFY_CLIENT_ID_SECOND": "id2"}

    def developers(**told: str) -> list[str]:
        return [app.developer for app in Settings(given | told).apps]

    assert developers() == ["id", "id2"]
    assert developers(SPOTIFY_DEVELOPER="me") == ["me", "me"]
    assert developers(SPOTIFY_DEVELOPER="me", SPOTIFY_DEVELOPER_SECOND="you") == ["me", "you"]


def test_an_app_that_is_not_described_is_one_line_that_names_its_variable(tmp_path: Path):
    path = tmp_path / "listeners.toml"
    path.write_text(TWO_APPS)
    with pytest.raises(SettingsError) as problem:
        Settings({**APP, "LISTENERS_FILE": str(path)}).app_of("maria")
    assert one_line(problem).startswith("SPOTIFY_CLIENT_ID_SECOND is not set")


@pytest.mark.parametrize("app", ["''", "'My app'", "2", "['second']"])
def test_an_apps_name_is_one_of_which_a_variable_can_be_made(app: str):
    with pytest.raises(SettingsError) as problem:
        parse_listeners(f"[nico]\napp = {app}\n")
    assert one_line(problem).startswith("nico.app: ")


def test_runs_know_all_that_clients_of_spotify_are_made_of():
    known = SpotifyResource(lake=LakeResource()).variables()
    told = {
        "LISTENERS_FILE",
        "TOKENS_DIR",
        "REQUEST_INTERVAL_S",
        "REQUESTS_PER_HOUR",
        "CATALOGUE_READS_PER_DAY",
    }
    assert {*told, "CACHE_FILE", "CACHE_URL", "CACHE_TTL_HOURS", "CACHE_MB"} <= known.keys()


def test_a_file_in_another_encoding_is_one_line(tmp_path: Path):
    path = tmp_path / "listeners.toml"
    path.write_bytes("[nico] # für".encode("latin-1"))
    with pytest.raises(SettingsError) as problem:
        _ = Settings({"LISTENERS_FILE": str(path)}).listeners

    assert one_line(problem).startswith("LISTENERS_FILE")


def test_an_unknown_listener_is_told_who_there_is(tmp_path: Path):
    path = tmp_path / "listeners.toml"
    path.write_text("[nico]\n[maria]\n")
    with pytest.raises(SettingsError, match=r"otto is not in .*nico, maria"):
        Settings({"LISTENERS_FILE": str(path)}).listener("otto")


def test_a_listener_has_utc_and_the_usual_exclusions_unless_told():
    [nico] = parse_listeners("[nico]")

    assert (nico.name, nico.zones, nico.exclude) == ("nico", (Zone("UTC"),), ("sleep", "kids"))


def test_someone_who_moved_has_periods():
    [nico] = parse_listeners(
        "[nico]\nexclude = []\n"
        'timezone = [{zone = "Europe/Berlin"}, {zone = "Asia/Tokyo", from = 2025-03-01}]'
    )

    assert nico.zones == (Zone("Europe/Berlin"), Zone("Asia/Tokyo", date(2025, 3, 1)))
    assert nico.exclude == ()


def test_who_says_nothing_of_sessions_has_no_rules_and_the_usual_pause():
    [nico] = parse_listeners("[nico]")

    assert (nico.overrides, nico.session_pause) == ((), timedelta(minutes=20))


@pytest.mark.parametrize("pause", [1, 45, 240])
def test_the_pause_between_sessions_is_the_listeners_own(pause: int):
    [nico] = parse_listeners(f"[nico]\nsession_pause_minutes = {pause}")

    assert nico.session_pause == timedelta(minutes=pause)


@pytest.mark.parametrize(
    ("written", "rotation"),
    [
        ("", Rotation(plays=8, days=4, rank=30)),
        ("heavy_rotation = {}", Rotation()),
        ("heavy_rotation = {plays = 5}", Rotation(plays=5)),
        ("heavy_rotation = {rank = 1, days = 1, plays = 1000}", Rotation(1000, 1, 1)),
    ],
)
def test_what_is_heavy_rotation_can_be_said_in_part(written: str, rotation: Rotation):
    [nico] = parse_listeners(f"[nico]\n{written}")

    assert nico.rotation == rotation


@pytest.mark.parametrize(
    ("written", "playlists"),
    [
        ("", PlaylistsToRead(None, liked=True, requests_per_run=600)),
        ("[nico.playlists]", PlaylistsToRead()),
        ("[nico.playlists]\nread = []", PlaylistsToRead(())),
        (
            "[nico.playlists]\nread = ['Mix', 'x']\nliked = false\nrequests_per_run = 50",
            PlaylistsToRead(("Mix", "x"), liked=False, requests_per_run=50),
        ),
    ],
)
def test_which_playlists_are_read_can_be_said_in_part(written: str, playlists: PlaylistsToRead):
    [nico] = parse_listeners(f"[nico]\n{written}")

    assert nico.playlists == playlists


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("", "nico"),
        ("display_name = 'Nico & Zoë <3'", "Nico & Zoë <3"),
        ("display_name = '  Nico '", "Nico"),
        ("display_name = '👨‍👩‍👧'", "👨‍👩‍👧"),
        (f"display_name = '{'n' * 60}'", "n" * 60),
    ],
)
def test_pages_call_a_listener_as_they_wish_or_by_their_name(written: str, shown: str):
    [nico] = parse_listeners(f"[nico]\n{written}")

    assert nico.display_name == shown


@pytest.mark.parametrize(
    ("of_nico", "of_mira", "may"),
    [
        ("['mira']", "['nico']", True),
        ("['tom', 'mira', 'mira']", "['nico']", True),
        ("['mira']", "[]", False),
        ("[]", "['nico']", False),
        ("['tom']", "['tom']", False),
    ],
)
def test_two_are_compared_only_where_each_names_the_other(of_nico: str, of_mira: str, may: bool):
    nico, mira = parse_listeners(f"nico.compare_with = {of_nico}\nmira.compare_with = {of_mira}")

    assert may_compare(nico, mira) is may
    assert may_compare(mira, nico) is may
    assert len(set(nico.compare_with)) == len(nico.compare_with)
    assert not may_compare(nico, nico)


def test_rules_keep_the_order_in_which_they_are_written():
    [nico] = parse_listeners("""
        [[nico.override]]
        context = "kids"
        artist = "Die drei ???"
        track = "x1"
        playlist = "spotify:playlist:p1"

        [[nico.override]]
        context = "sleep"
        weekdays = ["sun", "mon"]
        hours = "22:00-06:30"
    """)

    assert nico.overrides == (
        Override("kids", "Die drei ???", "x1", "spotify:playlist:p1"),
        Override("sleep", hours=Hours((6, 0), 22 * 60, 6 * 60 + 30)),
    )


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ('weekdays = ["sat"]', Hours((5,), 0, 24 * 60)),
        ('hours = "09:00-17:00"', Hours(start=9 * 60, end=17 * 60)),
        ('hours = "22:00-24:00"', Hours(start=22 * 60, end=24 * 60)),
        ('hours = "22:00-00:00"', Hours(start=22 * 60, end=0)),
        ('hours = "00:00-24:00"', Hours()),
        ('artist = "A"', None),
    ],
)
def test_a_rule_without_weekdays_or_hours_holds_on_all(written: str, hours: Hours | None):
    [nico] = parse_listeners(f"[[nico.override]]\ncontext = 'focus'\n{written}")

    assert [rule.hours for rule in nico.overrides] == [hours]


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ("context = 'kids'\nartists = 'A'", r"nico\.override 1: 'artists' is not a setting"),
        ("artist = 'A'", r"nico\.override 1\.context"),
        ("context = 'slep'\nartist = 'A'", r"nico\.override 1\.context: write one of sleep, kids"),
        ("context = ['kids']\nartist = 'A'", r"nico\.override 1\.context"),
        ("context = 'kids'", r"nico\.override 1: name what it applies to"),
        ("context = 'kids'\nartist = ' '", r"nico\.override 1\.artist"),
        ("context = 'kids'\ntrack = 3", r"nico\.override 1\.track: 3"),
        ("context = 'kids'\nplaylist = ['A']", r"nico\.override 1\.playlist"),
        ("context = 'kids'\nweekdays = 'mon'", r"nico\.override 1\.weekdays: 'mon'"),
        ("context = 'kids'\nweekdays = []", r"nico\.override 1\.weekdays"),
        ("context = 'kids'\nweekdays = ['monday']", r"nico\.override 1\.weekdays"),
        ("context = 'kids'\nweekdays = [0]", r"nico\.override 1\.weekdays"),
        ("context = 'kids'\nhours = 22", r"nico\.override 1\.hours: 22"),
        ("context = 'kids'\nhours = '22-6'", r"nico\.override 1\.hours: '22-6' is not written"),
        ("context = 'kids'\nhours = '22:60-23:00'", r"nico\.override 1\.hours"),
        ("context = 'kids'\nhours = '22:00-25:00'", r"nico\.override 1\.hours"),
        ("context = 'kids'\nhours = '22:00-24:01'", r"nico\.override 1\.hours"),
        ("context = 'kids'\nhours = '22:00-22:00'", r"nico\.override 1\.hours"),
        ("context = 'kids'\nhours = '24:00-06:00'", r"nico\.override 1\.hours"),
    ],
)
def test_a_wrong_rule_is_named_with_its_number(rule: str, named: str):
    with pytest.raises(SettingsError, match=named) as problem:
        parse_listeners(f"[[nico.override]]\n{rule}")

    one_line(problem)


def test_a_wrong_rule_among_others_is_the_one_that_is_named():
    rule = "[[nico.override]]\ncontext = 'kids'\nartist = 'A'\n"
    with pytest.raises(SettingsError, match=r"nico\.override 3\.artist"):
        parse_listeners(rule * 2 + rule.replace("'A'", "''") + rule)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[nico]\noverride = 'kids'", r"nico\.override: write each rule as a table"),
        ("[nico]\noverride = ['kids']", r"nico\.override 1: write it as a table"),
        ("[nico.override]\ncontext = 'kids'", r"nico\.override: .*\[\[nico\.override\]\]"),
        ("[nico]\nsession_pause_minutes = 0", r"nico\.session_pause_minutes: 0"),
        ("[nico]\nsession_pause_minutes = 241", r"nico\.session_pause_minutes: .* 1 to 240"),
        ("[nico]\nsession_pause_minutes = 1.5", r"nico\.session_pause_minutes"),
        ("[nico]\nsession_pause_minutes = true", r"nico\.session_pause_minutes"),
        ("[nico]\nsession_pause_minutes = '20'", r"nico\.session_pause_minutes"),
        ("[nico]\nheavy_rotation = 8", r"nico\.heavy_rotation: write it as a table"),
        ("[nico]\nheavy_rotation = [8, 4]", r"nico\.heavy_rotation: write it as a table"),
        ("[nico.heavy_rotation]\nplay = 8", r"heavy_rotation\.play: there are plays, days, rank"),
        ("[nico.heavy_rotation]\nplays = 0", r"nico\.heavy_rotation\.plays: 0 is not .* 1000"),
        ("[nico.heavy_rotation]\ndays = 29", r"nico\.heavy_rotation\.days: 29 is not .* 1 to 28"),
        ("[nico.heavy_rotation]\nrank = 3.5", r"nico\.heavy_rotation\.rank: 3\.5 is not"),
        ("[nico.heavy_rotation]\nrank = true", r"nico\.heavy_rotation\.rank: True is not"),
        ("[nico.heavy_rotation]\nrank = '3'", r"nico\.heavy_rotation\.rank: '3' is not"),
        ("[nico]\nplaylists = ['Mix']", r"nico\.playlists: write it as a table"),
        ("[nico.playlists]\nreads = ['Mix']", r"playlists\.reads: there are read, liked, requests"),
        ("[nico.playlists]\nread = 'Mix'", r"nico\.playlists\.read: 'Mix' is not a list"),
        ("[nico.playlists]\nread = ['']", r"nico\.playlists\.read: \[''\] is not a list"),
        ("[nico.playlists]\nliked = 1", r"nico\.playlists\.liked: 1 is neither true nor false"),
        ("[nico.playlists]\nrequests_per_run = 0", r"requests_per_run: 0 is not a whole number"),
        ("[nico]\ndisplay_name = 3", r"nico\.display_name: 3 is not a text of one line"),
        ("[nico]\ndisplay_name = ' '", r"nico\.display_name: ' ' is not .* up to 60"),
        (f"[nico]\ndisplay_name = '{'n' * 61}'", r"nico\.display_name: .* up to 60"),
        ('[nico]\ndisplay_name = "a\\nb"', r"nico\.display_name: 'a\\nb' is not"),
        ("[nico]\napp = '_second'", r"nico\.app: '_second' begins or ends with _"),
        ("[nico]\napp = 'second_'", r"nico\.app: 'second_' begins or ends with _"),
        ("[nico]\napp = '_'", r"nico\.app: '_' begins or ends with _"),
        ("[nico]\ncompare_with = 'mira'", r"nico\.compare_with: 'mira' is not a list"),
        ("[nico]\ncompare_with = ['Mira!']", r"nico\.compare_with: \['Mira!'\] is not"),
        ("[nico]\ncompare_with = [3]", r"nico\.compare_with: \[3\] is not"),
        ("[nico]\ncompare_with = ['nico']", r"nico\.compare_with: .* other listeners"),
        ("[Nico]", "'Nico' is not a listener's name"),
        (f"[{'a' * 41}]", "is not a listener's name"),
        ("nico = 3", r"nico: write it as a table"),
        ("[nico]\ntimzone = 'UTC'", r"nico: 'timzone' is not a setting"),
        ("[nico]\nexclude = 'sleep'", r"nico\.exclude"),
        ("[nico]\nexclude = ['slep']", r"nico\.exclude"),
        ("[nico]\nexclude = [['sleep']]", r"nico\.exclude"),
        ("[nico]\ntimezone = 3", r"nico\.timezone"),
        ("[nico]\ntimezone = []", r"nico\.timezone"),
        ("[nico]\ntimezone = ''", r"nico\.timezone"),
        ("[nico]\ntimezone = 'Europe'", r"nico\.timezone: 'Europe'"),
        ("[nico]\ntimezone = 'posixrules'", r"nico\.timezone"),
        ("[nico]\ntimezone = '../../../etc/passwd'", r"nico\.timezone"),
        ("[nico]\ntimezone = [{zone = 3}]", r"nico\.timezone: 3"),
        ("[nico]\ntimezone = [{form = 2025-01-01, zone = 'UTC'}]", r"nico\.timezone: 'form'"),
        ("[nico]\ntimezone = [{zone = 'UTC', from = 2025-01-01}]", r"nico\.timezone: every"),
        ("[nico]\ntimezone = [{zone = 'UTC'}, {zone = 'UTC'}]", r"nico\.timezone: every"),
        (
            "[nico]\ntimezone = [{zone = 'UTC'}, {zone = 'UTC', from = 2025-01-01T10:00:00}]",
            r"nico\.timezone: every",
        ),
        (
            """
            [nico]
            timezone = [
                {zone = "UTC"},
                {zone = "UTC", from = 2025-01-01},
                {zone = "UTC", from = 2024-01-01},
            ]
            """,
            r"nico\.timezone: the periods are not in order",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_its_listener(text: str, named: str):
    with pytest.raises(SettingsError, match=named) as problem:
        parse_listeners(text)

    one_line(problem)
