"""`playledger up`: Dagster's daemon and webserver, and the dashboard, until Ctrl-C.

How processes are kept together is `ops/services.py`; which ones there are is here.
"""

import json
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from pipelines.cli.terminal import show
from pipelines.errors import PlayledgerError, SettingsError, StartFailed
from pipelines.ops.code_servers import DEFINITIONS, servers_in_folder, workspace_of
from pipelines.ops.reports import report_address
from pipelines.ops.services import (
    AlreadyRunning,
    Service,
    Services,
    free_port,
    only_one,
)
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Listener, Settings, crowded, locations

Tell = Callable[[Mapping[str, Any]], None]

CHECK_EVERY_S = 0.5
READY_S = 300
"""What a slow machine takes to load everything."""

CONFIGURATION = Path(__file__).parents[1] / "ops" / "dagster.yaml"
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
    try:
        with only_one(home) as (lock, tell):
            root = ctx.find_root().command
            has_dashboard = isinstance(root, click.Group) and "dashboard" in root.commands
            _run(
                settings, home, lock, tell, _ports(port, dashboard_port, with_second=has_dashboard)
            )
    except AlreadyRunning as other:
        show(f"Playledger is running here already (process {other.told.get('pid')}).")
        for line in other.told.get("lines", ["It is just being started."]):
            show(line, markup=False)


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
            shutil.copyfile(CONFIGURATION, home / "dagster.yaml")
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


def _run(
    settings: Settings,
    home: Path,
    lock: int,
    tell: Tell,
    ports: Mapping[str, tuple[int, int]],
) -> None:
    """Start everything, say where it is, and wait for the end of it."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as with `nohup`
            signal.signal(number, lambda *_: over.set())
    environment = settings.variables | {"DAGSTER_HOME": str(home)}
    # A socket's name may be short only, and that of `DAGSTER_HOME` may be long.
    with tempfile.TemporaryDirectory(prefix="playledger-") as folder:
        services = Services(home, environment, lock)
        try:
            show("Starting, which takes some seconds …")
            workspace = _prepare(services, home, settings.listeners, Path(folder), over.is_set)
            for service in _services(ports, workspace):
                services.start(service)
            for name in ports:
                services.wait_ready(name, READY_S, over.is_set)
            if not over.is_set():
                lines = list(_lines(settings, services, ports))
                tell({"lines": lines})
                show("Playledger is up; Ctrl-C ends it.", style="bold")
                for line in lines:
                    show(line, markup=False)
            while not over.wait(CHECK_EVERY_S):
                services.check()
            show("Ending …")
        except StartFailed:
            for line in services.last_lines(services.ended()):
                click.echo(f"  {line}", err=True)
            raise
        finally:
            services.end()


def _beside(command: str) -> str:
    """A command that was installed with this one."""
    return str(Path(sys.executable).with_name(command))


def _prepare(
    services: Services,
    home: Path,
    listeners: Sequence[Listener],
    folder: Path,
    is_over: Callable[[], bool],
) -> Path:
    """What the others need before them.

    In an empty home that is Dagster's tables: two processes that make the same ones at once end
    each other. Then the definitions, which one process holds for the daemon and the webserver:
    either would load them in one of its own, of some 200 MB. Where there are several Spotify apps,
    that process has a child for each.

    Args:
        services: among which it is started.
        home: `DAGSTER_HOME`.
        listeners: whose definitions are to be served.
        folder: in which, on sockets.
        is_over: whether somebody wants all of this to end.

    Returns:
        The file that tells Dagster where the definitions are served.
    """
    if not (home / "schedules").exists():
        services.complete(Service("storage", [_beside("dagster"), "instance", "migrate"]))
    for sentence in crowded(listeners):
        show(f"Note: {sentence}")
    servers = servers_in_folder(locations(listeners), folder)
    first, *others = servers
    command = [_beside("dagster"), *first.arguments]
    if others:
        command = [sys.executable, "-m", "pipelines.cli.serve_code", str(folder)]
    services.start(Service("definitions", command, first.listens))
    services.wait_ready("definitions", READY_S, is_over)
    workspace = services.folder / "workspace.yaml"
    told = workspace_of(servers)
    told["load_from"][0]["grpc_server"]["location_name"] = DEFINITIONS  # as ever
    workspace.write_text(json.dumps(told))  # JSON is YAML
    return workspace


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


def _lines(
    settings: Settings, services: Services, ports: Mapping[str, tuple[int, int]]
) -> Iterator[str]:
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
    try:
        lake = Lake.open(settings)
        found = [report_address(lake.of(one.name)) for one in settings.listeners]
    except PlayledgerError as problem:
        yield f"  Reports    {problem}"
    else:
        report, *others = [one for one in found if one] or ["none yet: after the first daily run"]
        yield f"  Reports    {report}"
        for one in others:
            yield f"             {one}"
    yield f"  Logs       {services.folder}"
