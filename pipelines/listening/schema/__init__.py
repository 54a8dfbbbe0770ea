"""What a table is, and every declared table: columns, types, descriptions, keys.

Also what follows from a declaration alone: views, CSV and JSON; and the SQL helper. Declare a table
here before anything writes it. How a table is computed belongs to the room of its subject.
"""
