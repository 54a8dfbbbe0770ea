"""From what was measured to what it costs: prices, arithmetic, and the tables of `docs/cost.md`.

How figures are got is `cost.py`. Add here what can be reckoned from them; every number that is
neither measured nor reckoned is a constant with its source.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

from dagster import DagsterRunStatus

from pipelines.ops.run_retention import KEPT_DAYS
from testing.prices import dollars

FIGURES = Path(__file__).with_name("cost.json")

POLLS = 96
REFRESHES = 24
"""A token of 60 minutes is refreshed after 50: by every fourth poll."""
DAYS = 30
MILLION = 1_000_000
GB = 1_000_000_000

INTERVAL_S = 2
PER_HOUR = 1000
"""`REQUEST_INTERVAL_S` and `REQUESTS_PER_HOUR` as they are by default."""

SIZES = (1, 5, 125)
PER_APP = 5
CORES = 2
BUSY = 0.7
"""How busy a machine should be in the mean, for a round of polls to pass quickly. Reasoned."""
FIRST, NOTHING, NEW, REFRESHED, DAILY = (
    "first poll of the day",
    "poll, nothing new",
    "poll, new plays",
    "poll, nothing new, token refreshed",
    "daily run",
)

Figures = Mapping[str, Any]
Row = Sequence[object]


def main() -> None:
    """The page of standard input, with its tables made anew of the figures at hand."""
    print(filled(sys.stdin.read(), json.loads(FIGURES.read_text())), end="")


def often(figures: Figures) -> dict[str, int]:
    """How often a day each kind of run comes; the first poll of a day also refreshes its token."""
    new, refreshed = round(figures["quarter_hours_with_plays"]), REFRESHES - 1
    nothing = POLLS - 1 - new - refreshed
    return {FIRST: 1, NOTHING: nothing, NEW: new, REFRESHED: refreshed, DAILY: 1}


def a_day(figures: Figures, years: int, what: str) -> float:
    """A figure of the runs, summed over a listener's day."""
    runs = figures["years"][str(years)]["runs"]
    return float(sum(runs[kind][what] * times for kind, times in often(figures).items()))


def operations(figures: Figures, years: int) -> dict[str, Counter[str]]:
    """Operations of each class in a listener's day, those of runs and those of ticks."""
    told = figures["years"][str(years)]
    by = {"runs": Counter[str](), "ticks": Counter[str]()}
    for kind, times in often(figures).items():
        for name, count in told["runs"][kind]["classes"].items():
            by["runs"][name] += count * times
    for tick in told["ticks"].values():
        for name, count in tick["classes"].items():
            by["ticks"][name] += count * tick["a_day"]
    return by


def requests(figures: Figures) -> Counter[str]:
    """Requests to Spotify in a listener's day, by endpoint."""
    runs = figures["years"]["1"]["runs"]
    by: Counter[str] = Counter()
    for kind, times in often(figures).items():
        for name, count in runs[kind]["spotify"].items():
            by[name] += count * times
    return by


def filled(page: str, figures: Figures) -> str:
    """The page with its tables made anew: each stands below a comment with its function's name."""
    made = (of_runs, of_ticks, of_a_day, of_endpoints, of_spotify, of_r2, of_machines, of_storage)
    for make in made:
        mark = f"<!-- {make.__name__} -->"
        lines = "\n".join([mark, *make(figures), ""])
        page, times = re.subn(rf"{mark}\n(\|.*\n)*", lambda _, new=lines: new, page)
        if times != 1:
            raise ValueError(f"{mark} stands in the page {times} times")
    return page


def table(head: Row, rows: Iterable[Row]) -> list[str]:
    """Markdown: the first column to the left, figures to the right."""
    lines = [head, ["---", *("--:" for _ in head[1:])], *rows]
    return ["| " + " | ".join(map(str, line)) + " |" for line in lines]


def both(figures: Figures, look: Any, form: str = "{:,.0f}") -> str:
    """A figure with one and with fourteen years, as one where they are the same."""
    told = [form.format(look(figures["years"][years])) for years in ("1", "14")]
    return told[0] if told[0] == told[1] else " / ".join(told)


