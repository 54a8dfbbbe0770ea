"""`playledger workspace`: what Dagster's webserver and daemon are told of the code locations.

How listeners are divided is `settings/locations.py`, and who serves them `serve_code.py`. Add
here how another way to deploy is told; where it runs is `deploy/`.
"""

import json
from collections.abc import Iterator

import click

from pipelines.ops.code_servers import servers_on_ports
from pipelines.settings import Location, Settings, crowded, locations
from pipelines.settings.locations import NAME


@click.command()
@click.option("--host", default="code", show_default=True, help="Where the code is served.")
@click.option("--port", default=4000, show_default=True, help="Of the first location there.")
@click.option("--helm", is_flag=True, help="The deployments for deploy/helm/values.yaml instead.")
@click.pass_context
def workspace(ctx: click.Context, host: str, port: int, *, helm: bool) -> None:
    """Print a workspace.yaml with one code location for each Spotify app.

    With one app there is one location. LISTENERS_FILE says who names which app.
    """
    settings: Settings = ctx.obj
    divided = locations(settings.listeners)
    for line in _deployments(divided) if helm else _workspace(divided, host, port):
        click.echo(line)
    for sentence in crowded(settings.listeners):
        click.echo(f"Note: {sentence}", err=True)


def _workspace(divided: tuple[Location, ...], host: str, port: int) -> Iterator[str]:
    yield f"# Made by `playledger workspace`. There, in one process with {len(divided)} children:"
    yield f"#   python -m pipelines.cli.serve_code 0.0.0.0 {port}"
    yield "load_from:"
    for server in servers_on_ports(divided, host, port):
        told = json.dumps({"grpc_server": server.told})  # JSON is YAML
        yield f"  - {told}  # {_people(server.location)}"


def _deployments(divided: tuple[Location, ...]) -> Iterator[str]:
    """Lines below the deployment `&code` of the values, whose settings they have too."""
    first, *others = divided
    asks = f"; give it PLAYLEDGER_APP: {first.app}" if others else ""
    yield f"    # {NAME}: {_people(first)}{asks}"
    for one in others:
        yield f"    - <<: *code # {_people(one)}"
        yield f"      name: {one.name}"
        # In quotes, since YAML takes `no` and `007` for something else.
        yield f"      env: {{ <<: *env, PLAYLEDGER_APP: {json.dumps(one.app)} }}"


def _people(location: Location) -> str:
    return ", ".join(one.name for one in location.listeners) or "nobody"
