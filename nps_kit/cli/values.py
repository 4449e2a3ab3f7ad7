"""Words of the command line as the values of a notebook's parameters."""

from collections.abc import Mapping, Sequence
from typing import Any

import nps_kit as kit
from nps_kit.cli.terminal import read_pairs
from nps_kit.reports.parameters import Parameter


def read_values(
    declared: Sequence[Parameter],
    *,
    named: Mapping[str, str],
    parameter: list[str] | None,
    column: list[str] | None,
) -> dict[str, Any]:
    """Read what was said for the parameters that a notebook declares; an option goes before -p."""
    texts = read_pairs(parameter or [], option="-p")
    texts |= {key: text for key, text in named.items() if text}
    values = kit.parse_parameters(declared, texts)
    columns = read_pairs(column or [], option="--column")
    return values | {"columns": columns} if columns else values
