"""Assets that all listeners have in common, loaded once and without a listener's name.

Add a module here for what belongs to no single listener: reference data, views. Assets of one
listener are in the stages beside this package.
"""
