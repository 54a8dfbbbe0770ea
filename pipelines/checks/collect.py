"""Checks on collecting: is it still running, and until when is the login valid?

Add here what an operator should see on the assets that send requests to Spotify. What `playledger
status` and alerts say about it is decided in `ops/health.py`, not here.
"""

from datetime import UTC, datetime

import dagster as dg

from pipelines.assets.collect import profile, recently_played
from pipelines.ops.health import STALE_AFTER, login_health, login_problem
from pipelines.resources.dagster_resources import LakeResource, SpotifyResource, settings_of
from pipelines.resources.lake.raw import LAST_RESPONSE_WITHIN, RawResponses
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.run_context import expected_failures

ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN


@dg.asset_check(asset=recently_played, description="The last response is at most a day old.")
def last_response_is_fresh(
    context: dg.AssetCheckExecutionContext, lake: LakeResource
) -> dg.AssetCheckResult:
    """Based on `raw/`: deriving old dates again must not make collecting look alive."""
    last = RawResponses(lake.of(_listener(context))).last_fetched_at("recently_played")
    never = f"none in {LAST_RESPONSE_WITHIN.days} days"
    return dg.AssetCheckResult(
        passed=last is not None and datetime.now(UTC) - last <= STALE_AFTER,
        severity=WARN,
        metadata={"last_response": last.isoformat(timespec="seconds") if last else never},
    )


@dg.asset_check(
    asset=profile,
    description="The login lasts for more than 30 days; an error in its last three days.",
)
def login_lasts(
    context: dg.AssetCheckExecutionContext, spotify: SpotifyResource
) -> dg.AssetCheckResult:
    """A login ends six months after the consent, however often it was used."""
    listener = _listener(context)
    with expected_failures():
        token = TokenFile(settings_of(spotify).tokens_dir, listener).read()
    login = login_health(token, datetime.now(UTC))
    problem = login_problem(listener, login)
    metadata = {
        "days_left": login.days_left,
        "age_days": login.age_days,
        "ends_at": login.ends_at.isoformat(timespec="seconds") if login.ends_at else None,
        "what_to_do": problem.sentence if problem else None,
    }
    return dg.AssetCheckResult(
        passed=problem is None,
        severity=ERROR if problem and problem.level == "failure" else WARN,
        metadata={name: value for name, value in metadata.items() if value is not None},
    )


def _listener(context: dg.AssetCheckExecutionContext) -> str:
    (key,) = context.selected_asset_check_keys
    return str(key.asset_key.path[0])
