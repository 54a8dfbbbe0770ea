"""What is true of a bucket only: what is sent, what is retried, how failures read.

Where a server has to misbehave, a scripted one on loopback answers: it says what it is told to, and
keeps what it was asked.
"""

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from dagster_aws.s3 import S3Resource

from pipelines.errors import SettingsError, StoreUnavailable
from pipelines.resources.bucket_resource import BucketLakeResource
from pipelines.resources.dagster_resources import (
    NotificationsResource,
    SpotifyResource,
    resources_from,
)
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.object_store import Conflict, Store
from pipelines.resources.lake.opening import open_store
from pipelines.resources.lake.r2 import r2_client
from pipelines.resources.lake.s3 import S3
from testing.servers import S3Server, free_ports

SECRET = "correct-horse-battery-staple"
ETAG = hashlib.md5(b"body").hexdigest()  # noqa: S324
HANG_UP = 0


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"ETag": f'"{ETAG}"'})


def refusal(status: int, code: str) -> Answer:
    return Answer(status, f"<Error><Code>{code}</Code><Message>{SECRET}</Message></Error>".encode())


def one_key(etag: str) -> Answer:
    found = f"<Key>lake/k</Key><Size>4</Size><ETag>&quot;{etag}&quot;</ETag>"
    page = f"<ListBucketResult><Contents>{found}</Contents></ListBucketResult>"
    return Answer(body=page.encode())


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Script:
    """Answers to give, in order, and the requests that came."""

    port: int
    answers: list[Answer]
    asked: list[Asked] = field(default_factory=list)

    def store(self) -> Store:
        url = f"http://127.0.0.1:{self.port}"
        return open_store("s3://etl/lake", endpoint_url=url, access_key="key", secret_key=SECRET)