def of_runs(figures: Figures) -> list[str]:
    """What one run takes."""
    columns: dict[str, tuple[Any, str]] = {
        "requests to Spotify": (lambda run: sum(run["spotify"].values()), "{:,.0f}"),
        "class A": (lambda run: run["classes"].get("A", 0), "{:,.0f}"),
        "class B": (lambda run: run["classes"].get("B", 0), "{:,.0f}"),
        "KB to the lake": (lambda run: run["bytes_in"] / 1000, "{:,.0f}"),
        "KB from it": (lambda run: run["bytes_out"] / 1000, "{:,.0f}"),
        "CPU s": (lambda run: run["cpu_s"], "{:,.1f}"),
        "MB of memory": (lambda run: run["memory_mb"], "{:,.0f}"),
        "KB in Dagster's storage": (lambda run: run["dagster_bytes"] / 1000, "{:,.0f}"),
    }
    rows: list[Row] = [
        [kind, *(both(figures, _of_run(kind, look), form) for look, form in columns.values())]
        for kind in figures["years"]["1"]["runs"]
    ]
    floor = f"{figures['floor_cpu_s']:.1f}"
    rows.append(
        ["its libraries imported, no more", *(floor if c == "CPU s" else "" for c in columns)]
    )
    return table(["run", *columns], rows)


def _of_run(kind: str, look: Any) -> Any:
    return lambda told: look(told["runs"][kind])


def of_ticks(figures: Figures) -> list[str]:
    """What one tick asks the lake for."""
    ticks = figures["years"]["14"]["ticks"]
    rows = [
        [f"`{name}`", tick["a_day"], tick["classes"].get("A", 0), tick["classes"].get("B", 0)]
        for name, tick in ticks.items()
    ]
    return table(["schedule or sensor", "ticks a day", "class A each", "class B each"], rows)


def of_a_day(figures: Figures) -> list[str]:
    """What a listener's day comes to."""
    rows: list[Row] = [
        [f"operations of class {name}, {who}", *(f"{count:,}" for count in counts)]
        for who in ("runs", "ticks")
        for name in ("A", "B")
        for counts in [[operations(figures, years)[who][name] for years in (1, 14)]]
    ]
    for label, what, unit, form in (
        ("MB to the lake", "bytes_in", 1e6, "{:,.1f}"),
        ("MB from it", "bytes_out", 1e6, "{:,.1f}"),
        ("MB by which the lake grows", "lake_bytes", 1e6, "{:,.2f}"),
        ("CPU seconds", "cpu_s", 1, "{:,.0f}"),
        ("MB in Dagster's storage", "dagster_bytes", 1e6, "{:,.1f}"),
    ):
        rows.append([label, *(form.format(a_day(figures, y, what) / unit) for y in (1, 14))])
    return table(["a listener's day", "1 year behind", "14 years behind"], rows)


def of_endpoints(figures: Figures) -> list[str]:
    """What a listener's requests to Spotify are for."""
    rows = [[f"`{name}`", count] for name, count in sorted(requests(figures).items())]
    return table(["endpoint", "requests a day"], rows)


def of_spotify(figures: Figures) -> list[str]:
    """How the requests fit what may be sent, by one machine for all listeners."""
    day = sum(requests(figures).values())
    daily = sum(figures["years"]["1"]["runs"][DAILY]["spotify"].values())
    polls = (POLLS + REFRESHES) // 24
    head = ["listeners", "requests a day", "an hour, in the mean", f"of {PER_HOUR:,}"]
    head += ["sending a round of polls", "sending the daily runs", "hours, polls coming first"]
    rows = [
        [
            listeners,
            f"{day * listeners:,}",
            f"{day * listeners / 24:,.0f}",
            f"{day * listeners / 24 / PER_HOUR:.1%}",
            clock(listeners * INTERVAL_S),
            clock(listeners * daily * INTERVAL_S),
            f"{listeners * daily / (PER_HOUR - listeners * polls):.1f}",
        ]
        for listeners in SIZES
    ]
    return table(head, rows)


