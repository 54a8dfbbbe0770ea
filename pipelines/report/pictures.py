"""Charts for the metadata of assets: PNG bytes, and Markdown that embeds them.

Add a chart here when numbers are easier to see than to read. The numbers are computed elsewhere,
and the assets attach the chart. The same numbers give the same bytes.
"""

import re
from base64 import b64encode
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import Doubles
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.evaluation import BINS, Evaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK = "#1f2933"
_FAINT = "#7b8794"
_BLUE = "#2b6cb0"
_SIZE = (7, 6)
_WIDE = (9, 3.2)
_DPI = 100
_COLOURS = 64
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_COLOURS_OF_CONTEXTS = ("#3b4a8f", "#e3a72f", "#c2452d", "#2f7f8c", "#a3518f", "#6b9e4f", "#b4bcc6")
_DARK = 0.7
"""Share of a row from which a cell is so dark that its number must be white."""


def confusion_picture(evaluation: Evaluation) -> bytes:
    """The confusion matrix, with minutes or hours in its cells.

    The larger a cell's share of its row, the darker it is: perfect labels give a dark diagonal.

    Returns:
        A PNG of less than 60 kB, on white.
    """
    figure, axes = _blank("Predicted against true contexts: time, dark where most of the row")
    minutes = evaluation.confusion
    rows = minutes.sum(axis=1, keepdims=True)
    shares = np.divide(minutes, rows, out=np.zeros_like(minutes), where=rows > 0)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (true, predicted), cell in np.ndenumerate(minutes):
        if cell > 0:
            colour = "white" if shares[true, predicted] > _DARK else _INK
            axes.text(predicted, true, _spell(cell), ha="center", va="center", color=colour)
    ticks = range(len(CONTEXTS))
    axes.set_xticks(ticks, CONTEXTS, rotation=30, ha="right", rotation_mode="anchor")
    axes.set_yticks(ticks, CONTEXTS)
    _grid(axes, shares)
    axes.set_xlabel("predicted context")
    axes.set_ylabel("true context")
    return _png(figure)


def calibration_picture(evaluation: Evaluation) -> bytes:
    """The reliability diagram: the share of right labels by confidence, ideally on the diagonal.

    Each bar has its minutes or hours at the bottom.

    Returns:
        A PNG of less than 60 kB, on white.
    """
    error = evaluation.calibration_error
    verdict = "nothing to judge" if error is None else f"{error:.3f} off on average"
    figure, axes = _blank(f"How far confidence can be believed: {verdict}")
    axes.plot([0, 1], [0, 1], color=_FAINT, linestyle="--", label="confidence is the truth")
    bins = [one for one in evaluation.calibration.to_pylist() if one["minutes"] > 0]
    shares = [one["share_right"] for one in bins]
    axes.bar(
        [one["low"] for one in bins],
        shares,
        width=1 / BINS,
        align="edge",
        color="#bcd4ee",
        edgecolor="white",
        label="share that is right",
    )
    sure = [one["mean_confidence"] for one in bins]
    axes.plot(sure, shares, "o", color=_BLUE, label="at its mean confidence")
    for one in bins:
        middle = (one["low"] + one["high"]) / 2
        axes.text(middle, 0.02, _spell(one["minutes"]), ha="center", color=_INK, fontsize="small")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.04)
    axes.set_xlabel("confidence of the label")
    axes.set_ylabel("share of the time that is labelled right")
    axes.legend(loc="upper left", frameon=False, labelcolor=_INK)
    return _png(figure)


def hours_picture(rows: pa.Table) -> bytes:
    """The listener's own minutes by hour of the week, dark where most.

    Args:
        rows: `listening_by_hour` rows.

    Returns:
        A PNG of less than 60 kB, on white.
    """
    rows = rows.filter(pc.field("scope") == "mine").sort_by(
        [("weekday", "ascending"), ("hour", "ascending")]
    )
    figure, axes = _blank("Minutes by hour of the week, in your own listening", _WIDE)
    minutes = rows["minutes"].to_numpy().reshape(len(_WEEKDAYS), -1)
    axes.imshow(minutes, cmap="Blues", vmin=0, aspect="auto")
    axes.set_yticks(range(len(_WEEKDAYS)), _WEEKDAYS)
    axes.set_xticks(range(0, 24, 3), [f"{hour}:00" for hour in range(0, 24, 3)])
    _grid(axes, minutes)
    return _png(figure)