@contextmanager
def scripted(*answers: Answer) -> Iterator[Script]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            script.asked.append(Asked(self.command, self.path, dict(self.headers), body))
            self.answer(script.answers.pop(0))

        def answer(self, answer: Answer) -> None:
            self.close_connection = True
            if answer.status == HANG_UP:
                return
            self.send_response(answer.status)
            headers = {"Content-Length": str(len(answer.body)), "Connection": "close"}
            for name, value in (headers | answer.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        script = Script(server.server_port, list(answers))
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()


def failure(store: Store, use: str) -> str:
    """What a person reads; found within half a minute, and without the secret."""
    started = time.monotonic()
    with pytest.raises(StoreUnavailable) as error:
        USES[use](store)
    assert time.monotonic() - started < 30
    assert SECRET not in str(error.value)
    assert "\n" not in str(error.value)
    return str(error.value)


USES: dict[str, Callable[[Store], object]] = {
    "get": lambda store: store.get("k"),
    "put": lambda store: store.put("k", b"body"),
    "put_if_absent": lambda store: store.put_if_absent("k", b"body"),
    "put_if_match": lambda store: store.put_if_match("k", b"body", ETAG),
    "list": lambda store: list(store.list("a/")),
    "folders": lambda store: list(store.folders("a/")),
    "delete": lambda store: store.delete("a/"),
}


def test_the_client_is_made_as_r2_needs_it() -> None:
    client = r2_client(aws_access_key_id="key", aws_secret_access_key=SECRET)
    config = client.meta.config
    assert client.meta.region_name == "auto"
    # Over https boto3's default would append checksum trailers, which R2 refuses.
    assert config.request_checksum_calculation == "when_required"  # type: ignore[attr-defined]
    assert config.response_checksum_validation == "when_required"  # type: ignore[attr-defined]
    assert config.s3 == {"addressing_style": "path"}  # type: ignore[attr-defined]
    assert (config.connect_timeout, config.read_timeout) == (5, 60)  # type: ignore[attr-defined]
    retries = config.retries  # type: ignore[attr-defined]
    assert retries == {"mode": "standard", "total_max_attempts": 5}
    client.close()


def test_the_environment_does_not_turn_checksums_on_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REQUEST_CHECKSUM_CALCULATION", "when_supported")
    client = r2_client(aws_access_key_id="key", aws_secret_access_key=SECRET)
    assert client.meta.config.request_checksum_calculation == "when_required"  # type: ignore[attr-defined]
    client.close()


def test_a_put_is_one_request_with_the_bucket_in_its_path() -> None:
    body = b"x" * (20 * 1024 * 1024)
    with scripted(Answer()) as script:
        script.store().put("a/b c.json", body)
        (asked,) = script.asked
    assert (asked.method, asked.path) == ("PUT", "/etl/lake/a/b%20c.json")
    assert asked.headers["Host"] == f"127.0.0.1:{script.port}"
    assert asked.body == body
    assert "/auto/s3/aws4_request" in asked.headers["Authorization"]
    names = {name.lower() for name in asked.headers}
    assert "content-md5" in names
    assert not {n for n in names if "checksum" in n or n in {"x-amz-trailer", "x-amz-acl"}}
    assert not names & {"if-match", "if-none-match"}


def test_conditions_are_sent_as_headers() -> None:
    with scripted(Answer(), Answer()) as script:
        store = script.store()
        store.put_if_absent("k", b"body")
        store.put_if_match("k", b"body", ETAG)
        absent, match = script.asked
    assert absent.headers["If-None-Match"] == "*"
    assert match.headers["If-Match"] == f'"{ETAG}"'


@pytest.mark.parametrize(
    "answer",
    [
        refusal(412, "PreconditionFailed"),
        refusal(409, "ConditionalRequestConflict"),
        refusal(404, "NoSuchKey"),
    ],
)
def test_a_refused_condition_is_a_conflict_and_not_sent_again(answer: Answer) -> None:
    with scripted(answer) as script:
        with pytest.raises(Conflict, match="s3://etl/lake/k"):
            script.store().put_if_match("k", b"body", ETAG)
        assert len(script.asked) == 1


@pytest.mark.parametrize("lost", [Answer(HANG_UP), refusal(500, "InternalError")])
def test_a_write_whose_answer_was_lost_is_recognised(lost: Answer) -> None:
    answers = [lost, refusal(412, "PreconditionFailed"), one_key(ETAG)]
    with scripted(*answers) as script:
        assert script.store().put_if_absent("k", b"body") == ETAG
        assert [asked.method for asked in script.asked] == ["PUT", "PUT", "GET"]


def test_a_write_that_another_one_overtook_is_a_conflict() -> None:
    answers = [Answer(HANG_UP), refusal(412, "PreconditionFailed"), one_key("0" * 32)]
    with scripted(*answers) as script, pytest.raises(Conflict):
        script.store().put_if_match("k", b"body", "1" * 32)


@pytest.mark.parametrize("code", ["TooManyRequests", "SlowDown", "ServiceUnavailable"])
def test_too_many_writes_to_a_key_are_tried_again_later(code: str) -> None:
    with scripted(refusal(429, code), refusal(429, code), Answer()) as script:
        assert script.store().put("k", b"body") == ETAG
        assert len(script.asked) == 3


def test_a_body_that_breaks_off_is_read_again() -> None:
    half = Answer(body=b"bo", headers={"ETag": f'"{ETAG}"', "Content-Length": "4"})
    with scripted(half, Answer(body=b"body")) as script:
        stored = script.store().get("k")
    assert stored is not None
    assert stored.body == b"body"


def test_a_body_that_always_breaks_off_is_told() -> None:
    half = Answer(body=b"bo", headers={"ETag": f'"{ETAG}"', "Content-Length": "4"})
    with scripted(half, half, half) as script:
        assert "cannot read s3://etl/lake/k" in failure(script.store(), "get")


def test_markers_of_empty_folders_are_no_keys() -> None:
    entry = "<Contents><Key>lake/{}</Key><Size>0</Size><ETag>x</ETag></Contents>"
    found = "".join(entry.format(key) for key in ("a/", "a/b"))
    page = Answer(body=f"<ListBucketResult>{found}</ListBucketResult>".encode())
    with scripted(page) as script:
        assert [entry.key for entry in script.store().list("")] == ["a/b"]


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (refusal(403, "AccessDenied"), "allow this key to list, read, write and delete"),
        (refusal(401, "Unauthorized"), "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        (refusal(403, "InvalidAccessKeyId"), "check AWS_ACCESS_KEY_ID"),
        (refusal(403, "RequestTimeTooSkewed"), "set this machine's clock"),
        (refusal(404, "NoSuchBucket"), "create the bucket or correct LAKE_URL"),
        (refusal(400, "Surprise"), "Surprise (HTTP status 400)"),
        (Answer(403, b"<html>a proxy's page</html>"), "HTTP status 403"),
    ],
)
def test_a_refusal_says_what_to_do(answer: Answer, hint: str) -> None:
    with scripted(*[answer] * len(USES)) as script:
        store = script.store()
        for use in USES:
            assert hint in failure(store, use), use


