"""Logging in: what leads in, once, and everything else that is tried leads nowhere."""

import logging
import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.dashboard.login.at_spotify import AtSpotify
from pipelines.dashboard.login.routes import safe_path
from pipelines.errors import TokenFileError
from pipelines.resources.dashboard_logins import key_of
from pipelines.resources.spotify.lockouts import Lockouts
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.settings import Settings
from sandbox import Sandbox
from tests.dashboard.login.conftest import Person, Served
from tests.support.asking import asked
from tests.support.environment import Environment

NewPerson = Callable[[], Person]


def test_a_login_with_spotify_leads_to_the_listener_whose_account_it_is(
    at_spotify: Sandbox, served: Served, person: NewPerson
) -> None:
    at_spotify.app.accounts.signed_in = "mira"
    somebody = person()
    response = somebody.log_in()
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert somebody.get("/").json()["listener"] == "mira"
    assert served.logins == ["mira"]


def test_only_the_profile_is_asked_for_by_pkce_and_nothing_of_it_is_stored(
    at_spotify: Sandbox, environment: Environment, person: NewPerson
) -> None:
    somebody = person()
    before = {path for path in environment.tokens.rglob("*.json") if "throttle" not in path.name}
    at = parse_qs(urlsplit(somebody.to_spotify()).query)
    assert at["scope"] == ["user-read-private"]
    assert at["code_challenge_method"] == ["S256"]
    assert len(at["code_challenge"][0]) == 43
    assert len(at["state"][0]) >= 43, "32 bytes"
    at_spotify.requests.clear()
    assert somebody.log_in().status_code == 303
    paths = [one.partition("?")[0] for one in asked(at_spotify)]
    assert paths == ["GET /authorize", "POST /api/token", "GET me"]
    after = {path for path in environment.tokens.rglob("*.json") if "throttle" not in path.name}
    assert after == before


def test_who_has_just_logged_in_to_collect_need_not_wait_for_the_first_poll(
    sandbox: Sandbox, environment: Environment, person: NewPerson, served: Served
) -> None:
    environment.listeners("mira", "otto")
    sandbox.app.accounts.signed_in = "nico"
    assert person().log_in().status_code == 403, "mira's login is not nico's"
    token = TokenFile(environment.tokens, "mira").read()
    assert token
    assert token.account
    sandbox.app.accounts.signed_in = "mira"
    sandbox.requests.clear()
    assert person().log_in().headers["Location"] == "/"
    assert served.logins == ["mira"]
    paths = [one.partition("?")[0] for one in asked(sandbox)]
    assert paths == ["GET /authorize", "POST /api/token", "GET me"], "it is known from then on"


def test_a_login_that_has_ended_keeps_nobody_else_out(
    sandbox: Sandbox, person: NewPerson, served: Served
) -> None:
    sandbox.app.accounts.revoke("nico")
    sandbox.app.accounts.signed_in = "mira"
    assert person().log_in().headers["Location"] == "/"
    assert served.logins == ["mira"]


def break_token(environment: Environment, listener: str) -> Path:
    file = TokenFile(environment.tokens, listener).path
    file.parent.mkdir(exist_ok=True)
    file.write_text("{}")
    file.chmod(0o600)
    return file


def test_a_file_that_cannot_be_used_keeps_nobody_else_out(
    sandbox: Sandbox,
    environment: Environment,
    person: NewPerson,
    served: Served,
    caplog: pytest.LogCaptureFixture,
) -> None:
    file = break_token(environment, "nico")
    sandbox.app.accounts.signed_in = "mira"
    assert person().log_in().headers["Location"] == "/", "of whom nothing was known"
    assert person().log_in().headers["Location"] == "/"
    assert served.logins == ["mira", "mira"]
    assert str(file) in caplog.text


def test_who_has_no_account_takes_none_while_it_may_be_anothers(
    sandbox: Sandbox,
    logged_in: Callable[[str], Person],
    environment: Environment,
) -> None:
    broken = break_token(environment, "nico")
    sandbox.app.accounts.signed_in = "nico"
    somebody = logged_in("otto")
    url = somebody.post("/auth/renew", form=somebody.form()).headers["Location"]
    response = somebody.step(somebody.consent(url))
    assert response.status_code == 503
    assert TokenFile(environment.tokens, "otto").read() is None
    assert "nico" not in response.text
    assert broken.name not in response.text


