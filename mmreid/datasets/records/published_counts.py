"""How many images, identities and cameras there are, and how many there should be."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from mmreid.data_loaders import LOADERS
from mmreid.files import read_json

Counts = Mapping[str, Mapping[str, int]]
_WORDS = dict(images='images', ids='identities', cams='cameras')


def count_records(records: Sequence[dict]) -> dict[str, int]:
    """Count images, persons (without distractors and junk) and cameras.

    Args:
        records (Sequence[dict]): The records.
    """
    persons = {r['person_id'] for r in records if r['person_id'] > 0}
    cameras = {r['cam_id'] for r in records}
    return dict(images=len(records), ids=len(persons), cams=len(cameras))


def describe_difference(records: Sequence[dict], expected: Mapping[str, int]) -> str:
    """Say what differs from what was published, nothing if nothing does.

    Args:
        records (Sequence[dict]): The records of a part.
        expected (Mapping[str, int]): The published numbers, as far as they are known.
    """
    counted = count_records(records)
    if all(counted[name] == number for name, number in expected.items()):
        return ''
    return f'expected {_describe(expected)}, found {_describe(counted)}'


def require_counts(
    title: str,
    parts: Mapping[str, Sequence[dict]],
    published: Counts,
    places: Mapping[str, str],
    source: str,
) -> None:
    """Raise when a part does not hold what was published.

    Args:
        title (str): The data set.
        parts (Mapping[str, Sequence[dict]]): Its records by part.
        published (Counts): Published counts of the parts.
        places (Mapping[str, str]): Where each part is, for error messages.
        source (str): How to get the data.

    Raises:
        ValueError: A number differs.
    """
    differences = {
        p: describe_difference(records, published.get(p, {}))
        for p, records in parts.items()
    }
    wrong = [
        f'{text} in {places[part]!r}' for part, text in differences.items() if text
    ]
    if wrong:
        raise ValueError(
            f'{title}: {"; ".join(wrong)}. To get the whole: {source}. To use a '
            'partial copy: check=False, on the command line --cfg-options '
            + ' '.join(f'{loader}.dataset.check=False' for loader in LOADERS)
        )


def read_manifest(
    root: str, folders: Mapping[str, str]
) -> tuple[dict[str, Any], Counts] | None:
    """Read what ``manifest.json`` in a folder tells about the data set.

    Args:
        root (str): The folder.
        folders (Mapping[str, str]): The folder of each part of the data set.

    Returns:
        tuple[dict[str, Any], Counts] | None: The metainfo that it replaces, and the
        images of each part; None if there is no manifest, or one of something else that
        lives in this folder.

    Raises:
        ValueError: It is no JSON.
    """
    path = os.path.join(root, 'manifest.json')
    if not os.path.isfile(path):
        return None
    manifest = read_json(path)
    images = manifest.get('counts') if isinstance(manifest, dict) else None
    if not isinstance(images, dict):
        return None
    counts = {
        part: dict(images=images[folder])
        for part, folder in folders.items()
        if folder in images
    }
    described = {k: manifest[k] for k in ('version', 'seed') if k in manifest}
    if name := '-'.join(manifest[k] for k in ('name', 'size') if k in manifest):
        described['dataset'] = name
    return described, counts


def _describe(counts: Mapping[str, int]) -> str:
    return ', '.join(
        f'{counts[key]:,} {_WORDS[key]}' for key in _WORDS if key in counts
    )
