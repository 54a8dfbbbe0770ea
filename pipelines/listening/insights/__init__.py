"""Parses and runs the SQL files of `pipelines/insights/`, and prepares what they select from.

An insight itself is added there, as a file. Add here only what several of them need.
"""
