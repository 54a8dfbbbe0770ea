"""Intervals, months, dates and a listener's local clock.

Add here what is about time and nothing else. What happened in a stretch of time belongs elsewhere.
"""
