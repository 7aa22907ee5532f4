"""Where a run was made: commit, processor, arithmetic, versions."""

import platform
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import torch

import mmreid
from mmreid.engine.optimizers.autocast_optim_wrapper import arithmetic_of


def describe_machine(
    config: Mapping[str, Any], partition: str | None = None
) -> dict[str, str]:
    """Tell where and with what a run is made.

    Args:
        config (Mapping): The run's, which says in which arithmetic it is trained.
        partition (str | None): Of Slurm, whose nodes are not this one. Defaults to
            None.

    Returns:
        dict[str, str]: ``commit`` (with a ``+`` where the clone has changes) and
        ``source`` (git's hash of the folder ``mmreid`` in it, which stays the same
        where commits are put in another order), or the version of an installed package;
        ``device`` (GPU or processor),
        ``instructions`` and ``arithmetic`` that torch uses, ``torch``, its version, and
        ``date``.
    """
    known = _version() | dict(torch=torch.__version__, date=date.today().isoformat())
    if partition is not None:
        return known | dict(device=f'Slurm, {partition}')
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    wrapper = config.get('optim_wrapper') or {}
    return known | dict(
        device=torch.cuda.get_device_name() if device == 'cuda' else _processor(),
        instructions=torch.backends.cpu.get_cpu_capability(),
        arithmetic=arithmetic_of(wrapper, device) or 'float32',
    )


def _processor() -> str:
    """Name the processor as the system does."""
    try:
        lines = Path('/proc/cpuinfo').read_text('utf-8', 'replace').splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(':')[2].strip() for line in lines if 'model name' in line]
    return names[0] if names else platform.machine()


def _version() -> dict[str, str]:
    """Name the commit of the clone that this is and its code, or the version."""
    root, version = Path(mmreid.__file__).parents[1], f'mmreid {mmreid.__version__}'
    if not (root / '.git').exists():  # an environment within another clone is not ours
        return dict(commit=version, source=version)
    describe = ['describe', '--always', '--abbrev=12', '--dirty=+']
    words = dict(commit=describe, source=['rev-parse', '--short=12', 'HEAD:mmreid'])
    try:
        return {
            name: subprocess.run(
                ['git', '-C', str(root), *command],
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
            for name, command in words.items()
        }
    except (OSError, subprocess.CalledProcessError):
        return dict(commit=version, source=version)
