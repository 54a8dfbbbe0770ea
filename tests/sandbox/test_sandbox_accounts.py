from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import spotipy
import time_machine
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.oauth2 import SpotifyOAuth, SpotifyOauthError, SpotifyPKCE

HOME = "http://127.0.0.1:9090/callback"
SCOPE = "user-top-read user-read-recently-played"


@pytest.fixture
def session():
    with requests.Session() as running:
        yield running


def pkce(sandbox, session, **more) -> SpotifyPKCE:
    return at_home(
        sandbox,
        SpotifyPKCE(
            client_id=sandbox.client_id,
            redirect_uri=HOME,
            scope=SCOPE,
            cache_handler=MemoryCacheHandler(),
            requests_session=session,
            open_browser=False,
            **more,
        ),
    )


def confidential(sandbox, session, secret=None) -> SpotifyOAuth:
    return at_home(
        sandbox,
        SpotifyOAuth(
            client_id=sandbox.client_id,
            client_secret=secret or sandbox.client_secret,
            redirect_uri=HOME,
            scope=SCOPE,
            cache_handler=MemoryCacheHandler(),
            requests_session=session,
            open_browser=False,
        ),
    )


def at_home(sandbox, auth):
    auth.OAUTH_AUTHORIZE_URL = f"{sandbox.accounts_url}/authorize"
    auth.OAUTH_TOKEN_URL = f"{sandbox.accounts_url}/api/token"
    return auth


def consent(session, url: str) -> dict[str, str]:
    """What the browser carries back to the app."""
    answer = session.get(url, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(HOME + "?")
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def test_a_login_with_pkce_opens_the_web_api(sandbox, session):
    auth = pkce(sandbox, session, state="xyz")
    told = consent(session, auth.get_authorize_url())

    assert told["state"] == "xyz"
    api = spotipy.Spotify(
        auth=auth.get_access_token(told["code"], check_cache=False), requests_session=session
    )
    api.prefix = sandbox.api_url
    assert api.me()["id"] == "demo"
    assert auth.cache_handler.get_cached_token()["scope"] == SCOPE


def test_another_listener_can_be_the_one_who_is_signed_in(sandbox, session):
    sandbox.accounts.signed_in = "nico"
    auth = pkce(sandbox, session)
    auth.get_access_token(consent(session, auth.get_authorize_url())["code"], check_cache=False)

    assert sandbox.requests[-1].user == "nico"


def test_a_wrong_verifier_gets_no_token(sandbox, session):
    auth = pkce(sandbox, session)
    code = consent(session, auth.get_authorize_url())["code"]
    auth.code_verifier = "x" * 64

    with pytest.raises(SpotifyOauthError) as refused:
        auth.get_access_token(code, check_cache=False)
    assert refused.value.error == "invalid_grant"


def test_a_code_works_once(sandbox, session):
    auth = confidential(sandbox, session)
    code = consent(session, auth.get_authorize_url())["code"]
    auth.get_access_token(code, as_dict=False, check_cache=False)

    with pytest.raises(SpotifyOauthError, match="invalid_grant"):
        auth.get_access_token(code, as_dict=False, check_cache=False)


def test_a_code_without_challenge_is_worth_nothing_without_the_secret(sandbox, session):
    code = consent(session, confidential(sandbox, session).get_authorize_url())["code"]

    with pytest.raises(SpotifyOauthError, match="invalid_client"):
        pkce(sandbox, session).get_access_token(code, check_cache=False)


def test_a_public_client_gets_a_new_refresh_token_each_time_and_the_old_one_dies(sandbox, session):
    auth, first = pkce(sandbox, session), sandbox.refresh_token("demo")
    second = auth.refresh_access_token(first)["refresh_token"]

    assert second != first
    assert sandbox.refresh_token("demo") == second
    with pytest.raises(SpotifyOauthError) as refused:
        auth.refresh_access_token(first)
    assert refused.value.error == "invalid_grant"
    assert refused.value.error_description == "Refresh token revoked"
    assert auth.refresh_access_token(second)["access_token"]


def refresh(sandbox, session) -> dict:
    answer = session.post(
        f"{sandbox.accounts_url}/api/token",
        data={"grant_type": "refresh_token", "refresh_token": sandbox.refresh_token("demo")},
        auth=(sandbox.client_id, sandbox.client_secret),
        timeout=10,
    )
    assert answer.status_code == 200
    return answer.json()


def test_an_app_with_a_secret_keeps_its_refresh_token_until_rotation_is_on(sandbox, session):
    assert "refresh_token" not in refresh(sandbox, session)
    sandbox.accounts.rotate = True
    first = sandbox.refresh_token("demo")
    assert refresh(sandbox, session)["refresh_token"] != first


def test_a_wrong_secret_is_an_invalid_client(sandbox, session):
    with pytest.raises(SpotifyOauthError) as refused:
        confidential(sandbox, session, secret="wrong").refresh_access_token(
            sandbox.refresh_token("demo")
        )
    assert refused.value.error == "invalid_client"


def test_an_access_token_lives_as_long_as_it_was_told(sandbox, session):
    sandbox.accounts.expires_in = 300
    token = refresh(sandbox, session)
    ask = {"url": f"{sandbox.api_url}me", "timeout": 10}
    headers = {"Authorization": f"Bearer {token['access_token']}"}

    assert token["expires_in"] == 300
    assert session.get(**ask, headers=headers).status_code == 200
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=301), tick=True):
        assert session.get(**ask, headers=headers).status_code == 401


def test_revoking_a_listener_leaves_the_others_logged_in(sandbox, session):
    token = sandbox.refresh_token("demo")
    sandbox.accounts.revoke("demo")

    with pytest.raises(SpotifyOauthError, match="Refresh token revoked"):
        pkce(sandbox, session).refresh_access_token(token)
    assert pkce(sandbox, session).refresh_access_token(sandbox.refresh_token("nico"))


def test_a_listener_can_say_no(sandbox, session):
    sandbox.faults.add("deny", "authorize")
    auth = pkce(sandbox, session, state="s")

    assert consent(session, auth.get_authorize_url()) == {"error": "access_denied", "state": "s"}
    assert "code" in consent(session, auth.get_authorize_url())


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "other"},
        {"redirect_uri": "http://localhost:9090/callback"},
        {"redirect_uri": "https://example.org/callback"},
        {"redirect_uri": "http://127.0.0.1/callback"},
        {"redirect_uri": "http://127.0.0.1:port/callback"},
        {"response_type": "token"},
        {"code_challenge_method": "plain"},
    ],
)
def test_a_wrong_question_for_consent_sends_nobody_back(sandbox, session, wrong):
    right = {
        "client_id": sandbox.client_id,
        "redirect_uri": "http://[::1]:9090/callback",
        "response_type": "code",
        "code_challenge_method": "S256",
        "code_challenge": "x" * 43,
    }
    ask = {"url": f"{sandbox.accounts_url}/authorize", "allow_redirects": False, "timeout": 10}

    assert session.get(**ask, params=right).status_code == 302
    assert session.get(**ask, params=right | wrong).status_code == 400


def test_no_token_code_or_secret_reaches_the_log(sandbox, session):
    auth = pkce(sandbox, session)
    code = consent(session, auth.get_authorize_url())["code"]
    auth.get_access_token(code, check_cache=False)
    token = auth.cache_handler.get_cached_token()
    log = repr(sandbox.requests)

    for secret in (code, token["access_token"], token["refresh_token"], sandbox.client_secret):
        assert secret not in log
