"""拟办: who should handle the order, and what the secretary should know."""