def test_the_door_names_no_file_and_no_other_listener(
    sandbox: Sandbox,
    environment: Environment,
    person: NewPerson,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    somebody = person()
    back = somebody.consent(somebody.to_spotify())

    def unreadable(*_: object) -> None:
        raise TokenFileError(f"{environment.tokens}/mira.json cannot be read: run something")

    with monkeypatch.context() as patched:
        patched.setattr(AtSpotify, "identify", unreadable)
        response = somebody.step(back)
    assert response.status_code == 503
    assert "in the log" in response.text
    for told in (str(environment.tokens), "mira"):
        assert told not in response.text
        assert told in caplog.text


def test_an_account_of_nobody_is_refused_and_nothing_is_kept(
    at_spotify: Sandbox, environment: Environment, served: Served, person: NewPerson
) -> None:
    at_spotify.app.accounts.signed_in = "mira"
    environment.listeners("nico", "otto")
    somebody = person()
    response = somebody.log_in()
    assert response.status_code == 403
    assert "You are not known here" in response.text
    assert somebody.token is None
    assert served.logins == []


def test_a_denied_consent_is_told_kindly(
    at_spotify: Sandbox, served: Served, person: NewPerson
) -> None:
    at_spotify.faults.add("deny", "authorize")
    response = person().log_in()
    assert response.status_code == 200
    assert "You did not let Playledger see" in response.text
    assert served.logins == []


def test_a_callback_works_once(at_spotify: Sandbox, served: Served, person: NewPerson) -> None:
    somebody = person()
    back = somebody.consent(somebody.to_spotify())
    assert somebody.step(back).headers["Location"] == "/"
    assert somebody.step(back).headers["Location"] == "/", "who is logged in goes on"
    somebody.browser.cookies.clear()
    assert somebody.step(back).headers["Location"] == "/auth/?why=again"
    assert len(served.logins) == 1


def test_the_state_must_be_the_one_that_was_sent(
    at_spotify: Sandbox, served: Served, person: NewPerson
) -> None:
    for tampered in ("state=x", "nostate=", "state=&more="):
        somebody = person()
        back = somebody.consent(somebody.to_spotify()).replace("state=", tampered)
        at_spotify.requests.clear()
        response = somebody.step(back)
        assert response.status_code == 400
        assert "does not belong to this login" in response.text
        assert asked(at_spotify) == [], "the code is not even exchanged"
        assert somebody.step(back).headers["Location"] == "/auth/?why=again", "used up"
    assert served.logins == []


def test_a_callback_for_another_browser_is_refused(
    at_spotify: Sandbox, served: Served, person: NewPerson
) -> None:
    one, other = person(), person()
    of_one = one.consent(one.to_spotify())
    assert other.step(of_one).headers["Location"] == "/auth/?why=again", "it began none"
    other.to_spotify()
    assert other.step(of_one).status_code == 400, "it began another one"
    assert served.logins == []
    assert one.step(of_one).headers["Location"] == "/"


def test_a_login_that_takes_too_long_is_over(
    at_spotify: Sandbox, served: Served, person: NewPerson
) -> None:
    somebody = person()
    back = somebody.consent(somebody.to_spotify())
    served.clock.now += 601
    assert somebody.step(back).headers["Location"] == "/auth/?why=again"
    assert served.logins == []


def test_a_token_of_before_is_worth_nothing_after_a_login(
    at_spotify: Sandbox, served: Served, person: NewPerson, logged_in: Callable[[str], Person]
) -> None:
    somebody = logged_in("mira")
    before = somebody.token
    assert before
    somebody.log_in()
    assert somebody.token != before
    assert served.logins == ["nico"]
    fixed = person()
    fixed.browser.cookies.set(served.cookie, "chosen-by-somebody-else")
    fixed.log_in()
    assert fixed.browser.cookies.get(served.cookie, domain="127.0.0.1") != "chosen-by-somebody-else"
    assert served.access.login("chosen-by-somebody-else") is None


def test_a_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(
    served: Served, person: NewPerson
) -> None:
    response = person().accept(served.invite("nico"))
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith(f"{served.cookie}=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize("tampered", ["", "x", "ä", "../etc", "a" * 5_000])
def test_no_other_token_leads_in(tampered: str, served: Served, person: NewPerson) -> None:
    somebody = person()
    cookie = f"{served.cookie}={quote(tampered)}"
    response = somebody.get("/media/x", headers={"Cookie": cookie})
    assert response.status_code == 401


def test_what_the_file_keeps_of_a_token_does_not_lead_in(
    served: Served, person: NewPerson, logged_in: Callable[[str], Person]
) -> None:
    token = logged_in("nico").token
    assert token
    thief = person()
    thief.browser.cookies.set(served.cookie, key_of(token))
    assert thief.get("/media/x").status_code == 401


def test_two_people_never_see_each_others(
    logged_in: Callable[[str], Person], served: Served
) -> None:
    nico, mira = logged_in("nico"), logged_in("mira")
    for _ in range(3):
        assert nico.get("/").json()["listener"] == "nico"
        assert mira.get("/").json()["listener"] == "mira"
    assert "mira" not in nico.get("/auth/account").text
    assert "nico" not in mira.get("/auth/account").text
    nico.post("/auth/logout-everywhere", form=nico.form())
    assert mira.get("/").json()["listener"] == "mira"


def test_a_login_ends_after_hours_without_a_click_and_after_half_a_day_anyhow(
    logged_in: Callable[[str], Person], served: Served
) -> None:
    somebody = logged_in("nico")
    served.clock.pass_hours(1.9)
    assert somebody.get("/").json()["listener"] == "nico"
    for _ in range(5):
        served.clock.pass_hours(1.9)
        assert somebody.get("/").json()["listener"] == "nico", "a click begins the hours anew"
    served.clock.pass_hours(0.7)
    assert somebody.step("/").headers["Location"] == "/auth/", "12 hours are over"
    other = logged_in("nico")
    served.clock.pass_hours(2.1)
    assert other.step("/").headers["Location"] == "/auth/", "2 hours without a click"
    assert served.logins == []


def test_a_login_does_not_outlive_its_listener(
    logged_in: Callable[[str], Person], environment: Environment
) -> None:
    somebody = logged_in("mira")
    environment.listeners("nico", "otto")
    assert somebody.step("/").headers["Location"] == "/auth/"


def test_logging_out_ends_the_login_of_this_browser_alone(
    logged_in: Callable[[str], Person], served: Served
) -> None:
    one, other = logged_in("nico"), logged_in("nico")
    stolen = one.token
    response = one.post("/auth/logout", form=one.form())
    assert response.headers["Location"] == "/auth/?why=out"
    assert one.token is None
    assert served.access.login(stolen) is None, "a copy of the cookie is worth nothing"
    assert other.get("/").json()["listener"] == "nico"


def test_logging_out_everywhere_ends_all_of_ones_own(
    logged_in: Callable[[str], Person], served: Served
) -> None:
    one, _, mira = logged_in("nico"), logged_in("nico"), logged_in("mira")
    response = one.post("/auth/logout-everywhere", form=one.form())
    assert response.headers["Location"] == "/auth/?why=everywhere"
    assert served.logins == ["mira"]
    assert mira.get("/").json()["listener"] == "mira"


@pytest.mark.parametrize("path", ["/auth/logout", "/auth/logout-everywhere", "/auth/renew"])
def test_a_form_of_another_page_does_nothing(
    path: str, logged_in: Callable[[str], Person], served: Served
) -> None:
    somebody, mira = logged_in("nico"), logged_in("mira")
    form = somebody.form()
    assert somebody.post(path, form="guessed").status_code == 403
    assert somebody.post(path, form=mira.form()).status_code == 403
    assert somebody.post(path).status_code == 403
    url = served.url + path
    for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
        response = somebody.browser.post(url, data={"form": form}, headers=headers, timeout=60)
        assert response.status_code == 403
    assert somebody.step(path).status_code == 404, "not by following a link"
    assert sorted(served.logins) == ["mira", "nico"]


def test_a_form_of_ours_that_sends_no_referrer_is_known_by_its_site(
    logged_in: Callable[[str], Person], served: Served
) -> None:
    somebody = logged_in("nico")
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    form = {"form": somebody.form()}
    url = f"{served.url}/auth/logout"
    somebody.browser.post(url, data=form, headers=headers, timeout=60)
    assert served.logins == []


def test_a_link_logs_in_once_and_opening_it_uses_nothing_up(
    served: Served, person: NewPerson
) -> None:
    token = served.invite("otto")
    for _ in range(2):  # a program that looks into mails
        assert "once" in person().get("/auth/invite").text
    somebody = person()
    assert somebody.accept(token).headers["Location"] == "/"
    assert somebody.get("/").json()["listener"] == "otto"
    again = person()
    assert again.accept(token).status_code == 403
    assert again.token is None


def test_a_link_ends(served: Served, person: NewPerson) -> None:
    token = served.invite("otto")
    served.clock.pass_hours(1.01)
    assert person().accept(token).status_code == 403
    assert person().accept("").status_code == 403
    assert person().accept("x" * 10_000).status_code == 403
    assert served.logins == []


def test_a_link_of_somebody_who_is_no_listener_any_more_leads_nowhere(
    served: Served, person: NewPerson, environment: Environment
) -> None:
    token = served.invite("otto")
    environment.listeners("nico", "mira")
    assert person().accept(token).status_code == 403
    assert served.logins == []


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "///evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:x=y",
        "/\r\nSet-Cookie: x=y",
        "/\t/evil.example",
        "evil.example",
        "@evil.example",
    ],
)
def test_a_login_leads_to_no_other_site(
    elsewhere: str, at_spotify: Sandbox, person: NewPerson
) -> None:
    somebody = person()
    back = somebody.consent(somebody.to_spotify(f"/auth/login?next={quote(elsewhere)}"))
    response = somebody.step(back)
    there = response.headers["Location"]
    assert there.startswith("/")
    assert not there.startswith(("//", "/\\"))
    assert "\r" not in there
    assert "x" not in response.cookies


