"""Which requests go wrong, on order: where, how often, and for whom.

Add here how requests are chosen. What goes wrong with a chosen one belongs in `effects`.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from sandbox.effects import EFFECTS, Proceed
from sandbox.endpoints import View
from sandbox.messages import Request, Response


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        what: An effect's name.
        where: An endpoint's name, a path prefix that begins with `/`, or `*` for all.
        times: How many matching requests it strikes; None for every one.
        after: How many matching requests it lets pass first.
        user: Strikes this listener's requests only; None for everybody's.
        options: The effect's own.
        met: Matching requests that came this far until now.
    """

    what: str
    where: str = "*"
    times: int | None = 1
    after: int = 0
    user: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    met: int = 0

    def is_for(self, name: str, path: str, user: str | None) -> bool:
        """Whether a request to the endpoint `name` at `path` by `user` is one of its own."""
        under = self.where.startswith("/") and path.startswith(self.where)
        return (under or self.where in {"*", name}) and self.user in {None, user}

    def strikes(self) -> bool:
        """Count one more matching request; whether it is struck."""
        self.met += 1
        return self.met > self.after and (self.times is None or self.met <= self.after + self.times)


class Faults:
    """The faults on order, safe to change while requests run."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []

    def add(
        self,
        what: str,
        where: str = "*",
        *,
        times: int | None = 1,
        after: int = 0,
        user: str | None = None,
        **options: Any,
    ) -> Fault:
        """Order a fault; those ordered first strike first.

        Raises:
            ValueError: No such effect, or one that takes no such options.
        """
        if what not in EFFECTS:
            raise ValueError(f"no fault called {what!r}; there are {', '.join(EFFECTS)}")
        try:
            inspect.signature(EFFECTS[what]).bind(None, None, None, **options)
        except TypeError as wrong:
            raise ValueError(f"fault {what!r}: {wrong}") from None
        fault = Fault(what, where, times, after, user, options)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._faults = []

    def ordered(self) -> list[Fault]:
        """All faults ordered since the last `clear`, spent ones too."""
        with self._lock:
            return list(self._faults)

    def around(self, name: str, request: Request, view: View, proceed: Proceed) -> Response:
        """Answer a request to the endpoint `name` with everything that is due to go wrong.

        A request that an earlier fault answers does not count for the later ones, so that two
        orders of one failure each are two failures in a row.
        """
        user = view.listener.name if view.listener else None
        waiting = iter(f for f in self.ordered() if f.is_for(name, request.path, user))

        def answer(request: Request, view: View) -> Response:
            for fault in waiting:
                with self._lock:
                    struck = fault.strikes()
                if struck:
                    return EFFECTS[fault.what](request, view, answer, **fault.options)
            return proceed(request, view)

        return answer(request, view)
