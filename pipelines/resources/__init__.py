"""The outside services that the pipeline uses: the lake and Spotify.

A resource turns settings into something that reads, writes or sends requests, and every failure
into one clear line. What the bytes mean belongs in `listening/`.
"""
