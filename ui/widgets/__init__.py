"""Widgets and painters shared by all screens. They take plain strings, numbers and the enums of `kinds`,
never domain objects: the presenter of a screen converts.
"""
