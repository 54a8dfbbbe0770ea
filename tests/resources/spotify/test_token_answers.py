"""What the accounts service answers in another way than promised: read as if it were left out."""

import json
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest

from pipelines.errors import CorruptFile, NotAuthorized, RefreshFailed, TokenFileError
from pipelines.resources.spotify.client import SpotifyClient
from pipelines.resources.spotify.consent import Authorization
from pipelines.resources.spotify.lockouts import Lockouts
from pipelines.resources.spotify.oauth import TOKEN_LIFETIME_S, without_odd_fields
from pipelines.resources.spotify.rate_limit import Throttle
from pipelines.resources.spotify.token_store import Token, TokenFile
from sandbox import Sandbox
from tests.support.asking import asked
from tests.support.environment import Environment

NO_SECRET: list[bytes] = [
    b"null",
    b'""',
    b"5",
    b"true",
    b"[]",
    b"{}",
    b'"a\\ud83d"',
    b'"a\\u0000b"',
]
NO_SECRET += [b'"a\\nb"', b'"a b"', b'"\xff"', b"NaN", b'"caf\xc3\xa9"']
NO_LIFETIME = ["null", '"3600"', '""', "-1", "0", "0.5", "1e300", f"1{'0' * 400}", "true", "[]"]
NO_LIFETIME += ["{}", "NaN", "Infinity", "86401", "99999999999999999999", '"\\ud83d"']


def answer(access: str, **fields: str | bytes) -> bytes:
    """An answer of the accounts service, with fields in JSON as they are given."""
    parts = [b'"access_token": %s' % json.dumps(access).encode(), b'"token_type": "Bearer"']
    for name, value in fields.items():
        raw = value if isinstance(value, bytes) else value.encode()
        parts.append(b'"%s": %s' % (name.encode(), raw))
    return b"{%s}" % b", ".join(parts)


def read(body: bytes) -> dict[str, Any]:
    return json.loads(without_odd_fields(body))


@pytest.mark.parametrize("secret", [True, False], ids=["with a secret", "PKCE"])
@pytest.mark.parametrize(
    "fields",
    [
        {"expires_in": "3600", "refresh_token": "null"},
        {"expires_in": "3600", "refresh_token": '""'},
        {"expires_in": '"3600"'},
        {"expires_in": "null", "refresh_token": "7", "scope": "5"},
        {},
    ],
    ids=str,
)
def test_an_odd_answer_to_a_refresh_is_used_and_the_old_refresh_token_stays(
    fields: dict[str, str],
    secret: bool,
    sandbox: Sandbox,
    new_client: Callable[[str], SpotifyClient],
    environment: Environment,
) -> None:
    if not secret:
        environment.unset("SPOTIFY_CLIENT_SECRET")
    old = sandbox.refresh_token("nico")
    sandbox.faults.add("status", "token", code=200, body=answer("A2", **fields))
    began = time.time()
    access = new_client("nico")._access_token()

    token = TokenFile(environment.tokens, "nico").read()
    assert token
    assert (access, token.access_token, token.refresh_token) == ("A2", "A2", old)
    assert token.expires_at - token.obtained_at == TOKEN_LIFETIME_S
    assert token.obtained_at >= began - 1
    assert asked(sandbox) == ["POST /api/token"]


@pytest.mark.parametrize("lifetime", ['"3600"', "null", "-5"])
def test_an_odd_lifetime_does_not_end_a_login(
    lifetime: str, client: SpotifyClient, sandbox: Sandbox, token_file: TokenFile
) -> None:
    body = answer("A1", expires_in=lifetime, refresh_token='"R1"')
    sandbox.faults.add("status", "token", code=200, body=body)
    Authorization(client.login._app, 8888).finish("a-code", client.login)
    token = token_file.read()
    assert token
    assert (token.access_token, token.refresh_token) == ("A1", "R1")


