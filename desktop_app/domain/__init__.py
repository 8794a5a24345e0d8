"""The rules of the trade: orders, acts, the lifecycle, clocks, roles. Pure: standard library only.

Nothing here reads a clock, a file, a network or a random source; the same code decides on every
seat and on the platform, so all of them come to the same order from the same acts.
"""
