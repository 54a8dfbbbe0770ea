"""Getting data into the lake: from Spotify, from privacy exports, from files and by hand.

Add here how another source is ingested. What its bytes mean belongs in `listening/`; when it is
ingested is `assets/` and `automation/`; sending requests and storing bytes is `resources/`.
"""
