"""The report's own charts in a page of the dashboard.

`show_charts` packs the tables that the charts read and gives them, with what the reader chose, to
the same script that draws the report; so a figure cannot be another here. Which tables a chart
reads is in `report/charts.json`, which `make js` derives from the charts. A new chart belongs to
`report/js/charts/`; what a page shows besides charts belongs to the page.
"""

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any

from pipelines.dashboard.choices import Choices
from pipelines.dashboard.reading import BY_NAME, Reading
from pipelines.report.packed import Json, columns_of, pack_tables

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

_REPORT = files("pipelines.report")
_ADDRESS = "/playledger"
_SCRIPTS = ("plotly-flat.js", "dashboard.js")
_FOREVER = "public, max-age=31536000, immutable"
_PACKED = 32
"""How many sets of charts are kept packed, of all listeners together."""


def show_charts(
    ids: Sequence[str],
    choices: Choices,
    reading: Reading,
    *,
    playlist: str | None = None,
    key: str | None = None,
) -> None:
    """Show charts of the report, each with its caption and its numbers as a table.

    Of those that have nothing to draw a line below says why, and what would tell it. Of a year, or
    of all time, charts that tell of one month show the last.

    Args:
        ids: which, in order, as `report/charts.json` has them.
        choices: whose plays, which, and of which period.
        reading: the listener's tables.
        playlist: the id of the playlist, for charts of one; without it the first.
        key: tells two sets of charts on one page apart.
    """
    show_packed(ids, packed_for(ids, reading, playlist), choices, playlist=playlist, key=key)


def show_packed(
    ids: Sequence[str],
    carried: Json,
    choices: Choices,
    *,
    playlist: str | None = None,
    key: str | None = None,
) -> None:
    """Show charts that are drawn from what is packed already.

    Args:
        ids: which, in order.
        carried: what they are drawn from, as `report/packed.py` packs it.
        choices: whose plays, which, and of which period.
        playlist: the id of the playlist, for charts of one; without it the first.
        key: tells two sets of charts on one page apart.
    """
    _component()(
        data={
            "charts": list(ids),
            "carried": carried,
            "scope": choices.scope,
            "period": choices.period,
            "playlist": playlist,
        },
        key=key,
    )


def tables_of(ids: Iterable[str]) -> list[str]:
    """The tables that charts read.

    Raises:
        ValueError: if there is no such chart.
    """
    known = _tables_of_charts()
    unknown = [one for one in ids if one not in known]
    if unknown:
        raise ValueError(f"no such chart in the report: {', '.join(unknown)}")
    return sorted({table for one in ids for table in known[one]})


def packed_for(ids: Sequence[str], reading: Reading, playlist: str | None = None) -> Json:
    """The tables of charts as their script reads them, packed again only if one has changed.

    Args:
        ids: which charts.
        reading: the listener's tables.
        playlist: the id of one that is among them whatever its rank.
    """
    names = tables_of(ids)
    versions = tuple(reading.version(name) for name in names)
    return _packed.get((tuple(names), versions, playlist), names, reading, playlist)


def chart_routes() -> "list[Route]":
    """The routes of the scripts, which a browser fetches once: another script has another address.

    They hold nothing of anybody's, so nobody need be logged in.
    """
    from starlette.routing import Route  # noqa: PLC0415 only where it is served

    return [Route(_address(script), _served(script)) for script in _SCRIPTS]


class _Packed:
    """What was packed lately, safe to share by threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Json] = OrderedDict()
        self._lock = Lock()

    def get(
        self,
        key: tuple[object, ...],
        names: Sequence[str],
        reading: Reading,
        playlist: str | None,
    ) -> Json:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        tables = {name: reading.table(name, columns_of(BY_NAME[name])) for name in names}
        packed = pack_tables(tables, playlist)
        with self._lock:
            self._kept[key] = packed
            while len(self._kept) > _PACKED:
                self._kept.popitem(last=False)
        return packed


_packed = _Packed()


@cache
def _component() -> Any:
    """Streamlit's component: its few lines only fetch the scripts, and call ours."""
    import streamlit as st  # noqa: PLC0415 takes a second

    plotly, dashboard = (json.dumps(_address(script)) for script in _SCRIPTS)
    return st.components.v2.component(
        "playledger_charts",
        css=f".playledger {{\n{_text('chart.css')}\n{_own_style()}\n}}",
        js=f"""
            const address = (path) => new URL(path, location.origin).href;
            const [{{ default: showCharts }}] = await Promise.all([
              import(address({dashboard})),
              import(address({plotly})),
            ]);
            export default showCharts;
        """,
        # Plotly's own style is in the head of the page.
        isolate_styles=False,
    )


def _served(script: str) -> Any:
    from starlette.responses import Response  # noqa: PLC0415 only where it is served

    def serve(_: "Request") -> "Response":
        return Response(
            _text(script),
            media_type="text/javascript",
            headers={"Cache-Control": _FOREVER, "X-Content-Type-Options": "nosniff"},
        )

    return serve


@cache
def _address(script: str) -> str:
    stem, suffix = script.rsplit(".", 1)
    return f"{_ADDRESS}/{stem}-{sha256(_text(script).encode()).hexdigest()[:16]}.{suffix}"


@cache
def _tables_of_charts() -> Mapping[str, Sequence[str]]:
    return json.loads(_text("charts.json"))  # type: ignore[no-any-return]


@cache
def _text(name: str) -> str:
    return (_REPORT / name).read_text(encoding="utf-8")


def _own_style() -> str:
    return (files("pipelines.dashboard") / "charts.css").read_text(encoding="utf-8")
