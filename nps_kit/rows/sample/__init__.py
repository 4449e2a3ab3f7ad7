"""The synthetic contact centre, with its planted truths."""

from nps_kit.rows.sample.files import write_sample
from nps_kit.rows.sample.maker import Sample, make_sample

__all__ = ["Sample", "make_sample", "write_sample"]
