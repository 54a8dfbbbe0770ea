"""How plays of several sources become one row each, and where plays may be missing.

Matching, the union of exports, and gaps live here. Add here what decides whether two rows are the
same play. What a source says is `listening/api/` and `listening/privacy_export/`; what is made of
plays belongs to the rooms beside this one.
"""
