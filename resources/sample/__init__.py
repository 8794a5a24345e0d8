"""The sample township: an invented center, its people, and orders at every stage of their lives."""

from resources.sample.history import SampleLife, sample_lives
from resources.sample.township import Account, sample_accounts, sample_center, sample_intake

__all__ = [
    "Account",
    "SampleLife",
    "sample_accounts",
    "sample_center",
    "sample_intake",
    "sample_lives",
]
