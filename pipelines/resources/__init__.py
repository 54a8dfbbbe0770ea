"""What the pipeline talks to: the lake and Spotify.

A resource turns settings into something that reads, writes or asks, and turns every failure into
one clear line. What the bytes mean belongs in `listening/`.
"""
