"""`playledger init`: asks what is needed to begin, tries the login, then writes both files at once.

Nothing is written before everything is answered, so that whoever stops half-way finds the folder as
it was. What the files may hold is `pipelines/settings/`; add a question here only for what nobody
can begin without.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from pipelines.cli.login import DEFAULT_PORT, log_in
from pipelines.cli.terminal import show
from pipelines.errors import LoginError, SettingsError, SetupRefused
from pipelines.resources.spotify.app_check import app_is_known
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.settings import LISTENER_NAME, Listener, Settings, parse_listeners
from pipelines.settings.environment_file import with_variables
from pipelines.settings.listeners import MAX_DISPLAY_NAME
from pipelines.settings.time_zone import zone_named, zone_of_machine, zones_like
from pipelines.settings.writing import check_writable, replace_text, with_listener

CLIENT_ID, CLIENT_SECRET = "SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET"
CALLED = "PLAYLEDGER_CALLED"
"""How the script of a clone was called, which is on nobody's PATH."""

_ID = re.compile(r"[0-9A-Za-z]{32}")

OF_THE_APP = """
To collect what you hear from now on, Playledger needs an app of your own at Spotify:

  1. Open https://developer.spotify.com/dashboard and create one, with any name and the Web API.
  2. Enter exactly these as its redirect addresses (Redirect URIs), and save them. The second one is
     the dashboard's:

       http://127.0.0.1:{port}/callback
       http://127.0.0.1:8501/auth/callback

     Not http://localhost:{port}/callback: Spotify refuses `localhost`, and a login would end there.
  3. Copy its client id from its settings.

If you only have a privacy export, you need no app: press Enter.
"""


@dataclass(frozen=True)
class _Answers:
    """What was given as options; None for what is to be asked, or guessed."""

    name: str | None
    display_name: str | None
    timezone: str | None
    client_id: str | None
    client_secret: str | None
    asks: bool


@click.command()
@click.argument("name", required=False)
@click.option("--display-name", help="What you are called where people read it.")
@click.option("--timezone", help="Your time zone, such as Europe/Berlin; guessed if not given.")
@click.option("--client-id", help="Of your app at Spotify.")
@click.option(
    "--client-secret",
    help="Of your app. Without it, logins use PKCE. Others on this machine can see what commands "
    "are given: better let it be asked, or add it to .env.",
)
@click.option("--no-login", is_flag=True, help="Write the settings, and log in later.")
@click.option("--no-browser", is_flag=True, help="For the login: see `playledger login --help`.")
@click.option(
    "--port", default=DEFAULT_PORT, show_default=True, help="Port of the redirect address."
)
@click.option("--yes", is_flag=True, help="Ask nothing: guess what is not given.")
@click.pass_obj
def init(  # noqa: PLR0917 as click gives them
    settings: Settings,
    name: str | None,
    display_name: str | None,
    timezone: str | None,
    client_id: str | None,
    client_secret: str | None,
    port: int,
    *,
    no_login: bool,
    no_browser: bool,
    yes: bool,
) -> None:
    """Begin: write listeners.toml with the listener NAME, and .env with your app at Spotify.

    Asks for what is not given as an option, then tries the login. Files that are there are added
    to and never overwritten, so it can be run again, also for another listener.
    """
    given = _Answers(name, display_name, timezone, client_id, client_secret, asks=not yes)
    try:
        _set_up(settings, given, port, no_login=no_login, no_browser=no_browser)
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nNothing was written.", err=True)
        raise SystemExit(1) from None


def _set_up(
    settings: Settings, given: _Answers, port: int, *, no_login: bool, no_browser: bool
) -> None:
    listeners_file, env_file = settings.listeners_file, settings.env_file
    listeners = {one.name: one for one in settings.listeners}
    for path in (listeners_file, env_file):
        check_writable(path)
    name = _name(settings, given)
    if name in listeners:
        _refuse_other(listeners[name], given, listeners_file)
        show(f"{name} is in {listeners_file} already, and stays as it is there.", markup=False)
        new = None
    else:
        shown, zone = _display_name(given, name), _zone(settings, given)
        with_listener("", name, zone, shown)  # what is wrong is told before the login
        new = (zone, shown)
    variables = _app(settings, given, port, asks_spotify=not no_login)
    settings = Settings.of(settings.variables | variables)
    logged_in = _login(
        settings, name, port, given, skip=no_login, no_browser=no_browser, is_new=new is not None
    )
    written = with_variables(_text_of(env_file), variables)
    if new is not None:
        _add_listener(listeners_file, name, *new)
        show(f"{name} is in {listeners_file} now.", markup=False)
    if variables:
        replace_text(env_file, written, 0o600)
        names = " and ".join(variables)
        show(f"{names} {'are' if len(variables) > 1 else 'is'} in {env_file}.", markup=False)
    called = _value(settings, CALLED) or "playledger"
    has_app = bool(_value(settings, CLIENT_ID))
    for line in _next(called, name, has_app=has_app, logged_in=logged_in):
        show(line, markup=False)


