"""The dispatcher's desk: views, search, filter and table on the left, the chosen order on the right."""
