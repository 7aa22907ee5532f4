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
#: A package, as it is imported -> the extra of mmreid that brings it, see setup.py.
EXTRAS = {
    'faiss': 'search',
    'gdown': 'download',
    'h5py': 'hdf5',
    'huggingface_hub': 'trunks',
    'jinja2': 'pages',
    'milvus_lite': 'milvus',
    'mlflow': 'trackers',
    'nncf': 'export',
    'onnx': 'export',
    'onnxruntime': 'export',
    'onnxscript': 'export',
    'openvino': 'export',
    'pyarrow': 'parquet',
    'pymilvus': 'milvus',
    'sklearn': 'clustering',
    'starlette': 'pages',
    'tensorboard': 'trackers',
    'timm': 'trunks',
    'uvicorn': 'pages',
    'wandb': 'trackers',
}


def install_command(package: str) -> str:
    """Say how to get a package that mmreid runs without.

    Args:
        package (str): Its name, as it is imported.

    Returns:
        str: Such as ``pip install 'mmreid[search]'``, quoted for shells to which a
        bracket is a pattern; a package of no extra is installed by its own name.
    """
    extra = EXTRAS.get(package)
    return f"pip install 'mmreid[{extra}]'" if extra else f'pip install {package}'


def import_optional(
    module: str,
    use: str,
    *,
    install: str = '',
    instead: str = '',
    error: type[ImportError] = ImportError,
) -> Any:
    """Import a package that mmreid runs without.

    One that reports its use to its makers is imported so that it does not, unless the
    environment has ``ORT_DISABLE_TELEMETRY=0`` for ONNX Runtime.

    Args:
        module (str): Its full name, such as ``'pyarrow.parquet'``.
        use (str): What needs it, the beginning of a sentence: ``"search='faiss'"``.
        install (str): What to give to ``pip install``, where the extra of the package
            is too much or its name another. Defaults to ``''``: see
            :func:`install_command`.
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
        how = f'pip install {install}' if install else install_command(package)
        remedy = f'{how}, or {instead}' if instead else how
        raise error(f'{use} needs the package {package}: {remedy}.') from reason


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
