"""Exports of survey tools and telephone systems as the kit's tables, with nothing lost."""

from nps_kit.rows.exports.imported import Imported as Imported
from nps_kit.rows.exports.imported import read_import as read_import
from nps_kit.rows.exports.importing import check_import as check_import
from nps_kit.rows.exports.importing import import_table as import_table
from nps_kit.rows.exports.mapping import Mapping as Mapping
from nps_kit.rows.exports.mapping import read_mapping as read_mapping
from nps_kit.rows.exports.opening import Export as Export
from nps_kit.rows.exports.opening import open_export as open_export
from nps_kit.rows.exports.proposing import propose_mapping as propose_mapping
