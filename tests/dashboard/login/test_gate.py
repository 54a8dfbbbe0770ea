"""The gate: nothing of anybody passes without a login, whichever way it is asked for."""

import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import requests
from streamlit import file_util
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from pipelines.dashboard.login.gate import (
    LOGIN_HEADER,
    OPEN_FILES,
    inline_scripts,
    is_automatic,
    only_a_run,
)
from pipelines.resources.dashboard_logins import key_of
from tests.dashboard.login.conftest import Person, Served

NewPerson = Callable[[], Person]
LogIn = Callable[[str], Person]

OPEN = ["/auth/", "/auth/style.css", "/auth/invite", "/auth/invite.js", "/_stcore/health"]
STATIC = ["/static/js/index.abc.js", "/static/css/index.css", "/favicon.png"]
CLOSED = [
    *("/", "/artists", "/index.html", "/manifest.json", "/_stcore/host-config", "/media/abc.csv"),
    *("/_stcore/upload_file/a/b", "/component/x/y.js", "/_stcore/bidi-components/x/y.js"),
    *(
        "/app/static/x",
        "/static/../media/x",
        "/static/%2e%2e/media/x",
        "/authx",
        "/_stcore/health/",
    ),
    *("/_stcore/health/../stream", "//auth/", "/AUTH/", "/static/", "/_stcore/stream"),
]
NEVER = ["/_stcore/metrics", "/_stcore/agent/mcp", "/_stcore/agent/interact", "/oauth2callback"]


def raw(served: Served, path: str, *headers: str) -> int:
    """The status of a request whose path nobody tidies up."""
    host, port = served.url.removeprefix("http://").split(":")
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", "Connection: close", *headers]
    with closing(socket.create_connection((host, int(port)), timeout=60)) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return int(connection.recv(1_000).split()[1])


@pytest.mark.parametrize("path", CLOSED)
def test_nothing_is_told_without_a_login(path: str, served: Served) -> None:
    assert raw(served, path) == 401
    assert raw(served, path, "Accept: text/html") in {303, 401}


@pytest.mark.parametrize("path", [*OPEN, *STATIC])
def test_the_door_and_what_is_the_same_for_everybody_is_open(path: str, served: Served) -> None:
    assert raw(served, path) == 200


@pytest.mark.parametrize("path", NEVER)
def test_what_nobody_needs_is_closed_to_all(path: str, served: Served, logged_in: LogIn) -> None:
    assert raw(served, path) == 404
    assert logged_in("nico").get(path).status_code == 404


def test_uploads_and_other_methods_need_a_login_and_our_page(
    served: Served, person: NewPerson, logged_in: LogIn
) -> None:
    path = "/_stcore/upload_file/a/b"
    ours = {"Origin": served.url}
    for method in ("PUT", "POST", "DELETE"):
        for somebody, headers, status in (
            (person(), ours, 401),
            (logged_in("nico"), {}, 403),
            (logged_in("nico"), {"Origin": "http://evil.example"}, 403),
            (logged_in("nico"), {**ours, "Sec-Fetch-Site": "cross-site"}, 403),
            (logged_in("nico"), ours, 200),
        ):
            answer = somebody.browser.request(
                method, served.url + path, data=b"x", headers=headers, timeout=60
            )
            assert answer.status_code == status, (method, headers)


def test_after_a_login_ended_uploads_and_media_are_refused(
    served: Served, logged_in: LogIn
) -> None:
    somebody = logged_in("nico")
    assert somebody.get("/media/x").status_code == 200
    served.access.logins.end_all("nico")
    assert somebody.get("/media/x").status_code == 401
    upload = somebody.browser.put(
        f"{served.url}/_stcore/upload_file/a/b",
        data=b"x",
        headers={"Origin": served.url},
        timeout=60,
    )
    assert upload.status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "evil.example:{port}", ""]
)
def test_another_host_name_is_not_served(host: str, served: Served, logged_in: LogIn) -> None:
    somebody = logged_in("nico")
    port = served.url.rpartition(":")[2]
    for path in ("/", "/media/x", "/auth/", "/auth/account"):
        response = somebody.browser.get(
            served.url + path,
            headers={"Host": host.format(port=port)},
            timeout=60,
            allow_redirects=False,
        )
        assert response.status_code in {400, 421}, path
        assert "nico" not in response.text


def test_this_machine_under_another_name_leads_to_our_address(served: Served) -> None:
    port = served.url.rpartition(":")[2]
    for there in ("/artists", "/artists?artist=a%2Fb%20%C3%A4&period=2026-03"):
        response = requests.get(
            f"{served.url}{there}",
            headers={"Host": f"localhost:{port}", "Accept": "text/html"},
            timeout=60,
            allow_redirects=False,
        )
        assert response.headers["Location"] == f"{served.url}{there}"


def test_the_cookie_goes_no_further_and_nobody_else_can_say_who_they_are(
    served: Served, logged_in: LogIn, person: NewPerson
) -> None:
    forged = {LOGIN_HEADER: key_of(logged_in("nico").token or "")}
    mira = logged_in("mira")
    mira.browser.cookies.set("other", "kept")
    told = mira.get("/", headers=forged).json()
    assert told["listener"] == "mira"
    assert told["headers"][LOGIN_HEADER] == key_of(mira.token or "")
    assert mira.token not in str(told)
    assert told["headers"]["cookie"] == "other=kept"
    assert person().get("/media/x", headers=forged).status_code == 401
    assert LOGIN_HEADER not in person().get("/static/x.js", headers=forged).json()["headers"]


