"""The listener's report: one page that shows what the insight tables say.

`page.py` makes the page, `packed.py` what it carries of the tables, `js/` draws. To add a chart,
add it to a file of `js/`; to show a further column, name it in `packed.py`. Numbers are computed in
`insights/`, not here, and where the tables come from and the page goes to is for `assets/`.
"""
