"""Both themes can be read by everybody, and are the report's."""

import re
from importlib.resources import files

import pytest

from pipelines.dashboard.theme import DARK, LIGHT, Palette, options

AA_TEXT, AA_PARTS = 4.5, 3.0


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_stands_out_from_its_ground(palette: Palette) -> None:
    texts = (
        *(palette.ink, palette.faint, palette.accent),
        *(palette.good, palette.other, palette.warning),
    )
    for text in texts:
        for ground in (palette.paper, palette.field):
            assert contrast(text, ground) >= AA_TEXT, (text, ground)
    assert contrast(palette.on_accent, palette.accent) >= AA_TEXT


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_of_charts_stand_out_from_the_ground(palette: Palette) -> None:
    for colour in palette.series:
        assert contrast(colour, palette.paper) >= AA_PARTS, colour


@pytest.mark.parametrize(
    ("palette", "selector"), [(LIGHT, ":root"), (DARK, ':root[data-theme="dark"]')]
)
def test_the_colours_are_those_of_the_report(palette: Palette, selector: str) -> None:
    style = files("pipelines.report").joinpath("style.css").read_text(encoding="utf-8")
    block = style.split(f"{selector} {{", 1)[1].split("}", 1)[0]
    said = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
    assert said == {
        "paper": palette.paper,
        "ink": palette.ink,
        "faint": palette.faint,
        "rule": palette.rule,
        "accent": palette.accent,
    }


@pytest.mark.parametrize(("name", "palette"), [("LIGHT", LIGHT), ("DARK", DARK)])
def test_the_colours_of_charts_are_those_of_the_report(name: str, palette: Palette) -> None:
    script = files("pipelines.report").joinpath("js/charts/colours.js").read_text(encoding="utf-8")
    block = script.partition(f"const {name} = ")[2].partition("};")[0]
    assert tuple(re.findall(r"\[[\d.]+, '(#\w+)'\]", block)) == palette.scale
    series = block.partition("series: [")[2].partition("]")[0]
    assert tuple(re.findall(r"#\w+", series)) == palette.series


def test_streamlit_knows_all_options() -> None:
    from streamlit import config

    for name in options():
        config.get_option(name)
