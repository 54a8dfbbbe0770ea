"""The entry point of `playledger`: joins the commands, reads the settings, shows errors.

Add a line here for a new command; the command itself is a module of its own. Settings are read here
once and reach the commands as click's context object.
"""

import click

from pipelines.cli.cache import cache
from pipelines.cli.dashboard import dashboard
from pipelines.cli.export_tables import export
from pipelines.cli.forget import forget
from pipelines.cli.import_history import import_history
from pipelines.cli.init import init
from pipelines.cli.label import label
from pipelines.cli.login import login
from pipelines.cli.lookup import lookup
from pipelines.cli.playlists import playlists
from pipelines.cli.reference import reference
from pipelines.cli.status import status
from pipelines.cli.survey import survey
from pipelines.cli.up import up
from pipelines.cli.workspace import workspace
from pipelines.errors import PlayledgerError
from pipelines.listening.plain_text import plain
from pipelines.ops import logs
from pipelines.settings import Settings, read_environment_file


class OneLineErrors(click.Group):
    """A group of commands that shows an expected failure as one line, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except PlayledgerError as problem:
            # It may name a playlist or quote an answer, and those have any characters.
            raise click.ClickException(plain(str(problem))) from None


@click.group(cls=OneLineErrors)
@click.version_option(package_name="playledger", message="%(package)s %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Playledger: a ledger of everything you heard on Spotify."""
    read_environment_file(dagster_home=True)
    ctx.obj = Settings()
    logs.configure(ctx.obj)


for command in (
    *(init, up, login, status, import_history, export, label, forget, reference, playlists),
    *(cache, lookup, survey, dashboard, workspace),
):
    main.add_command(command)


if __name__ == "__main__":
    main()
