"""Talking to Spotify: requests, logins, the rate limit and lockouts.

Add here what concerns any request to Spotify. Which requests are sent is `ingest/collector.py`;
what a response means is `listening/api/`.
"""
