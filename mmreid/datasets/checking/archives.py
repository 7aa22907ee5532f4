"""The archives that a data set was unpacked from, where they are still there."""

import hashlib
import os
from collections.abc import Iterator

from mmreid.datasets.checking.finding import Finding
from mmreid.datasets.checking.subject import Subject


def check_archives(subject: Subject) -> Iterator[Finding]:
    """Yield archives in or beside the data set's folder with a wrong checksum.

    Args:
        subject: The data set.
    """
    root = os.path.abspath(subject.root)
    for name, published in subject.archives.items():
        for folder in (root, os.path.dirname(root)):
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            kind, _, expected = published.partition(':')
            with open(path, 'rb') as file:
                found = hashlib.file_digest(file, kind).hexdigest()
            if found != expected:
                text = f'{path!r} has {kind} {found}, expected {expected}; get it anew'
                yield Finding('archive', subject.name, text)
