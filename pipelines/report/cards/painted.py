"""A card as PNG, painted by Pillow with the fonts that matplotlib brings.

The layout is that of `drawn.py`; nothing about how a card looks belongs here. A sign that these
fonts lack is drawn as a box: in the page, where the browser has more fonts, it is not.
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.report.cards.drawn import HEIGHT, PAPER, WIDTH, Box, Text, shapes_of
from pipelines.report.cards.words import Card

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

_FILES = {
    ("sans", False): "DejaVuSans.ttf",
    ("sans", True): "DejaVuSans-Bold.ttf",
    ("serif", False): "DejaVuSerif.ttf",
    ("serif", True): "DejaVuSerif-Bold.ttf",
}
_NARROWER = 0.92
"""DejaVu's letters are wider than most: drawn smaller, they take as much room."""

_COLOURS = 64


def png(card: Card) -> bytes:
    """The card as PNG; the same card gives the same bytes."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 not for who only loads the definitions

    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    for shape in shapes_of(card):
        if isinstance(shape, Box):
            corner = (shape.x + shape.width, shape.y + max(shape.height, 1) - 1)
            draw.rectangle(((shape.x, shape.y), corner), fill=shape.fill)
        elif shape.words:
            _write(draw, shape)
    buffer = BytesIO()
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(buffer, "png", optimize=True)
    return buffer.getvalue()


def _write(draw: "ImageDraw.ImageDraw", text: Text) -> None:
    font = _font(_FILES[text.family, text.bold], round(text.size * _NARROWER))
    anchor = "rs" if text.anchor == "end" else "ls"
    draw.text((text.x, text.y), text.words, fill=text.fill, font=font, anchor=anchor)


@cache
def _font(file: str, size: int) -> "ImageFont.FreeTypeFont":
    import matplotlib as mpl  # noqa: PLC0415 takes a second
    from PIL import ImageFont  # noqa: PLC0415

    path = Path(mpl.get_data_path()) / "fonts" / "ttf" / file
    # Without a shaping library, the same letters everywhere.
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
