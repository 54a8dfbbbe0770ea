"""Tracks, artists and recordings, and what describes them.

Add here what describes music rather than when it was played: names, identities, audio features.
Rankings and monthly figures are insights.
"""
