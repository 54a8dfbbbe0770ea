"""A survey's key: made once, by whoever is first, and of use to its owner alone."""

import multiprocessing
import stat
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import SurveyKeyError
from pipelines.surveys import keys
from pipelines.surveys.keys import KeyFile, SurveyKey

KEY = SurveyKey(bytes(range(32)))


def test_a_key_is_made_at_its_first_use_and_kept(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "deep" / "folder", "music")
    assert file.read() is None
    made = file.read_or_make()
    assert len(made.secret) >= 32
    assert file.read_or_make() == made == file.read()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.path.parent.iterdir()] == ["music.key"]
    assert KeyFile(tmp_path / "deep" / "folder", "other").read_or_make() != made


def _make(folder: Path, begin: Any, answers: Any) -> None:
    begin.wait()
    answers.put(KeyFile(folder, "music").read_or_make().secret)


def test_two_processes_at_once_have_the_same_key(tmp_path: Path) -> None:
    for attempt in range(3):
        context = multiprocessing.get_context("fork")
        begin, answers = context.Barrier(2), context.Queue()
        folder = tmp_path / str(attempt)
        processes = [context.Process(target=_make, args=(folder, begin, answers)) for _ in range(2)]
        for process in processes:
            process.start()
        made = {answers.get(timeout=20) for _ in processes}
        for process in processes:
            process.join()
        assert made == {KeyFile(folder, "music").read_or_make().secret}


def test_a_process_that_dies_meanwhile_leaves_no_half_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_paths: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(keys.os, "link", die)
        with pytest.raises(KeyboardInterrupt):
            KeyFile(tmp_path, "music").read_or_make()
    assert not list(tmp_path.iterdir())
    assert KeyFile(tmp_path, "music").read_or_make() is not None


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.chmod(0o640), "chmod 600"),
        (lambda path: path.write_text(""), "no key"),
        (lambda path: path.write_text("00" * 31), "no key"),
        (lambda path: path.write_bytes(b"\xff" * 64), "no key"),
        (lambda path: (path.rename(path.with_suffix(".x")), path.symlink_to("music.x")), "link"),
        (lambda path: (path.unlink(), path.mkdir()), "no file"),
    ],
)
def test_a_key_that_must_not_be_used_is_named_and_not_replaced(
    tmp_path: Path, spoil: object, said: str
) -> None:
    file = KeyFile(tmp_path, "music")
    file.read_or_make()
    spoil(file.path)  # type: ignore[operator]
    with pytest.raises(SurveyKeyError, match=said) as problem:
        file.read_or_make()
    assert str(file.path) in str(problem.value)


def test_a_folder_that_cannot_be_made_names_the_variable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SurveyKeyError, match="SURVEY_KEYS_DIR"):
        KeyFile(tmp_path / "file", "music").read_or_make()


def test_a_deleted_key_is_gone_with_its_drafts(tmp_path: Path) -> None:
    file = KeyFile(tmp_path, "music")
    first = file.read_or_make()
    (tmp_path / ".music.key-abc").write_text("00")
    other = KeyFile(tmp_path, "music_2")
    other.read_or_make()
    assert file.delete()
    assert not file.delete()
    assert [path.name for path in tmp_path.iterdir()] == ["music_2.key"]
    assert file.read_or_make() != first


def test_a_key_shows_nowhere() -> None:
    assert KEY.secret.hex() not in repr(KEY)
    assert str(KEY.secret) not in repr(KEY)


def test_a_pseudonym_is_of_the_person_and_of_the_survey() -> None:
    pseudonym = KEY.pseudonym("Ada Quill")
    assert len(pseudonym) == 32
    assert int(pseudonym, 16) >= 0
    same = ("ada quill", " ADA  Quill ", "Quill, Ada", "Áda Quill", "Ada-Quill")
    assert {KEY.pseudonym(one) for one in same} == {pseudonym}
    assert KEY.pseudonym("A@B.example") == KEY.pseudonym(" a@b.example ")
    others = ("Quill Ada", "Ada", "ada@quill.example", "Ada Quilt")
    assert pseudonym not in {KEY.pseudonym(one) for one in others}
    assert SurveyKey(b"x" * 32).pseudonym("Ada Quill") != pseudonym


def test_a_code_does_not_tell_the_pseudonym() -> None:
    pseudonym = KEY.pseudonym("Ada Quill")
    code = KEY.code(pseudonym)
    assert len(code) == 26
    assert set(code) <= set("abcdefghijklmnopqrstuvwxyz234567")
    assert code[:4] not in pseudonym
    assert KEY.code(KEY.pseudonym("Ada")) != code
