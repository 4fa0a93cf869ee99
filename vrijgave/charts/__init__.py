"""Charts as SVG, for pages and for paper: drawn here, so that they need no script and nothing from elsewhere."""

from vrijgave.charts.flow import flow_chart
from vrijgave.charts.points import points_chart
from vrijgave.charts.stages import stages_chart
from vrijgave.charts.weeks import weeks_chart

__all__ = ["flow_chart", "points_chart", "stages_chart", "weeks_chart"]
