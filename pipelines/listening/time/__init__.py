"""Intervals, months, dates and a listener's local time.

Add here what is about time alone. What happened at a time belongs elsewhere.
"""
