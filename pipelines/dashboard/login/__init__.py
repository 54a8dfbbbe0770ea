"""The dashboard's door: who may come in, how they show who they are, and what is refused.

`gate.py` stands before everything and lets nothing pass without a login but `routes.py`, which is
how one logs in: at Spotify (`at_spotify.py`) or by a link (`routes.py`). Whom a login lets see what
is `access.py`; `pages.py` is what people read at the door. Logins and invitations themselves are
kept by `resources/dashboard_logins.py`. Nothing in here reads a table of the lake.
"""
