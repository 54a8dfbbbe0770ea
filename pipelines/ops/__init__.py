"""For who operates it: health, alerts, heartbeats, Dagster's records, logs, lost runs.

Add here what a person must know or tidy up so that the pipeline runs for years. Nothing here
computes a table; private names of Dagster stand in one module, `dagster_internals.py`.
"""
