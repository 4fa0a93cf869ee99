"""Lead times: what the stage clock says about how long a release took, and where the time went. Pure."""

from vrijgave.leadtime.durations import Duration, Kind
from vrijgave.leadtime.release import Contradiction, LeadTime, ReleaseLeadTimes, lead_times
from vrijgave.leadtime.report import explain, label, release_rows, spoken, summary_rows, summary_to_csv, to_csv
from vrijgave.leadtime.stages import Headline, Measure, Nature, Result, Stage
from vrijgave.leadtime.summary import Figures, Summary, SummaryLine, percentile, summarise

__all__ = [
    "Contradiction",
    "Duration",
    "Figures",
    "Headline",
    "Kind",
    "LeadTime",
    "Measure",
    "Nature",
    "ReleaseLeadTimes",
    "Result",
    "Stage",
    "Summary",
    "SummaryLine",
    "explain",
    "label",
    "lead_times",
    "percentile",
    "release_rows",
    "spoken",
    "summarise",
    "summary_rows",
    "summary_to_csv",
    "to_csv",
]
