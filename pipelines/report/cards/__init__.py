"""Cards: one picture of a month, a year or all time, to share.

`words.py` says what stands on a card, from the insight tables; `drawn.py` lays it out and writes it
as SVG, and `painted.py` as PNG. All are pure and need no network; writing files is the asset's
business. What is private does not belong on a card: contexts, hours of the day, and any name that
the listener did not set for others to see.
"""
