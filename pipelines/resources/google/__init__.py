"""Google Sheets: one client that reads a range of a sheet with a service account, and no more.

Add here what concerns requests to Google. What the cells mean is `listening/survey/`; when they are
read is `surveys/reading.py`.
"""
