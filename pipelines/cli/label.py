"""`playledger label`: reads a listener's manual label, has it stored, and shows the labels.

How labels are stored is `ingest/manual_labels.py`.
"""

from collections.abc import Sequence
from datetime import MAXYEAR, UTC, date, datetime, timezone
from zoneinfo import ZoneInfo

import click
from rich.table import Table

from pipelines.cli.terminal import show
from pipelines.errors import RefusedLabel
from pipelines.ingest.manual_labels import (
    LabelChange,
    clock_times,
    list_labels,
    remove_label,
    set_label,
)
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.sources.rows import FIRST_SCROBBLE
from pipelines.listening.time.intervals import whole_ms
from pipelines.listening.time.local_time import Zone
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.settings import Listener, Settings

TAKES_EFFECT = (
    "This takes effect with the next daily run, or when labelled_plays and all after it are "
    "materialized."
)


@click.command()
@click.argument("listener")
@click.argument("when", required=False)
@click.argument("context", required=False, type=click.Choice(CONTEXTS))
@click.option("--undo", is_flag=True, help="Remove your label from this session.")
@click.pass_obj
def label(
    settings: Settings, listener: str, when: str | None, context: str | None, *, undo: bool
) -> None:
    """Label the session that LISTENER had at WHEN with a CONTEXT.

    WHEN is like 2026-11-20T23:40, on the listener's own clock unless an offset follows. Without
    it, all labels so far are listed. A session's latest label takes precedence over every rule.
    """
    of_listener = settings.listener(listener)
    lake = Lake.open(settings).of(of_listener.name)
    if not (when or context or undo):
        show(labels_table(of_listener, lake))
        return
    if not when or undo == bool(context):
        raise click.UsageError("give WHEN it was, and either a CONTEXT or --undo")
    at = parse_instant(when, of_listener.zones)
    change = (
        set_label(at, context, of_listener, lake)
        if context
        else remove_label(at, of_listener, lake)
    )
    show(describe_change(change))
    show(TAKES_EFFECT)


def parse_instant(when: str, zones: Sequence[Zone]) -> datetime:
    """The instant that a person means, UTC, in whole milliseconds.

    Args:
        when: a date and a time; without an offset, as the listener's clock showed them.
        zones: where that clock was, in order of time.

    Raises:
        RefusedLabel: where it is not a time, or the clock showed it never or twice.
    """
    written = _date_and_time(when)
    if written.tzinfo:
        return whole_ms(written)
    local = written.replace(microsecond=written.microsecond // 1000 * 1000)
    candidates = {
        local.replace(tzinfo=ZoneInfo(zone.name), fold=fold).astimezone(UTC)
        for zone in zones
        for fold in (0, 1)
    }
    matches = sorted(one for one in candidates if clock_times([one], zones) == [local])
    if not matches:
        raise RefusedLabel(f"the clock never showed {local}: it was put forward past that time")
    if len(matches) > 1:
        offsets = (timezone(local - one.replace(tzinfo=None)) for one in matches)
        choice = " or ".join(local.replace(tzinfo=offset).isoformat() for offset in offsets)
        raise RefusedLabel(
            f"the clock showed {local} twice, because it was put back: write {choice}"
        )
    return matches[0]


def _date_and_time(when: str) -> datetime:
    try:
        parsed = datetime.fromisoformat(when.strip())
        if parsed.year in range(FIRST_SCROBBLE.year, MAXYEAR) and not _is_date(when.strip()):
            return parsed
    except ValueError:
        pass
    raise RefusedLabel(
        f"{when!r} is not a date and time since {FIRST_SCROBBLE.year}: "
        "write it like 2026-11-20T23:40"
    )


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def describe_change(change: LabelChange) -> str:
    """One line: the session, its context before, and its context now."""
    if change.new_context is None:
        return f"{change.session}: your label {change.old_context} is removed"
    old = f"{change.old_context} (your label)" if change.old_is_manual else change.old_context
    return f"{change.session}: was {old}, is now {change.new_context} (your label)"


def labels_table(listener: Listener, lake: ListenerLake) -> Table:
    """A listener's manual labels in order of time, each with its session.

    Args:
        listener: whose labels.
        lake: where they are stored.
    """
    table = Table(title=f"Sessions that {listener.name} labelled")
    for header in ("session", "context", "labelled on"):
        table.add_column(header)
    for one in list_labels(listener, lake):
        table.add_row(one.session, one.context, one.labelled_on)
    return table
