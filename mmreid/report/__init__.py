"""Pages to look at: one folder or one file that a browser opens by a double click.

``bundles.py`` is where a page goes with its data and pictures, ``templates.py`` fills
in the HTML of ``assets/``, ``vector_charts.py`` has matplotlib's charts follow the
colours of the page. Nothing on a page comes from a network, and names are shown, never
run. Each kind of page is a room of its own, which knows no model; what has to ask one
is in ``mmreid.apis.report``.
"""

from mmreid.report.bundles import Bundle, open_bundle
from mmreid.report.templates import render
from mmreid.report.vector_charts import (
    COLOURS,
    chart_label,
    new_figure,
    page_colours,
    to_svg,
)

__all__ = [
    'COLOURS',
    'Bundle',
    'chart_label',
    'new_figure',
    'open_bundle',
    'page_colours',
    'render',
    'to_svg',
]