@pytest.mark.parametrize("secret", ["null", '""', "5"])
def test_a_login_without_a_refresh_token_is_refused_in_a_line(
    secret: str, client: SpotifyClient, sandbox: Sandbox
) -> None:
    sandbox.faults.add("status", "token", code=200, body=answer("A1", refresh_token=secret))
    with pytest.raises(NotAuthorized, match=r"Spotify issued no token: .*: try again"):
        Authorization(client.login._app, 8888).finish("a-code", client.login)


@pytest.mark.parametrize("value", NO_SECRET, ids=repr)
def test_a_refresh_token_that_is_none_is_left_out(value: bytes) -> None:
    assert "refresh_token" not in read(answer("A2", expires_in="60", refresh_token=value))


@pytest.mark.parametrize("value", NO_SECRET, ids=repr)
def test_an_access_token_that_is_none_is_no_token(
    value: bytes, client: SpotifyClient, sandbox: Sandbox, token_file: TokenFile
) -> None:
    body = answer("A2", expires_in="60").replace(b'"A2"', value)
    sandbox.faults.add("status", "token", code=200, body=body)
    with pytest.raises(RefreshFailed, match="issued nico no new token"):
        client._access_token()
    token = token_file.read()
    assert token
    assert token.access_token == ""


@pytest.mark.parametrize("value", NO_LIFETIME)
def test_a_lifetime_that_is_none_is_the_usual_one(value: str) -> None:
    assert read(answer("A2", expires_in=value))["expires_in"] == TOKEN_LIFETIME_S


@pytest.mark.parametrize(("value", "seconds"), [("1800", 1800), ("1800.0", 1800), ("1", 1)])
def test_a_lifetime_that_is_one_is_kept(value: str, seconds: int) -> None:
    assert read(answer("A2", expires_in=value))["expires_in"] == seconds


def test_what_was_left_out_is_named_and_no_value_of_it(caplog: pytest.LogCaptureFixture) -> None:
    odd = answer("A2", expires_in='"soon"', refresh_token='["the-secret"]')
    with caplog.at_level(logging.WARNING):
        read(odd)
    assert "token: read as if refresh_token, expires_in had been left out" in caplog.text
    assert "secret" not in caplog.text


DAMAGED = [b"", b"\xff\xfe\x00", b"\xef\xbb\xbf", b"[" * 100_000, b'{"a":' * 100_000, b"NaN", b"[]"]
DAMAGED += [b'{"refresh_token": "\\ud83d"}', b'{"refresh_token": 5}', b'{"refresh_token": "\xff"}']


@pytest.mark.parametrize("body", DAMAGED, ids=lambda body: repr(body[:30]))
def test_a_token_file_that_is_damaged_in_any_way_is_one_line(
    body: bytes, token_file: TokenFile
) -> None:
    token_file.write(Token(refresh_token="r"))
    token_file.path.write_bytes(body)
    with pytest.raises(TokenFileError, match="is not a token file: run `playledger login nico`"):
        token_file.read()


@pytest.mark.parametrize("body", DAMAGED, ids=lambda body: repr(body[:30]))
def test_a_lockout_that_is_damaged_in_any_way_is_one_line(
    body: bytes, lockouts: Lockouts, throttle: Throttle
) -> None:
    prefix = lockouts._prefix
    lockouts._lake.store.put(f"{prefix}profile.json", body)
    with pytest.raises(CorruptFile, match="is not a lockout"):
        lockouts.check()


@pytest.mark.parametrize(
    "body",
    [
        *DAMAGED,
        b'{"sent": [1%s], "not_before": 0}' % (b"0" * 400),
        b'{"sent": [NaN], "not_before": NaN}',
        b'{"sent": 5, "not_before": "x"}',
    ],
    ids=lambda body: repr(body[:30]),
)
def test_a_damaged_record_of_past_requests_stops_no_request(
    body: bytes, throttle: Throttle
) -> None:
    throttle.path.parent.mkdir(parents=True, exist_ok=True)
    throttle.path.write_bytes(body)
    with throttle.slot():
        pass
