"""Data-quality checks, one module per stage, run by Dagster right after the asset they look at.

A check looks at what lies in the lake, as a reader would. What must never land is refused in
`listening/schema/table.py` before it is written; checks are the record, and the net under it.
"""
