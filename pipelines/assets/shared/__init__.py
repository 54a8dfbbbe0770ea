"""Assets that all listeners have in common, loaded once and without a listener's name.

Add a module here for what belongs to nobody: reference data, views. What is one listener's own is
in the stages beside this package.
"""
