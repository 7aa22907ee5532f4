"""The manifest of a rendered data set: what it is and whether it is complete."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np

from mmreid.datasets.synthetic.places.camera import CAMERAS
from mmreid.datasets.synthetic.plan import GALLERY, QUERY, TRAIN, DatasetSize, Plan
from mmreid.datasets.synthetic.rendering import Rendering

#: Raised whenever a picture changes.
VERSION = '1.0'
NAME = 'SynthReID'
FOLDERS = (TRAIN, QUERY, GALLERY)
_FILE = 'manifest.json'


def folder_checksum(root: Path) -> str:
    """Return the SHA-256 of all pictures: names and bytes, in the order of names."""
    digest = hashlib.sha256()
    for folder in FOLDERS:
        for path in sorted((root / folder).glob('*.jpg')):
            digest.update(f'{folder}/{path.name}'.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def version_of(rendering: Rendering) -> str:
    """Name the pictures that are drawn so, as results tell them apart.

    Args:
        rendering (Rendering): How they are drawn.
    """
    return f'{VERSION}, {rendering}' if str(rendering) else VERSION


def count_files(root: Path) -> dict[str, int]:
    """Return the number of pictures in each folder."""
    return {folder: len(list((root / folder).glob('*.jpg'))) for folder in FOLDERS}


def make_manifest(
    root: Path, seed: int, size: DatasetSize, rendering: Rendering, plan: Plan
) -> dict:
    """Describe a rendered folder."""
    families = Counter(person.family for person in plan.people.values())
    return {
        'name': NAME,
        'version': version_of(rendering),
        'size': size.name,
        'seed': seed,
        'counts': count_files(root),
        'parameters': asdict(size),
        'rendering': asdict(rendering),
        'train_identities': list(plan.train_ids),
        'test_identities': sorted(set(plan.people) - set(plan.train_ids)),
        'families': len(families),
        'cameras': [camera.scene for camera in CAMERAS[: rendering.cameras]],
        'checksum': folder_checksum(root),
        'made_with': {'numpy': np.__version__, 'opencv': cv2.__version__},
    }


def write_manifest(root: Path, manifest: dict) -> None:
    """Write the manifest into a folder."""
    text = json.dumps(manifest, indent=1, sort_keys=True)
    (root / _FILE).write_text(text + '\n', encoding='utf-8')


def read_manifest(root: Path) -> dict:
    """Return a folder's manifest, empty if it has none or one that is not JSON."""
    try:
        manifest = json.loads((root / _FILE).read_text(encoding='utf-8'))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def is_complete(root: Path, seed: int, size: DatasetSize, rendering: Rendering) -> bool:
    """Return whether a folder holds this very data set, going by the counts."""
    manifest = read_manifest(root)
    wanted = {
        'name': NAME,
        'version': version_of(rendering),
        'seed': seed,
        'parameters': asdict(size),
    }
    same = all(manifest.get(key) == value for key, value in wanted.items())
    return same and manifest.get('counts') == count_files(root)


def check_target(root: Path) -> None:
    """Refuse a folder whose files we did not make."""
    if not root.exists() or read_manifest(root).get('name') == NAME:
        return
    if not root.is_dir() or any(root.iterdir()):
        raise ValueError(
            f'{root} must be new, empty or an earlier {NAME}, but it holds other '
            'files; choose another folder or remove it yourself'
        )
