from datetime import date
from pathlib import Path

import pytest

from pipelines.listening.local_time import Zone
from pipelines.resources.lake import Lake
from pipelines.settings import Settings, SettingsError, parse_listeners

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
        ("LISTENERS_FILE", "/nowhere/listeners.toml", "listeners"),
        ("LISTENERS_FILE", "/", "listeners"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_variable(variable: str, value: str, read: str):
    with pytest.raises(SettingsError) as problem:
        getattr(Settings({**APP, variable: value}), read)

    assert one_line(problem).startswith(variable)


@pytest.mark.parametrize("url", ["ftp://lake", "s3://", "http://lake"])
def test_a_lake_that_is_neither_folder_nor_bucket_is_named(url: str):
    with pytest.raises(SettingsError) as problem:
        _ = Lake.open(Settings({"LAKE_URL": url})).store

    assert "LAKE_URL" in one_line(problem)


def test_defaults_are_spotifys_own():
    settings = Settings(APP)

    assert settings.app.api_url == "https://api.spotify.com/v1/"
    assert settings.app.accounts_url == "https://accounts.spotify.com"
    assert settings.app.client_secret is None
    assert (settings.request_interval_s, settings.requests_per_hour) == (2, 1000)
    assert settings.refresh_token("nico") is None
    assert Settings({"SPOTIFY_REFRESH_TOKEN_NICO": "r"}).refresh_token("nico") == "r"


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


@pytest.mark.parametrize(
    ("text", "named"),
    [
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
