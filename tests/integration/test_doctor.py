"""The check-up: right is said to be right, wrong comes with what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from vrijgave.bootstrap import build
from vrijgave.domain.publications import Platform
from vrijgave.errors import ActionRequired
from vrijgave.publishing.protocol import Publisher
from vrijgave.publishing.registry import PUBLISHERS
from vrijgave.redaction.detectors import engines
from vrijgave.services.doctor import examine
from vrijgave.settings import Engine, Settings

NOWHERE = "http://127.0.0.1:9/api"


def test_a_fresh_installation_lacks_only_the_server(tmp_path: Path) -> None:
    findings = {f.what: f for f in examine(build(Settings(home=tmp_path)), NOWHERE)}
    wrong = {name for name, finding in findings.items() if not finding.right}
    assert wrong == {"Prefect server"}
    assert "vrijgave serve" in findings["Prefect server"].advice
    assert {p.value for p in PUBLISHERS} <= set(findings)


def test_what_is_wrong_comes_with_advice(tmp_path: Path) -> None:
    def locked_out(platform: Platform) -> Publisher:
        raise ActionRequired("administrator", f"set up {platform}")

    settings = Settings(home=tmp_path, min_free_bytes=10**18)
    context = replace(build(settings), publisher=locked_out)
    advice = {f.what: f.advice for f in examine(context, NOWHERE) if not f.right}
    assert advice["youtube"] == "set up youtube"
    assert "make room" in advice["room on the disk"]


def test_a_key_that_is_no_key_is_found(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("no key")
    context = build(Settings(home=tmp_path / "home", signing_key_file=key))
    advice = {f.what: f.advice for f in examine(context, NOWHERE)}
    assert "key.pem" in advice["signing key"]


def test_settings_of_the_lead_times_that_make_no_sense_are_found(tmp_path: Path) -> None:
    for wrong, said in (
        ({"stage_targets": {"lunch": timedelta(days=1)}}, "no stage «lunch»"),
        ({"working_from": time(18)}, "WORKING_FROM"),
        ({"holidays": "Atlantis"}, "HOLIDAYS"),
    ):
        context = build(Settings(home=tmp_path, **wrong))  # type: ignore[arg-type]
        assert said in {f.what: f.advice for f in examine(context, NOWHERE)}["lead times"]
    for wrong, said in (
        ({"time_zone": "Europe/Atlantis"}, "no time zone"),
        ({"lead_time_target": timedelta(0)}, "greater than 0"),
        ({"stage_targets": {"rendered_to_approved": timedelta(days=-1)}}, "greater than 0"),
    ):
        with pytest.raises(ValidationError, match=said):
            Settings(home=tmp_path, **wrong)  # type: ignore[arg-type]


def test_a_missing_engine_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "available", lambda: (Engine.ONNXRUNTIME,))
    slow = {f.what: f for f in examine(build(Settings(home=tmp_path)), NOWHERE)}["detectors"]
    assert "openvino" in slow.advice
    refused = build(Settings(home=tmp_path, inference=Engine.CUDA))
    assert "onnxruntime-gpu" in {f.what: f for f in examine(refused, NOWHERE)}["detectors"].advice
    wanted = build(Settings(home=tmp_path, inference=Engine.ONNXRUNTIME))
    assert {f.what: f for f in examine(wanted, NOWHERE)}["detectors"].right


def test_detectors_that_load_but_do_not_run_are_found(tmp_path: Path) -> None:
    class Broken:
        def detect(self, image: object) -> None:
            raise ActionRequired("administrator", "other processor")

    context = replace(build(Settings(home=tmp_path)), detectors=lambda: [Broken()])
    assert {f.what: f for f in examine(context, NOWHERE)}["detectors"].advice == "other processor"
