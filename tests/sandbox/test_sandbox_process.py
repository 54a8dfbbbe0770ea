"""The sandbox as another process: started by its command, steered over HTTP, ended by a signal."""

import signal
import subprocess
import sys

import pytest
import requests

from sandbox.__main__ import main

COMMAND = [sys.executable, "-m", "sandbox"]


@pytest.fixture
def running():
    """The process and the variables it says to set."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", "--user", "demo", "--user", "nico", "--hoard", "40"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        line = process.stdout.readline()
        yield process, dict(pair.split("=", 1) for pair in line.split() if "=" in pair)
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_cleanly(running, number):
    process, _ = running
    process.send_signal(number)

    assert process.wait(60) == 0
    assert process.stdout.read() == ""


def test_the_line_it_prints_is_enough_to_log_in(running):
    _, variables = running
    answer = requests.post(
        f"{variables['SPOTIFY_ACCOUNTS_URL']}/api/token",
        data={
            "grant_type": "refresh_token",
            "refresh_token": variables["SPOTIFY_REFRESH_TOKEN_NICO"],
        },
        auth=(variables["SPOTIFY_CLIENT_ID"], variables["SPOTIFY_CLIENT_SECRET"]),
        timeout=10,
    )
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    me = requests.get(f"{variables['SPOTIFY_API_URL']}me", headers=headers, timeout=10)

    assert me.json()["id"] == "nico"


def test_everyone_is_given_the_playlists_that_were_ordered(running):
    _, variables = running
    place = f"{variables['SPOTIFY_ACCOUNTS_URL']}/_sandbox/playlists"
    listed = requests.get(place, timeout=10).json()["playlists"]

    big = [(one["owner"], one["total"]) for one in listed if one["name"] in {"Weighted", "Clean"}]
    assert sorted(big) == [("demo", 40), ("demo", 40), ("nico", 40), ("nico", 40)]


def test_a_port_that_is_taken_is_one_clear_line(running, capfd):
    _, variables = running
    port = variables["SPOTIFY_ACCOUNTS_URL"].rpartition(":")[2]

    assert main(["--port", port]) == 1
    assert "in use" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["--timezone", "Mars/Olympus"], "Mars/Olympus"),
        (["--recordings", "nowhere"], "nowhere"),
        (["--now", "yesterday"], "yesterday"),
    ],
)
def test_a_wrong_option_is_one_clear_line(capfd, wrong, told):
    assert main(["--port", "0", *wrong]) == 1
    assert told in capfd.readouterr().err


def test_faults_are_ordered_listed_and_cleared_over_http(client):
    ordered = client.post(
        "/_sandbox/faults",
        json=[{"what": "status", "where": "me", "code": 503, "times": 2}, {"what": "no_content"}],
    )
    assert [fault["what"] for fault in ordered.json()["faults"]] == ["status", "no_content"]
    assert client.get("/v1/me").status_code == 503
    assert client.get("/_sandbox/faults").json()["faults"][0]["met"] == 1
    assert client.delete("/_sandbox/faults").json() == {"faults": []}
    assert client.get("/v1/me").status_code == 200


def test_the_log_is_read_and_forgotten_over_http(client):
    client.get("/v1/me")
    (entry,) = client.get("/_sandbox/requests").json()["requests"]

    assert entry.keys() == {"time", "method", "path", "status", "user"}
    assert (entry["path"], entry["status"], entry["user"]) == ("/v1/me", 200, "demo")
    assert client.delete("/_sandbox/requests").json() == {"requests": []}


def test_the_clock_is_set_over_http(client):
    def set_clock(**body):
        return client.post("/_sandbox/clock", json=body).json()["now"]

    assert set_clock(fixed="2026-01-02T03:04:05.678Z") == "2026-01-02T03:04:05.678Z"
    assert set_clock(advance_s=60) == "2026-01-02T03:05:05.678Z"
    assert set_clock(offset_s=-86400) < set_clock()


def test_shape_and_accounts_are_set_over_http(sandbox, client):
    assert client.post("/_sandbox/shape", json={"shape": "old"}).json() == {"shape": "old"}
    told = client.post("/_sandbox/accounts", json={"expires_in": 5, "rotate": True, "expire": "x"})

    assert told.json() == {"expires_in": 5, "rotate": True, "signed_in": "demo"}
    assert (sandbox.shape, sandbox.accounts.rotate) == ("old", True)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"what": "flood"}),
        ("faults", {"code": 500}),
        ("faults", ["status"]),
        ("clock", {"fixed": "yesterday"}),
        ("clock", {"fixed": "2026-01-02T03:04:05"}),
        ("shape", {"shape": "round"}),
        ("shape", {}),
    ],
)
def test_a_wrong_order_is_refused_with_a_reason(client, path, body):
    answer = client.post(f"/_sandbox/{path}", json=body)

    assert answer.status_code == 400
    assert answer.json()["error"]
    assert client.get("/_sandbox/nothing").status_code == 404
