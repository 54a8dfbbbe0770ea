"""`playledger up`: Dagster's daemon and webserver, and the dashboard, until Ctrl-C.

Which processes there are is here. How they are started and watched is `keep_up.py`, which this
command becomes, and how they are kept together `ops/services.py`.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

import click

from pipelines.cli import keep_up
from pipelines.cli.keep_up import Plan
from pipelines.cli.terminal import show
from pipelines.errors import SettingsError, StartFailed
from pipelines.ops.code_servers import DEFINITIONS, servers_in_folder, workspace_of
from pipelines.ops.services import (
    FOLDER,
    Service,
    free_port,
    is_written,
    wait_for_the_end_in,
)
from pipelines.settings import Settings, crowded, locations
from pipelines.settings.writing import put_in_place

CONFIGURATION = Path(__file__).parents[1] / "ops" / "dagster.yaml"
WEBSERVER_URL = "DAGSTER_WEBSERVER_URL"
WITHOUT_DASHBOARD = "not installed: pip install 'playledger[dashboard]'"


@click.command()
@click.option("--port", default=3000, show_default=True, help="Of Dagster's pages.")
@click.option("--dashboard-port", default=8501, show_default=True, help="Of the dashboard.")
@click.pass_context
def up(ctx: click.Context, port: int, dashboard_port: int) -> None:
    """Run everything until Ctrl-C: collecting, Dagster's pages and the dashboard.

    What they say is logged in DAGSTER_HOME, by default .dagster in this folder. A port that is
    taken is replaced by the next free one.
    """
    settings: Settings = ctx.obj
    home = _home(settings)
    root = ctx.find_root().command
    wait_for_the_end_in(home, lambda: show("Waiting for the end of what still runs here …"))
    has_dashboard = isinstance(root, click.Group) and "dashboard" in root.commands
    ports = _ports(port, dashboard_port, with_second=has_dashboard)
    for sentence in crowded(settings.listeners):
        show(f"Note: {sentence}")
    # A socket's name may be short only, and that of `DAGSTER_HOME` may be long.
    with is_written("the folder of temporary files"):
        folder = Path(tempfile.mkdtemp(prefix="playledger-"))
    plan = _plan(settings, home, ports, folder)
    keep_up.become(plan, folder, _environment(settings, home, ports))


def _environment(
    settings: Settings, home: Path, ports: Mapping[str, tuple[int, int]]
) -> Mapping[str, str]:
    """What all processes are given: the settings, and where the others are."""
    variables = settings.variables | {"DAGSTER_HOME": str(home)}
    if not variables.get(WEBSERVER_URL, "").strip():
        _, port = ports["webserver"]
        variables[WEBSERVER_URL] = f"http://127.0.0.1:{port}"
    return variables


def _ports(port: int, dashboard_port: int, *, with_second: bool) -> dict[str, tuple[int, int]]:
    """The ports that were wanted and those that are free, by the name of who takes them."""
    wanted = {"webserver": port}
    if with_second and find_spec("streamlit") is not None:
        wanted["dashboard"] = dashboard_port
    found: dict[str, tuple[int, int]] = {}
    for name, one in wanted.items():
        free = free_port(one)
        if free in {taken for _, taken in found.values()}:
            free = free_port(free + 1)
        found[name] = (one, free)
    return found


def _home(settings: Settings) -> Path:
    """The folder in which Dagster keeps its records, configured; and a set-up that can run."""
    if not settings.listeners:
        raise StartFailed(
            f"there is nobody in {settings.listeners_file} yet: run `playledger init`"
        )
    home = settings.dagster_home or settings.default_dagster_home
    if not home.is_absolute():
        raise SettingsError(f"DAGSTER_HOME: {home} is not a whole path, and Dagster takes no other")
    _refuse_two_values(settings, home)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (home / "dagster.yaml").exists():
            # All of it or nothing: with half of it Dagster would have settings of its own for good.
            text = CONFIGURATION.read_text(encoding="utf-8")
            put_in_place(home / "dagster.yaml", text, 0o644)
    except OSError as problem:
        raise StartFailed(f"{home} cannot be written ({problem.strerror})") from None
    return home


def _refuse_two_values(settings: Settings, home: Path) -> None:
    """Of two values Dagster's processes would take that in `.env`, and this command the other."""
    variables = settings.variables | {"DAGSTER_HOME": str(home)}
    here = {name: value for name, value in variables.items() if name != "ENV_FILE"}
    for name, value in Settings.of(here).file_variables.items():
        if variables.get(name) != value:
            raise SettingsError(
                f"{name} is one thing in the environment and another in .env, which Dagster "
                "prefers: unset one of them"
            )


def _beside(command: str) -> str:
    """A command that was installed with this one."""
    return str(Path(sys.executable).with_name(command))


def _plan(
    settings: Settings, home: Path, ports: Mapping[str, tuple[int, int]], folder: Path
) -> Plan:
    """What is to run.

    In an empty home Dagster's tables come first: two processes that make the same ones at once end
    each other. Then the definitions, which one process holds for the daemon and the webserver:
    either would load them in one of its own, of some 200 MB. Where there are several Spotify apps,
    that process has a child for each.

    Args:
        settings: of the program.
        home: `DAGSTER_HOME`.
        ports: by the name of who takes them, the wanted one and the free one.
        folder: in which the definitions are served, on sockets.
    """
    is_new = not (home / "schedules").exists()
    servers = servers_in_folder(locations(settings.listeners), folder)
    first, *others = servers
    command = [_beside("dagster"), *first.arguments]
    if others:
        command = [sys.executable, "-m", "pipelines.cli.serve_code", str(folder)]
    return Plan(
        home,
        workspace_of(servers, first=DEFINITIONS),
        Service("storage", [_beside("dagster"), "instance", "migrate"]) if is_new else None,
        [
            [Service("definitions", command, first.listens)],
            list(_services(ports, home / FOLDER / keep_up.WORKSPACE)),
        ],
        list(_lines(settings, ports)),
    )


def _services(ports: Mapping[str, tuple[int, int]], workspace: Path) -> Iterator[Service]:
    where = ["-w", str(workspace)]
    dagster = [sys.executable, "-m", "pipelines.ops.dagster_command"]
    yield Service("daemon", [*dagster, "dagster-daemon", "run", *where])
    _, port = ports["webserver"]
    server = [*dagster, "dagster-webserver", "-h", "127.0.0.1", "-p", str(port), *where]
    yield Service("webserver", server, port)
    if "dashboard" in ports:
        _, port = ports["dashboard"]
        shown = [sys.executable, "-m", "pipelines.cli.main", "dashboard", "--port", str(port)]
        yield Service("dashboard", shown, port)


def _lines(settings: Settings, ports: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """What to open, and what else a person should know."""
    for title, name in (("Dashboard", "dashboard"), ("Dagster", "webserver")):
        if name in ports:
            wanted, port = ports[name]
            taken = f"   (port {wanted} is taken)" if port != wanted else ""
            yield f"  {title:<10} http://127.0.0.1:{port}{taken}"
            if taken and name == "dashboard":
                yield f"{'':<13}To log in there, add http://127.0.0.1:{port}/auth/callback to the"
                yield f"{'':<13}redirect addresses of your app at Spotify"
        else:
            yield f"  {title:<10} {WITHOUT_DASHBOARD}"
    if "dashboard" in ports and len(settings.listeners) > 1 and not settings.dashboard.owners:
        first = settings.listeners[0].name
        yield f"{'':<13}Nobody sees there how collecting goes for all: to let {first} see it, set"
        yield f"{'':<13}DASHBOARD_OWNERS={first} in {settings.env_file}"
