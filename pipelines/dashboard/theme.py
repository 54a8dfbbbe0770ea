"""The colours of the dashboard, light and dark: those of the report.

They are the report's own (`report/style.css`, `report/js/charts/colours.js`), said here once more
because Streamlit wants them as options; a test holds them together.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
SERIF = "'Iowan Old Style', 'Palatino Linotype', Palatino, Georgia, 'Times New Roman', serif"


@dataclass(frozen=True)
class Palette:
    """Colours of one theme.

    Attributes:
        paper: the ground.
        field: the ground of a widget.
        ink: of text.
        faint: of text that says less.
        rule: of lines.
        accent: of what can be clicked.
        on_accent: of text on that.
        good: of text that says what is new or rises.
        other: of text that says what came back.
        warning: of text that says what is missing.
        series: of charts.
        scale: from little to much.
    """

    paper: str
    field: str
    ink: str
    faint: str
    rule: str
    accent: str
    on_accent: str
    good: str
    other: str
    warning: str
    series: tuple[str, ...]
    scale: tuple[str, ...]


LIGHT = Palette(
    *("#fbfaf7", "#f1eee6", "#1d2125", "#5b6269", "#dedad1", "#17607a", "#ffffff"),
    *("#1c6b59", "#7a4a8c", "#8f4b06"),
    ("#2a70ae", "#c07a0a", "#23806d", "#a43c86", "#4b4f95", "#bd4334", "#7d848b"),
    ("#efece4", "#bdd5da", "#74a9b6", "#2f7890", "#0e465a"),
)
DARK = Palette(
    *("#15181b", "#1f2428", "#ebe8e1", "#a4a9ae", "#33383d", "#74bcd6", "#10262e"),
    *("#5cc6b0", "#c79bdc", "#e6a03c"),
    ("#6fb0ee", "#eeb04c", "#5cc6b0", "#dc86c6", "#8f94e6", "#f0867a", "#9ea5ac"),
    ("#1f2428", "#1f4856", "#2c7389", "#5ba9c1", "#c0e6f0"),
)


RADIUS = "4px"


def options() -> Mapping[str, object]:
    """Both themes as options of Streamlit."""
    themes = {"light": LIGHT, "dark": DARK}
    return {
        "theme.font": SANS,
        "theme.headingFont": SERIF,
        "theme.headingFontWeights": [400] * 3 + [600] * 3,
        "theme.headingFontSizes": ["2.6rem", "1.6rem", "1.3rem", "1.1rem", "1rem", "1rem"],
        "theme.baseRadius": RADIUS,
        "theme.buttonRadius": RADIUS,
        "theme.showWidgetBorder": True,
        "theme.paddingTop": "1rem",
        "theme.sidebar.paddingTop": "0.5rem",
        "theme.metricValueFontSize": "1.75rem",
        **{
            f"theme.{name}.{option}": value
            for name, palette in themes.items()
            for option, value in _options(palette).items()
        },
    }


def _options(palette: Palette) -> Mapping[str, object]:
    # Ten steps are wanted: each colour twice.
    steps = [colour for colour in palette.scale for _ in range(2)]
    return {
        "primaryColor": palette.accent,
        "backgroundColor": palette.paper,
        "secondaryBackgroundColor": palette.field,
        "textColor": palette.ink,
        "linkColor": palette.accent,
        "borderColor": palette.rule,
        "grayTextColor": palette.faint,
        "greenTextColor": palette.good,
        "violetTextColor": palette.other,
        "orangeTextColor": palette.warning,
        "chartCategoricalColors": list(palette.series),
        "chartSequentialColors": steps,
        "sidebar.backgroundColor": palette.field,
        "sidebar.secondaryBackgroundColor": palette.paper,
    }
