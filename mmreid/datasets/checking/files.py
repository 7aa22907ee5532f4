"""The files of a data set: every picture is opened, every archive summed up."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mmreid.datasets.checking.checked_dataset import CheckedDataset
from mmreid.datasets.checking.findings import Finding
from mmreid.datasets.loading.picture_cache import map_in_threads
from mmreid.datasets.picture_measures import Measures, measure_picture
from mmreid.datasets.reading.special_files import is_special
from mmreid.datasets.transforms import LoadImage


@dataclass
class Pictures:
    """What is in the pictures of data sets.

    Attributes:
        digests: Of each picture that can be read, the same for the same pixels (for
            the same file, if they are not decoded).
        bits: How many bits the values of each picture need whose file has 16.
        errors: Why each other one cannot be read.
        measures: What each decoded picture looks like, where that was asked for.
    """

    digests: dict[str, bytes] = field(default_factory=dict)
    bits: dict[str, int] = field(default_factory=dict)
    errors: dict[str, OSError] = field(default_factory=dict)
    measures: dict[str, Measures] = field(default_factory=dict)


def read_pictures(
    paths: Sequence[str],
    decode: bool = True,
    progress: Callable[[int, int], None] | None = None,
    measure: bool = False,
) -> Pictures:
    """Read pictures, in several threads.

    Args:
        paths (Sequence[str]): The files.
        decode (bool): Decode them fully, as training would.
        progress (Callable, optional): Called with the numbers of pictures done and of
            all.
        measure (bool): Measure them too, if they are decoded. Defaults to False.
    """
    load = LoadImage()

    def look(path: str) -> tuple[bytes, int | None, Measures | None] | OSError:
        """Return a picture's digest, bits, measures, or why it cannot be read."""
        try:
            if not decode:
                return _digest(load.read(path)), None, None
            results = load.transform(dict(img_path=path))
            assert results is not None  # it raises instead
            image = results['img']
            digest = _digest(image, str(image.shape).encode())
            measures = measure_picture(image) if measure else None
            return digest, results.get('img_bits'), measures
        except OSError as error:
            return error

    pictures = Pictures()
    looks = zip(paths, map_in_threads(look, paths), strict=True)
    for done, (path, result) in enumerate(looks, start=1):
        if isinstance(result, OSError):
            pictures.errors[path] = result
        else:
            pictures.digests[path], bits, measures = result
            if bits is not None:
                pictures.bits[path] = bits
            if measures is not None:
                pictures.measures[path] = measures
        if progress is not None:
            progress(done, len(paths))
    return pictures


def check_pictures(data_set: CheckedDataset, pictures: Pictures) -> Iterator[Finding]:
    """Yield which pictures of a data set are missing, damaged or of few bits.

    Args:
        data_set (CheckedDataset): The data set.
        pictures (Pictures): What is in its pictures, and in those of others.
    """
    own = {r['img_path'] for records in data_set.records.values() for r in records}
    unreadable: dict[str, list[str]] = defaultdict(list)
    for path, error in pictures.errors.items():
        if path in own:
            unreadable[_why_unreadable(path, error)].append(path)
    for kind, paths in sorted(unreadable.items()):
        yield Finding(kind, data_set.name, f'{len(paths):,}', paths)
    bits = {path: number for path, number in pictures.bits.items() if path in own}
    few = [path for path, number in bits.items() if number <= 14]
    if few:
        most = max(bits[path] for path in few)
        text = f'{len(few):,} of {len(bits):,} such files, at most {most} bits'
        yield Finding('few bits', data_set.name, text, few)


def check_archives(data_set: CheckedDataset) -> Iterator[Finding]:
    """Yield archives in or beside the data set's folder with a wrong checksum.

    Args:
        data_set (CheckedDataset): The data set.
    """
    root = os.path.abspath(data_set.root)
    for name, published in data_set.archives.items():
        for folder in (root, os.path.dirname(root)):
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            kind, _, expected = published.partition(':')
            with open(path, 'rb') as file:
                checksum = hashlib.file_digest(file, kind).hexdigest()
            if checksum != expected:
                text = (
                    f'{path!r} has {kind} {checksum}, expected {expected}; get it anew'
                )
                yield Finding('archive', data_set.name, text)


def _why_unreadable(path: str, error: OSError) -> str:
    """Return the kind of finding that an error is."""
    if isinstance(error, FileNotFoundError):
        return 'missing'
    return 'no file' if is_special(path) else 'corrupt'


def _digest(*contents: Any) -> bytes:
    state = hashlib.blake2b(digest_size=16)
    for content in contents:
        state.update(content)
    return state.digest()
