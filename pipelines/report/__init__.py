"""The listener's report: one page with charts of the insight tables.

`page.py` renders the page, `packed.py` packs its data, of playlists what `playlists.py` picks, and
`js/` draws. To add a chart, add it to a file of `js/`; to show another column, name it in
`packed.py`. What `js/` is built into lies beside it: the scripts of our pages and of the dashboard,
of Plotly what they draw with, and in `charts.json` which tables each chart reads. Numbers are
computed in `insights/`, not here; reading the tables and writing the page is the asset's business.
"""
