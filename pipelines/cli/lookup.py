"""`playledger lookup`: everything that is known of one track, in one answer.

What is known, and from where, is `ops/lookup.py`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from pipelines.cli.terminal import show
from pipelines.errors import NoSuchTrack
from pipelines.listening.catalogue.kinds import SPOKEN
from pipelines.listening.plain_text import plain
from pipelines.ops.lookup import look_up
from pipelines.resources.cache.opening import open_store
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings

MOST_NAMED = 20
"""How many of the tracks that match are named."""

COUNTS = {
    "local_plays": "your plays of 30 seconds or more",
    "local_plays_all": "your plays of any length",
    "lastfm_user_plays": "your scrobbles at Last.fm",
    "agreement": "your plays by your scrobbles",
    "lastfm_global_plays": "everyone's scrobbles at Last.fm",
    "lastfm_global_listeners": "listeners at Last.fm",
    "spotify_global_plays": "everyone's plays on Spotify",
}
AS_OF = {
    "lastfm_user_plays": "lastfm_user_as_of",
    "lastfm_global_plays": "lastfm_as_of",
    "lastfm_global_listeners": "lastfm_as_of",
    "spotify_global_plays": "spotify_as_of",
}


SOURCES = {
    "catalogue": "Spotify's catalogue",
    "search": "a search in Spotify's catalogue: a guess",
    "top_lists": "your top lists, of the artist",
    "audio_features": "reference data",
    "artist_genres": "reference data, of the artist",
}
"""Where something is from, where the name of it would not tell."""


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="[LISTENER] TRACK")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print it as JSON; of several that match, their names by recording_id.",
)
@click.pass_obj
def lookup(settings: Settings, words: tuple[str, ...], *, as_json: bool) -> None:
    """Show everything that is known of TRACK: what it is, counts, contexts, playlists, links.

    TRACK is an id, uri or address of Spotify's, an ISRC, a recording_id, or "artist - title". Where
    there is only one listener, LISTENER may be left out. Nothing is asked of Spotify or Last.fm.
    """
    listener, track = _named(settings, words)
    kept = settings.cache
    cache = open_store(kept) if kept.fresh_for else None
    try:
        answer = look_up(Lake.open(settings).of(listener), track, cache)
    except NoSuchTrack as problem:
        if as_json and problem.matches:
            _print({"matches": problem.matches})
        elif problem.matches:
            show(_matches(problem.matches))
        raise
    if as_json:
        _print(answer)
    else:
        show(_table(answer))
        for name, link in answer["links"].items():  # in a table they would be cut
            show(f"{name}: {plain(link)}", markup=False)


def _print(document: Mapping[str, Any]) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _named(settings: Settings, words: tuple[str, ...]) -> tuple[str, str]:
    match words:
        case (track,):
            listeners = settings.listeners
            if len(listeners) != 1:
                names = ", ".join(one.name for one in listeners) or "nobody"
                raise click.UsageError(f"say whose track it is (there is: {names})")
            return listeners[0].name, track
        case (listener, track):
            return settings.listener(listener).name, track
        case _:
            raise click.UsageError('write "artist - title" in quotes')


def _matches(matches: Mapping[str, str]) -> Table:
    """The recordings that may be meant, or the first of them."""
    table = Table()
    table.add_column("track")
    table.add_column("recording_id", overflow="fold")
    for id_, name in [*matches.items()][:MOST_NAMED]:
        table.add_row(Text(plain(name)), Text(plain(id_)))
    if len(matches) > MOST_NAMED:
        table.add_row(f"and {len(matches) - MOST_NAMED} more", "")
    return table


def _table(answer: dict[str, Any]) -> Table:
    title = f"{answer['artist_name'] or 'nobody'} - {answer['track_name']}"
    table = Table(title=Text(plain(title)), show_header=False)
    for justify in ("left", "right", "left"):
        table.add_column("", justify=justify, overflow="fold")

    def add(what: str, value: object, besides: str = "") -> None:
        shown = str(value) if what == "release year" else _shown(value)  # a year is no amount
        table.add_row(what, Text(plain(shown)), Text(plain(besides)))

    add("recording", answer["recording_id"])
    for name, told in answer["metadata"].items():
        source = SOURCES.get(told["source"], told["source"])
        day = f", {_day(told['as_of'])}" if told["as_of"] else ""
        add(name.replace("_", " "), told["value"], f"from {source}{day}")
    for asked in answer["catalogue"]:
        add("asked of the catalogue", *_asked(asked))
    table.add_section()
    for row in _counts(answer):
        add(*row)
    table.add_section()
    for name in ("first", "last"):
        at = answer[f"{name}_played_at"]
        add(f"{name} play", at and f"{at[:16].replace('T', ' ')} UTC")
    for one in answer["contexts"]:
        add(f"plays: {one['context']}", one["plays"])
    for one in answer["playlists"]:
        places = ", ".join(map(str, one["positions"][:10]))
        add("in playlist", one["name"] or one["playlist_id"], f"at {places}")
    return table


def _counts(answer: Mapping[str, Any]) -> Iterator[tuple[str, object, str]]:
    counts = answer["counts"]
    if not counts and answer["first_played_at"]:
        plays = sum(one["plays"] for one in answer["tracks"])
        spoken = answer["kind"] in SPOKEN
        why = "play_counts is of music alone" if spoken else "play_counts is not made yet"
        yield COUNTS["local_plays"], plays, why
    elif not counts:
        yield "counts", None, "never played"
    for name, words in COUNTS.items():
        if name in counts:
            reason = counts["spotify_reason"] if name == "spotify_global_plays" else None
            yield words, counts[name], reason or _day(counts.get(AS_OF.get(name, "")))
    for one in counts.get("lastfm_names", ()):
        yield "counted at Last.fm", one, "a correction is in it" * counts["lastfm_corrected"]


def _asked(row: Mapping[str, Any]) -> tuple[str, str]:
    """What the catalogue answered, and what was asked and when."""
    by = "by its id" if row["asked_by"] == "id" else "by its names"
    if not row["place"]:
        return f"nothing ({row['status']})", f"{by}, {_day(row['asked_at'])}"
    found = f"hit {row['place']}: {row['track_id']}" if row["asked_by"] == "search" else "found"
    return found, f"{by}, {_day(row['told_at'])}"


def _shown(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _day(instant: str | None) -> str:
    return f"as of {instant[:10]}" if instant else ""
