"""From domain values to what widgets show: times, countdowns, nodes, acts in words. No Qt but in the values."""
