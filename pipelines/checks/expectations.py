"""Great Expectations, without the libraries that it imports and no check of ours needs.

With it come SciPy's statistics and Altair's charts, for expectations that compare distributions:
a third of the seconds that it takes, and of the memory, in every run. Stand-ins take their place
until something is asked of them. What is checked, and how, belongs in `suite.py`.
"""

import gc
import importlib
import logging
import sys
from functools import cache
from types import ModuleType
from typing import Any

NOT_YET = ("altair", "scipy.stats")


class _StandIn(ModuleType):
    """A module that is imported when something is first asked of it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # the import system asks for these, and can do without
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@cache
def great_expectations() -> Any:
    """The package, imported at the first call, which takes a second."""
    stand_ins = {name: _StandIn(name) for name in NOT_YET if name not in sys.modules}
    sys.modules.update(stand_ins)
    collects = gc.isenabled()
    # Nothing of what is imported is garbage: looking for some takes a tenth of the time.
    gc.disable()
    try:
        import great_expectations as package  # noqa: PLC0415 a second that few processes need
    finally:
        if collects:
            gc.enable()
        # Who imports these from here on gets what they mean.
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    return package


@cache
def data_frames() -> Any:
    """The batch definition with which Great Expectations reads data frames."""
    gx = great_expectations()
    progress_bars = importlib.import_module("great_expectations.data_context.types.base")
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = progress_bars.ProgressBarsConfig(globally=False)
    frames = context.data_sources.add_pandas("lake").add_dataframe_asset("table")
    return frames.add_batch_definition_whole_dataframe("all")
