"""Surveys between their sheets and the lake: read, made pseudonymous, matched, computed, forgotten.

Add here what reads a sheet or a key, or writes a survey's tables. What answers mean, and every
figure, is `listening/survey/`.
"""
