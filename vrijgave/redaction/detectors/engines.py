"""What runs a network: OpenVINO on the processor, ONNX Runtime on the processor, or ONNX Runtime on an NVIDIA card.

All take the same models and give the same answers within rounding; ONNX Runtime on the processor is the reference.
See docs/adr/0008-openvino-runs-the-networks.md.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
import onnx
from numpy.typing import NDArray

from vrijgave.domain.tracks import Image
from vrijgave.errors import ActionRequired
from vrijgave.i18n import _
from vrijgave.redaction.detectors.integers import Ranges, put_in_integers
from vrijgave.redaction.detectors.models import PICTURES, Loadable, Model
from vrijgave.settings import Engine, Precision

SILENT = 4  # ONNX Runtime's severity "fatal": its warnings about unused weights are of no use to a person
SILENCING = ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED")  # has had both names
CACHED_STEPS = 1000  # steps of a network that OpenVINO keeps ready: those of some 24 picture sizes, 3 MiB each
KEPT_SIZES = 6
"""Picture sizes up to which a network at rest stays ready for them, 15 MiB each: those of whole pictures, at which the
next segment and the second look begin at once. Parts of pictures come in dozens of sizes."""
SMALLEST = 128  # pixels of a side of a small picture that every network takes, unless it takes one size only
PROCESSOR = Path("/proc/cpuinfo")
VNNI = frozenset({"avx512_vnni", "avx_vnni"})
"""Flags of a processor that sums products of 8-bit integers in 32 bits."""
CUDA = "CUDAExecutionProvider"
CUDA_LIBRARY = "capi/*onnxruntime_providers_cuda.*"  # only the package onnxruntime-gpu has it
CUDA_OPTIONS = {
    # The quickest algorithm is looked up, not tried out: trying out costs seconds for each size and may end otherwise.
    "cudnn_conv_algo_search": "HEURISTIC",
    "use_tf32": "0",
    "arena_extend_strategy": "kSameAsRequested",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """How networks are run."""

    engine: Engine = Engine.AUTO
    precision: Precision = Precision.AUTO
    threads: int | None = None
    """Of the processor; None: one for each core. The answers are the same."""


QUICKEST = Inference()


class Network(Protocol):
    """A model ready to run, from any thread. One picture keeps all cores busy."""

    @property
    def parameters(self) -> Mapping[str, str]:
        """Engine and precision, for the record of a run."""

    def __call__(self, pixels: Image) -> list[NDArray[np.float32]]:
        """All outputs for ``pixels``, uint8 ``(H, W, 3)``, in the model's order. Sides are multiples of 32."""

    def rest(self) -> None:
        """Give back the memory that past runs took and the next ones may not need."""


def load(model: Loadable, inference: Inference) -> Network:
    """The network of ``model``, loaded once for all detectors that run it in the same way.

    Raises ``ActionRequired`` when the model is missing or altered, or the engine is not there.
    """
    return _loaded(model, chosen(inference.engine), inference.precision, inference.threads or usable_cores())


@cache
def _loaded(model: Loadable, engine: Engine, precision: Precision, threads: int) -> Network:
    content = model.load()
    if engine is Engine.OPENVINO:
        ranges = Ranges.load(model.name) if isinstance(model, Model) and model.measured else None
        return OpenVino(content, ranges, precision, threads)
    _need(precision, there=(Precision.F32,))
    return OnnxRuntime(content, threads, on_card=engine is Engine.CUDA)


def chosen(wanted: Engine) -> Engine:
    """The engine that ``wanted`` stands for here. Raises ``ActionRequired`` when it is not there."""
    there = available()
    if wanted is Engine.AUTO:
        return there[0]
    if wanted not in there:
        raise ActionRequired("administrator", _advice(wanted).format(value=wanted.value))
    return wanted


def _advice(engine: Engine) -> str:
    if engine is Engine.CUDA:
        return _(
            "VRIJGAVE_INFERENCE is «{value}», but no NVIDIA card answers; install its driver and onnxruntime-gpu in "
            "place of onnxruntime, or choose «auto»."
        )
    return _(
        "VRIJGAVE_INFERENCE is «{value}», but it cannot be loaded; install the package openvino, or choose «auto»."
    )


def _need(wanted: Precision, there: tuple[Precision, ...]) -> None:
    """Raises ``ActionRequired`` when ``wanted`` is not one of those that are there."""
    if wanted is Precision.AUTO or wanted in there:
        return
    needs = {Precision.INT8: "VNNI", Precision.BF16: "AVX512-BF16 / AMX-BF16"}
    raise ActionRequired(
        "administrator",
        _(
            "VRIJGAVE_INFERENCE_PRECISION is «{value}», which needs OpenVINO and a processor with {feature}; "
            "choose «auto»."
        ).format(value=wanted.value, feature=needs[wanted]),
    )


@cache
def openvino_precisions() -> tuple[Precision, ...]:
    """What OpenVINO computes in natively on this processor, cheapest first."""
    native = str(_openvino_core().get_property("CPU", "INFERENCE_PRECISION_HINT").get_type_name())
    flags = PROCESSOR.read_text(encoding="utf-8").split() if PROCESSOR.exists() else []
    integers = (Precision.INT8,) if VNNI.intersection(flags) else ()
    return (*integers, *((Precision.BF16,) if native == "bf16" else ()), Precision.F32)


@cache
def available() -> tuple[Engine, ...]:
    """The engines of this machine, quickest first."""
    quicker = {Engine.CUDA: _has_card, Engine.OPENVINO: _has_openvino}
    return (*(engine for engine, looks in quicker.items() if looks()), Engine.ONNXRUNTIME)


