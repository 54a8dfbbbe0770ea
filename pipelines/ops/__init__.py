"""Operating a deployment: health, alerts, heartbeats, logs, Dagster's records and its runs.

Add here what keeps the pipeline running for years, and what is done with a listener's data as a
whole: exporting and forgetting it. Nothing here computes a table; private names of Dagster stand in
one module, `dagster_internals.py`.
"""
