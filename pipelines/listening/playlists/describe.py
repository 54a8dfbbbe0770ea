"""A plan in words: the same chapters for a terminal and as a page of Markdown.

The page has every item, everything that is left out and every duplicate; a terminal the first of
each. Names are other people's text: `plain` takes out what is no character to read, and each
of the two ways to show a chapter escapes what its language would take for markup. Add a chapter
here when a person should know something else before a plan is written; figures are computed in
`merging.py` and `from_ledger.py`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.listening.api.responses import LARGEST_PAGE
from pipelines.listening.plain_text import plain
from pipelines.listening.playlists.items_to_write import title_of
from pipelines.listening.playlists.parts import BATCH, PREVIEW, Planned
from pipelines.listening.playlists.plan import RESTORE, Keep, Left, Options, Order, Plan

SHOWN = 10
"""Rows of a long list in a terminal."""

WIDEST = 60
"""Characters of a cell in a terminal."""

STALE = timedelta(days=7)
"""Readings older than the weekly one are pointed at."""

KIND_WORDS = {
    "same_id": "the same id",
    "same_isrc": "the same ISRC",
    "probable": "probably the same",
}

REASON_WORDS = {
    "local": "local files: the API cannot add them",
    "gone": "gone: Spotify shows empty items",
    "no_id": "without an id at Spotify",
    "other": "neither songs nor episodes",
    "name_only": "known by name alone, without an id at Spotify",
    "unplayable": "not playable at the last look",
    "context": "left out on purpose, by context",
}

KEEP_WORDS: Mapping[Keep, str] = {
    "first_added": "the one that was added first",
    "last_added": "the one that was added last",
    "best": "the best one (playable, on an album)",
}

ORDER_WORDS: Mapping[Order, str] = {
    "as_is": "as they stand in the sources, one after another",
    "added": "by the day on which they were added, the oldest first",
    "artist": "by artist and title",
    "weight": "by weight, the heaviest first",
}

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&!$@^{}])")
_AT_START = re.compile(r"^([-+=]|\d+(?=[.)](\s|$)))")
_HARMLESS = re.compile(r"(?!www)[A-Za-z](?:(?!_)[\w ,.'()/-])*|[\d,]*")
"""Most names, at a glance."""

_LINK = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)


@dataclass(frozen=True)
class Chapter:
    """Something that a person should know of a plan; all of it is text as it is, not escaped.

    Attributes:
        title: its heading.
        lines: sentences.
        head: the heads of the table's columns.
        rows: the table; numbers are right-aligned.
        more: rows that are not shown.
    """

    title: str
    lines: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str | int, ...], ...] = ()
    more: int = 0


def in_markdown(text: str) -> str:
    """Text that Markdown shows as it is, in a line, in a list and in a table."""
    text = plain(text)
    if _HARMLESS.fullmatch(text):
        return text
    escaped = _MARKUP.sub(r"\\\1", text)
    escaped = _LINK.sub(r"\\", escaped)
    return _AT_START.sub(lambda found: _escaped_start(found[0]), escaped)


def _escaped_start(text: str) -> str:
    # A number with a dot would begin a list; the dot is what is escaped.
    return f"{text}\\" if text.isdigit() else f"\\{text}"


def markdown(planned: Planned) -> str:
    """The page of a plan, with everything in full."""
    plan = planned.plan
    chapters = [*_chapters(plan, None), *_in_full(planned)]
    lines = [f"# {in_markdown(plan.options.name)}: plan {plan.id}", ""]
    lines += [in_markdown(line) + "\n" for line in _opening(plan)]
    for chapter in chapters:
        lines += _as_markdown(chapter)
    return "\n".join(lines) + "\n"


def terminal(plan: Plan) -> RenderableType:
    """A plan as a terminal shows it."""
    shown: list[RenderableType] = [Text(f"Plan {plan.id}: {plain(plan.options.name)}", "bold")]
    shown += [Text(plain(line)) for line in _opening(plan)]
    for chapter in chapters(plan):
        shown += ["", Text(chapter.title, "bold"), *_as_rich(chapter)]
    shown += ["", Text(how_to_write(plan))]
    return Group(*shown)


def opening(plan: Plan) -> list[str]:
    """What a plan is, in sentences; text as it is, not escaped."""
    return [plain(line) for line in _opening(plan)]


def chapters(plan: Plan) -> list[Chapter]:
    """What a person should know of a plan before it is written, with some of each list."""
    return [*_chapters(plan, SHOWN), _preview(plan)]


def how_to_write(plan: Plan) -> str:
    """What to do next."""
    return (
        "Nothing was written to Spotify. "
        f"To write it: playledger playlists apply {plan.listener} {plan.id}"
    )


def _as_markdown(chapter: Chapter) -> Iterator[str]:
    yield f"## {chapter.title}\n"
    for line in chapter.lines:
        yield f"- {in_markdown(line)}"
    if chapter.lines:
        yield ""
    if chapter.rows:
        yield f"| {' | '.join(chapter.head)} |"
        numbers = [isinstance(cell, int) for cell in chapter.rows[0]]
        yield f"|{'|'.join('--:' if number else '---' for number in numbers)}|"
        for row in chapter.rows:
            yield f"| {' | '.join(in_markdown(_cell(cell)) for cell in row)} |"
        yield ""


def _as_rich(chapter: Chapter) -> Iterator[RenderableType]:
    for line in chapter.lines:
        yield Text(plain(line))
    if chapter.rows:
        table = Table()
        for name, cell in zip(chapter.head, chapter.rows[0], strict=True):
            table.add_column(name, justify="right" if isinstance(cell, int) else "left")
        for row in chapter.rows:
            table.add_row(*(Text(_short(plain(_cell(cell)))) for cell in row))
        yield table
    if chapter.more:
        yield Text(f"and {chapter.more:,} more, on the page")


def _cell(value: str | int) -> str:
    return f"{value:,}" if isinstance(value, int) else value


def _short(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _opening(plan: Plan) -> Iterator[str]:
    items, parts = plan.figures["items"], len(plan.parts)
    yield (
        f"For {plan.listener}, made on {plan.made_at:%Y-%m-%d %H:%M} UTC: "
        f"{_count(items, 'item')} in {_count(parts, 'new playlist')}."
    )
    yield ". ".join(_asked(plan.options, bool(plan.sources))) + "."


def _asked(options: Options, merged: bool) -> Iterator[str]:
    if merged:
        yield f"In order {ORDER_WORDS[options.order]}"
        if options.keep_weights:
            yield "Weights are kept: a song stands as often as in all sources together"
        else:
            yield f"Each song once; of duplicates {KEEP_WORDS[options.keep]} is kept"
        if options.probable:
            yield "What is probably the same, by name, counts as the same"
    elif options.picked.get("kind") == RESTORE:
        at = datetime.fromisoformat(options.picked["at"])
        state = f"{options.picked['of']} as it was on {at:%Y-%m-%d %H:%M} UTC"
        yield f"{state}: every item as often as it stood there, in that order"
        return
    else:
        of = options.picked.get("of")
        yield f"From the ledger: {options.picked['kind']}{f' of {of}' if of else ''}"
        if options.picked["scope"] == "all":
            yield "With what was heard in contexts that are otherwise excluded"
    if options.without:
        yield f"Without songs of which most plays were {' or '.join(options.without)}"
    if options.unplayable:
        yield "With items that could not be played at the last look"


def _chapters(plan: Plan, limit: int | None) -> Iterator[Chapter]:
    figures = plan.figures
    if figures["notes"]:
        yield Chapter("Please note", tuple(figures["notes"]))
    if plan.sources:
        yield _sources(plan)
    yield _counts(plan)
    if len(plan.parts) > 1:
        rows = tuple((part.name, len(part.uris)) for part in plan.parts)
        yield Chapter("The new playlists", head=("name", "items"), rows=rows)
    if plan.sources:
        yield from _duplicates(figures, plan.options)
        if len(plan.sources) > 1:
            yield _overlap(plan)
        yield _weights(plan)
    elif figures["confidence"] is not None:
        sure = f"{figures['confidence']:.0%}"
        yield Chapter(
            "How sure the context is",
            (f"On average {sure}: of 100 plays so many should be right.",),
        )
    if plan.left:
        yield _left(plan, limit)
    yield _writing(plan)


def _sources(plan: Plan) -> Chapter:
    rows = tuple(
        (
            source.name or "",
            source.playlist_id,
            source.items,
            f"{source.read_at:%Y-%m-%d %H:%M} UTC, {_ago(plan.made_at - source.read_at)}",
        )
        for source in plan.sources
    )
    old = any(plan.made_at - source.read_at > STALE for source in plan.sources)
    hint = f"Read them again if they changed: playledger playlists fetch {plan.listener}."
    return Chapter(
        "From", (hint,) if old else (), head=("playlist", "id", "items", "read"), rows=rows
    )


def _ago(age: timedelta) -> str:
    minutes = max(round(age.total_seconds() / 60), 0)
    spans = ((minutes, "minute", 120), (round(minutes / 60), "hour", 72))
    found = next(((n, unit) for n, unit, most in spans if n < most), (age.days, "day"))
    return f"{_count(*found)} ago"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'s' * (number != 1)}"


def _counts(plan: Plan) -> Chapter:
    figures = plan.figures
    what = "entries of the sources" if plan.sources else "songs that were picked"
    if plan.options.picked.get("kind") == RESTORE:
        what = "entries of that state"
    rows: list[tuple[str | int, ...]] = [(what, figures["before"])]
    for reason, number in figures["left"]["reasons"].items():
        rows.append((f"not added: {REASON_WORDS[reason]}", number))
    if plan.sources and not plan.options.keep_weights:
        for kind, words in KIND_WORDS.items():
            if number := figures["duplicates"][kind]["items"]:
                rows.append((f"dropped: {words}", number))
    rows += [("to be written", figures["items"]), ("different songs in it", figures["unique"])]
    unseen = figures.get("not_looked_at")
    look = f"playledger playlists fetch {plan.listener} --playable does"
    told = f"Nobody has looked whether {_count(unseen or 0, 'item')} can be played: {look}."
    head = ("what", "how many")
    return Chapter("What becomes of it", (told,) if unseen else (), head, tuple(rows))


def _duplicates(figures: Mapping[str, Any], options: Options) -> Iterator[Chapter]:
    rows: list[tuple[str | int, ...]] = []
    for kind, words in KIND_WORDS.items():
        found = figures["duplicates"][kind]
        for example in found["examples"]:
            kept = f"{example['kept']}, {example['kept_reason']}"
            rows.append((words, example["dropped"], kept, example["reason"] or ""))
    if rows:
        stay = ("They stay, as weights.",) if options.keep_weights else ()
        head = ("kind", "duplicate", "of", "why")
        yield Chapter("Duplicates, some of each kind", stay, head, tuple(rows))
    apart = figures["duplicates"]["apart"]
    if apart["items"]:
        may = (
            f"{_count(apart['items'], 'item')} may be the same as another one, by name and length."
        )
        told = (f"{may} They are kept: listen, and plan with --probable if they are to go.",)
        pairs = tuple((one["dropped"], one["kept"], one["reason"]) for one in apart["examples"])
        yield Chapter("Probably the same, and kept", told, ("item", "perhaps", "why"), pairs)


def _overlap(plan: Plan) -> Chapter:
    names = {source.playlist_id: source.name or source.playlist_id for source in plan.sources}
    rows = tuple(
        (
            names[pair["a"]],
            names[pair["b"]],
            pair["only_a"],
            pair["both"],
            pair["only_b"],
            _percent(pair["jaccard"]),
            _percent(pair["a_in_b"]),
            _percent(pair["b_in_a"]),
        )
        for pair in plan.figures["overlap"]
    )
    told = ("In songs, of what can be added.",)
    head = ("A", "B", "only in A", "in both", "only in B", "Jaccard", "A is in B", "B is in A")
    return Chapter("What they have in common", told, head, rows)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _weights(plan: Plan) -> Chapter:
    weights = plan.figures["weights"]
    told = (
        (
            f"A song stands {weights['mean']:.2f} times in the sources on average, at most "
            f"{_count(weights['highest'], 'time')}; "
            f"{_count(weights['heavier_than_1'], 'song')} more than once."
        ),
    )
    if weights["highest"] == 1:
        return Chapter("Weights", told)
    several = len(plan.sources) > 1
    rows = tuple(
        (
            one["title"],
            one["weight"],
            f"{one['share']:.3%}",
            *([" + ".join(str(n) for n in one["by_source"].values())] if several else []),
        )
        for one in weights["top"]
    )
    head = ("song", "weight", "share", *(["by source"] if several else []))
    return Chapter("Weights", told, head, rows)


def _left(plan: Plan, limit: int | None) -> Chapter:
    names = {source.playlist_id: source.name or source.playlist_id for source in plan.sources}
    rows = tuple(
        (names.get(one.playlist_id, one.playlist_id), one.position, one.title, one.reason)
        for one in (plan.left if limit is None else _some_of_each(plan.left)[:limit])
    )
    head = ("from", "place", "item", "why")
    anyway = plan.figures["left"]["anyway"]
    told = (f"In it all the same, from another item: {_count(anyway, 'song')} of these.",)
    more = len(plan.left) - len(rows)
    return Chapter("What is not added", told if anyway else (), head, rows, more)


def _some_of_each(left: Sequence[Left]) -> list[Left]:
    """The first of each reason, then the second of each, and so on."""
    seen: Counter[str] = Counter()
    turns = []
    for one in left:
        reason = one.reason.partition(":")[0]
        seen[reason] += 1
        turns.append(seen[reason])
    return [one for _, one in sorted(zip(turns, left, strict=True), key=lambda pair: pair[0])]


def _writing(plan: Plan) -> Chapter:
    requests = plan.figures["requests"]
    merged = bool(plan.sources)
    parts = [
        f"{requests['checking']} to check the account{' and the sources' if merged else ''}",
        f"{requests['creating']} to create",
        f"{requests['adding']:,} to add the items, {BATCH} at a time",
        f"{requests['reading_back']:,} to read them back, {LARGEST_PAGE} at a time",
    ]
    much = f"{_count(requests['total'], 'request')} ({', '.join(parts)})"
    pace = f"at this machine's pace at least {_count(requests['minutes'], 'minute')}"
    stop = "Spotify may stop an app for up to a day; writing then goes on where it was."
    public = (
        "Spotify may show them as public all the same, and whoever has the address can open them."
    )
    lines = [
        f"About {much}: {pace}. {stop}",
        f"The new playlists are made unlisted. {public}",
    ]
    if merged:
        lines += [
            "No source is changed.",
            (
                "Every item will have the day of writing as the day on which it was added: the API"
                " cannot set another. The old days stay in the table playlist_items."
            ),
        ]
    return Chapter("What writing takes and does", tuple(lines))


def _preview(plan: Plan) -> Chapter:
    several = len(plan.parts) > 1
    word = "weight" if plan.sources else "plays"
    rows = tuple(
        (*([one["part"]] if several else []), one["place"], one["title"], one["weight"])
        for one in plan.figures["preview"]
    )
    head = (*(["part"] if several else []), "place", "item", word)
    return Chapter(f"The first {PREVIEW} items", head=head, rows=rows)


def _in_full(planned: Planned) -> Iterator[Chapter]:
    plan = planned.plan
    if len(planned.dropped):
        rows = planned.dropped.drop_columns(["song"]).to_pylist()
        names = {source.playlist_id: source.name or source.playlist_id for source in plan.sources}
        yield Chapter(
            "Every duplicate that is dropped",
            head=("from", "place", "item", "why", "kept instead"),
            rows=tuple(_dropped(row, names) for row in rows),
        )
    for number, part in enumerate(plan.parts, 1):
        rows = planned.items.filter(pa.compute.equal(planned.items["part"], number)).to_pylist()
        yield Chapter(
            f"All items of {in_markdown(part.name)}",
            head=("place", "item", "uri", "weight" if plan.sources else "plays"),
            rows=tuple(_item(row) for row in rows),
        )


def _dropped(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str | int, ...]:
    title = title_of(row["artist_name"], row["track_name"], row["uri"])
    kept = title_of(row["kept_artist_name"], row["kept_track_name"], row["kept_uri"])
    source = names[row["kept_playlist_id"]]
    where = f"{kept} (place {row['kept_position']:,} of {source}), {row['kept_reason']}"
    why = row["reason"] or KIND_WORDS[row["match"]]
    return names[row["playlist_id"]], row["position"], title, why, where


def _item(row: Mapping[str, Any]) -> tuple[str | int, ...]:
    title = title_of(row["artist_name"], row["track_name"], row["uri"])
    return row["place"], title, row["uri"], row["weight"]


def one_line_each(plans: Iterable[Plan]) -> RenderableType:
    """A table of plans, the newest first."""
    table = Table("plan", "name", "made", "items", "from")
    for plan in sorted(plans, key=lambda one: (one.made_at, one.id), reverse=True):
        sources: Sequence[str] = [one.name or one.playlist_id for one in plan.sources]
        picked = plan.options.picked
        of = ", ".join(sources) if sources else f"the ledger: {picked.get('kind')}"
        if picked.get("kind") == RESTORE:
            of = f"{picked['of']}, restored"
        items = f"{plan.figures.get('items', 0):,} in {len(plan.parts)}"
        row = (plan.id, plan.options.name, f"{plan.made_at:%Y-%m-%d %H:%M} UTC", items, of)
        table.add_row(*(Text(_short(plain(cell))) for cell in row))
    return table