def test_a_login_leads_to_the_page_that_was_asked_for(
    at_spotify: Sandbox, person: NewPerson
) -> None:
    somebody = person()
    wanted = "/artists?artist=a%2Fb&period=2026-03"
    door = somebody.step(wanted).headers["Location"]
    assert door == f"/auth/?next={quote(wanted, safe='')}"
    text = somebody.get(door).text
    button = text.partition('class="button" href="')[2].partition('"')[0]
    back = somebody.consent(somebody.to_spotify(button.replace("&amp;", "&")))
    assert somebody.step(back).headers["Location"] == wanted


@given(st.text(st.characters(codec="utf-8"), max_size=60) | st.from_regex(r"[/\\?:.@a-z]{1,12}"))
def test_wherever_a_login_leads_it_is_a_path_of_ours(then: str) -> None:
    path = safe_path(then)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert path.isascii()
    assert path.isprintable()
    assert safe_path(path) == path


def test_the_consent_to_collect_is_renewed_by_its_own_account(
    at_spotify: Sandbox, logged_in: Callable[[str], Person], token_file: TokenFile
) -> None:
    somebody = logged_in("nico")
    at_spotify.app.accounts.signed_in = "nico"
    url = somebody.post("/auth/renew", form=somebody.form()).headers["Location"]
    scopes = parse_qs(urlsplit(url).query)["scope"][0].split()
    assert "user-read-recently-played" in scopes
    assert not any("modify" in scope for scope in scopes)
    response = somebody.step(somebody.consent(url))
    assert response.headers["Location"] == "/auth/account"
    token = token_file.read()
    assert token
    assert token.refresh_token == at_spotify.refresh_token("nico")
    assert token.account
    assert token.authorized_at
    assert stat.S_IMODE(token_file.path.stat().st_mode) == 0o600
    assert f"{token.ends_at:%Y-%m-%d}" in somebody.get("/auth/account").text


