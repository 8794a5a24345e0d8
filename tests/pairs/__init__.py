"""Every pair of act kinds on one order, made by two people who do not see one another."""
