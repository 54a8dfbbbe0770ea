"""How the SQL files of `pipelines/insights/` are read and run, and what they select from.

An insight itself is added there, as a file. Add here only what several of them need.
"""
