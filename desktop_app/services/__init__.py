"""Use cases: one verb per function. Each takes the seat first and returns what changed."""
