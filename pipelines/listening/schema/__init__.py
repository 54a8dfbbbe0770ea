"""What a table is, and every declared table: columns, types, meanings, keys.

Also what follows from a declaration alone: views, CSV and JSON, the SQL helper. Add a table here
before anything writes it. How a table is computed belongs to the room of its subject.
"""
