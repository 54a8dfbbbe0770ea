"""Last.fm's interface: one client that asks for scrobbles and for counts, within its limits.

Add here what concerns requests to Last.fm. Which of them are sent, and what becomes of the answers,
is `ingest/lastfm.py` and `ingest/lastfm_counts.py`; what is in them `listening/sources/`.
"""
