"""Data-quality checks, one module per stage, run by Dagster right after the asset they look at.

A check looks at what is stored in the lake, as a reader would. Structure is refused in
`listening/schema/table.py` before it is written, so each table has one check that reads it again;
the others speak of what rows mean. Add a check only if it can fail on what was written, with a
change in `tests/checks/` that turns it red.
"""
