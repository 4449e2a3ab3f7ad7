"""HTML that came out of a notebook, brought down to what a page of text and tables needs.

The kit's own objects escape what they show; other objects may not. So markup from outputs is
rebuilt from a list of what is allowed, and stays balanced. The page's content security policy is
the second line.
"""

import re

import nh3
from markupsafe import Markup

_KEPT = (
    "a b blockquote br caption code col colgroup dd details div dl dt em figcaption figure h1 h2 "
    "h3 h4 h5 h6 hr i img kbd li ol p pre s small span strong style sub summary sup table tbody td "
    "tfoot th thead tr u ul"
)
_DROPPED = (
    "applet audio button canvas frameset head iframe math noembed noframes noscript object "
    "plaintext script select svg template textarea title video xmp"
)
"""Elements that go with all they hold; of other unknown ones only the tags go."""

_LOOKS = (
    "align alt class colspan dir headers height id lang open role rowspan scope start style title "
    "valign width"
)
_LINK = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/=\s]*\Z")
_FETCHES = re.compile(r"@import|url\s*\(|\\|<", re.IGNORECASE)
"""In a style: what could ask for something from elsewhere, or hide that it does."""

_SHEET = re.compile(r"(<style[^>]*>)(.*?)(?=</style>)", re.DOTALL)


def clean_html(source: str) -> Markup:
    """Keep the text, tables and looks of a piece of HTML, and nothing that acts or fetches.

    Examples
    --------
    >>> clean_html('<b onclick="steal()">n</b><script>steal()</script> &lt; 5<td>')
    Markup('<b>n</b> &lt; 5')
    """
    cleaned = nh3.clean(
        source,
        tags=set(_KEPT.split()),
        clean_content_tags=set(_DROPPED.split()),
        attributes={"*": set(_LOOKS.split()), "a": {"href"}, "img": {"src"}},
        attribute_filter=_keep_value,
        generic_attribute_prefixes={"aria-"},
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=None,
    )
    return Markup(_SHEET.sub(_keep_sheet, cleaned))  # noqa: S704 - only allowed parts are left


def _keep_value(_: str, name: str, value: str) -> str | None:
    if name == "href":
        return value if _LINK.match(value.strip()) else None
    if name == "src":
        return value if _PICTURE.match(value.strip()) else None
    if name == "style" and _FETCHES.search(value):
        return None
    return value


def _keep_sheet(sheet: re.Match[str]) -> str:
    return sheet[1] if _FETCHES.search(sheet[2]) else sheet[0]
