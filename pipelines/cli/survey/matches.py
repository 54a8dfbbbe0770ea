"""`playledger survey matches`: shows songs of which the track is not known, and lets one choose.

This is the one place where a song is shown as somebody wrote it. How choices are stored is
`surveys/choosing.py`.
"""

import sys
from collections.abc import Callable, Sequence

import click
from rich.table import Table
from rich.text import Text

from pipelines.cli.terminal import show
from pipelines.errors import RefusedChoice
from pipelines.listening.plain_text import plain
from pipelines.listening.schema.survey_tables import SONGS
from pipelines.listening.survey.coverage import coverage_of_group, describe_coverage
from pipelines.resources.lake.lakes import Lake, SurveyLake
from pipelines.settings import Settings
from pipelines.surveys.choosing import (
    NONE,
    Candidate,
    OpenSong,
    choose,
    open_songs,
    read_choices,
    undo,
)

MOST_SHOWN = 50
"""How many songs are listed, unless more are asked for."""

TAKES_EFFECT = "This takes effect with the survey's next run: `playledger survey run {name}`."

SKIP, STOP = "", "q"


@click.command()
@click.argument("name")
@click.option(
    "--choose",
    "chosen",
    multiple=True,
    metavar="SONG_KEY=TRACK",
    help="Take TRACK for a song: a candidate's number, an id or address of Spotify's, an ISRC, or "
    "`none`. May be given several times.",
)
@click.option("--undo", "undone", multiple=True, metavar="SONG_KEY", help="Take a choice back.")
@click.option("--all", "everything", is_flag=True, help=f"List more than {MOST_SHOWN} songs.")
@click.pass_obj
def matches(
    settings: Settings,
    name: str,
    chosen: tuple[str, ...],
    undone: tuple[str, ...],
    *,
    everything: bool,
) -> None:
    """List songs of survey NAME of which the track is not known, with what they may be.

    On a terminal it then asks for one after the other. A choice holds for everybody who wrote the
    song so, in every later run, until it is taken back.
    """
    survey = settings.survey(name)
    lake = Lake.open(settings).survey(survey.name)
    for key in undone:
        show(f"{undo(lake, key)}: your choice is taken back")
    for pair in chosen:
        key, equals, track = pair.partition("=")
        if not (key and equals and track):
            raise click.UsageError(f"{pair!r} is not like SONG_KEY=TRACK")
        show(f"{choose(lake, key, track)}: chosen")
    if chosen or undone:
        show(TAKES_EFFECT.format(name=survey.name))
        return
    songs = open_songs(lake)
    show(describe_coverage(coverage_of_group(lake.read(SONGS))))
    if songs:
        show(songs_table(songs if everything else songs[:MOST_SHOWN]))
    if len(songs) > MOST_SHOWN and not everything:
        show(f"and {len(songs) - MOST_SHOWN} more (`--all` lists them)")
    if not songs:
        show("There is no song to choose a track for.")
    if choices := choices_table(lake):
        show(choices)
    if songs and _on_a_terminal() and _ask(lake, songs, click.prompt):
        show(TAKES_EFFECT.format(name=survey.name))


def _on_a_terminal() -> bool:
    return sys.stdin.isatty()


def songs_table(songs: Sequence[OpenSong]) -> Table:
    """Songs, each with how many people named it and what it may be.

    Args:
        songs: in the order in which they are shown.
    """
    table = Table(title="Songs of which the track is not known")
    for header, justify in (("song key", "left"), ("people", "right"), ("song", "left")):
        table.add_column(header, justify=justify)  # type: ignore[arg-type]
    table.add_column("may be")
    for one in songs:
        candidates = "\n".join(map(_candidate, one.candidates)) or one.state
        table.add_row(one.key, str(one.people), Text(plain(one.name)), Text(candidates))
    return table


def choices_table(lake: SurveyLake) -> Table | None:
    """What was chosen so far, by the song's key; None where nothing was.

    Args:
        lake: the survey's.
    """
    choices = read_choices(lake)
    if not choices:
        return None
    table = Table(title="Chosen so far (`--undo SONG_KEY` takes it back)")
    table.add_column("song key")
    table.add_column("track")
    for key, track in sorted(choices.items()):
        if track is None:
            table.add_row(key, NONE)
            continue
        names = " - ".join(filter(None, (track.get("artist_name"), track.get("track_name"))))
        table.add_row(key, Text(plain(names or track.get("track_id") or track.get("isrc") or "")))
    return table


def _candidate(one: Candidate) -> str:
    return plain(f"{one.rank}: {one.name} ({one.similarity:.0%}, {one.source})")


def _ask(lake: SurveyLake, songs: Sequence[OpenSong], prompt: Callable[..., str]) -> int:
    """Ask for one song after the other; how many were chosen."""
    show(
        f"Which track? A candidate's number, an id or address of Spotify's, an ISRC, `{NONE}`; "
        f"Enter skips a song, `{STOP}` ends."
    )
    done = 0
    for song in songs:
        show(Text(plain(f"{song.name}  ({song.people} people)")), style="bold")
        for one in song.candidates:
            show(Text(f"  {_candidate(one)}"))
        while True:
            answer = prompt("track", default=SKIP, show_default=False).strip()
            if answer.lower() == STOP:
                return done
            if answer == SKIP:
                break
            try:
                choose(lake, song.key, answer)
            except RefusedChoice as problem:
                show(Text(plain(str(problem))))
                continue
            done += 1
            break
    return done
