"""Which variables of a machine are a pipeline's: a demo or a test must not have those of a person.

Add a beginning here with a new kind of setting. What a demo or a test sets instead is its own.
"""

OF_A_PIPELINE = (
    *("ALERT_", "AWS_", "CACHE_", "CATALOGUE_", "DAGSTER_", "DASHBOARD_", "ENV_FILE", "GOOGLE_"),
    *("HEARTBEAT_", "LAKE_", "LASTFM_", "LISTENERS_", "LOG_", "PLAYLEDGER", "REQUEST", "S3_"),
    *("SPOTIFY_", "SURVEY", "TOKENS_"),
)
"""How they begin."""
