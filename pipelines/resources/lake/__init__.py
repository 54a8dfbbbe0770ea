"""The lake: bytes in a folder or a bucket, tables and documents on top of them.

Add here how something is stored, read and versioned. What a table means is `listening/`; who
writes it is `assets/`. No other package handles paths, Parquet or ETags.
"""
