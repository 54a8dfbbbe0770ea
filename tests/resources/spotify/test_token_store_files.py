"""Whose files in `TOKENS_DIR` are used: one's own, that nobody else can read, and no links."""

import os
import stat
from pathlib import Path

import pytest

from pipelines.errors import TokenFileError
from pipelines.resources.spotify.token_store import Token, TokenFile

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="giving a file away needs root")


@pytest.fixture
def file(tmp_path: Path) -> TokenFile:
    kept = TokenFile(tmp_path / "tokens", "nico")
    kept.write(Token(refresh_token="AQ-mine"))
    return kept


def refusal(file: TokenFile) -> str:
    with pytest.raises(TokenFileError) as error:
        file.read()
    assert "AQ" not in str(error.value)
    return str(error.value)


def test_whatever_lies_in_the_folder_is_its_owners_alone(file: TokenFile) -> None:
    before = os.umask(0)
    try:
        with file.locked(), file.reserve_space():
            folder = file.path.parent
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    finally:
        os.umask(before)
    assert len(modes) == 3, "token, lock and draft"
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_link_in_place_of_the_token_is_not_followed(file: TokenFile, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    file.path.rename(elsewhere)
    file.path.symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    assert refusal(file) == (f"{file.path} is a symbolic link: put the file itself in its place")
    file.write(Token(refresh_token="AQ-new"))
    assert elsewhere.read_bytes() == before
    assert not file.path.is_symlink()


@needs_root
def test_a_token_that_another_user_put_there_is_not_used(file: TokenFile) -> None:
    os.chown(file.path, 65534, 65534)
    assert refusal(file) == (
        f"{file.path} belongs to another user (id 65534): run this as that user, or chown it"
    )


def test_of_a_listener_their_own_files_are_told_and_nobody_elses(file: TokenFile) -> None:
    folder = file.path.parent
    for name in ("nico_2.json", ".nico_2.lock", ".nico_2-draft", ".nico-draft", "throttle-x.json"):
        (folder / name).touch()
    for name in ("nico.write.json", ".nico.write.lock", ".nico.write-draft", "nico.notes.json"):
        (folder / name).touch()
    with file.locked():
        names = {path.name for path in file.files_of_listener()}
    assert names == {
        *("nico.json", ".nico.lock", ".nico-draft"),
        *("nico.write.json", ".nico.write.lock", ".nico.write-draft"),
    }
    assert TokenFile(folder, "nico", "write").files_of_listener() == file.files_of_listener()
    assert TokenFile(folder / "nowhere", "nico").files_of_listener() == []
