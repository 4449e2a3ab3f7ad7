"""Explore, explain and report the Net Promoter Score of a contact centre, with its uncertainty."""

__version__ = "0.1.0"
