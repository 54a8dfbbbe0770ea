"""Talking to Spotify: requests, logins, the rate limit and lockouts.

Add here what concerns any request to Spotify. What is asked for, and when, is `ingest/collector.py`;
what an answer means is `listening/api/`.
"""
