"""From Spotify and from files into the lake: what may be asked, what is kept, what is imported.

Add here how a further source gets into the lake. What its bytes mean belongs in `listening/`; when
it happens is `assets/` and `automation/`; talking to Spotify or to a bucket is `resources/`.
"""
