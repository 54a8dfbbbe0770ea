"""`artists` and `songs` once more in plain Python, by what their head comments say alone."""

from typing import Any

from tests.support.insights.ground import (
    Ground,
    artist_key,
    by_month,
    counted,
    grouped,
    music,
    ranked,
    times,
    unmeasured,
)
from tests.support.insights.lives import Row
from tests.support.insights.recomputed import Rows, amount, described_artist, recording


def artists(ground: Ground) -> Rows:
    for scope in ground.scopes:
        groups = grouped(music(scope.plays), artist_key)
        songs_ranked = ranked(grouped(music(scope.plays), recording))
        for rank, key in enumerate(ranked(groups), 1):
            plays = times(recording(play) for play in counted(groups[key]))
            top = sorted(plays, key=lambda one: (-plays[one], songs_ranked.index(one)))[:10]
            yield {
                "scope": scope.name,
                "rank": rank,
                **described_artist(ground, key, groups[key]),
                **_history(ground, groups, key, artist_key, scope.plays),
                "top_tracks": [
                    {
                        "track_key": one,
                        "track_name": ground.described(one)["track_name"],
                        "plays": plays[one],
                    }
                    for one in top
                ],
            }


def songs(ground: Ground) -> Rows:
    for scope in ground.scopes:
        groups = grouped(music(scope.plays), recording)
        for rank, key in enumerate(ranked(groups), 1):
            told = ground.described(key)
            by = artist_key([play for play in ground.plays if recording(play) == key][-1])
            yield {
                "scope": scope.name,
                "rank": rank,
                "track_key": told.pop("recording_id"),
                **told,
                "artist_key": by,
                **{
                    name: ground.known(key, lambda track, name=name: track[name])
                    for name in ("isrc", "album_name", "duration_ms")
                },
                **_history(ground, groups, key, recording, scope.plays),
            }


def _history(
    ground: Ground, groups: dict[Any, list[Row]], key: Any, by: Any, everything: list[Row]
) -> Row:
    here = groups[key]
    days = {play["local_date"] for play in counted(here)}
    hours = times(play["local_hour"] for play in counted(here))
    contexts = times(play["context"] for play in counted(here))
    months = [
        {
            "month": month,
            **amount(plays),
            "rank": ranked(grouped(music(by_month(everything)[month]), by)).index(key) + 1,
        }
        for month, plays in sorted(by_month(here).items())
        if counted(plays)
    ]
    best = min(
        months, key=lambda one: (-one["plays"], -round(one["minutes"] * 60_000), one["month"])
    )
    return {
        **amount(here),
        "first_heard_on": min(days),
        "last_heard_on": max(days),
        "days_heard": len(days),
        "best_month": best["month"],
        "best_month_plays": best["plays"],
        "peak_rank": min(one["rank"] for one in months),
        "by_month": months,
        "by_hour": [{"plays": hours[hour]} for hour in range(24)],
        "contexts": [
            {"context": context, "plays": number}
            for context, number in sorted(contexts.items(), key=lambda one: (-one[1], one[0]))
        ],
        "at_least": bool(ground.lost_days) or unmeasured(here),
    }
