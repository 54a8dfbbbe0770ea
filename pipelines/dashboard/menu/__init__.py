"""The pages, a file for each: what it reads (`load…`, pure) and how it shows that (`show`).

Streamlit runs the file of the page that is open as a script, at each click. To add a page, add a
file here and a line to `pages.py`. What several pages show alike is beside this folder.
"""