@pytest.mark.parametrize("use", ["get", "list"])
def test_a_server_that_stays_broken_is_told_after_some_tries(use: str) -> None:
    with scripted(*[refusal(503, "ServiceUnavailable")] * 5) as script:
        message = failure(script.store(), use)
    assert "ServiceUnavailable (HTTP status 503); try again later" in message


def test_a_server_that_is_down_is_told() -> None:
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    store = open_store("s3://etl/lake", endpoint_url=url, access_key="key", secret_key=SECRET)
    for use in USES:
        message = failure(store, use)
        assert url in message, use
        assert "check S3_ENDPOINT_URL and the network" in message, use


@pytest.mark.parametrize("server", ["weed", "r2"])
def test_a_wrong_secret_is_told(request: pytest.FixtureRequest, server: str) -> None:
    options = request.getfixturevalue(server).options | {"secret_key": SECRET}
    store = open_store("s3://etl/lake", **options)
    for use in USES:
        told = failure(store, use)
        assert "SignatureDoesNotMatch (HTTP status 403); check AWS_SECRET" in told, use


@pytest.mark.parametrize("server", ["weed", "r2", "moto"])
def test_a_missing_bucket_is_told_and_not_an_empty_lake(
    request: pytest.FixtureRequest, server: str
) -> None:
    store = open_store("s3://nowhere/lake", **request.getfixturevalue(server).options)
    # SeaweedFS looks at the condition before the bucket.
    for use in set(USES) - ({"put_if_match"} if server == "weed" else set()):
        message = failure(store, use)
        assert "s3://nowhere/lake" in message, use
        assert "create the bucket or correct LAKE_URL" in message, use


def test_missing_keys_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    url = "http://127.0.0.1:1"
    message = failure(open_store("s3://etl/lake", endpoint_url=url), "get")
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in message
    half = open_store("s3://etl/lake", endpoint_url=url, access_key="key")
    assert "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in failure(half, "get")


def test_a_printed_resource_tells_no_secret() -> None:
    environment = {
        "LAKE_URL": "s3://etl/lake",
        "S3_ENDPOINT_URL": "https://r2.example",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "SPOTIFY_CLIENT_SECRET": SECRET,
        "SPOTIFY_REFRESH_TOKEN_NICO": SECRET,
        "SPOTIFY_WRITE_REFRESH_TOKEN_NICO": SECRET,
        "ALERT_URLS": f"json://host/{SECRET}",
        "HEARTBEAT_URL": f"https://host/{SECRET}",
    }
    resources = resources_from(environment)
    lake = resources["lake"]
    assert isinstance(lake, BucketLakeResource)
    for resource in (*resources.values(), lake.s3):
        shown = repr(resource) + str(resource) + repr(resource._resolved_config_dict)
        assert SECRET not in shown
    assert "AWS_SECRET_ACCESS_KEY" in repr(lake.s3), "only where it is read from is said"