def _name(settings: Settings, given: _Answers) -> str:
    """A name for folders and assets."""

    def checked(text: str) -> str:
        if not LISTENER_NAME.fullmatch(text.strip()):
            raise click.BadParameter("use a to z, 0 to 9 and _, up to 40 of them")
        return text.strip()

    if given.name is not None:
        if not LISTENER_NAME.fullmatch(given.name):
            raise SettingsError(
                f"{given.name!r} is not a listener's name: use a to z, 0 to 9 and _, up to 40"
            )
        return given.name
    user = re.sub(r"[^a-z0-9_]", "", (_value(settings, "USER")).lower())[:40]
    guess = user if user and user != "root" else "me"
    if not given.asks:
        return guess
    show("A short name, after which folders and commands are called: a to z, 0 to 9 and _.")
    return str(click.prompt("Name", default=guess, value_proc=checked))


def _display_name(given: _Answers, name: str) -> str:
    if given.display_name is not None:
        return given.display_name
    guess = name.replace("_", " ").title()
    if not given.asks:
        return guess

    def checked(text: str) -> str:
        if not text.strip() or len(text) > MAX_DISPLAY_NAME or not text.isprintable():
            raise click.BadParameter(f"up to {MAX_DISPLAY_NAME} characters, in one line")
        return text.strip()

    show("\nWhat your report calls you: any name.")
    return str(click.prompt("Shown as", default=guess, value_proc=checked))


def _zone(settings: Settings, given: _Answers) -> str:
    if given.timezone is not None:
        if zone := zone_named(given.timezone):
            return zone
        raise SettingsError(f"--timezone: {_no_zone(given.timezone)}")
    guess = zone_of_machine(_value(settings, "TZ"))
    if not given.asks:
        if guess is None:
            raise SettingsError(
                "this machine does not say in which time zone it is: add --timezone, "
                "such as --timezone Europe/Berlin"
            )
        show(f"Time zone: {guess}, as on this machine.")
        return guess

    def checked(text: str) -> str:
        if zone := zone_named(text):
            return zone
        raise click.BadParameter(_no_zone(text))

    show("\nYour time zone: figures by hour and day follow your own clock. A city will do.")
    if guess is None:
        show("This machine does not say which one it has.")
    return str(click.prompt("Time zone", default=guess, value_proc=checked))


def _no_zone(text: str) -> str:
    near = zones_like(text)
    meant = f"did you mean {' or '.join(near)}?" if near else "write one such as Europe/Berlin"
    return f"{text!r} is not a time zone: {meant}"


def _app(settings: Settings, given: _Answers, port: int, *, asks_spotify: bool) -> dict[str, str]:
    """What `.env` is to say of the app at Spotify; nothing where it is known, or there is none."""
    known = {name: _value(settings, name) for name in (CLIENT_ID, CLIENT_SECRET)}
    told = {CLIENT_ID: given.client_id, CLIENT_SECRET: given.client_secret}
    in_file = settings.file_variables
    for variable, value in told.items():
        if value and known[variable] and value != known[variable]:
            where = str(settings.env_file) if variable in in_file else "the environment"
            raise SetupRefused(f"{where} sets {variable} to something else: change it there")
    if known[CLIENT_ID]:
        where = str(settings.env_file) if CLIENT_ID in in_file else "the environment"
        show(f"The client id of your app is set in {where}.", markup=False)
        new = told[CLIENT_SECRET] if not known[CLIENT_SECRET] else None
        return {CLIENT_SECRET: new} if new else {}
    if given.client_id:
        client_id = given.client_id.strip()
        if not _ID.fullmatch(client_id):
            raise SettingsError("--client-id: it is not 32 letters and digits, as client ids are")
        secret = given.client_secret or (_secret() if given.asks else "")
        app = _without_empty(client_id, secret)
        if asks_spotify and not app_is_known(Settings.of(settings.variables | app).app):
            raise SetupRefused(
                "Spotify does not know an app with this client id"
                + (" and this secret" if secret else "")
                + ": copy it once more, or add --no-login"
            )
        return app
    if not given.asks:
        return {}
    show(OF_THE_APP.format(port=port), markup=False)
    return _asked_app(settings, given, asks_spotify=asks_spotify)


