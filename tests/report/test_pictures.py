"""Pictures of an evaluation: small, opaque, the same for the same numbers, and never a failure.

Add a test here with every picture. Whether one is a good picture must be looked at.
"""

import base64
import io
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.evaluation import Evaluation, evaluate
from pipelines.report.pictures import as_markdown, calibration_picture, confusion_picture

PICTURES = [confusion_picture, calibration_picture]
draws = pytest.mark.parametrize("draw", PICTURES)


def a_year(right: float = 0.7, plays: int = 3000) -> Evaluation:
    chance = np.random.default_rng(7)
    truth = chance.integers(0, len(CONTEXTS), plays)
    told = np.where(chance.random(plays) < right, truth, chance.integers(0, len(CONTEXTS), plays))
    names = np.array(CONTEXTS)
    return evaluate(
        pa.array(names[truth]),
        pa.array(names[told]),
        pa.array(chance.random(plays, np.float32)),
        pa.array(chance.uniform(0.1, 300, plays)),
    )


def nothing() -> Evaluation:
    names, numbers = pa.array([], pa.string()), pa.array([], pa.float64())
    return evaluate(names, names, numbers, numbers)


@pytest.fixture(scope="module")
def year():
    return a_year()


def opened(png: bytes) -> Image.Image:
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        return image


@draws
def test_a_picture_is_a_small_png(draw, year):
    png = draw(year)
    image = opened(png)

    assert image.format == "PNG"
    assert image.size == (700, 600)
    assert len(png) < 60_000


@draws
def test_the_ground_is_white_and_opaque_so_that_a_dark_page_hides_nothing(draw, year):
    image = opened(draw(year)).convert("RGBA")

    assert image.getextrema()[3] == (255, 255)
    assert {image.getpixel(corner) for corner in ((0, 0), (699, 0), (0, 599), (699, 599))} == {
        (255, 255, 255, 255)
    }


@draws
def test_the_same_numbers_give_the_same_bytes_without_a_date_or_a_version(draw, year):
    png = draw(year)

    assert png == draw(a_year())
    assert not {b"tEXt", b"iTXt", b"zTXt", b"tIME"} & {png[n : n + 4] for n in range(len(png))}


@draws
def test_other_numbers_give_another_picture(draw, year):
    assert draw(year) != draw(a_year(right=0.3))


@draws
def test_nothing_to_judge_is_drawn_as_well(draw):
    assert opened(draw(nothing())).format == "PNG"


def test_the_darkest_cells_are_what_was_mostly_found():
    names = pa.array(["sleep", "sleep", "kids"])
    found = pa.array(["sleep", "kids", "kids"])
    even = evaluate(names, found, pa.array([1.0, 1.0, 1.0]), pa.array([9.0, 1.0, 5.0]))
    image = opened(confusion_picture(even)).convert("L")
    dark = np.asarray(image)[:, 120:680] < 90

    assert dark[30:160].sum() > 5000
    assert dark[160:500].sum() < 2000


@draws
def test_drawing_leaves_nothing_behind_in_pyplot(draw, year):
    draw(year)

    if "matplotlib.pyplot" in sys.modules:
        assert not sys.modules["matplotlib.pyplot"].get_fignums()


def test_markdown_carries_the_picture_itself(year):
    png = confusion_picture(year)
    text = as_markdown(png, "What was\n[mostly] found")

    assert text.startswith(r"![What was \[mostly\] found](data:image/png;base64,")
    assert base64.b64decode(text.partition("base64,")[2].removesuffix(")")) == png
    assert "\n" not in text


def test_a_process_without_a_home_draws_too_and_prints_nothing(tmp_path):
    code = (
        "import pyarrow as pa\n"
        "from pipelines.listening.contexts.evaluation import evaluate\n"
        "from pipelines.report.pictures import confusion_picture\n"
        "names, numbers = pa.array(['kids']), pa.array([1.0])\n"
        "assert confusion_picture(evaluate(names, names, numbers, numbers))[1:4] == b'PNG'\n"
    )
    nowhere = "/proc/nobody"
    environment = {**os.environ, "HOME": nowhere, "TMPDIR": str(tmp_path)}
    for name in ("MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        environment.pop(name, None)

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=environment, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
