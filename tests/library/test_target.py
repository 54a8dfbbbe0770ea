"""What Spotify shows of a playlist that is being written, odd as it may be."""

import pytest

from pipelines.library.target import find_made, read_uris
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify, SpotifyClient
from pipelines.settings import Settings
from sandbox import Sandbox
from tests.library.writers import may_write

NOTHING = {"items": [None, {"item": None}, {"item": {"uri": 7}}, {"item": {"uri": "spotify:x"}}]}


@pytest.fixture
def client(sandbox: Sandbox) -> SpotifyClient:
    may_write(sandbox)
    return Spotify(Settings(), Lake.open(Settings())).client("nico", "write")


def test_an_item_that_cannot_be_read_counts_as_an_empty_one(
    client: SpotifyClient, sandbox: Sandbox
) -> None:
    key = sandbox.playlists.add("nico", "Mix", [1])
    sandbox.faults.add("status", f"/v1/playlists/{key}/items", code=200, body=NOTHING)
    assert read_uris(client, key, 0) == ["", "", "", "spotify:x"]


def test_a_playlist_that_cannot_be_read_is_not_the_one_that_was_made(
    client: SpotifyClient, sandbox: Sandbox
) -> None:
    listed = {"items": [None, 7, {"id": "a"}, {"id": "b", "description": "plan x"}, {"name": "c"}]}
    sandbox.faults.add("status", "playlists", code=200, body=listed)
    assert list(find_made(client)) == [("a", ""), ("b", "plan x")]
