"""What charts of playlists should tell: of all of them, and of the one that is shown first.

Add a chart here that is of what is in a playlist. Of which playlists something is shown belongs to
`test_playlists.py`.
"""

from collections.abc import Callable
from datetime import date
from operator import itemgetter
from typing import Any

import pytest

from tests.report.charts_told import Row, Rows, Seen, Told, chart, exactly, fine, share, values

SOUNDS = {
    "energy": "energy",
    "danceability": "danceability",
    "valence": "valence",
    "liveness": "liveness",
    "speechiness": "speech",
    "acousticness": "acoustic",
    "instrumentalness": "instrumental",
}
VERDICTS = {
    "overplayed": "overplayed",
    "as_weighted": "as weighted",
    "underplayed": "underplayed",
    "too_few": "too few to tell",
    "never_played": "never played",
}
CLASSES = [(1, 1, "once"), (2, 2, "twice"), (3, 3, "3 times"), (4, 5, "4–5"), (6, 10, "6–10")]  # noqa: RUF001 as the page has it
CLASSES += [(11, 20, "11–20"), (21, 10_000, "21 +")]  # noqa: RUF001 as the page has it


def listed(seen: Seen) -> Rows:
    """All playlists in order, the largest of their own first."""
    return sorted(seen.tables["playlist_summary"], key=lambda row: row["rank"])


def read(seen: Seen) -> Rows:
    return [row for row in listed(seen) if row["items"] is not None]


def of_first(seen: Seen, table: str) -> Rows:
    """A table's rows of the playlist that is shown first."""
    first = listed(seen)[0]["playlist_id"]
    return [row for row in seen.tables[table] if row["playlist_id"] == first]


def aspect(seen: Seen, name: str) -> Rows:
    rows = [row for row in of_first(seen, "playlist_dna") if row["aspect"] == name]
    return sorted(rows, key=lambda row: row["rank"])


def rough(value: float | None) -> Any:
    """A number of which a decimal is shown."""
    return None if value is None else pytest.approx(value, abs=0.051)


def tenths_of_percent(value: float | None) -> Any:
    return None if value is None else pytest.approx(100 * value, abs=0.051)


def in_words(day: date | None) -> str | None:
    return day and f"{day.day} {day:%B %Y}"


@chart
def playlists(seen: Seen) -> Told:
    owned = {None: None, True: "yes", False: "no"}
    table = [
        [
            row["name"],
            "Spotify refuses it" if row["items"] is None else row["items"],
            row["songs"],
            row["song_items"] - row["songs"],
            rough(row["minutes"] / 60),
            row["episodes"],
            row["local_files"],
            row["gone"],
            owned[row["owned"]],
            in_words(row["read_on"]),
        ]
        for row in listed(seen)
    ]
    drawn = read(seen)
    places = list(range(len(drawn)))
    bars = [
        values([row["songs"] for row in drawn], places),
        values([row["song_items"] - row["songs"] for row in drawn], places),
        values([row["items"] - row["song_items"] for row in drawn], places),
    ]
    return Told(table, bars, [row["name"] for row in drawn])


@chart
def playlist_overlap(seen: Seen) -> Told:
    names = {row["playlist_id"]: row["name"] for row in listed(seen)}
    pairs = sorted(seen.tables["playlist_overlap"], key=lambda row: -row["in_both"])
    table = [
        [
            names[row["playlist_a"]],
            names[row["playlist_b"]],
            row["in_both"],
            row["only_in_a"],
            row["only_in_b"],
            share(row["jaccard"]),
            share(row["containment_a"]),
            share(row["containment_b"]),
        ]
        for row in pairs
    ]
    shares = {(row["playlist_a"], row["playlist_b"]): row["containment_a"] for row in pairs}
    shares |= {(row["playlist_b"], row["playlist_a"]): row["containment_b"] for row in pairs}
    ids = [row["playlist_id"] for row in read(seen)]
    fields = [exactly(shares.get((one, other)) for other in ids) for one in ids]
    return Told(table, [{"z": fields}], [f"{names[one]} {n}" for n, one in enumerate(ids, 1)])


@chart
def playlist_weights(seen: Seen) -> Told:
    songs = of_first(seen, "playlist_weights")
    items = sum(row["occurrences"] for row in songs)
    heaviest = max(row["occurrences"] for row in songs)
    classes = []
    for least, most, name in CLASSES:
        here = [row["occurrences"] for row in songs if least <= row["occurrences"] <= most]
        if least <= heaviest:
            classes.append((name, len(here), sum(here)))
    table = [
        [name, count, sum_, share(count / len(songs)), share(sum_ / items)]
        for name, count, sum_ in classes
    ]
    names = [name for name, *_ in classes]
    bars = [
        values(names, exactly(count / len(songs) for _, count, _ in classes)),
        values(names, exactly(sum_ / items for *_, sum_ in classes)),
    ]
    return Told(table, bars)


def beside_plays(seen: Seen, songs: Rows) -> Told:
    """Songs with their plays and those that their weight would make."""
    items = sum(row["occurrences"] for row in of_first(seen, "playlist_weights"))
    table = [
        [
            row["track_name"],
            row["artist_name"],
            row["occurrences"],
            tenths_of_percent(row["occurrences"] / items),
            row["plays_since"],
            tenths_of_percent(row["plays_share"]),
            rough(row["expected_plays"]),
            row["plays"],
            VERDICTS[row["verdict"]],
        ]
        for row in songs
    ]
    places = list(range(len(songs)))
    expected = [rough(row["expected_plays"]) for row in songs]
    plays = [row["plays_since"] for row in songs]
    longer = [rough(max(row["expected_plays"], row["plays_since"])) for row in songs]
    bars = [values(x, places) for x in (expected, plays, longer)]
    names = [f"{row['occurrences']} × {row['track_name']}" for row in songs]  # noqa: RUF001 as the page has it
    return Told(table, bars, names)