@pytest.mark.parametrize("who", ["mira", "otto"])
def test_no_other_account_renews_a_consent(
    who: str, at_spotify: Sandbox, logged_in: Callable[[str], Person], environment: Environment
) -> None:
    somebody = logged_in(who)
    at_spotify.app.accounts.signed_in = "nico"
    url = somebody.post("/auth/renew", form=somebody.form()).headers["Location"]
    response = somebody.step(somebody.consent(url))
    assert response.status_code == 403
    assert "not the Spotify account of" in response.text
    for name in ("nico", "mira", "otto"):
        assert TokenFile(environment.tokens, name).read() is None


def test_a_consent_is_stored_only_for_who_began_it_and_is_logged_in_still(
    at_spotify: Sandbox, logged_in: Callable[[str], Person], served: Served, token_file: TokenFile
) -> None:
    somebody = logged_in("nico")
    url = somebody.post("/auth/renew", form=somebody.form()).headers["Location"]
    back = somebody.consent(url)
    served.access.logins.end_all("nico")
    assert somebody.step(back).headers["Location"] == "/auth/?why=ended"
    assert token_file.read() is None


def test_who_has_no_account_yet_connects_one(
    at_spotify: Sandbox, logged_in: Callable[[str], Person], environment: Environment
) -> None:
    environment.listeners("mira", "otto")
    at_spotify.app.accounts.signed_in = "nico"
    somebody = logged_in("otto")
    url = somebody.post("/auth/renew", form=somebody.form()).headers["Location"]
    assert somebody.step(somebody.consent(url)).headers["Location"] == "/auth/account"
    token = TokenFile(environment.tokens, "otto").read()
    assert token
    assert token.account


