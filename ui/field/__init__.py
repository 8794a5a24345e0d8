"""我的单: what leaders, villages and stations do in the field, with or without a network."""
