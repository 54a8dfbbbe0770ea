"""Tracks, artists and recordings as things of their own, and what is known of them.

Add here what describes music rather than when it was played: names, identities, audio features.
Rankings and monthly figures are insights.
"""