def test_every_answer_tells_the_browser_to_be_strict(served: Served, logged_in: LogIn) -> None:
    somebody = logged_in("nico")
    for path in ("/", "/auth/", "/auth/account", "/media/x", "/nothing", "/_stcore/metrics"):
        headers = somebody.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "object-src 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "unsafe-eval" not in policy.replace("wasm-unsafe-eval", "")
        scripts = policy.partition("script-src")[2].partition(";")[0]
        assert "unsafe-inline" not in scripts
        assert "http" not in scripts
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "Server" not in headers


def test_all_files_of_streamlit_s_page_are_open() -> None:
    files = Path(file_util.get_static_dir(), "static")
    names = [f"/static/{one.relative_to(files)}" for one in files.rglob("*") if one.is_file()]
    assert len(names) > 100
    assert all(OPEN_FILES.fullmatch(name) for name in names)


def test_a_page_s_own_inline_scripts_are_named_by_their_digest(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<script>a</script><script src='x'></script><script>\n b</script>")
    # printf a | openssl dgst -sha256 -binary | base64
    assert inline_scripts(page)[0] == "ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs="
    assert len(inline_scripts(page)) == 2


def open_stream(
    served: Served, token: str | None, origin: str | None = "", **headers: str
) -> ClientConnection:
    sent = {"Cookie": f"{served.cookie}={token}"} if token else {}
    url = served.url.replace("http", "ws") + "/_stcore/stream"
    return connect(
        url,
        origin=(served.url if origin == "" else origin),  # type: ignore[arg-type]
        additional_headers={**sent, **headers},
        subprotocols=["streamlit"],  # type: ignore[list-item]
        open_timeout=60,
    )


def test_a_websocket_opens_for_a_login_and_our_page_alone(served: Served, logged_in: LogIn) -> None:
    token = logged_in("mira").token
    with open_stream(served, token) as stream:
        assert stream.recv(60) == "mira"
    port = served.url.rpartition(":")[2]
    refused: list[tuple[str | None, str | None, dict[str, str]]] = [
        (None, "", {}),
        ("x" * 43, "", {}),
        (key_of(token or ""), "", {}),
        (token, None, {}),
        (token, "http://evil.example", {}),
        (token, "null", {}),
        (token, f"http://localhost:{port}", {}),
        (token, "", {LOGIN_HEADER: key_of(token or ""), "Host": "evil.example"}),
        (None, "", {LOGIN_HEADER: key_of(token or "")}),
    ]
    for one, origin, headers in refused:
        with pytest.raises((InvalidStatus, ConnectionClosed)):
            open_stream(served, one, origin, **headers).recv(60)


def test_no_other_websocket_opens(served: Served, logged_in: LogIn) -> None:
    cookie = {"Cookie": f"{served.cookie}={logged_in('nico').token}"}
    url = served.url.replace("http", "ws") + "/elsewhere"
    with pytest.raises(InvalidStatus):
        connect(url, origin=served.url, additional_headers=cookie, open_timeout=60)  # type: ignore[arg-type]


def click() -> bytes:
    message = BackMsg()
    message.rerun_script.query_string = "period=2026-03"
    message.rerun_script.page_script_hash = "a-page"
    message.rerun_script.fragment_id = "a-part"
    widget = message.rerun_script.widget_states.widgets.add()
    widget.id, widget.trigger_value = "a-button", True
    return bytes(message.SerializeToString())


def test_of_a_login_that_ended_an_open_page_can_only_be_run_anew(
    served: Served, logged_in: LogIn
) -> None:
    token = logged_in("nico").token
    stop = BackMsg(stop_script=True).SerializeToString()
    with open_stream(served, token) as stream:
        assert stream.recv(60) == "nico"
        stream.send(click())
        assert stream.recv(60) == "nico"
        served.access.logins.end_all("nico")
        for message in (click(), stop, b"\xff\xff"):
            stream.send(message)
            assert stream.recv(60) == "None", "nobody is logged in any more"
    first, *later = [BackMsg.FromString(one) for one in served.received]
    assert first.rerun_script.widget_states.widgets[0].trigger_value
    for message in later:
        assert message.WhichOneof("type") == "rerun_script"
        assert not message.rerun_script.HasField("widget_states")
        assert not message.rerun_script.fragment_id
    assert later[0].rerun_script.query_string == "period=2026-03"
    assert later[0].rerun_script.page_script_hash == "a-page"


def test_a_page_that_renews_itself_does_not_keep_a_login_alive(
    served: Served, logged_in: LogIn
) -> None:
    token = logged_in("nico").token
    by_itself = BackMsg()
    by_itself.rerun_script.is_auto_rerun = True
    with open_stream(served, token) as stream:
        stream.recv(60)
        for message, whose in ((click(), "nico"), (by_itself.SerializeToString(), "nico")):
            served.clock.pass_hours(1.5)
            stream.send(message)
            assert stream.recv(60) == whose
        served.clock.pass_hours(1)
        stream.send(click())
        assert stream.recv(60) == "None"


def test_what_is_automatic_is_told_from_a_click() -> None:
    by_itself = BackMsg()
    by_itself.rerun_script.is_auto_rerun = True
    assert is_automatic(by_itself.SerializeToString())
    assert is_automatic(BackMsg(app_heartbeat=True).SerializeToString())
    assert not is_automatic(click())
    assert BackMsg.FromString(only_a_run(b"\xff")).WhichOneof("type") == "rerun_script"
