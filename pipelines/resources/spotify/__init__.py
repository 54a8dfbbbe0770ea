"""Talking to Spotify: requests, logins, the rate limit and lockouts.

Add here what concerns any request to Spotify. What is requested, and when, is
`ingest/collector.py`; what a response means is `listening/api/`.
"""
