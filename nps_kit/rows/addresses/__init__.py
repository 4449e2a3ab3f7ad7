"""Addresses that are no file of this machine: stores, databases, a cluster."""

from nps_kit.rows.addresses.places import (
    check_place,
    describe,
    find_tables,
    is_elsewhere,
    is_store,
    open_there,
)

__all__ = ["check_place", "describe", "find_tables", "is_elsewhere", "is_store", "open_there"]