def _has_openvino() -> bool:
    try:
        return "CPU" in _openvino_core().available_devices
    except (ImportError, OSError):
        return False


def _has_card() -> bool:
    """Whether a model really runs on the card: the package alone does not tell, and falls back without a word."""
    spec = importlib.util.find_spec("onnxruntime")
    folders = [Path(folder) for folder in (spec.submodule_search_locations or [])] if spec else []
    if not any(path for folder in folders for path in folder.glob(CUDA_LIBRARY)):
        return False
    _onnxruntime().preload_dlls()
    ends = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in ("given", "made")]
    graph = onnx.helper.make_graph([onnx.helper.make_node("Neg", ["given"], ["made"])], "probe", ends[:1], ends[1:])
    probe = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8)
    return CUDA in _session(probe.SerializeToString(), 1, on_card=True).get_providers()


def usable_cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


@cache
def _onnxruntime() -> Any:
    """The package, kept from telling its makers about this machine: when it is loaded it would write an identifier
    into the home folder and call home."""
    for name in SILENCING:
        os.environ[name] = "1"
    return importlib.import_module("onnxruntime")


@cache
def _openvino_core() -> Any:
    return importlib.import_module("openvino").Core()


@cache
def _compilers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(usable_cores(), "compile")


class OpenVino:
    """A network on OpenVINO's processor plugin: convolutions in 8-bit integers where their ranges are known, the rest
    in bfloat16, each where the processor computes in it and nobody asks for more."""

    def __init__(self, content: bytes, ranges: Ranges | None, precision: Precision, threads: int) -> None:
        there = openvino_precisions()
        _need(precision, there)
        self._model = _openvino_core().read_model(content)
        self._hint = Precision.BF16 if Precision.BF16 in there and precision is not Precision.F32 else Precision.F32
        self._record = {"engine": f"openvino {_version('openvino')}", "precision": self._hint.value}
        if ranges and precision in (Precision.AUTO, Precision.INT8) and Precision.INT8 in there:
            put_in_integers(self._model, ranges)
            self._record |= {"precision": f"int8, {self._hint}", "ranges": ranges.sha256}
        self._threads = threads
        self._lock = Lock()
        # Compiling takes some tenths of a second, in which the footage can be opened and the next network compiled.
        self._compiled: Future[Any] | None = _compilers().submit(self._compile)
        self._request: Any = None
        self._sizes: set[tuple[int, ...]] = set()

    @property
    def parameters(self) -> Mapping[str, str]:
        """Engine and precision, for the record of a run."""
        return self._record

    def __call__(self, pixels: Image) -> list[NDArray[np.float32]]:
        """All outputs for ``pixels``, uint8 ``(H, W, 3)``, in the model's order."""
        with self._lock:
            if self._request is None:
                compiled = self._compiled.result() if self._compiled else self._compile()
                self._request = compiled.create_infer_request()
            self._sizes.add(pixels.shape)
            return list(self._request.infer({0: pixels[None]}, share_inputs=True).to_tuple())

    def rest(self) -> None:
        """Forget the compiled network if it was made ready for many picture sizes."""
        with self._lock:
            if len(self._sizes) > KEPT_SIZES:
                self._request = self._compiled = None
                self._sizes.clear()

    def _compile(self) -> Any:
        options = {
            "INFERENCE_PRECISION_HINT": self._hint.value,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": self._threads,
            # Decoding and encoding run beside it: threads bound to a core would wait for them.
            "ENABLE_CPU_PINNING": False,
            "CPU_RUNTIME_CACHE_CAPACITY": CACHED_STEPS,
        }
        return _openvino_core().compile_model(self._model, "CPU", options)


class OnnxRuntime:
    """A network on ONNX Runtime, in float32."""

    def __init__(self, content: bytes, threads: int, *, on_card: bool) -> None:
        self._session = _session(content, threads, on_card=on_card)
        given = self._session.get_inputs()[0].shape
        free = (1, SMALLEST, SMALLEST, 3)
        self._small = [n if isinstance(n, int) else m for n, m in zip(given, free, strict=True)]
        self._on_card = on_card

    @property
    def parameters(self) -> Mapping[str, str]:
        """Engine and precision, for the record of a run."""
        where = "cuda" if self._on_card else "cpu"
        return {"engine": f"onnxruntime {_version('onnxruntime')} {where}", "precision": "f32"}

    def __call__(self, pixels: Image) -> list[NDArray[np.float32]]:
        """All outputs for ``pixels``, uint8 ``(H, W, 3)``, in the model's order."""
        outputs: list[Any] = self._session.run(None, {PICTURES: pixels[None]})
        return outputs

    def rest(self) -> None:
        """Shrink the memory that is kept for the next run."""
        options = _onnxruntime().RunOptions()
        arenas = "cpu:0;gpu:0" if self._on_card else "cpu:0"
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", arenas)
        self._session.run(None, {PICTURES: np.zeros(self._small, np.uint8)}, options)


def _session(content: bytes, threads: int, *, on_card: bool) -> Any:
    onnxruntime = _onnxruntime()
    onnxruntime.set_default_logger_severity(SILENT)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = SILENT
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    # A plan of all intermediate results for each picture size takes twice the memory and saves no time.
    options.enable_mem_pattern = False
    # Between two frames the cores belong to decoding and tracking.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    processor = "CPUExecutionProvider"
    providers = [(CUDA, CUDA_OPTIONS), processor] if on_card else [processor]
    session = onnxruntime.InferenceSession(content, options, providers=providers)
    # A card that fails halfway is an error, not a reason to go on in silence with another engine.
    session.disable_fallback()
    return session


def _version(package: str) -> str:
    return str(importlib.import_module(package).__version__).split("-")[0]
