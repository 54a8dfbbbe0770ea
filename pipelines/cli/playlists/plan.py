"""`playledger playlists plan`: what new playlists would be, and nothing else.

What becomes of the sources is `listening/playlists/`, what is read from the lake
`library/planning.py`. No request goes to Spotify, and nothing needs a login.
"""

from typing import Any, get_args

import click
import msgspec

from pipelines.cli.terminal import show
from pipelines.library.planning import Planner, contexts_in, name_in
from pipelines.library.plans import Plans
from pipelines.listening.playlists.describe import one_line_each, terminal
from pipelines.listening.playlists.from_ledger import PICKS, SURE, default_name, parse_pick
from pipelines.listening.playlists.parts import Pace, Planned
from pipelines.listening.playlists.plan import Keep, Options, Order, Plan
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings

EXAMPLES = ", ".join(kind.example for kind in PICKS.values())


@click.command()
@click.argument("listener")
@click.option(
    "--from",
    "sources",
    multiple=True,
    metavar="PLAYLIST",
    help="A playlist that was read: name, id or address, or liked_songs; again for each.",
)
@click.option("--pick", metavar="WHAT", help=f"From what you heard instead: {EXAMPLES}.")
@click.option("--name", help="Of the new playlist; needed with --from.")
@click.option(
    "--keep",
    type=click.Choice(get_args(Keep)),
    default="first_added",
    show_default=True,
    help="Which one of several duplicates stays.",
)
@click.option(
    "--order",
    type=click.Choice(get_args(Order)),
    default="as_is",
    show_default=True,
    help="By `added`, the oldest is first; by `weight`, what stands there most often.",
)
@click.option(
    "--keep-weights", is_flag=True, help="A song stands as often as in all sources together."
)
@click.option("--without", default="", metavar="CONTEXTS", help="Such as kids,sleep.")
@click.option("--probable", is_flag=True, help="What is the same by name is a duplicate too.")
@click.option("--unplayable", is_flag=True, help="Also what could not be played at the last look.")
@click.option("--no-split", is_flag=True, help="Refuse what is too much for one playlist.")
@click.option(
    "--all",
    "with_excluded",
    is_flag=True,
    help="With --pick: also what was heard in contexts that you exclude.",
)
@click.option(
    "--confidence",
    type=click.FloatRange(0, 1),
    default=SURE,
    show_default=True,
    help="With --pick context:…: how sure its plays must be, on average.",
)
@click.option(
    "--top", type=click.IntRange(1), help="With --pick: so many songs at most; of a year 100."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object: the plan.")
@click.pass_obj
def plan(settings: Settings, /, listener: str, *, as_json: bool, **asked: Any) -> None:
    """Show what new playlists of LISTENER would be, and store that as a plan.

    Nothing is written to Spotify, and no request is sent there: sources are playlists as they were
    last read. Without --from and --pick, the plans that there are are listed.
    """
    of_listener = settings.listener(listener)
    lake = Lake.open(settings).of(of_listener.name)
    pace = Pace(settings.request_interval_s, settings.requests_per_hour)
    if not asked["sources"] and not asked["pick"]:
        plans = Plans(lake).every()
        if as_json:
            click.echo(msgspec.json.encode([_in_short(one) for one in plans]).decode())
        else:
            show(one_line_each(plans))
        return
    planner = Planner(lake, of_listener, pace)
    planned = _planned(planner, **asked)
    page = planner.save(planned)
    if as_json:
        document = {"page": page} | msgspec.to_builtins(planned.plan)
        click.echo(msgspec.json.encode(document).decode())
    else:
        show(terminal(planned.plan))
        show(f"All of it, in full: {page}", markup=False)


def _in_short(stored: Plan) -> dict[str, Any]:
    return {
        "id": stored.id,
        "name": stored.options.name,
        "made_at": stored.made_at,
        "items": [len(part.uris) for part in stored.parts],
        "sources": [source.playlist_id for source in stored.sources],
    }


def _planned(
    planner: Planner,
    *,
    sources: tuple[str, ...],
    pick: str | None,
    name: str | None,
    keep: Keep,
    order: Order,
    keep_weights: bool,
    without: str,
    probable: bool,
    unplayable: bool,
    no_split: bool,
    with_excluded: bool,
    confidence: float,
    top: int | None,
) -> Planned:
    if sources and pick:
        raise click.UsageError("give either --from or --pick")
    if sources and not name:
        raise click.UsageError('give the new playlist a --name, such as --name "Master"')
    options = Options(
        name=name_in(name) if name else "",
        keep=keep,
        order=order,
        keep_weights=keep_weights,
        without=contexts_in(without),
        probable=probable,
        split=not no_split,
        unplayable=unplayable,
    )
    if not pick:
        return planner.of_playlists(sources, options)
    scope = "all" if with_excluded else "mine"
    what = parse_pick(pick, scope=scope, confidence=confidence, top=top)
    named = msgspec.structs.replace(options, name=options.name or default_name(what))
    return planner.of_ledger(what, named)
