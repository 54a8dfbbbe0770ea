"""Playledger: a ledger of everything a listener heard on Spotify, as Parquet tables they own."""
