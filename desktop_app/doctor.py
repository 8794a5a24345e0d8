"""``jiban doctor``: explains what is wrong with this machine or store. ``run(profile) -> int``."""
