"""A lake, logins and settings as an operator has them, without anybody to ask."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.listening.api.responses import file_name
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.token_store import Token, TokenFile
from pipelines.settings import Settings


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    listeners = tmp_path / "listeners.toml"
    listeners.write_text("[nico]\n[mira]\n")
    for name, value in {
        "LAKE_URL": str(tmp_path / "lake"),
        "TOKENS_DIR": str(tmp_path / "tokens"),
        "LISTENERS_FILE": str(listeners),
        "SPOTIFY_CLIENT_ID": "an-app",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("SPOTIFY_REFRESH_TOKEN_NICO", "SPOTIFY_REFRESH_TOKEN_MIRA", "LOG_FORMAT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def lake() -> Lake:
    return Lake.open(Settings())


@pytest.fixture
def log_in(tmp_path: Path) -> Callable[..., None]:
    """Keep a token that says it was consented to, or seeded, at some time."""

    def keep(listener: str, **told: object) -> None:
        TokenFile(tmp_path / "tokens", listener).write(Token(refresh_token="kept secret", **told))

    return keep


@pytest.fixture
def answered(lake: Lake) -> Callable[[str, datetime], None]:
    """Keep a response of some time; its content is nobody's business here."""

    def keep(listener: str, at: datetime) -> None:
        path = f"users/{listener}/raw/recently_played/date={at:%Y-%m-%d}/{file_name(at)}"
        lake.store.put(path, gzip.compress(b"{}"))

    return keep


@pytest.fixture
def all_is_well(log_in: Callable[..., None], answered: Callable[[str, datetime], None]) -> None:
    for listener in ("nico", "mira"):
        log_in(listener, authorized_at=datetime.now(UTC))
        answered(listener, datetime.now(UTC))
