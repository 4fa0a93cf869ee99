"""A detector that a description file tells how to run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnx

from vrijgave.domain.tracks import Detections, Image, ModelInfo, SubjectKind
from vrijgave.errors import ActionRequired, VrijgaveError
from vrijgave.i18n import _
from vrijgave.redaction.detectors.base import Pace, Region, non_maximum_suppression, on_one_scale, widened
from vrijgave.redaction.detectors.decoding import Answer, in_cells, in_rows, making_sense, unusable
from vrijgave.redaction.detectors.description import Description, Levels, Size, read_description
from vrijgave.redaction.detectors.engines import QUICKEST, Inference, Network, load
from vrijgave.redaction.detectors.models import list_pictures_only, take_pictures
from vrijgave.redaction.detectors.views import placed
from vrijgave.settings import Precision

SECOND_SCALE = 0.8
LONGEST_REASON = 200  # characters of what an engine complains about


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedModel:
    """The ONNX file of a description."""

    name: str
    path: Path
    sha256: str
    outputs: tuple[str, ...]
    size: Size | None
    mean: Levels
    scale: Levels

    def load(self) -> bytes:
        """The checked file, with the named outputs only, in that order. Raises ``ActionRequired``."""
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise ActionRequired(
                "administrator",
                _("The model {file} of the detector {name} cannot be read; check «model» in its description.").format(
                    file=self.path.name, name=self.name
                ),
            ) from error
        found = sha256(content).hexdigest()
        if found != self.sha256:
            raise ActionRequired(
                "administrator",
                _(
                    "The model {file} of the detector {name} has the SHA-256 {found}, which is not the one in its "
                    "description; use the file that was tested."
                ).format(file=self.path.name, name=self.name, found=found),
            )
        return self._prepared(onnx.load_model_from_string(content))

    def _prepared(self, model: onnx.ModelProto) -> bytes:
        graph = model.graph
        list_pictures_only(graph)
        if any(_weights_elsewhere(graph)):
            raise unusable(self.name, _("its weights lie in other files, which the hash does not cover"))
        self._check_input(graph)
        there = {output.name: output for output in graph.output}
        missing = [name for name in self.outputs if name not in there]
        if missing:
            raise unusable(
                self.name,
                _("it has no output «{missing}»; its outputs are {there}").format(
                    missing=missing[0], there=", ".join(f"«{name}»" for name in there)
                ),
            )
        del graph.output[:]
        graph.output.extend(there[name] for name in self.outputs)
        take_pictures(graph, self.mean, self.scale)
        return bytes(model.SerializeToString())

    def _check_input(self, graph: onnx.GraphProto) -> None:
        """One picture as ``(1, 3, H, W)`` float32 goes in, of the described size."""
        given = [value.type.tensor_type for value in graph.input]
        sides = [d.dim_value for d in given[0].shape.dim] if len(given) == 1 else []
        if len(sides) != 4 or given[0].elem_type != onnx.TensorProto.FLOAT or sides[0] > 1 or sides[1] not in (0, 3):
            raise unusable(self.name, _("it has to have one input, a picture (1, 3, height, width) of float32"))
        width, height = self.size or (0, 0)
        if (sides[2] not in (0, height)) or (sides[3] not in (0, width)):
            raise unusable(
                self.name,
                _("it takes pictures of {width}×{height} only; write so under «input.size»").format(
                    width=sides[3], height=sides[2]
                ),
            )
        for axis, side in ((2, height), (3, width)):
            if side:
                given[0].shape.dim[axis].dim_value = side


def _weights_elsewhere(graph: onnx.GraphProto) -> Iterator[bool]:
    """For each tensor of constant values, also of inner graphs: whether it lies in another file."""
    for tensor in graph.initializer:
        yield tensor.data_location == onnx.TensorProto.EXTERNAL
    for attribute in (attribute for node in graph.node for attribute in node.attribute):
        yield attribute.t.data_location == onnx.TensorProto.EXTERNAL
        for inner in (attribute.g, *attribute.graphs):
            yield from _weights_elsewhere(inner)


class DescribedDetector:
    """Runs the model of a description; always on the whole picture, and in float32: how far it bears less is not
    known."""

    parts = False

    def __init__(self, description: Description, inference: Inference = QUICKEST, shrink: float = 1.0) -> None:
        self._description = description
        self._inference = replace(inference, precision=Precision.F32)
        self._shrink = shrink
        self._network = self._loaded()

    @property
    def kind(self) -> SubjectKind:
        """What it finds."""
        return self._description.kind

    @property
    def pace(self) -> Pace:
        """How often it looks."""
        return Pace(seconds=self._description.seconds)

    @property
    def info(self) -> ModelInfo:
        """Model, its hash and all of its description."""
        d = self._description
        parameters = {**d.parameters(), "shrink": self._shrink, **self._network.parameters}
        return ModelInfo(name=d.name, sha256=d.sha256, parameters=parameters)

    def rest(self) -> None:
        """Give back memory until the next picture."""
        with self._running():
            self._network.rest()

    def second_look(self) -> DescribedDetector:
        """At another scale, and sure of it: for the covered output."""
        d = self._description
        sure = d.model_copy(update={"threshold": d.sure, "seconds": self.pace.halved().seconds})
        return DescribedDetector(sure, self._inference, self._shrink * SECOND_SCALE)

    def detect(self, image: Image, region: Region | None = None) -> Detections:
        """Subjects in ``image``, wherever ``region`` is; boxes clipped to the picture.

        Raises ``ActionRequired`` when the network does not run or gives what cannot be.
        """
        d = self._description
        size, canvas = d.input.layout(image.shape[1], image.shape[0], self._shrink)
        seen = placed(image, size, canvas, d.input.padding)
        pixels = seen.pixels(rgb=d.input.colours == "rgb")
        with self._running():
            outputs = [np.asarray(part, np.float32) for part in self._network(pixels)]
        with making_sense(d.name):
            found = self._decoded(dict(zip(d.outputs(), outputs, strict=True)), canvas)
        kept = non_maximum_suppression(found.xyxy, found.scores, d.overlap)
        xyxy = seen.in_picture(widened(found.xyxy[kept], d.widen), image)
        return Detections(xyxy, on_one_scale(found.scores[kept], d.kind, d.sure))

    def _decoded(self, answers: dict[str, Answer], canvas: Size) -> Detections:
        d = self._description
        if d.centre is not None:
            heat, sides = answers[d.centre.heat], answers[d.centre.sides]
            return in_cells(heat, sides, d.centre.cell, canvas, threshold=d.threshold, sure=d.sure)
        assert d.rows is not None  # noqa: S101  # the description has one of the two
        return in_rows(answers, d.rows, canvas, threshold=d.threshold, sure=d.sure)

    def _loaded(self) -> Network:
        d = self._description
        model = DescribedModel(
            name=d.name, path=d.model, sha256=d.sha256, outputs=d.outputs(), size=d.input.size,
            mean=d.input.mean, scale=d.input.scale,
        )  # fmt: skip
        with self._running():
            return load(model, self._inference)

    @contextmanager
    def _running(self) -> Iterator[None]:
        """What an engine complains about becomes ``ActionRequired``; they have no base in common."""
        try:
            yield
        except VrijgaveError:
            raise
        except Exception as error:
            reason = " ".join(str(error).split())[:LONGEST_REASON] or type(error).__name__
            raise unusable(self._description.name, reason) from error


def described(paths: Iterable[Path], inference: Inference = QUICKEST) -> tuple[DescribedDetector, ...]:
    """The detectors of description files. Raises ``ActionRequired`` when one of them cannot be used."""
    return tuple(DescribedDetector(read_description(path), inference) for path in paths)
