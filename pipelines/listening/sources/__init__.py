"""Where plays are known from: one module per source, with its declaration and its parser.

Add a module here for a further source: everything else finds it by its declaration. What all
sources have in common is `source.py` and `rows.py`. How rows of several sources become one play is
`listening/ledger/`; how files are opened is `ingest/archive.py`.
"""
