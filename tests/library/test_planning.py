"""From playlists at Spotify to a plan, and from the plan to new playlists: commands in a row."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from pipelines.cli.main import main
from sandbox import Sandbox
from sandbox.items import episode, gone, local, song
from sandbox.made_up import made_up
from tests.library.writers import may_write

pytestmark = pytest.mark.usefixtures("quick")


def run(*command: str) -> str:
    result = CliRunner().invoke(main, ["playlists", *command])
    assert result.exit_code == 0, result.output
    return result.stdout


def plan(*command: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("plan", "nico", *command, "--json"))
    return found


def uris(*numbers: int) -> list[str]:
    return [f"spotify:track:{made_up(number).id}" for number in numbers]


@pytest.fixture
def read(sandbox: Sandbox) -> Sandbox:
    """Two playlists of nico's with some of everything, read to their end."""
    heavy = [*[song(made_up(1))] * 6, song(made_up(2)), local(), gone(), episode()]
    more = [song(made_up(number)) for number in range(3, 260)]
    sandbox.playlists.add("nico", "[bold]A|x", [*heavy, *more])
    sandbox.playlists.add("nico", "B", [song(made_up(number)) for number in range(2, 300)])
    run("fetch", "nico")
    return sandbox


def test_a_plan_of_what_was_read_sends_nothing(read: Sandbox) -> None:
    read.requests.clear()
    made = plan("--from", "[bold]A|x", "--from", "B", "--name", "Master")

    assert read.requests == []
    figures = made["figures"]
    assert (figures["before"], figures["items"]) == (267 + 298, 300)
    assert figures["left"]["reasons"] == {"local": 1, "gone": 1}
    assert figures["duplicates"]["same_id"]["items"] == figures["dropped"] == 5 + 258
    assert figures["weights"]["top"][0]["weight"] == 6
    assert len(made["parts"][0]["uris"]) == 300
    assert set(made["parts"][0]["uris"]) > set(uris(1, 2, 3, 299))


def test_what_is_written_is_the_plan_and_costs_what_it_said(read: Sandbox) -> None:
    made = plan("--from", "[bold]A|x", "--from", "B", "--name", "Master", "--keep-weights")
    may_write(read)
    read.requests.clear()
    run("apply", "nico", made["id"], "--confirm", made["id"])

    [written] = [one for one in read.playlists.library("nico") if one.name == "Master"]
    assert read.playlists.uris(written.id) == made["parts"][0]["uris"]
    assert made["parts"][0]["uris"].count(uris(1)[0]) == 6
    sent = [one for one in read.requests if one.path.startswith("/v1/")]
    assert len(sent) == made["figures"]["requests"]["total"], [one.path for one in sent]
