"""When runs start by themselves: schedules, the import sensor, the rebuild after a backfill.

Add here what decides whether a run starts. What a run does belongs to its assets; sensors that
start no run are `ops/sensors.py`.
"""