def test_a_resource_whose_values_are_known_tells_no_secret_either() -> None:
    bucket = BucketLakeResource(
        url="s3://etl/lake", s3=S3Resource(aws_access_key_id=SECRET, aws_secret_access_key=SECRET)
    )
    spotify = SpotifyResource(lake=bucket, client_secret=SECRET)
    notifications = NotificationsResource(alert_urls=SECRET, heartbeat_url=SECRET)
    for resource in (bucket, spotify, notifications):
        assert SECRET not in repr(resource) + str(resource)


def test_spaces_and_line_ends_around_settings_do_not_count(weed: S3Server) -> None:
    lake = BucketLakeResource(
        url=f" s3://{weed.bucket}/spaces\n",
        s3=S3Resource(
            endpoint_url=f"{weed.endpoint_url}\n",
            region_name="auto ",
            aws_access_key_id=f"{weed.access_key}\n",
            aws_secret_access_key=f"{weed.secret_key}\n",
        ),
    )
    store = lake.open().store
    store.put("a", b"1")
    assert store.get("a")


def test_one_client_serves_all_threads(weed: S3Server) -> None:
    made = []

    def connect() -> object:
        made.append(
            r2_client(
                endpoint_url=weed.endpoint_url,
                aws_access_key_id=weed.access_key,
                aws_secret_access_key=weed.secret_key,
            )
        )
        return made[-1]

    store = S3(weed.bucket, "threads", connect)  # type: ignore[arg-type]
    assert made == []
    store.put("first", b"1")
    writers = [threading.Thread(target=store.put, args=(str(n), b"1")) for n in range(8)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    assert len(list(store.list(""))) == 9
    assert len(made) == 1


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("./lake", "lake"),
        ("lake/a b", "lake/a b"),
        ("/srv/lake", "/srv/lake"),
        ("file:///srv/a%20b", "/srv/a b"),
        ("~/lake", "~/lake"),
    ],
)
def test_a_lake_url_may_be_a_folder(url: str, root: str) -> None:
    store = open_store(url)
    assert isinstance(store, Folder)
    assert store.root == Path(root).expanduser().absolute()


@pytest.mark.parametrize(
    ("url", "shown"),
    [("s3://etl", "s3://etl"), ("s3://etl/", "s3://etl"), ("s3://etl/a/b/", "s3://etl/a/b")],
)
def test_a_lake_url_may_be_a_bucket(url: str, shown: str) -> None:
    store = open_store(url)
    assert store.url("") == shown
    assert store.url("k") == f"{shown}/k"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gs://etl/lake",
        f"https://me:{SECRET}@r2.example/etl",
        "file://host/lake",
        "file:lake",
        "s3://",
        "s3:///lake",
        f"s3://key:{SECRET}@etl/lake",
        "s3://etl/lake?region=auto",
        "s3://etl/lake#1",
        "s3://etl//lake//a",
        "s3://etl/../lake",
        "s3://etl/./lake",
        "s3://Etl/lake",
    ],
)
def test_another_lake_url_is_refused_by_name(url: str) -> None:
    with pytest.raises(SettingsError, match="LAKE_URL") as error:
        open_store(url)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize(
    "url", ["r2.example", f"https://me:{SECRET}@r2.example", "ftp://x", "https://"]
)
def test_a_malformed_endpoint_is_refused_by_name(url: str) -> None:
    with pytest.raises(SettingsError, match="S3_ENDPOINT_URL") as error:
        open_store("s3://etl/lake", endpoint_url=url)
    assert SECRET not in str(error.value)


def test_a_lake_in_a_folder_does_not_wait_for_boto3() -> None:
    code = (
        "import sys; from pipelines.resources.lake.opening import open_store; open_store('./lake');"
        "open_store('s3://etl/lake'); sys.exit('boto3' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=dict(os.environ))
