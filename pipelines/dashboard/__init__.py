"""The dashboard: a listener's tables to live in, in a browser, behind a login.

`app.py` serves it, `script.py` runs at each click, `pages.py` lists the pages, and `menu/` has a
file for each. What a page reads comes from `reading.py`, what the reader chose is `choices.py`, who
reads is `visitor.py`. Figures are computed in `insights/` and drawn by the report's own charts
(`charts.py`); what a page changes is changed by the functions that the commands use. Nothing here
computes a figure that the report has too.
"""
