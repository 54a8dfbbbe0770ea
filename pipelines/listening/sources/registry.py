"""Every source, found by its declaration: each module of this room may have a `SOURCES`.

Add nothing here for a new source. Questions that several rooms ask of all sources belong here.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening import sources
from pipelines.listening.sources.source import Source


@cache
def all_sources() -> tuple[Source, ...]:
    """Every source, in the order in which their names stand in a sum."""
    modules = [
        import_module(f"{sources.__name__}.{one.name}") for one in iter_modules(sources.__path__)
    ]
    found = [source for module in modules for source in getattr(module, "SOURCES", ())]
    names = [source.name for source in found]
    places = [source.place for source in found]
    if len(set(names)) < len(names) or len(set(places)) < len(places):
        pairs = sorted(zip(names, places, strict=True))
        raise ValueError(f"two sources have one name or one place: {pairs}")
    return tuple(sorted(found, key=lambda source: source.place))


def source_named(name: str) -> Source:
    """The source of this name.

    Raises:
        KeyError: where there is none.
    """
    return next((one for one in all_sources() if one.name == name), None) or _unknown(name)


def _unknown(name: str) -> Source:
    raise KeyError(f"{name} is no source: {', '.join(one.name for one in all_sources())}")


def names_where(holds: Callable[[Source], bool]) -> tuple[str, ...]:
    """The names of the sources of which something holds, in their order.

    Args:
        holds: asked of each.
    """
    return tuple(one.name for one in all_sources() if holds(one))


def any_of_sql(column: str, holds: Callable[[Source], bool]) -> str:
    """DuckDB SQL: whether one of the sources in a sum is such that something holds.

    Args:
        column: the SQL of a sum of sources, such as `api+export`.
        holds: asked of each source.
    """
    names = ", ".join(f"'{name}'" for name in names_where(holds))
    return f"list_has_any(string_split({column}, '+'), [{names}]::VARCHAR[])"


def to_the_minute(source: Source) -> bool:
    """Whether a source tells the minute only."""
    return source.precision >= timedelta(minutes=1)


def told_by(sources: pa.ChunkedArray) -> dict[str, pa.ChunkedArray]:
    """What kinds of sources tell of each play.

    Args:
        sources: the column `source`: names of sources, or sums of them.

    Returns:
        Booleans: `measured`, whether one of them says for how long plays were heard, as exports do;
        `covered`, whether one of them has every play of a stretch of time.
    """
    sums = pc.unique(sources)
    asked: dict[str, Callable[[Source], bool]] = {
        "measured": lambda source: source.measures,
        "covered": lambda source: source.covers,
    }
    at = pc.index_in(sources, sums)
    found = {}
    for column, holds in asked.items():
        names = set(names_where(holds))
        of_sums = pa.array([not names.isdisjoint(one.split("+")) for one in sums.to_pylist()])
        found[column] = of_sums.cast(pa.bool_()).take(at)
    return found
