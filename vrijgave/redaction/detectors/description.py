"""The file with which a force describes an ONNX detector of its own: docs/detectors.md tells what each field means."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from vrijgave.domain.tracks import SubjectKind
from vrijgave.errors import ActionRequired
from vrijgave.i18n import _

Share = Annotated[float, Field(gt=0, lt=1)]
Column = Annotated[int, Field(ge=0)]
Text = Annotated[str, Field(min_length=1)]
Side = Annotated[int, Field(ge=16, le=8192)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Levels = Annotated[
    tuple[Number, Number, Number], BeforeValidator(lambda v: (v, v, v) if isinstance(v, (int, float)) else v)
]
"""A number for each channel, or one for all."""
Size = tuple[int, int]
"""Width and height in pixels."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Input(_Strict):
    """What the network is given."""

    size: tuple[Side, Side] | None = None
    multiple_of: Literal[1, 2, 4, 8, 16, 32, 64, 128] | None = None
    pixels: Annotated[int, Field(ge=4096, le=8192 * 4320)] | None = None
    enlarge: Annotated[float, Field(ge=1, le=8)] = 1.5
    fit: Literal["pad", "stretch"] = "pad"
    padding: Annotated[int, Field(ge=0, le=255)] = 114
    colours: Literal["rgb", "bgr"]
    mean: Levels = (0.0, 0.0, 0.0)
    scale: Levels

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if (self.size is None) == (self.multiple_of is None):
            raise ValueError(_("give either «size» or «multiple_of»"))
        if (self.multiple_of is None) != (self.pixels is None):
            raise ValueError(_("«pixels» belongs to «multiple_of»: give both or neither"))
        if 0 in self.scale:
            raise ValueError(_("a «scale» of 0 would hide the picture"))
        return self

    def layout(self, width: int, height: int, shrink: float) -> tuple[Size, Size]:
        """For a picture of ``width`` × ``height``: its size in the input, and the size of the input."""
        if self.size is not None:
            across, down = self.size[0] / width, self.size[1] / height
            if self.fit == "pad":
                across = down = min(across, down, self.enlarge)
            return _at_least_one(width * across * shrink, height * down * shrink, self.size), self.size
        factor = min(math.sqrt((self.pixels or 1) / (width * height)), self.enlarge) * shrink
        step = self.multiple_of or 1
        wanted = (width * factor, height * factor)
        if self.fit == "pad":
            canvas = max(1, math.ceil(wanted[0] / step)) * step, max(1, math.ceil(wanted[1] / step)) * step
            return _at_least_one(*wanted, canvas), canvas
        canvas = max(1, round(wanted[0] / step)) * step, max(1, round(wanted[1] / step)) * step
        return canvas, canvas


def _at_least_one(width: float, height: float, most: Size) -> Size:
    return min(max(1, round(width)), most[0]), min(max(1, round(height)), most[1])


class Table(_Strict):
    """One output with a row for each candidate, ``(1, rows, columns)`` or ``(rows, columns)``."""

    tensor: Text
    columns: Annotated[int, Field(ge=1)]
    columns_first: bool = False


class Boxes(Table):
    """Where in each row its box is."""

    at: Column = 0
    form: Literal["xyxy", "xywh", "cxcywh"]
    unit: Literal["pixels", "shares"]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.at + 4 > self.columns:
            raise ValueError(_("the four numbers from column «at» on do not fit into «columns»"))
        return self


class Scores(Table):
    """Where in each row its score is."""

    at: Column
    objectness_at: Column | None = None
    class_at: Column | None = None
    classes: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    counting: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        last = self.at + (len(self.classes) if self.classes and self.class_at is None else 1)
        if max(last - 1, self.objectness_at or 0, self.class_at or 0) >= self.columns:
            raise ValueError(_("«at», «objectness_at», «class_at» and the «classes» do not fit into «columns»"))
        if (self.classes is None) != (self.counting is None) or (self.class_at is not None and self.classes is None):
            raise ValueError(_("«classes» and «counting» belong together, and «class_at» needs both"))
        unknown = set(self.counting or ()) - set(self.classes or ())
        if unknown:
            raise ValueError(_("«counting» names {name}, which is none of the «classes»").format(name=min(unknown)))
        return self


class Rows(_Strict):
    """Outputs with a row for each candidate; the same one may be named for both."""

    boxes: Boxes
    scores: Scores


class Centre(_Strict):
    """Outputs with a value for each cell of the input: ``heat`` (1, 1, H / cell, W / cell) is the score of a subject
    with its centre there, ``sides`` (1, 4, H / cell, W / cell) the pixels of the input from the cell's centre to its
    left, top, right and bottom."""

    heat: Text
    sides: Text
    cell: Annotated[int, Field(ge=1, le=64)] = 4


class Description(_Strict):
    """A detector."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    kind: SubjectKind
    model: Path
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    threshold: Share = 0.3
    sure: Share = 0.5
    overlap: Share = 0.4
    widen: Annotated[float, Field(ge=0, le=1)] = 0.0
    seconds: Annotated[float, Field(ge=0, le=2)] = 0.2
    input: Input
    rows: Rows | None = None
    centre: Centre | None = None

    @model_validator(mode="after")
    def _one_decoding(self) -> Self:
        if (self.rows is None) == (self.centre is None):
            raise ValueError(_("give either [rows] or [centre]"))
        steps = self.input.size or (self.input.multiple_of or 1,)
        if self.centre is not None and any(step % self.centre.cell for step in steps):
            raise ValueError(_("«size» or «multiple_of» of [input] has to be a multiple of «cell» of [centre]"))
        if self.threshold > self.sure:
            raise ValueError(_("«threshold» lies above «sure»"))
        return self

    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs that are read, each once."""
        if self.centre is not None:
            return self.centre.heat, self.centre.sides
        tables = (self.rows.boxes, self.rows.scores) if self.rows else ()
        return tuple(dict.fromkeys(table.tensor for table in tables))

    def parameters(self) -> dict[str, float | int | str]:
        """All fields as plain values for the record of a run, but for name, path and hash of the model."""
        return _plain(self.model_dump(mode="json", exclude={"name", "model", "sha256"}, exclude_none=True))


def _plain(values: dict[str, object], prefix: str = "") -> dict[str, float | int | str]:
    plain: dict[str, float | int | str] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            plain |= _plain(value, f"{prefix}{name}.")
        else:
            plain[prefix + name] = value if isinstance(value, (int, float)) else str(value)
    return plain


def read_description(path: Path) -> Description:
    """The description in the file ``path``, with the path of its model made whole.

    Raises ``ActionRequired`` that names the first field that is wrong.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        described = Description.model_validate(values)
    except OSError as error:
        raise _wrong(
            _("The description {file} of a detector cannot be read; check VRIJGAVE_DETECTORS."), path
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or _("the file")
        raise _wrong(
            _("The description {file} of a detector is wrong at «{where}»: {why}. Correct it and try again."),
            path, where=where, why=first["msg"].removeprefix("Value error, "),
        ) from error  # fmt: skip
    except ValueError as error:  # no UTF-8, or no TOML
        raise _wrong(
            _("The description {file} of a detector is no TOML: {why}. Correct it and try again."), path, why=error
        ) from error
    return described.model_copy(update={"model": path.parent / described.model})


def _wrong(message: str, path: Path, **details: object) -> ActionRequired:
    return ActionRequired("administrator", message.format(file=path.name, **details))