def _asked_app(settings: Settings, given: _Answers, *, asks_spotify: bool) -> dict[str, str]:
    before = None
    while True:
        client_id = str(click.prompt("Client id", default="", show_default=False)).strip()
        if not client_id:
            return {}
        if not _ID.fullmatch(client_id):
            show(f"It has {len(client_id)} characters; a client id is 32 letters and digits.")
            continue
        secret = given.client_secret or _secret()
        app = _without_empty(client_id, secret)
        if app == before or not asks_spotify:
            return app
        if app_is_known(Settings.of(settings.variables | app).app):
            return app
        show(
            "Spotify does not know an app with this client id"
            + (" and this secret" if secret else "")
            + ". Copy it once more (the same again is taken as it is)."
        )
        before = app


def _secret() -> str:
    show("The client secret is not needed: without it, logins use PKCE. It is not shown.")
    return str(click.prompt("Client secret", default="", show_default=False, hide_input=True))


def _without_empty(client_id: str, secret: str) -> dict[str, str]:
    return {CLIENT_ID: client_id} | ({CLIENT_SECRET: secret.strip()} if secret.strip() else {})


def _login(
    settings: Settings,
    name: str,
    port: int,
    given: _Answers,
    *,
    skip: bool,
    no_browser: bool,
    is_new: bool,
) -> bool:
    """Whether the listener is logged in, now or since before."""
    if not _value(settings, CLIENT_ID):
        return False
    has_login = TokenFile(settings.tokens_dir, name).read() is not None
    if skip or (has_login and not is_new):
        return has_login
    if given.asks and not click.confirm("\nLog in to Spotify now?", default=True):
        return has_login
    try:
        log_in(settings, name, port, no_browser=no_browser)
    except LoginError as problem:
        if not given.asks:
            raise
        click.echo(f"The login failed: {problem}", err=True)
        later = f"Write the settings all the same, and log in later with `playledger login {name}`?"
        click.confirm(later, default=True, abort=True)
        return False
    show(f"{name} is logged in for six months.")
    return True


def _add_listener(path: Path, name: str, zone: str, shown: str) -> None:
    """Add a listener to what the file holds now: a login takes minutes, and others may write it."""
    before = _text_of(path)
    if any(one.name == name for one in parse_listeners(before)):
        raise SetupRefused(
            f"{name} was added to {path} by somebody else meanwhile, and stays as it is there"
        )

    def unchanged() -> None:
        if _text_of(path) != before:
            raise SetupRefused(f"{path} has just been changed by somebody else: run this again")

    replace_text(path, with_listener(before, name, zone, shown), 0o644, unchanged)


def _refuse_other(listener: Listener, given: _Answers, path: Path) -> None:
    """Options that contradict what is known of a listener are not to be lost in silence."""
    checks: tuple[tuple[str, str | None, Callable[[], bool]], ...] = (
        ("time zone", given.timezone, lambda: _same_zone(listener, given.timezone or "")),
        ("name", given.display_name, lambda: listener.display_name == given.display_name),
    )
    for what, value, is_same in checks:
        if value is not None and not is_same():
            raise SetupRefused(
                f"{listener.name} is in {path} already, with another {what}: change it there"
            )


def _same_zone(listener: Listener, text: str) -> bool:
    return len(listener.zones) == 1 and listener.zones[0].name == zone_named(text)


def _text_of(path: Path) -> str:
    """All of a file, with the ends of lines that it has; empty where there is none."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return ""


def _value(settings: Settings, name: str) -> str:
    return settings.variables.get(name, "").strip()


def _next(called: str, name: str, *, has_app: bool, logged_in: bool) -> list[str]:
    lines = ["", "Next:"]
    if has_app and not logged_in:
        lines.append(f"  {called} login {name}")
    if has_app:
        lines.append(f"  {called} up")
    lines.append(f"  {called} import {name} my_spotify_data.zip    # your privacy export")
    return lines
