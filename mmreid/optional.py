"""Packages that few users need: imported where they are used, or asked for by name."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from typing import Any

# What these report to their makers, from their import on: OpenVINO and NNCF through a
# package without which they work alike (docs.openvino.ai, "OpenVINO Telemetry"), ONNX
# Runtime unless a variable forbids it (docs/Privacy.md of microsoft/onnxruntime), which
# onnx's converters and NNCF import themselves.
_REPORTING = ('nncf', 'onnx', 'onnxruntime', 'onnxscript', 'openvino')
_REPORTER = 'openvino_telemetry'
_SILENCE = 'ORT_DISABLE_TELEMETRY'


def import_optional(
    module: str,
    use: str,
    *,
    install: str = 'mmreid[optional]',
    instead: str = '',
    error: type[ImportError] = ImportError,
) -> Any:
    """Import a package that mmreid runs without.

    One that reports its use to its makers is imported so that it does not, unless the
    environment has ``ORT_DISABLE_TELEMETRY=0`` for ONNX Runtime.

    Args:
        module (str): Its full name, such as ``'pyarrow.parquet'``.
        use (str): What needs it, the beginning of a sentence: ``"search='faiss'"``.
        install (str): What to give to ``pip install``.
            Defaults to ``'mmreid[optional]'``.
        instead (str): What can be done without it, the end of a sentence.
            Defaults to ``''``: nothing.
        error (type[ImportError]): Raised where it is missing. Defaults to
            ``ImportError``.

    Returns:
        Any: The module.

    Raises:
        ImportError: It is not installed; the message says how to change that.
    """
    package = module.partition('.')[0]
    try:
        with _silent() if package in _REPORTING else nullcontext():
            return import_module(module)
    except ImportError as reason:
        remedy = f', or {instead}' if instead else ''
        raise error(
            f'{use} needs the package {package}: pip install {install}{remedy}.'
        ) from reason


@contextmanager
def _silent() -> Iterator[None]:
    """Have what is imported inside report nothing, now and later."""
    os.environ.setdefault(_SILENCE, '1')
    present = sys.modules.get(_REPORTER)
    # None in place of a module makes its import fail, see Python's reference.
    sys.modules[_REPORTER] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[_REPORTER]
        if present is not None:
            sys.modules[_REPORTER] = present
