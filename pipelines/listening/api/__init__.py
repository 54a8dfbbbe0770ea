"""What Spotify's answers say: kept responses decoded into typed rows.

Add here what a further endpoint's answer means. Asking Spotify is `resources/spotify/`, keeping an
answer `resources/lake/raw.py`; how polled plays become ledger rows is `listening/ledger/`.
"""
