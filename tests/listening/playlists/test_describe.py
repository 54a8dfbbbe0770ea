"""What a person reads of a plan, and that names of others are only text in it."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pipelines.listening.playlists.describe import in_markdown, markdown, plain, terminal
from pipelines.listening.playlists.parts import Planned
from tests.listening.playlists.test_merging import heard, merged
from tests.support.playlist_items import Row, again, episode, gone, local, song

HARMFUL = "[bold]|x\n# <img src=x> `a` \x1b[31m \u202egnp *b* [l](http://l) www.l.de"


def on_terminal(planned: Planned, width: int = 200) -> str:
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as shown:
        console.print(terminal(planned.plan))
    return shown.get()


def a_plan(**asked: Any) -> Planned:
    weighted = [*[song(1)] * 3, song(2), local(1), gone(), song(5, state="unplayable")]
    clean = [song(2), again(50, 1), episode(1), song(7, track_name=HARMFUL)]
    return merged({"A": weighted, "B": clean}, plays=heard(7, "kids", 2), **asked)


@pytest.mark.parametrize("show", [on_terminal, markdown])
def test_a_plan_says_all_that_matters_before_writing(show: Any) -> None:
    told = re.sub(r"[│|┃\s]+", " ", show(a_plan()).replace("\\", ""))

    for sentence in (
        "4 items in 1 new playlist",
        "entries of the sources 11",
        "not added: local files: the API cannot add them 1",
        "not added: gone: Spotify shows empty items 1",
        "dropped: the same id 3",
        "dropped: the same ISRC 1",
        "whether 8 items can be played: playledger playlists fetch nico --playable",
        "A B 0 2 2 50.0% 100.0% 50.0%",
        "Artist 1 - Song 1 4 50.000% 3 + 1",
        "at most 4 times; 2 songs more than once",
        "About 8 requests (3 to check the account and the sources, 1 to create, 1 to add",
        "at least 1 minute",
        "Me - Own song 1 a local file, which the API cannot add",
        "No source is changed",
        "Spotify may show them as public all the same",
        "The old days stay in the table playlist_items",
        "2026-11-20 08:00 UTC, 9 days ago",
    ):
        assert sentence in told, sentence


def test_a_terminal_says_how_to_write_it() -> None:
    planned = a_plan()
    assert f"playledger playlists apply nico {planned.plan.id}" in on_terminal(planned)


def test_the_page_has_every_item_and_every_duplicate() -> None:
    planned = a_plan()
    page = markdown(planned)

    assert all(page.count(uri) == 1 for part in planned.plan.parts for uri in part.uris)
    [_, every] = page.split("## Every duplicate that is dropped")
    assert (
        len(re.findall(r"^\| [AB] \|", every.split("##")[0], re.MULTILINE))
        == len(planned.dropped)
        == 4
    )


def test_options_are_told_in_words() -> None:
    told = markdown(
        a_plan(keep_weights=True, order="weight", without=("kids",), unplayable=True, probable=True)
    )

    assert "by weight, the heaviest first" in told
    assert "as often as in all sources together" in told
    assert "Without songs of which most plays were kids" in told
    assert "2 of its 2 plays were kids" in told
    assert "What is probably the same, by name, counts as the same" in told


@pytest.mark.parametrize("show", [on_terminal, markdown])
def test_names_of_others_do_not_draw_on_the_page(show: Any) -> None:
    told = show(a_plan())

    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", told)
    lines = [line for line in told.splitlines() if "img src" in line]
    assert lines, "the name is there, in one line"
    if show is markdown:
        assert all(line.startswith("| ") for line in lines)
        for mark in ("[", "<", "`", "*"):
            assert re.search(rf"(?<!\\)\{mark}", "".join(lines)) is None, mark
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in lines if HARMFUL[0] in line}
        assert cells == {5}
    else:
        assert "[bold]|x" in told, "shown, not obeyed"


@given(st.text())
def test_any_name_is_one_line_of_markdown(name: str) -> None:
    shown = in_markdown(name)

    assert len(shown.splitlines()) <= 1
    assert re.search(r"(?<!\\)(?:\\\\)*[|<`\[*_]", shown) is None
    assert not re.match(r"(?:[-+#=>]|\d+[.)])(?:\s|$)", shown)
    assert re.sub(r"\\([^\w\s])|\\", r"\1", shown) == plain(name) or "\\" in plain(name)
    shown.encode()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Don't Stop", "Don't Stop"),
        ("1. First", r"1\. First"),
        ("- - -", r"\- - -"),
        ("50.5% of it", "50.5% of it"),
        ("www.x.de http://x", r"www\.x.de http:\//x"),
        ("a\u2028b\r\nc\x00d", "a b c d"),
        ("\ud800x", "x"),
        (
            "\uf8ff \U0001fae9 \U0001f469\u200d\U0001f680",
            "\uf8ff \U0001fae9 \U0001f469\u200d\U0001f680",
        ),
    ],
)
def test_a_name_is_changed_no_more_than_need_be(name: str, shown: str) -> None:
    assert in_markdown(name) == shown


def test_of_what_is_left_a_terminal_shows_some_of_each_reason() -> None:
    many: list[Row] = [local(number) for number in range(60)]
    planned = merged({"A": [*many, gone(), song(1)]})
    told = on_terminal(planned)

    assert "what it was is gone" in told
    assert "and 51 more, on the page" in told
    assert markdown(planned).count("a local file") == 60