@chart
def playlist_top_weights(seen: Seen) -> Told:
    songs = sorted(of_first(seen, "playlist_weights"), key=lambda row: row["rank"])
    return beside_plays(seen, songs[:10])


@chart
def playlist_over_and_under(seen: Seen) -> Told:
    def apart(row: Row) -> float:
        return -abs(float(row["plays_since"] - row["expected_plays"]))

    songs = of_first(seen, "playlist_weights")
    shown = []
    for verdict in ("overplayed", "underplayed"):
        shown += sorted((row for row in songs if row["verdict"] == verdict), key=apart)[:6]
    return beside_plays(seen, shown)


@chart
def playlist_verdicts(seen: Seen) -> Told:
    songs = of_first(seen, "playlist_weights")
    counts = {name: sum(row["verdict"] == name for row in songs) for name in VERDICTS}
    table = [[VERDICTS[name], count, share(count / len(songs))] for name, count in counts.items()]
    bars = values(counts.values(), range(len(counts)))
    return Told(table, [bars | {"x": list(counts.values())}], list(VERDICTS.values()))


@chart
def playlist_duplicates(seen: Seen) -> Told:
    rows = of_first(seen, "playlist_duplicates")
    groups: dict[int, Rows] = {}
    for row in rows:
        groups.setdefault(row["group_id"], []).append(row)
    assert {row["match"] for row in rows} == {"same_id"}, "of other sorts nothing is reckoned here"
    largest = sorted(groups.values(), key=lambda one: (-len(one), one[0]["group_id"]))[:3]
    shown = [row for group in largest for row in sorted(group, key=itemgetter("position"))[:3]]
    policies = {
        "kept_first_added": "the first added",
        "kept_last_added": "the last added",
        "kept_best": "the best",
    }
    table = [
        [
            row["track_name"],
            row["artist_name"],
            row["position"],
            "same id",
            row["reason"],
            " and ".join(words for name, words in policies.items() if row[name]) or "not kept",
            row["kept_reason"],
        ]
        for row in sorted(shown, key=lambda row: (row["group_id"], row["position"]))
    ]
    too_many = sum(len(group) - 1 for group in groups.values())
    names = ["same id", "same ISRC, other id", "probable, by name"]
    return Told(table, [values([too_many, 0, 0], [0, 1, 2])], names)


def shares_of(rows: Rows, name: Callable[[Row], str]) -> list[list[Any]]:
    return [
        [
            name(row),
            row["items"],
            share(row["items_share"]),
            row["songs"],
            share(row["songs_share"]),
        ]
        for row in rows
    ]


@chart
def playlist_artists(seen: Seen) -> Told:
    rows = aspect(seen, "artist")[:10]
    bars = values([row["items"] for row in rows], range(len(rows)))
    names = [row["value"] for row in rows]
    return Told(shares_of(rows, lambda row: row["value"]), [bars], names)


@chart
def playlist_genres(seen: Seen) -> Told:
    rows = aspect(seen, "genre")[:10]
    bars = values(exactly(row["items_share"] for row in rows), range(len(rows)))
    names = [row["value"] for row in rows]
    return Told(shares_of(rows, lambda row: row["value"]), [bars], names)


@chart
def playlist_decades(seen: Seen) -> Told:
    rows = sorted(aspect(seen, "decade"), key=lambda row: int(row["value"]))
    names = [f"{row['value']}s" for row in rows]
    bars = values(names, exactly(row["items_share"] for row in rows))
    return Told(shares_of(rows, lambda row: f"{row['value']}s"), [bars])


@chart
def playlist_sound(seen: Seen) -> Told:
    means = {row["value"]: row for row in aspect(seen, "average")}
    months = [row for row in seen.rows("audio_profile_by_month") if row["known_share"] >= 0.5]

    def played(name: str) -> float:
        weights = [row["plays"] * row["known_share"] for row in months]
        pairs = zip(months, weights, strict=True)
        return float(sum(row[name] * weight for row, weight in pairs) / sum(weights))

    table = [
        [
            words,
            fine(means[name]["items_mean"]),
            fine(played(name)),
            share(means[name]["items_coverage"]),
        ]
        for name, words in SOUNDS.items()
    ]
    tempo = means["tempo"]
    table.append(
        [
            "beats per minute",
            pytest.approx(tempo["items_mean"], abs=0.6),
            pytest.approx(played("tempo"), abs=1.1),
            share(tempo["items_coverage"]),
        ]
    )
    here = exactly(means[name]["items_mean"] for name in SOUNDS)
    there = [pytest.approx(played(name), abs=0.002) for name in SOUNDS]
    return Told(table, [{"r": [*there, there[0]]}, {"r": [*here, here[0]]}])


@chart
def playlist_history(seen: Seen) -> Told:
    words = {"came": "came", "went": "went", "more": "stands there more often"}
    rows = of_first(seen, "playlist_history")
    latest = sorted(rows, key=lambda row: (-row["read_on"].toordinal(), row["track_name"]))
    table = [
        [
            in_words(row["read_on"]),
            row["track_name"],
            row["artist_name"],
            words[row["change"]],
            row["before"],
            row["after"],
        ]
        for row in latest
    ]
    days = sorted({row["read_on"] for row in rows})

    def summed(name: str, sign: int) -> list[int]:
        return [sign * sum(row[name] for row in rows if row["read_on"] == day) for day in days]

    return Told(
        table, [values(days, summed("items_came", 1)), values(days, summed("items_went", -1))]
    )
