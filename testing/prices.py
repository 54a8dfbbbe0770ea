"""What Cloudflare R2 charges, and how its units are counted.

Add a price here, with its source. What is bought of it is measured in `benchmarks/cost.py`.
"""

from math import ceil

FREE = {"A": 1, "B": 10, "GB": 10}
PRICE = {"A": 4.50, "B": 0.36, "GB": 0.015}
"""Of Cloudflare R2's standard storage: dollars for a million operations, and for a GB-month."""


def dollars(amount: float, of: str) -> float:
    """What a month costs: units that were begun count whole, after those that are free."""
    return max(ceil(amount) - FREE[of], 0) * PRICE[of]
