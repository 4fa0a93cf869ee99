"""Makes the dashboard file for Grafana: ``python tests/grafana_file.py docs/grafana/vrijgave.json``.

Several processes may serve the pages, and each tells the same figures of one database: so every question takes the
highest of the same series («max by») before it adds anything up.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DynamicConfigValue,
    GridPos,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)

from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import FlowName
from vrijgave.i18n import Language, use_language
from vrijgave.leadtime import Stage, label
from vrijgave.services.metrics import DAYS
from vrijgave.words import platform_name

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
FLOWS = {
    FlowName.PREPARE: "Analyse",
    FlowName.TRACK_REGION: "Volgen wat getekend is",
    FlowName.RENDER: "Afgedekte video maken",
    FlowName.PUBLISH: "Publiceren",
    FlowName.TAKE_DOWN: "Offline halen",
}
RECENT = f"Over de vrijgaven van de laatste {DAYS} dagen."
UNHELD = f"{RECENT} Zonder wat bewust werd uitgesteld."
OF_NUMBERS = {"0.5": "Mediaan", "0.85": "p85", "0.9": "p90", "0.95": "p95"}
OUTCOMES = {
    "known": "Bekend", "open": "Loopt nog", "stopped": "Gestopt", "unknown": "Onbekend",
    "contradictory": "Tegenstrijdig",
}  # fmt: skip
Panel = stat.Panel | timeseries.Panel | bargauge.Panel


def _lettered(made: models.Dashboard) -> models.Dashboard:
    """Each question of a panel with a letter of its own."""
    for panel in made.panels or ():
        for letter, target in zip(ascii_uppercase, getattr(panel, "targets", None) or (), strict=False):
            target.ref_id = letter
    return made


class Layout:
    """Gives panels their number and their place, from left to right."""

    def __init__(self, board: dashboard.Dashboard) -> None:
        self._board, self._x, self._y, self._tall, self._next = board, 0, 0, 0, 1

    def row(self, title: str) -> None:
        self._x, self._y = 0, self._y + self._tall
        where = GridPos(x=0, y=self._y, w=24, h=1)
        self._board.with_row(dashboard.Row(title).id(self._number()).grid_pos(where))
        self._y, self._tall = self._y + 1, 0

    def add(self, panel: Panel, wide: int, tall: int) -> None:
        if self._x + wide > 24:
            self._x, self._y = 0, self._y + self._tall
        where = GridPos(x=self._x, y=self._y, w=wide, h=tall)
        self._board.with_panel(panel.id(self._number()).grid_pos(where).datasource(SOURCE))
        self._x, self._tall = self._x + wide, tall

    def _number(self) -> int:
        self._next += 1
        return self._next - 1


def make() -> str:
    """The file."""
    use_language(Language.DUTCH)
    board = (
        dashboard.Dashboard("Vrijgave: doorlooptijden en storingen")
        .uid("vrijgave-doorlooptijden")
        .description("Hoe lang het duurt van incident tot openbaar, waar tijd verloren gaat, wat wacht en wat misgaat.")
        .tags(["vrijgave"])
        .timezone("browser")
        .time("now-30d", "now")
        .refresh("5m")
        .week_start("monday")
        .with_variable(dashboard.DatasourceVariable("datasource").label("Gegevensbron").type("prometheus"))
    )
    layout = Layout(board)
    _tiles(layout)
    _lead_time(layout)
    _stages(layout)
    _queue(layout)
    _failures(layout)
    return JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(_lettered(board.build())) + "\n"


def _tiles(layout: Layout) -> None:
    layout.row("In het kort")
    made_up = ValueMap(
        options={
            "0": ValueMappingResult(text="Echte cijfers", color="green"),
            "1": ValueMappingResult(text="Voorbeeld: alles is verzonnen", color="purple"),
        }
    )
    example = _tile("Welke cijfers dit zijn", "max(vrijgave_example)").mappings([made_up])
    layout.add(example, 6, 4)
    published = "max(delta(vrijgave_published_releases[$__range]))"
    layout.add(_tile("Gepubliceerd in de gekozen tijd", published).decimals(0).min(0), 4, 4)
    for quantile, name in (("0.5", "Mediaan"), ("0.9", "p90")):
        asked = f'max(vrijgave_lead_time_seconds{{quantile="{quantile}"}})'
        layout.add(_tile(f"{name} van incident tot openbaar", asked, unit="s", why=RECENT), 4, 4)
    within = _tile(
        "Binnen het eigen doel", "max(vrijgave_lead_time_within_target_ratio)", unit="percentunit", why=RECENT
    )
    layout.add(within, 3, 4)
    failed = "sum(max by (flow) (vrijgave_failed_releases))"
    layout.add(_warned(_tile("Mislukt", failed, why="Vrijgaven die op een mens wachten nadat het werk misging.")), 3, 4)


def _lead_time(layout: Layout) -> None:
    layout.row("Van incident tot openbaar")
    graph = _graph("Doorlooptijd", unit="s", why=RECENT)
    for quantile, name in OF_NUMBERS.items():
        graph = graph.with_target(_ask(f'max(vrijgave_lead_time_seconds{{quantile="{quantile}"}})', name))
    censored = "max(vrijgave_lead_time_censored_median_seconds)"
    layout.add(graph.with_target(_ask(censored, "Mediaan, open zaken meegeteld")), 12, 9)
    known = _graph("Waarop de cijfers staan", why=RECENT, stacked=True)
    known = _named(known.with_target(_ask("max by (outcome) (vrijgave_lead_time_releases)", "{{outcome}}")), OUTCOMES)
    layout.add(known, 12, 9)


def _stages(layout: Layout) -> None:
    stages = {stage.value: label(stage) for stage in Stage}
    layout.row("Waar de tijd blijft")
    median = 'max by (stage) (vrijgave_stage_duration_seconds{quantile="0.5"})'
    layout.add(_bars("Mediaan van elke fase", median, stages, UNHELD), 12, 12)
    layout.add(
        _bars("Tijd in elke fase bij elkaar", "max by (stage) (vrijgave_stage_time_seconds)", stages, UNHELD), 12, 12
    )
    p85 = 'max by (stage) (vrijgave_stage_duration_seconds{quantile="0.85"})'
    layout.add(
        _named(_graph("p85 van elke fase", unit="s", why=UNHELD).with_target(_ask(p85, "{{stage}}")), stages), 12, 10
    )
    natures = _graph("Werken, wachten en bewust uitgesteld", unit="s", why=RECENT, stacked=True)
    natures = natures.with_target(
        _ask("sum by (nature) (max by (stage, nature) (vrijgave_stage_time_seconds))", "{{nature}}")
    )
    natures = natures.with_target(_ask("sum(max by (stage) (vrijgave_stage_held_seconds))", "Bewust uitgesteld"))
    layout.add(_named(natures, {"working": "Werken", "waiting": "Wachten"}), 12, 10)


def _queue(layout: Layout) -> None:
    stages = {stage.value: label(stage) for stage in Stage}
    layout.row("Wat nu wacht")
    for title, asked, unit in (
        ("Vrijgaven in elke fase", "max by (stage) (vrijgave_queue_releases)", "short"),
        ("De oudste in elke fase", "max by (stage) (vrijgave_queue_oldest_age_seconds)", "s"),
        ("Langer dan het doel van de fase", "sum by (stage) (max by (stage, told) (vrijgave_late_releases))", "short"),
    ):
        graph = _graph(title, unit=unit, stacked=unit == "short").with_target(_ask(f"{asked} > 0", "{{stage}}"))
        layout.add(_named(graph, stages), 8, 9)
    layout.add(_tile("Bewust uitgesteld", "max(vrijgave_held_releases)"), 8, 4)
    untold = 'sum(max by (stage) (vrijgave_late_releases{told="false"}))'
    layout.add(_warned(_tile("Te laat en niet gemeld", untold)), 8, 4)
    alerts = "sum(max by (stage) (increase(vrijgave_alerts_total[$__range])))"
    layout.add(_tile("Meldingen in de gekozen tijd", alerts).decimals(0), 8, 4)


def _failures(layout: Layout) -> None:
    layout.row("Storingen")
    flows = {flow.value: name for flow, name in FLOWS.items()}
    failed = _graph("Mislukt werk", stacked=True).with_target(
        _ask("max by (flow) (vrijgave_failed_releases)", "{{flow}}")
    )
    layout.add(_named(failed, flows), 8, 9)
    unsure = 'sum by (platform) (max by (platform, state) (vrijgave_publications{state=~"unknown|needs_person"}))'
    graph = _graph("Publicaties die onzeker zijn of vastzitten", stacked=True).with_target(_ask(unsure, "{{platform}}"))
    layout.add(_named(graph, {platform.value: platform_name(platform) for platform in Platform}), 8, 9)
    waits = _graph("Oudste opdracht die nog niet gestart is", unit="s")
    layout.add(waits.with_target(_ask("max(vrijgave_outbox_oldest_age_seconds)", "Wacht")), 8, 9)
    layout.add(_warned(_tile("Opdrachten die nog niet gestart zijn", "max(vrijgave_outbox_messages)"), 20), 8, 4)
    layout.add(_tile("Doorlooptijden die achterlopen", "max(vrijgave_lead_times_due_releases)"), 8, 4)
    states = "sum(max by (state) (vrijgave_releases))"
    layout.add(_tile("Vrijgaven in totaal", states), 8, 4)


def _ask(asked: str, legend: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(asked).legend_format(legend).datasource(SOURCE)


def _tile(title: str, asked: str, unit: str = "short", why: str = "") -> stat.Panel:
    panel = stat.Panel().title(title).unit(unit).no_value("–").graph_mode(BigValueGraphMode.NONE)
    panel = panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    panel = panel.description(why) if why else panel
    return panel.color_mode(BigValueColorMode.VALUE).with_target(_ask(asked, title))


def _warned(tile: stat.Panel, many: int = 1) -> stat.Panel:
    steps = [Threshold(value=None, color="green"), Threshold(value=float(many), color="orange")]
    return tile.thresholds(dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps))


def _graph(title: str, unit: str = "short", why: str = "", stacked: bool = False) -> timeseries.Panel:
    panel = timeseries.Panel().title(title).unit(unit).min(0).line_width(2).span_nulls(False)
    panel = panel.description(why) if why else panel
    table = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
    panel = panel.legend(table.show_legend(True))
    if stacked:
        panel = panel.fill_opacity(25).stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    return panel


def _bars(title: str, asked: str, names: Mapping[str, str], why: str) -> bargauge.Panel:
    query = _ask(asked, "{{stage}}").instant()
    panel = bargauge.Panel().title(title).unit("s").min(0).orientation(VizOrientation.HORIZONTAL)
    panel = panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"])).description(why)
    return _named(panel.with_target(query), names)


def _named(panel: Any, names: Mapping[str, str]) -> Any:
    """The panel with Dutch names in place of the fixed ones of the labels."""
    for name, shown in names.items():
        panel = panel.override_by_name(name, [DynamicConfigValue(id_val="displayName", value=shown)])
    return panel


def main(arguments: Sequence[str]) -> None:
    Path(arguments[0]).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
