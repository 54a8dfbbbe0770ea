"""`playledger dashboard`: serves the dashboard, invites people to it, and ends their logins.

What is served is `dashboard/app.py`; who may see what is `dashboard/login/access.py`.
"""

from datetime import UTC, datetime, timedelta

import click
from rich.table import Table
from rich.text import Text

from pipelines.cli.terminal import show
from pipelines.errors import DashboardError
from pipelines.listening.plain_text import plain
from pipelines.ops.services import running_in
from pipelines.resources.dashboard_logins import DashboardLogin, DashboardLogins
from pipelines.settings import Settings

HOST, PORT = "127.0.0.1", 8501
MOST_HOURS = 24 * 14


@click.group(invoke_without_command=True)
@click.option("--host", default=HOST, show_default=True, help="Address to listen at.")
@click.option("--port", default=PORT, show_default=True, help="Port to listen at; 0 for any.")
@click.pass_context
def dashboard(ctx: click.Context, host: str, port: int) -> None:
    """Serve the dashboard, or say who may see it.

    Everybody logs in with the Spotify account whose plays are collected. The app's settings at
    Spotify must list the redirect address http://127.0.0.1:PORT/auth/callback, or that of
    DASHBOARD_URL. Ctrl-C ends it.
    """
    if ctx.invoked_subcommand is None:
        # Only who serves needs what comes with the extra, and waits for it.
        from pipelines.dashboard.app import serve  # noqa: PLC0415

        settings: Settings = ctx.obj
        serve(settings, host, port, on_start=_say_where)


def _say_where(url: str) -> None:
    show(f"The dashboard is at {url} (Ctrl-C ends it)")


@dashboard.command()
@click.argument("listener")
@click.option(
    "--hours",
    default=24.0,
    show_default=True,
    type=click.FloatRange(0.1, MOST_HOURS),
    help="How long the link works.",
)
@click.pass_obj
def invite(settings: Settings, listener: str, hours: float) -> None:
    """Print a link that logs LISTENER in to the dashboard, once.

    For those who cannot log in with Spotify, and for the first look. Whoever has the link is let
    in as LISTENER: send it to them alone.
    """
    name = settings.listener(listener).name
    lasts = timedelta(hours=hours)
    show(invitation_link(settings, name, lasts, _url_of_up(settings)), markup=False)
    until = datetime.now(UTC) + lasts
    show(f"It logs {name} in once, until {until:%Y-%m-%d %H:%M} UTC. It is stored nowhere.")


def _url_of_up(settings: Settings) -> str | None:
    """Where the `playledger up` that runs here serves the dashboard; None where none does."""
    home = settings.dagster_home
    told = running_in(home) if home else None
    port = (told or {}).get("ports", {}).get("dashboard")
    return f"http://{HOST}:{port}" if port else None


def invitation_link(
    settings: Settings, listener: str, lasts: timedelta, url: str | None = None
) -> str:
    """A link that logs a listener in, once.

    Args:
        settings: where logins are kept, and the dashboard's address.
        listener: their name.
        lasts: how long it works.
        url: where the dashboard is served, if `DASHBOARD_URL` does not say it.
    """
    url = settings.dashboard.url or url or f"http://{HOST}:{PORT}"
    token = DashboardLogins(settings.dashboard).invite(listener, lasts)
    return f"{url}/auth/invite#{token}"


@dashboard.command()
@click.argument("listener", required=False)
@click.option("--end", "name", help="End this one; `all` ends all that are shown.")
@click.pass_obj
def sessions(settings: Settings, listener: str | None, name: str | None) -> None:
    """Show who is logged in to the dashboard, or end a login.

    With LISTENER only theirs.
    """
    logins = DashboardLogins(settings.dashboard)
    found = logins.all(listener)
    if name:
        chosen = [one for one in found if name in {"all", one.name}]
        if not chosen and name != "all":
            raise DashboardError(f"there is no login {name!r}: `playledger dashboard sessions`")
        ended = sum(logins.end(one.key) for one in chosen)
        show(f"{ended} {'login' if ended == 1 else 'logins'} ended.")
        return
    if not found:
        show("Nobody is logged in.")
    else:
        show(_table(found))
    if invited := logins.invitations(listener):
        links = "link was" if invited == 1 else "links were"
        show(f"{invited} {links} made and not used yet.")


def _table(found: list[DashboardLogin]) -> Table:
    table = Table(title="Logged in to the dashboard")
    for column in ("login", "listener", "since", "last used", "ends", "browser"):
        table.add_column(column)
    for one in found:
        moments = (one.began_at, one.seen_at, one.ends_at)
        table.add_row(
            one.name,
            one.listener,
            *(f"{at:%Y-%m-%d %H:%M}" for at in moments),
            Text(plain(one.agent)),  # not markup: a browser says of itself what it likes
        )
    return table
