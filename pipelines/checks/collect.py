"""Checks on what is collected: is Spotify still being asked?"""

from datetime import UTC, datetime, timedelta

import dagster as dg

from pipelines.assets.collect import recently_played
from pipelines.listening.responses import fetched_at
from pipelines.resources.lake import Lake
from pipelines.resources.raw import Raw

STALE_AFTER = timedelta(days=1)
LOOK_BACK = timedelta(days=30)


@dg.asset_check(asset=recently_played, description="The last response is at most a day old.")
def last_response_is_fresh(
    context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.AssetCheckResult:
    """Read from `raw/`: deriving old dates again does not make collecting look alive."""
    (key,) = context.selected_asset_check_keys
    raw = Raw(lake, key.asset_key.path[0])
    now = datetime.now(UTC)
    dates = raw.dates("recently_played", since=f"{now - LOOK_BACK:%Y-%m-%d}")
    names = raw.names("recently_played", dates[-1]) if dates else []
    last = fetched_at(names[-1]) if names else None
    told = last.isoformat(timespec="seconds") if last else f"none in {LOOK_BACK.days} days"
    return dg.AssetCheckResult(
        passed=last is not None and now - last <= STALE_AFTER,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"last_response": told},
    )
