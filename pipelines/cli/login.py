"""`playledger login`: a listener gives consent at Spotify, and the token is stored.

How consent is asked for is `resources/spotify/consent.py`. `playledger init` logs in in the same
way.
"""

import webbrowser
from pathlib import Path

import click

from pipelines.cli.terminal import show
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.resources.spotify.consent import Authorization
from pipelines.resources.spotify.oauth import Login
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.settings import Purpose, Settings

CONSENT_TIMEOUT_S = 300
DEFAULT_PORT = 8888

_ALLOWS: dict[Purpose, str] = {
    "read": "read {listener}'s plays",
    "write": "make playlists in {listener}'s account",
}


@click.command()
@click.argument("listener")
@click.option(
    "--port", default=DEFAULT_PORT, show_default=True, help="Port of the redirect address."
)
@click.option(
    "--no-browser", is_flag=True, help="Print the address and ask for the one you end up at."
)
@click.option(
    "--write",
    is_flag=True,
    help="A second login, with which `playlists apply` may make new playlists.",
)
@click.pass_obj
def login(settings: Settings, listener: str, port: int, *, no_browser: bool, write: bool) -> None:
    """Log LISTENER in to Spotify and store the token.

    The app's settings at Spotify must list the redirect address http://127.0.0.1:PORT/callback.
    """
    name = settings.listener(listener).name
    for mistake in settings.mistakes:
        show(mistake, style="yellow")
    purpose: Purpose = "write" if write else "read"
    path = log_in(settings, name, port, purpose, no_browser=no_browser)
    show(f"{name} is logged in for six months. The token is in {path}")
    if write:
        show("It makes playlists when you confirm a plan, and nothing else uses it.")


def log_in(
    settings: Settings, name: str, port: int, purpose: Purpose = "read", *, no_browser: bool
) -> Path:
    """Ask a listener for consent, and store their token.

    Args:
        settings: with the app that asks.
        name: of the listener, who need not be in `listeners.toml` yet.
        port: where on 127.0.0.1 Spotify redirects to.
        purpose: what the login is for.
        no_browser: whether the address is only shown, and the redirect asked for.

    Returns:
        Where the token is.
    """
    Spotify(settings, Lake.open(settings)).lockouts(name).check()
    authorization = Authorization(settings.app_of(name), port, purpose)
    show(f"Open this address to let Playledger {_ALLOWS[purpose].format(listener=name)}:")
    show(authorization.url, style="bold")
    redirect = None if no_browser else _redirect_from_browser(authorization)
    redirect = redirect or click.prompt("Paste the address that you were redirected to")
    file = TokenFile(settings.tokens_dir, name, purpose)
    stored = Login(settings.app_of(name), file, settings.refresh_token(name, purpose))
    authorization.finish(authorization.code_from(redirect.strip()), stored)
    return file.path


def _redirect_from_browser(authorization: Authorization) -> str | None:
    """The address that a browser on this machine was redirected to; None without a browser."""
    with authorization.redirect_server() as wait:
        if webbrowser.open(authorization.url):
            return wait(CONSENT_TIMEOUT_S)
    return None
