"""Addresses that are no file of this machine: stores, databases, a cluster."""

from nps_kit.rows.addresses.places import describe, find_tables, is_elsewhere, is_store, open_there

__all__ = ["describe", "find_tables", "is_elsewhere", "is_store", "open_there"]