def clock(seconds: float) -> str:
    """Seconds as a person says them."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def of_r2(figures: Figures) -> list[str]:
    """A month's bill."""
    rows: list[Row] = []
    for listeners in SIZES:
        for years in (1, 14):
            by = operations(figures, years)
            amounts = {
                name: (by["runs"][name] + by["ticks"][name]) * listeners * DAYS / MILLION
                for name in ("A", "B")
            }
            amounts["GB"] = stored(figures, years) * listeners / GB
            costs = [dollars(amount, name) for name, amount in amounts.items()]
            rows.append(
                [
                    listeners,
                    years,
                    *(f"{amount:,.2f}" for amount in amounts.values()),
                    *(f"{cost:,.2f}" for cost in costs),
                    f"{sum(costs):,.2f}",
                ]
            )
    head = ["listeners", "years", "million A", "million B", "GB", "$ A", "$ B", "$ GB", "$ a month"]
    return table(head, rows)


def stored(figures: Figures, years: int) -> float:
    """Bytes of a lake that was polled all these years."""
    return a_day(figures, years, "lake_bytes") * 365 * years


def of_machines(figures: Figures) -> list[str]:
    """Processor time of a round and of a day, and memory; with fourteen years behind."""
    runs = figures["years"]["14"]["runs"]
    poll, daily = runs[NEW], runs[DAILY]
    rows = []
    for listeners in SIZES:
        idle = figures["daemon"][str(min(listeners, PER_APP))]
        apps = ceil(listeners / PER_APP)
        share = a_day(figures, 14, "cpu_s") * listeners / 86_400 + idle["cpu_share"] * apps
        rows.append(
            [
                listeners,
                apps,
                clock(poll["cpu_s"] * listeners / CORES),
                clock(daily["cpu_s"] * listeners / CORES),
                f"{share:.2f}",
                ceil(share / CORES / BUSY),
                *(
                    f"{(idle['memory_mb'] + run) * apps / 1000:,.1f}"
                    for run in (0, poll["memory_mb"], daily["memory_mb"])
                ),
                f"{recorded(figures) * listeners / GB:,.2f}",
            ]
        )
    head = ["listeners", "apps", f"a round of polls on {CORES} cores", "the daily runs on them"]
    head += ["cores busy, mean", f"machines of {CORES}", "GB of memory, idle"]
    head += ["with a poll in each app", "with a daily run", "GB of Dagster's storage in a year"]
    return table(head, rows)


def recorded(figures: Figures) -> float:
    """Bytes of Dagster's storage after a year: daily runs stay, polls do not."""
    daily = figures["years"]["14"]["runs"][DAILY]["dagster_bytes"]
    polls = a_day(figures, 14, "dagster_bytes") - daily
    return float(daily * 365 + polls * KEPT_DAYS[DagsterRunStatus.SUCCESS])


def of_storage(figures: Figures) -> list[str]:
    """By how much Dagster's storage grows in a day, and what there is after a month."""
    told = figures["dagster_storage"]
    poll, daily, freed = (
        {place: max(size, 0) for place, size in told[kind].items()}
        for kind in ("poll", "daily run", "pruned poll")
    )
    ticks_a_day, tick = told["tick"]["a_day"], told["tick"]["bytes"]
    whole, left = sum(poll.values()), max(sum(poll.values()) - sum(freed.values()), 0)
    kept = KEPT_DAYS[DagsterRunStatus.SUCCESS] + 1  # and today's
    pruned = (POLLS - 1) * (DAYS - kept)
    each: dict[str, tuple[float, float, float]] = {
        "poll": (whole, POLLS, POLLS * kept * whole + (DAYS - kept) * whole + pruned * left),
        "daily run": (sum(daily.values()), 1, DAYS * sum(daily.values())),
        # Sensors' ticks that skip are kept for a day, schedules' that start a run for a month.
        "tick of a sensor": (tick, ticks_a_day, 2 * ticks_a_day * tick),
        "tick of a schedule": (tick, POLLS + 19, DAYS * (POLLS + 19) * tick),
    }
    rows: list[Row] = [
        [
            name,
            f"{size / 1000:,.1f}",
            f"{times:,.0f}",
            f"{size * times / 1e6:,.1f}",
            f"{month / 1e6:,.0f}",
        ]
        for name, (size, times, month) in each.items()
    ]
    day = sum(size * times for size, times, _ in each.values())
    rows.append(
        ["all", "", "", f"{day / 1e6:,.1f}", f"{sum(m for *_, m in each.values()) / 1e6:,.0f}"]
    )
    return table(["what", "KB each", "a day", "MB a day", "MB after a month"], rows)


if __name__ == "__main__":
    main()
