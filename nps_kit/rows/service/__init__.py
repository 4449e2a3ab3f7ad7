"""Answers beside the service that they are about, as counts: what a driver model stands on."""

from nps_kit.rows.service.columns import Resolution
from nps_kit.rows.service.patterns import tally_service

__all__ = ["Resolution", "tally_service"]
