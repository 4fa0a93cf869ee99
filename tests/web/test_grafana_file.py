"""The dashboard file for Grafana: as it is made, as Grafana's types want it, and asking only for what is told."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import grafana_file
import promql_parser as promql
import pytest
from figures import NOW, dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from vrijgave.i18n import Language, use_language
from vrijgave.leadtime import Stage, label
from vrijgave.services.metrics import Lengths, Measured
from vrijgave.store.counts import Health
from vrijgave.web.metrics import registry

FILE = Path(__file__).resolve().parents[2] / "docs" / "grafana" / "vrijgave.json"
NAMED_BY_LABEL = re.compile(r"\{\{(\w+)\}\}")
Exported = dict[str, dict[str, set[str]]]


@pytest.fixture(scope="module")
def board() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def exported() -> Exported:
    """Name of a series -> its labels -> their values, where everything is told that can be."""
    none = Health(
        states={}, failed={}, publications={}, alerts={}, outbox=0, outbox_since=NOW - timedelta(1), held=0, due=0
    )
    lengths = Lengths(recent=dashboard(), received=9, published=8, late=Counter())
    measured = Measured(now=NOW, health=none, lengths=lengths, example=False)
    found: Exported = {}
    for family in registry(measured).collect():
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for name, value in sample.labels.items():
                labels.setdefault(name, set()).add(value)
    return found


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def asked(board: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each panel with each of its questions."""
    return ((panel, target) for panel in panels(board) for target in panel["targets"])


def parsed(target: dict[str, Any]) -> promql.Expr:
    return promql.parse(target["expr"].replace("$__range", "30d"))


def parts(expression: promql.Expr) -> Iterator[Any]:
    yield expression
    inside = [getattr(expression, name, None) for name in ("expr", "lhs", "rhs", "vector_selector")]
    for child in (*inside, *getattr(expression, "args", ())):
        if isinstance(child, promql.Expr):
            yield from parts(child)


def test_the_file_is_the_one_that_is_made() -> None:
    assert FILE.read_text(encoding="utf-8") == grafana_file.make()


def test_grafanas_own_types_know_all_that_is_in_it(board: dict[str, Any]) -> None:
    register_default_plugins()
    read = JSONEncoder(sort_keys=True).encode(Dashboard.from_json(board))
    assert json.loads(read) == board


def test_it_loads_without_change(board: dict[str, Any]) -> None:
    assert [(v["name"], v["type"], v["query"]) for v in board["templating"]["list"]] == [
        ("datasource", "datasource", "prometheus")
    ]
    source = {"type": "prometheus", "uid": "${datasource}"}
    for panel, target in asked(board):
        assert panel["datasource"] == target["datasource"] == source
        assert [t["refId"] for t in panel["targets"]] == list("ABCDE"[: len(panel["targets"])])
    assert "id" not in board
    assert re.fullmatch(r"[a-z-]{8,40}", board["uid"])


def test_panels_have_a_number_a_dutch_title_and_a_place_of_their_own(board: dict[str, Any]) -> None:
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert len({panel["title"] for panel in board["panels"]}) == len(board["panels"]) > 20
    taken = Counter(
        (panel["gridPos"]["x"] + dx, panel["gridPos"]["y"] + dy)
        for panel in board["panels"]
        for dx in range(panel["gridPos"]["w"])
        for dy in range(panel["gridPos"]["h"])
    )
    assert max(taken.values()) == 1
    assert max(x for x, _y in taken) < 24
    rows = sorted({y for _x, y in taken})
    assert all(after == before + 1 for before, after in pairwise(rows))


def test_every_question_is_one_of_what_is_told(board: dict[str, Any], exported: Exported) -> None:
    names = set()
    for panel, target in asked(board):
        series = [part for part in parts(parsed(target)) if isinstance(part, promql.VectorSelector)]
        assert series, panel["title"]
        for selector in series:
            names.add(selector.name)
            assert selector.name in exported, panel["title"]
            for matcher in selector.matchers.matchers:
                wanted = set(matcher.value.split("|"))
                assert wanted <= exported[selector.name][matcher.name], (panel["title"], matcher.value)
        for part in parts(parsed(target)):
            if isinstance(part, promql.AggregateExpr) and part.modifier is not None:
                inside = next(p for p in parts(part) if isinstance(p, promql.VectorSelector))
                assert set(part.modifier.labels) <= set(exported[inside.name]), panel["title"]
    assert set(exported) - names == {"vrijgave_received_releases", "vrijgave_stage_releases"}


def test_several_processes_of_one_installation_count_once(board: dict[str, Any]) -> None:
    for panel, target in asked(board):
        for part in parts(parsed(target)):
            if isinstance(part, promql.AggregateExpr) and isinstance(part.expr, promql.VectorSelector):
                assert str(part.op) == "max", panel["title"]
        assert not isinstance(parsed(target), promql.VectorSelector), panel["title"]


def test_series_have_dutch_names(board: dict[str, Any], exported: Exported) -> None:
    use_language(Language.DUTCH)
    for panel, target in asked(board):
        shown = {
            rule["matcher"]["options"]: rule["properties"][0]["value"] for rule in panel["fieldConfig"]["overrides"]
        }
        for name in NAMED_BY_LABEL.findall(target["legendFormat"]):
            selector = next(p for p in parts(parsed(target)) if isinstance(p, promql.VectorSelector))
            assert exported[selector.name][name] <= set(shown), panel["title"]
            if name == "stage":
                assert shown == {stage.value: label(stage) for stage in Stage}


def test_units_are_those_of_the_series(board: dict[str, Any]) -> None:
    for panel, target in asked(board):
        unit = panel["fieldConfig"]["defaults"]["unit"]
        names = {p.name for p in parts(parsed(target)) if isinstance(p, promql.VectorSelector)}
        if "increase" in target["expr"] or "delta" in target["expr"]:
            names = {"vrijgave_count"}
        wanted = {"s" if n.endswith("_seconds") else "percentunit" if n.endswith("_ratio") else "short" for n in names}
        assert wanted == {unit}, panel["title"]