def days_picture(rows: pa.Table) -> bytes:
    """The listener's own minutes on each of the last 365 days, and their mean over a week.

    Args:
        rows: `listening_by_day` rows.

    Returns:
        A PNG of less than 60 kB, on white.
    """
    rows = rows.filter(pc.field("scope") == "mine").sort_by("day")
    rows = rows.slice(max(len(rows) - 365, 0))
    days, minutes = rows["day"].to_numpy(), rows["minutes"].to_numpy()
    figure, axes = _blank("Minutes per day, in your own listening", _WIDE)
    # One shape, since a bar for each day would take longer to draw than everything else.
    axes.stairs(minutes, [*days, days[-1] + 1], fill=True, color="#bcd4ee")
    week = len(_WEEKDAYS)
    if len(minutes) >= week:
        # A day that an open gap touches is in no mean, and no line is drawn through it.
        known = rows["known"].to_numpy()
        sums, counts = (
            np.convolve(values, np.ones(week), mode="valid")
            for values in (np.where(known, minutes, 0), known.astype(float))
        )
        drawn = known[week - 1 :] & (2 * counts >= week)
        mean = np.where(drawn, sums / np.maximum(counts, 1), np.nan)
        axes.plot(days[week - 1 :], mean, color=_BLUE, label="mean of seven days")
        axes.legend(loc="upper left", frameon=False, labelcolor=_INK)
    return _png(figure)


def contexts_picture(rows: pa.Table) -> bytes:
    """Hours of each context, month by month.

    Args:
        rows: `contexts_by_month` rows.

    Returns:
        A PNG of less than 60 kB, on white.
    """
    rows = rows.filter(pc.field("scope") == "all")
    months = rows["month"].to_numpy().astype("datetime64[M]")
    edges = np.arange(months.min(), months.max() + 2)
    figure, axes = _blank("Hours by context, month by month", _WIDE)
    below = np.zeros(len(edges) - 1)
    for context, colour in zip(CONTEXTS, _COLOURS_OF_CONTEXTS, strict=True):
        here = pc.equal(rows["context"], context).to_numpy()
        hours = below.copy()
        hours[(months[here] - edges[0]).astype(int)] += rows["minutes"].to_numpy()[here] / 60
        axes.stairs(hours, edges, baseline=below, fill=True, color=colour, label=context)
        below = hours
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, labelcolor=_INK)
    return _png(figure)


def as_markdown(png: bytes, caption: str) -> str:
    """A picture as a line of Markdown with the picture embedded.

    Args:
        png: the picture.
        caption: its alternative text.
    """
    plain = re.sub(r"([\\\[\]])", r"\\\1", " ".join(caption.split()))
    return f"![{plain}](data:image/png;base64,{b64encode(png).decode()})"


def _blank(title: str, size: tuple[float, float] = _SIZE) -> "tuple[Figure, Axes]":
    """A figure without pyplot, which keeps figures alive and is not thread-safe."""
    from matplotlib.figure import Figure  # noqa: PLC0415 slow to load

    figure = Figure(figsize=size, dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, color=_INK, fontsize="medium")
    axes.tick_params(color=_FAINT, labelcolor=_INK)
    axes.xaxis.label.set_color(_INK)
    axes.yaxis.label.set_color(_INK)
    axes.spines[:].set_color(_FAINT)
    axes.set_facecolor("white")
    return figure, axes


def _grid(axes: "Axes", cells: Doubles) -> None:
    """Faint lines between the cells."""
    axes.set_xticks(np.arange(cells.shape[1] + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(cells.shape[0] + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="#e4e7eb", linewidth=1)
    axes.tick_params(which="minor", length=0)


def _spell(minutes: float) -> str:
    """Minutes below an hour and a half, hours above."""
    if minutes < 1:
        return "< 1 min"
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:,.0f} h"  # noqa: PLR2004


def _png(figure: "Figure") -> bytes:
    """A PNG with few colours, a third of the size, and without metadata."""
    from PIL import Image  # noqa: PLC0415 comes with matplotlib

    drawn, file = BytesIO(), BytesIO()
    figure.savefig(drawn, format="png", facecolor="white")
    with Image.open(drawn) as picture:
        picture.convert("RGB").quantize(_COLOURS).save(file, "PNG", optimize=True)
    return file.getvalue()
