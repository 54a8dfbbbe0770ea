"""A group's favourite songs: from a sheet's rows to pseudonyms, to what the group has in common.

Pure functions over cells and Arrow tables. `answers.py` parses and replaces names, `matching.py`
finds the tracks, the rest speaks of groups. Reading sheets, keys and the lake is
`pipelines/surveys/`; nothing here may return a name or a mail of whoever answered.
"""
