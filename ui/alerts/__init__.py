"""The pop-ups: what is due, gathered in one corner; a new order nobody has taken, in the middle."""
