"""Charts as SVG, for pages and for paper: drawn here, so that they need no script and nothing from elsewhere.

``figures`` has some of them for Plotly too, which a page with scripts draws in their place.
"""

from vrijgave.charts.ageing import ageing_chart
from vrijgave.charts.flow import flow_chart
from vrijgave.charts.points import points_chart
from vrijgave.charts.spark import sparkline
from vrijgave.charts.splits import splits_chart
from vrijgave.charts.stages import stages_chart
from vrijgave.charts.weeks import weeks_chart

__all__ = [
    "ageing_chart",
    "flow_chart",
    "points_chart",
    "sparkline",
    "splits_chart",
    "stages_chart",
    "weeks_chart",
]
