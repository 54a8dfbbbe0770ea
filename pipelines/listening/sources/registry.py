"""Every source, found by its declaration: each module of this room may have a `SOURCES`.

Add nothing here for a new source. Questions that several rooms ask of all sources belong here.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening import sources
from pipelines.listening.arrays import Bools, Ints
from pipelines.listening.sources.source import Source
from pipelines.listening.time.intervals import MINUTE


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


def polls() -> Source:
    """The source that is asked while music plays."""
    [found] = [one for one in all_sources() if one.polled]
    return found


def _of_the_polls_service(source: Source) -> bool:
    """Whether files of a source have every play that polls may show."""
    return source.covers and not source.polled and source.service == polls().service


def exact_exports() -> tuple[str, ...]:
    """Names of the sources whose files have every play of the service that is polled."""
    return names_where(lambda one: _of_the_polls_service(one) and not to_the_minute(one))


def minute_exports() -> tuple[str, ...]:
    """Names of those that have every play too, but tell the minute only."""
    return names_where(lambda one: _of_the_polls_service(one) and to_the_minute(one))


def elsewhere() -> tuple[Source, ...]:
    """All other sources of files, those that are trusted most first.

    They may know of plays on any service, and none of them has all plays of the one that is polled.
    """
    others = [one for one in all_sources() if not one.polled and not _of_the_polls_service(one)]
    return tuple(sorted(others, key=lambda one: (one.rank, one.place)))


def has_source(rows: pa.Table, names: tuple[str, ...]) -> Bools:
    """Which rows are of one of some sources.

    Args:
        rows: `streaming_history` rows.
        names: the names of the sources.
    """
    equal = pc.is_in(rows["source"], pa.array(names, pa.string()))
    return np.asarray(equal.to_numpy(zero_copy_only=False), np.bool_)


def precisions(rows: pa.Table) -> Ints:
    """How long the stretch is, in milliseconds, that each row's time may mean.

    Args:
        rows: `streaming_history` rows.
    """
    told = rows["precision_ms"].fill_null(-1).to_numpy().astype(np.int64)
    codes = rows["source"].combine_chunks().dictionary_encode()
    declared = [
        round(source_named(name).precision.total_seconds() * 1000)
        for name in codes.dictionary.to_pylist()
    ]
    of_source = np.array([*declared, 0], np.int64)[codes.indices.to_numpy(zero_copy_only=False)]
    precise: Ints = np.where(told >= 0, told, of_source)
    return precise


def only_minutes(rows: pa.Table) -> Bools:
    """Which rows tell the minute only.

    Args:
        rows: `streaming_history` rows.
    """
    return precisions(rows) >= MINUTE
