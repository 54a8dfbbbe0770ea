"""From rows of several sources to plays, one row each, and the gaps where plays may be missing.

Matching, the merge of exports, and gaps live here. Add here what decides whether two rows are the
same play, or whether a stretch of time is covered. Reading a source is `listening/api/` and
`listening/privacy_export/`; what is computed from plays belongs to the other rooms.
"""
