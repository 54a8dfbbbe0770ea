"""Every figure of every page, read in Chromium, is the one that SQL finds in the lake's tables.

Whatever stands on a page is reckoned here anew from the Parquet files, by DuckDB and without a
function of the product's: for somebody of one day, for a short life and for a long one, in both
scopes, for all time, a year and a month. Add a figure here when a page gets one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.listening.schema.context_tables import SESSIONS
from tests.dashboard.lakes import lake_in, one_day, write_life, write_listeners
from tests.report import (  # noqa: F401 importing them fills CHARTS
    charts_of_habits,
    charts_of_listening,
    charts_of_playlists,
    charts_of_taste,
)
from tests.report.charts_told import CHARTS, Seen
from tests.report.listeners import full_life
from tests.report.test_charts_tell_the_tables import cell
from tests.support.browsing import Browser, open_tables, wait_for
from tests.support.dashboard import Served, Tab, looking, served, settled
from tests.support.insights.lives import Life, inputs

pytestmark = [pytest.mark.rare, pytest.mark.timeout(600)]

PERIODS = {
    "long": ("all", "2025", "2025-10"),
    "short": ("all", "2025", "2025-03"),
    "day": ("all", "2026", "2026-03"),
}
SCOPES = ("all", "mine")

Shown = Mapping[str, tuple[str, str]]
Row = Mapping[str, Any]

FIGURES = """() => [...document.querySelectorAll('[data-figure]')].map((one) => [
  one.dataset.figure, one.querySelector('.pl-value').textContent,
  one.querySelector('.pl-note')?.textContent ?? '',
])"""

RANKINGS = """() => [...document.querySelectorAll('.pl-ranking')].map((one) => [
  one.querySelector('.pl-head').firstChild.textContent,
  [...one.querySelectorAll('.pl-entry')].map((row) =>
    ['.pl-rank', '.pl-name', '.pl-count'].map((part) => row.querySelector(part).textContent)),
])"""

LISTINGS = """() => [...document.querySelectorAll('.listing table')].map((one) => [
  one.caption.textContent,
  [...one.tBodies[0].rows].map((row) =>
    [...row.cells].map((cell) => cell.firstChild.textContent)),
])"""

TABLES = """() => Object.fromEntries([...document.querySelectorAll('figure[id^=chart-]')]
  .filter((figure) => !figure.querySelector('.plot').hidden)
  .map((figure) => [figure.id.replace('chart-', ''),
    [...figure.querySelectorAll('tbody tr')].map((row) =>
      [...row.children].map((cell) => cell.textContent))]))"""


def short_life() -> Life:
    """Two months of the long life, and a third of their plays: of the same artists and songs."""
    long = full_life()
    end = datetime(2025, 4, 5, tzinfo=UTC)
    plays = [play for play in long.plays if play["played_at"] < end][::3]
    return replace(long, plays=plays, gaps=(), entries=(), readings=(), changes=())


def make_lake(folder: Path) -> None:
    for listener, life in (("long", full_life()), ("short", short_life()), ("day", one_day())):
        write_life(folder, listener, life)
        lake_in(folder).of(listener).replace(SESSIONS, inputs(life)["sessions"])


@pytest.fixture(scope="module")
def server(
    once: Callable[[str, Callable[[Path], object]], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("figures")
    listeners = folder / "listeners.toml"
    settings = {"long": 'compare_with = ["short"]', "short": 'compare_with = ["long"]', "day": ""}
    write_listeners(listeners, settings)
    with served(once("lake-of-figures", make_lake), listeners, folder) as running:
        yield running


class Asked:
    """What DuckDB finds in one listener's files, in a scope and a period."""

    def __init__(self, lake: Path, listener: str, scope: str, period: str) -> None:
        self.period, self.listener = period, listener
        self.folder = lake / "users" / listener / "aggregated"
        self.db = duckdb.connect()
        for file in self.folder.glob("*.parquet"):
            self.db.execute(f"CREATE VIEW {file.stem} AS FROM '{file}'")
        self.db.execute(f"SET VARIABLE scope = '{scope}'")
        self.db.execute(f"SET VARIABLE period = '{'' if period == 'all' else period}'")
        self.db.execute("""
            CREATE MACRO within(day) AS starts_with(strftime(day, '%Y-%m'), getvariable('period'));
            CREATE MACRO ours(one) AS one = getvariable('scope');
        """)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Rows as dictionaries."""
        return self.db.sql(sql).to_arrow_table().to_pylist()

    def row(self, sql: str) -> dict[str, Any]:
        """The one row."""
        [found] = self.rows(sql)
        return found

    @property
    def is_month(self) -> bool:
        """Whether a month is asked for."""
        return len(self.period) == len("2025-03")

    @property
    def of_period(self) -> str:
        """What tells the period in a table by month or by year."""
        if self.is_month:
            return f"ours(scope) AND month = '{self.period}-01'::DATE"
        return f"ours(scope) AND year = {0 if self.period == 'all' else self.period}"

    @property
    def by(self) -> str:
        """The table of its kind."""
        return "month" if self.is_month else "year"


def least(text: str, missing: object) -> str:
    return f"at least {text}" if missing else text


def whole(value: float) -> str:
    return format(round(value), ",")


def hours_and_minutes(minutes: float) -> str:
    hours, rest = divmod(round(minutes), 60)
    parts = [f"{hours:,} h"] if hours else []
    return " ".join([*parts, f"{rest} min"] if rest or not hours else parts)


def in_hundredths(share: float) -> str:
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{share * 100:.0f} %"


def heard_for(minutes: float) -> str:
    return f"{minutes:,.0f} min" if minutes < 120 else f"{minutes / 60:,.0f} h"


def long_day(day: date) -> str:
    return f"{day:%-d %B %Y}"


Expected = dict[str, str]


def of_overview(asked: Asked) -> Expected:
    row = asked.row(f"FROM listening_by_{asked.by} WHERE {asked.of_period}")
    missing, minutes = row["at_least"], row["minutes"]
    time = (
        ("Hours", whole(minutes / 60)) if minutes >= 600 else ("Time", hours_and_minutes(minutes))
    )
    found = {
        time[0]: time[1],
        "Plays": whole(row["plays"]),
        "Artists": whole(row["artists"]),
        "Songs": whole(row["tracks"]),
        "Days with music": whole(row["days_heard"]),
    }
    streak = row.get("longest_streak")
    if streak:
        found["Longest streak"] = f"{streak:,} day{'' if streak == 1 else 's'}"
    return {label: least(text, missing) for label, text in found.items()}


def of_when(asked: Asked) -> Expected:
    days = asked.row("""
        SELECT max(minutes) AS minutes, count_if(plays > 0) AS heard, bool_or(at_least) AS missing
        FROM listening_by_day WHERE ours(scope) AND within(day)
    """)
    if not days["heard"]:
        return {}
    hour = asked.row("""
        SELECT hour, sum(share) AS share FROM listening_by_hour WHERE ours(scope)
        GROUP BY hour ORDER BY share DESC, hour LIMIT 1
    """)
    weekday = asked.row("""
        SELECT weekday, sum(share) AS share FROM listening_by_hour WHERE ours(scope)
        GROUP BY weekday ORDER BY share DESC, weekday LIMIT 1
    """)
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return {
        "Busiest day": least(hours_and_minutes(days["minutes"]), days["missing"]),
        "Days with music": least(whole(days["heard"]), days["missing"]),
        "Busiest hour": f"{hour['hour']:02}:00",
        "Busiest weekday": names[weekday["weekday"]],
    }


def of_discovery(asked: Asked) -> Expected:
    row = asked.row("""
        SELECT sum(new_artists) AS artists, sum(new_tracks) AS tracks, bool_or(at_least) AS missing,
            sum(new_artist_share * plays) / sum(plays) AS new_share,
            1 - sum(tracks) / sum(plays) AS again, sum(artists) AS heard
        FROM discovery_by_month WHERE ours(scope) AND within(month)
    """)
    if row["artists"] is None:
        return {}
    found = {
        "New artists": least(whole(row["artists"]), row["missing"]),
        "New songs": least(whole(row["tracks"]), row["missing"]),
        "Plays of new artists": in_hundredths(row["new_share"]),
        "Heard again": in_hundredths(row["again"]),
    }
    if asked.is_month:
        found["Artists"] = least(whole(row["heard"]), row["missing"])
    return found


def of_mainstream(asked: Asked) -> Expected:
    row = asked.row("""
        SELECT sum(mainstream_score * plays * known_share) / sum(plays * known_share) AS score,
            sum(hits_share * plays * known_share) / sum(plays * known_share) AS hits,
            sum(plays * known_share) / sum(plays) AS known
        FROM popularity_by_month WHERE ours(scope) AND within(month)
    """)
    if not row["known"]:
        return {}
    return {
        "Popularity": whole(row["score"]),
        "Hits": in_hundredths(row["hits"]),
        "Known": in_hundredths(row["known"]),
    }


def of_years(asked: Asked) -> Expected:
    year = asked.row("""
        SELECT sum(avg_release_year * plays * known_share) / sum(plays * known_share) AS mean,
            min(oldest) AS oldest
        FROM release_years_by_month WHERE ours(scope) AND within(month) AND known_share > 0
    """)
    # A month's mean is over plays of known length, and so is that of several.
    row = asked.row("""
        SELECT sum(avg_length_minutes * measured) / sum(measured) AS length,
            sum(explicit_share * plays * explicit_known_share)
                / sum(plays * explicit_known_share) AS explicit,
            sum(plays * explicit_known_share) AS explicit_known,
            sum(album_plays) AS albums,
            sum(album_plays + single_plays + compilation_plays) AS released
        FROM (
            SELECT *, list_sum(list_transform(lengths, lambda one: one.plays)) AS measured
            FROM content_by_month WHERE ours(scope) AND within(month)
        )
    """)
    found = {}
    if year["mean"] is not None:
        found |= {"Mean year of release": f"{year['mean']:.0f}", "From": str(year["oldest"])}
    if row["length"] is not None:
        minutes, seconds = divmod(round(row["length"] * 60), 60)
        found["Mean length"] = f"{minutes}:{seconds:02}"
    if row["explicit_known"]:
        found["Explicit"] = in_hundredths(row["explicit"])
    if row["released"]:
        found["From albums"] = in_hundredths(row["albums"] / row["released"])
    return found


def of_now_and_then(asked: Asked) -> Expected:
    overlap = asked.rows("""
        FROM taste_overlap WHERE ours(scope) AND within(month)
            AND told_by = 'plays' AND kind = 'artists' ORDER BY month DESC LIMIT 1
    """)
    entered = asked.row("""
        SELECT count(*) AS count, bool_or(at_least) AS missing
        FROM heavy_rotation WHERE ours(scope) AND within(entered_on)
    """)
    looped = asked.row("""
        SELECT count(*) AS count, bool_or(at_least) AS missing
        FROM obsessions WHERE ours(scope) AND within(starts_on)
    """)
    forgotten = asked.rows("SELECT DISTINCT in_all FROM forgotten_favourites WHERE ours(scope)")
    found = {
        "Came into heavy rotation": least(whole(entered["count"]), entered["missing"]),
        "Obsessions": least(whole(looped["count"]), looped["missing"]),
    }
    if overlap:
        found["Artists that stay"] = in_hundredths(overlap[0]["overlap"])
    if forgotten:
        found["Forgotten favourites"] = whole(forgotten[0]["in_all"])
    return found


def of_sound(asked: Asked) -> Expected:
    row = asked.row("""
        SELECT sum(plays * known_share) / sum(plays) AS known,
            100 * sum(energy * plays * known_share) / sum(plays * known_share) AS energy,
            100 * sum(danceability * plays * known_share) / sum(plays * known_share) AS dance,
            sum(tempo * plays * known_share) / sum(plays * known_share) AS tempo,
            sum(acoustic_share * plays * known_share) / sum(plays * known_share) AS acoustic
        FROM audio_profile_by_month WHERE ours(scope) AND within(month)
    """)
    if not row["known"]:
        return {}
    found = {"Known": in_hundredths(row["known"])}
    if row["known"] >= 0.5:
        found |= {
            "Energy": whole(row["energy"]),
            "Danceability": whole(row["dance"]),
            "Tempo": whole(row["tempo"]),
            "Acoustic": in_hundredths(row["acoustic"]),
        }
    return found


def of_contexts(asked: Asked) -> Expected:
    if asked.is_month:  # its chart has them
        return {}
    rows = asked.rows("""
        SELECT context, sum(minutes) AS minutes, bool_or(at_least) AS missing
        FROM contexts_by_month WHERE ours(scope) AND within(month) GROUP BY context
    """)
    return {
        row["context"].capitalize(): least(heard_for(row["minutes"]), row["missing"])
        for row in rows
    }


TITLES = {"years": "Years and content", "now-and-then": "Now and then"}

PAGES: Mapping[str, tuple[int, Callable[[Asked], Expected]]] = {
    "": (2, of_overview),
    "when": (5, of_when),
    "discovery": (3, of_discovery),
    "mainstream": (4, of_mainstream),
    "years": (5, of_years),
    "now-and-then": (7, of_now_and_then),
    "sound": (4, of_sound),
    "contexts": (3, of_contexts),
}
"""How many charts a page has, and what its figures should be."""


def turn_to(tab: Tab, page: str, scope: str, period: str) -> None:
    """Open a page: the first one by its address, any other by the menu, which is quicker."""
    if not page:
        tab.open(scope=scope, period=period)
        return
    title = TITLES.get(page, page.capitalize())
    tab.page.click(f"[data-testid=stSidebar] a:has-text('{title}')")
    tab.page.wait_for_selector(f"h1:has-text('{title}')")
    settled(tab.page)


def comes_to(tab: Tab, read: Callable[[Tab], object], expected: object) -> bool:
    """Whether a page shows something within a minute: what is drawn comes after its script."""
    for _ in range(1_200):
        if read(tab) == expected:
            return True
        tab.page.wait_for_timeout(50)
    return False


def figures_in(tab: Tab) -> Expected:
    return {label: value for label, value, _ in tab.page.evaluate(FIGURES)}


def tables_in(tab: Tab, charts: int) -> Mapping[str, list[list[str]]]:
    """Of each chart that has something to show, the cells of its table.

    Args:
        tab: with the page.
        charts: how many the page has, also those with nothing to show.
    """
    wait_for(tab.page, f"document.querySelectorAll('figure[id^=chart-]').length === {charts}")
    open_tables(tab.page)
    return tab.page.evaluate(TABLES)  # type: ignore[no-any-return]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("listener", PERIODS)
def test_figures_and_tables_of_charts_are_those_of_the_lake(
    browser: Browser, server: Served, listener: str, scope: str
) -> None:
    seen_charts = set()
    with looking(browser, server, listener) as tab:
        for period in PERIODS[listener]:
            asked = Asked(server.lake, listener, scope, period)
            tables = {
                file.stem: asked.rows(f"FROM {file.stem}")
                for file in asked.folder.glob("*.parquet")
            }
            last = asked.row("SELECT max(month) AS m FROM listening_by_month WHERE within(month)")
            for page, (charts, reckoned) in PAGES.items():
                where = f"{page} of {listener}, {scope}, {period}"
                turn_to(tab, page, scope, period)
                expected = reckoned(asked)
                assert comes_to(tab, figures_in, expected), (where, figures_in(tab), expected)
                for name, shown in tables_in(tab, charts).items():
                    told = CHARTS[name](Seen(tables, scope, last["m"])).table
                    width = len(told[0])
                    cells = [[cell(text) for text in row[:width]] for row in shown]
                    cells = sorted(cells, key=str) if name == "rotation" else cells
                    assert cells == told, f"{name} in {where}"
                    seen_charts.add(name)
            assert tab.complaints == []
    assert len(seen_charts) > (20 if listener == "long" else 3)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("listener", PERIODS)
def test_rankings_and_lists_are_those_of_the_lake(
    browser: Browser, server: Served, listener: str, scope: str
) -> None:
    with looking(browser, server, listener) as tab:
        for period in PERIODS[listener]:
            asked = Asked(server.lake, listener, scope, period)
            top = [
                asked.rows(f"FROM top_{kind}_by_{asked.by} WHERE {asked.of_period} ORDER BY rank")
                for kind in ("artists", "tracks")
            ]
            turn_to(tab, "", scope, period)
            shown = dict(tab.page.evaluate(RANKINGS))
            for title, name, rows in (
                ("Artists", "artist_name", top[0]),
                ("Songs", "track_name", top[1]),
            ):
                assert shown[title] == [
                    [str(row["rank"]), row[name], whole(row["plays"])] for row in rows[:5]
                ]
            for page, name, rows in (
                ("artists", "artist_name", top[0]),
                ("songs", "track_name", top[1]),
            ):
                listed = rows
                if period == "all":
                    listed = asked.rows(f"FROM {page} WHERE ours(scope) ORDER BY rank")
                turn_to(tab, page, scope, period)
                expected = [
                    [str(row["rank"]), row[name], whole(row["plays"]), heard_for(row["minutes"])]
                    for row in listed[:100]
                ]
                assert comes_to(tab, listed_in, expected), (listed_in(tab), expected)


def listed_in(tab: Tab) -> list[list[str]]:
    """The first four columns of the first list of a page; none where it says there is nothing."""
    tables = tab.page.evaluate(LISTINGS)
    return [row[:4] for row in tables[0][1]] if tables else []


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("listener", PERIODS)
def test_the_page_of_an_artist_and_of_a_song_is_the_row_of_the_lake(
    browser: Browser, server: Served, listener: str, scope: str
) -> None:
    asked = Asked(server.lake, listener, scope, "all")
    with looking(browser, server, listener) as tab:
        for page, argument, key in (
            ("artists", "artist", "artist_key"),
            ("songs", "song", "track_key"),
        ):
            every = asked.rows(f"FROM {page} WHERE ours(scope) ORDER BY rank")
            for row in (every[0], every[len(every) // 2]):
                tab.open(page, scope=scope, **{argument: row[key]})
                tab.page.wait_for_selector("[data-figure=Plays]")
                shown, missing = figures_in(tab), row["at_least"]
                own = "Songs" if page == "artists" else "Length"
                shown.pop(own, None)
                assert shown == {
                    "Rank": f"{row['rank']} of {len(every)}",
                    "Plays": least(whole(row["plays"]), missing),
                    "Time heard": least(heard_for(row["minutes"]), missing),
                    "Days heard": least(whole(row["days_heard"]), missing),
                    "First heard": f"{row['first_heard_on']:%b %Y}",
                    "Last heard": f"{row['last_heard_on']:%b %Y}",
                    "Best month": f"{row['best_month']:%b %Y}",
                    "Best rank in a month": str(row["peak_rank"]),
                }
                tables = tables_in(tab, 3)
                plays = {one["month"]: one["plays"] for one in row["by_month"]}
                assert [cell(line[1]) for line in tables["item-plays"] if cell(line[1])] == [
                    plays[month] for month in sorted(plays)
                ]
                hours = [cell(line[1]) for line in tables["item-hours"]]
                assert [one for one in hours if one] == [
                    one["plays"] if isinstance(one, dict) else one
                    for one in row["by_hour"]
                    if (one["plays"] if isinstance(one, dict) else one)
                ]
                contexts = dict(tab.page.evaluate(LISTINGS))["Contexts"]
                assert {name: count for name, count, _ in contexts} == {
                    one["context"]: whole(one["plays"]) for one in row["contexts"]
                }


@pytest.mark.parametrize("scope", SCOPES)
def test_two_listeners_are_compared_as_their_tables_are(
    browser: Browser, server: Served, scope: str
) -> None:
    with looking(browser, server, "long") as tab:
        for period in ("all", "2025", "2025-03"):
            asked = Asked(server.lake, "long", scope, period)
            tab.open("compare", scope=scope, period=period, **{"with": "short"})
            shown = {label: (value, note) for label, value, note in tab.page.evaluate(FIGURES)}
            for page, name in (("artists", "artist_name"), ("songs", "track_name")):
                row = compared(asked, server.lake / "users/short/aggregated", page, name)
                assert shown[f"Shared {page}"] == (
                    least(whole(row["shared"]), row["missing"]),
                    f"of {whole(row['yours'])} and {whole(row['theirs'])}",
                )
                assert shown[f"Likeness by {page}"][0] == in_hundredths(row["likeness"])
        assert tab.complaints == []


def compared(asked: Asked, theirs: Path, page: str, name: str) -> Row:
    """What both heard, by names in small letters."""
    of = asked.of_period if asked.period != "all" else "ours(scope)"
    kind = "artists" if page == "artists" else "tracks"
    table = page if asked.period == "all" else f"top_{kind}_by_{asked.by}"
    by_name = name if page == "artists" else f"concat(artist_name, '|', {name})"
    sql = f"""
        WITH yours AS (
            SELECT lower({by_name}) AS who, sum(plays) AS plays, bool_or(at_least) AS missing
            FROM {table} WHERE {of} GROUP BY who
        ), theirs AS (
            SELECT lower({by_name}) AS who, sum(plays) AS plays, bool_or(at_least) AS missing
            FROM '{theirs}/{table}.parquet' WHERE {of} GROUP BY who
        )
        SELECT count(*) AS shared,
            (SELECT count(*) FROM yours) AS yours, (SELECT count(*) FROM theirs) AS theirs,
            (SELECT bool_or(missing) FROM (FROM yours UNION ALL FROM theirs)) AS missing,
            sum(least(
                yours.plays / (SELECT sum(plays) FROM yours),
                theirs.plays / (SELECT sum(plays) FROM theirs)
            )) AS likeness
        FROM yours JOIN theirs USING (who)
    """  # noqa: S608 of names in this file
    return asked.row(sql)
