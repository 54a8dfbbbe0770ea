"""Pictures of the documentation show what there is: their pages say what they said when taken.

`make screenshots` takes them anew, and writes down the words.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.docs.pictures import (
    IMAGES,
    LISTENER,
    MOST_BYTES,
    PICTURES,
    WORDS,
    Picture,
    make_life,
    take,
)
from tests.support.browsing import Browser
from tests.support.dashboard import Served, served
from tests.support.places import ROOT

ANEW = "SCREENSHOTS_ANEW" in os.environ
SHOWN = re.compile(r"!\[([^\]]*)\]\(((?:docs/)?images/[\w-]+\.png)\)")


@pytest.fixture(scope="module")
def life(once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    return once("life-of-pictures", make_life)


@pytest.fixture(scope="module")
def server(life: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("pictures")
    with served(life / "lake", life / "listeners.toml", folder) as running:
        yield running


@pytest.mark.rare
@pytest.mark.timeout(600)
@pytest.mark.parametrize("picture", PICTURES, ids=lambda one: one.name)
def test_the_page_of_a_picture_says_what_it_said_when_it_was_taken(
    picture: Picture, life: Path, browser: Browser, server: Served
) -> None:
    png, words = take(picture, life, browser, server)
    assert len(png) <= MOST_BYTES
    recorded = json.loads(WORDS.read_text(encoding="utf-8")) if WORDS.exists() else {}
    if ANEW:
        (IMAGES / f"{picture.name}.png").write_bytes(png)
        recorded[picture.name] = words
        text = json.dumps(dict(sorted(recorded.items())), ensure_ascii=False, indent=1)
        WORDS.write_text(f"{text}\n", encoding="utf-8")
    assert words == recorded[picture.name], "the page has changed: run `make screenshots`"
    assert any(LISTENER.capitalize() in one for one in words)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda one: one.name)
def test_a_picture_is_there_small_and_as_large_as_its_window(picture: Picture) -> None:
    file = IMAGES / f"{picture.name}.png"
    assert file.stat().st_size <= MOST_BYTES
    with Image.open(file) as image:
        assert image.format == "PNG"
        if picture.kind != "card":
            assert image.size == (picture.width, picture.height)


def test_every_picture_is_shown_with_words_for_those_who_do_not_see_it() -> None:
    shown: dict[str, str] = {}
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for alt, path in SHOWN.findall(page.read_text(encoding="utf-8")):
            file = (page.parent / path).resolve()
            assert file.is_file(), f"{page.name} shows {path}, which is not there"
            assert len(alt) > 20, f"{page.name} does not say what {path} shows"
            shown[file.name] = page.name
    assert set(shown) == {file.name for file in IMAGES.glob("*.png")}
    assert {f"{one.name}.png" for one in PICTURES} <= set(shown)
