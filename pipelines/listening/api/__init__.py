"""Responses of Spotify's Web API, decoded into typed rows.

Add here the decoding of a further endpoint. Requests are `resources/spotify/`, stored responses
`resources/lake/raw.py`; how polled plays become ledger rows is `listening/ledger/`.
"""
