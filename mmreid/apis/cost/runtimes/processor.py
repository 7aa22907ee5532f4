"""What the processor can do, and which packages make use of it."""

from importlib import metadata
from typing import Any

import torch

from mmreid.processors import count_processors

# Those that decide how fast a network runs, as torch names them: x86 and Arm.
_TOLD = (
    *('avx2', 'avx_vnni', 'avx512_f', 'avx512_bf16', 'avx512_vnni', 'avx512_fp16'),
    *('amx_bf16', 'amx_int8', 'amx_fp16'),
    *('neon', 'bf16', 'i8mm', 'sve', 'sve2', 'sme'),
)
# Of torch before get_capabilities().
_ASKED = dict(
    avx2='_is_avx2_supported',
    avx512_f='_is_avx512_supported',
    avx512_bf16='_is_avx512_bf16_supported',
    avx512_vnni='_is_vnni_supported',
    amx_bf16='_is_amx_tile_supported',
)
_PACKAGES = ('torch', 'torchreid', 'onnxruntime', 'openvino', 'nncf')


def describe_processor() -> dict[str, Any]:
    """Tell of the processor.

    Returns:
        dict: ``name``, ``instructions`` (a list of words) and ``processors``, as many
        as this process may use.
    """
    found = _capabilities()
    return dict(
        name=str(found.get('cpu_name', 'unknown')),
        instructions=[word for word in _TOLD if found.get(word)],
        processors=count_processors(),
    )


def list_versions() -> dict[str, str]:
    """List the versions of the packages that run networks, if they are installed."""
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _capabilities() -> dict[str, Any]:
    """Ask torch what the processor has."""
    if hasattr(torch.cpu, 'get_capabilities'):
        return dict(torch.cpu.get_capabilities())
    return {word: getattr(torch.cpu, ask)() for word, ask in _ASKED.items()}
