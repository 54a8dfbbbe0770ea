"""Plans of made-up songs, logins that may write, and processes that are killed at any request.

Helpers for the tests of this room that write to a sandbox.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from pipelines.library.journal import Journal
from pipelines.library.writing import Writer
from pipelines.listening.playlists.plan import Options, Part, Plan, SourceState, plan_id
from pipelines.listening.playlists.written import Written
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.resources.spotify.http import DirectSession
from pipelines.resources.spotify.oauth import SCOPES
from pipelines.resources.spotify.token_store import Token, TokenFile
from pipelines.settings import Settings
from sandbox import Sandbox
from sandbox.made_up import made_up

ADD, CREATE = "add-items", "create-playlist"
"""What the sandbox calls the two requests that write."""


class Killed(BaseException):
    """The process is gone at this point; nothing that comes after it happens."""


def uris(*numbers: int) -> tuple[str, ...]:
    """Uris of made-up songs."""
    return tuple(f"spotify:track:{made_up(number).id}" for number in numbers)


def may_write(sandbox: Sandbox, listener: str = "nico") -> None:
    """Log a listener in for writing."""
    now = time.time()
    access = sandbox.accounts.access_token(listener, " ".join(SCOPES["write"]))
    token = Token(
        refresh_token=f"AQ-write-{listener}",
        access_token=access,
        obtained_at=now,
        expires_at=now + 3600,
        authorized_at=datetime.now(UTC),
        account=listener,
    )
    TokenFile(Settings().tokens_dir, listener, "write").write(token)


def plan_of(
    *parts: Sequence[str], name: str = "Master", sources: tuple[SourceState, ...] = ()
) -> Plan:
    """A plan for these playlists."""
    options = Options(name=name)
    made = tuple(
        Part(f"{name} {number}/{len(parts)}", tuple(part)) for number, part in enumerate(parts, 1)
    )
    return Plan(
        id=plan_id("nico", options, sources, made),
        listener="nico",
        made_at=datetime(2026, 11, 28, 12, tzinfo=UTC),
        options=options,
        sources=sources,
        parts=made,
    )


def know(sandbox: Sandbox, *numbers: int) -> None:
    """Have the sandbox know these songs, in a playlist of somebody else's."""
    sandbox.playlists.add("mira", "all", numbers)


def write(plan: Plan) -> Written:
    """Write a plan, as one process would."""
    lake = Lake.open(Settings())
    journal = Journal(lake.of("nico"), plan)
    Writer(lake.of("nico"), Spotify(Settings(), lake).client("nico", "write"), journal).write()
    return journal.written


def written_to(sandbox: Sandbox, written: Written) -> list[list[str]]:
    """What is in the playlists of a plan, whatever requests still see."""
    return [sandbox.playlists.uris(part.playlist_id or "") for part in written.parts]


def own_playlists(sandbox: Sandbox, name: str = "Master") -> list[str]:
    """Ids of the listener's playlists with this name, or parts of it."""
    return [one.id for one in sandbox.playlists.library("nico") if one.name.startswith(name)]


def posts(sandbox: Sandbox) -> list[str]:
    """What was written, as the sandbox's log has it."""
    return [
        f"{one.method} {one.path.removeprefix('/v1/')}"
        for one in sandbox.requests
        if one.method != "GET" and one.path != "/api/token"
    ]


@contextmanager
def killed_at(step: int, patch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """Die at a step, counted from 0: before a request, after it, before or after an entry is kept.

    Yields:
        A function that says how many steps there were.
    """
    passed = 0

    def point() -> None:
        nonlocal passed
        passed += 1
        if passed - 1 == step:
            raise Killed

    send, put = DirectSession.send, Folder.put_if_absent

    def sent(self: DirectSession, request: Any, **kwargs: Any) -> Any:
        point()
        response = send(self, request, **kwargs)
        point()
        return response

    def kept(self: Folder, key: str, body: bytes) -> str:
        point()
        etag = put(self, key, body)
        point()
        return etag

    with patch.context() as patched:
        patched.setattr(DirectSession, "send", sent)
        patched.setattr(Folder, "put_if_absent", kept)
        yield lambda: passed
