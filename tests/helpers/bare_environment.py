"""An environment with some of the installed packages alone, as if no other were."""

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: What ONNX Runtime needs, beside OpenCV.
ONNX_ONLY = (
    'numpy',
    'opencv-python',
    'onnxruntime',
    'flatbuffers',
    'protobuf',
    'packaging',
)


def link_packages(folder: Path, names: tuple[str, ...] = ONNX_ONLY) -> Path:
    """Make a folder of links to what a few distributions have installed."""
    folder.mkdir()
    for name in names:
        distribution = metadata.distribution(name)
        tops = {Path(str(file)).parts[0] for file in distribution.files or []}
        for top in tops - {'..', '__pycache__'}:
            (folder / top).symlink_to(distribution.locate_file(top))
    return folder


def bare_variables(*folders: Path) -> dict[str, str]:
    """Variables with which ``python -S`` finds folders' packages and no others."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith('PYTHON')}
    return dict(kept, PYTHONPATH=os.pathsep.join(map(str, folders)))


def run_bare(code: str, site: Path, *words: str | Path) -> subprocess.CompletedProcess:
    """Run code by a Python that finds mmreid and the folder's packages, no others."""
    return subprocess.run(
        # Without site's module there is no folder of installed packages.
        [sys.executable, '-S', '-c', code, *map(str, words)],
        capture_output=True,
        text=True,
        env=bare_variables(site, ROOT),
    )
