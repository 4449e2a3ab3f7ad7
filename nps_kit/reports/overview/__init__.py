"""One page over all reports of a folder: how things stand, what failed, and where each lies."""

from nps_kit.reports.overview.writing import write_index

__all__ = ["write_index"]