def test_during_a_lockout_nobody_is_sent_to_spotify(
    at_spotify: Sandbox, lockouts: Lockouts, person: NewPerson
) -> None:
    lockouts.lock("profile", datetime.now(UTC) + timedelta(hours=1), "429")
    at_spotify.requests.clear()
    response = person().step("/auth/login")
    assert response.status_code == 503
    assert "Spotify refuses requests until" in response.text
    assert asked(at_spotify) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"what": "status", "where": "token", "code": 400, "body": {"error": "code AQ-echo"}},
        {"what": "status", "where": "token", "code": 200, "body": {"access_token": 7}},
        {"what": "status", "where": "token", "code": 503},
        {"what": "status", "where": "me", "code": 403, "body": {}},
        {"what": "status", "where": "me", "code": 200, "body": {}},
    ],
)
def test_where_spotify_does_not_say_who_it_is_nobody_comes_in(
    fault: dict[str, object],
    at_spotify: Sandbox,
    served: Served,
    person: NewPerson,
    quick: None,
) -> None:
    at_spotify.faults.add(**fault)  # type: ignore[arg-type]
    response = person().log_in()
    assert response.status_code in {400, 503}
    assert "That did not work" in response.text
    assert "echo" not in response.text
    assert served.logins == []


def test_too_many_requests_at_the_door_wait_a_minute(served: Served, person: NewPerson) -> None:
    somebody = person()
    answers = [somebody.step("/auth/").status_code for _ in range(62)]
    assert answers[0] == 200
    assert answers[-1] == 429
    served.clock.now += 60
    assert somebody.step("/auth/").status_code == 200


def test_no_secret_is_in_a_log_or_in_a_file_or_on_a_page(  # noqa: PLR0917 fixtures
    at_spotify: Sandbox,
    served: Served,
    person: NewPerson,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    environment: Environment,
) -> None:
    caplog.set_level(logging.DEBUG)
    somebody, invited = person(), person()
    url = somebody.to_spotify()
    back = somebody.consent(url)
    somebody.step(back)
    invitation, open_invitation = served.invite("mira"), served.invite("otto")
    invited.accept(invitation)
    page = somebody.get("/auth/account").text
    begun = parse_qs(urlsplit(url).query)
    told = parse_qs(urlsplit(back).query)
    secrets = [
        *(somebody.token or "", invited.token or "", invitation, open_invitation),
        *(begun["state"][0], told["code"][0], at_spotify.client_secret),
        *at_spotify.app.accounts._access,
    ]
    assert all(len(secret) > 20 for secret in secrets)
    ours = [one for one in caplog.records if one.name.startswith(("playledger", "uvicorn"))]
    output = "".join(capfd.readouterr()) + "\n".join(one.getMessage() for one in ours)
    # The log of the tests' own client is not the dashboard's.
    files = b"".join(path.read_bytes() for path in environment.folder.rglob("*") if path.is_file())
    for secret in secrets:
        assert secret not in output
        assert secret.encode() not in files
        assert secret not in page


def test_the_file_of_logins_is_its_owners_alone(served: Served, environment: Environment) -> None:
    served.invite("nico")
    for path in Path(environment.folder).glob("dashboard.sqlite*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    with sqlite3.connect(served.access.logins.path) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    database.close()
    assert Settings().dashboard.file == served.access.logins.path
