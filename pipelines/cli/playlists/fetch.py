"""`playledger playlists fetch`: reads playlists now, shows how far it is and what became of each.

Which requests are sent, and what is kept, is `library/fetching.py`; the schedule does the same.
"""

from collections.abc import Sequence

import click
from rich.progress import MofNCompleteColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from pipelines.cli.terminal import progress_bar, show
from pipelines.errors import FetchFailed
from pipelines.library.fetching import ReadResult, read_playlists
from pipelines.library.reading import Progress
from pipelines.listening.plain_text import plain
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Settings

STATES = {
    "read": "read",
    "unchanged": "as before",
    "not_readable": "not readable",
    "goes_on": "not finished",
    "later": "as before",
    "failed": "failed",
}


@click.command()
@click.argument("listener")
@click.argument("names", metavar="[PLAYLIST]...", nargs=-1)
@click.option("--force", is_flag=True, help="Read them even if they have not changed.")
@click.option(
    "--playable", is_flag=True, help="Read them once more, to see what can be played where you are."
)
@click.pass_obj
def fetch(
    settings: Settings, listener: str, names: Sequence[str], *, force: bool, playable: bool
) -> None:
    """Read LISTENER's playlists from Spotify, item by item, as far as they have changed.

    PLAYLIST is a name, an id, a uri or an address; without any, those that listeners.toml names are
    read, or all that LISTENER owns, and the songs that they like. Every page is kept as it comes:
    if this is interrupted, run it again, and it goes on with the page after the last one.
    """
    of_listener = settings.listener(listener)
    lake = Lake.open(settings)
    label = f"pages of {of_listener.name}'s playlists"
    with progress_bar(label, MofNCompleteColumn(), TimeRemainingColumn()) as move:

        def tell(progress: Progress) -> None:
            move(progress.done, progress.total)

        result = read_playlists(
            lake.of(of_listener.name),
            Spotify(settings, lake),
            of_listener.playlists,
            names=names,
            force=force,
            playable=playable,
            progress=tell,
        )
    if result.outcomes:
        show(outcome_table(result))
    show(f"{result.requests:,} requests, {result.pages:,} pages, {result.items:,} items")
    for damaged in result.derived.damaged.values():
        show(f"not used: {damaged}", markup=False)
    if result.stopped:
        raise FetchFailed(
            f"{result.stopped}; {_kept(result.pages)}: "
            f"run `playledger playlists fetch {of_listener.name}` again then, and it goes on"
        ) from None
    if result.problems:
        raise FetchFailed("; ".join(result.problems))


def _kept(pages: int) -> str:
    was = {0: "no page was read", 1: "1 page that was read is kept"}
    return was.get(pages, f"{pages:,} pages that were read are kept")


def outcome_table(result: ReadResult) -> Table:
    """What became of each playlist."""
    table = Table()
    table.add_column("playlist")
    table.add_column("")
    table.add_column("pages", justify="right")
    table.add_column("items", justify="right")
    table.add_column("")
    rows = {row["playlist_id"]: row for row in result.derived.rows.to_pylist()}
    for one in result.outcomes:
        row = rows.get(one.playlist_id, {})
        table.add_row(
            Text(plain(row.get("name") or one.name)),  # not markup: names have brackets
            STATES[one.state],
            f"{one.pages:,}",
            "" if row.get("items") is None else f"{row['items']:,}",
            Text(plain(one.problem or _difference(row))),
        )
    return table


def _difference(row: dict[str, int | None]) -> str:
    told, items = row.get("total"), row.get("items")
    if told is None or items is None or told == items:
        return ""
    return f"Spotify says that there are {told:,}"
