"""What papers print of methods, and of differences between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmreid.files import read_json

# The two kinds of boxes of CUHK03 show the same persons, and are not two data sets.
_PROTOCOLS = ('single query', 'new, detected')


@dataclass(frozen=True)
class Claim:
    """What a paper prints of a difference.

    Attributes:
        dataset: On which data set, with its protocol.
        method: mAP or R1 of the method, in percent.
        against: Of the one that it is compared with.
        score: ``'mAP'`` or ``'R1'``.
        source: The paper and its table.
        note: In what the paper's pair is not the study's; empty where it is.
    """

    dataset: str
    method: float
    against: float
    score: str
    source: str
    note: str = ''

    @property
    def difference(self) -> float:
        """In points."""
        return self.method - self.against


def read_claims(file: str | Path) -> dict[tuple[str, str], tuple[Claim, ...]]:
    """Read what papers print of differences.

    Args:
        file (str | Path): JSON with ``claims``.

    Returns:
        dict: By the method and the one it is compared with; mAP where it is printed,
        else R1.
    """
    claims: dict[tuple[str, str], tuple[Claim, ...]] = {}
    for entry in read_json(Path(file))['claims']:
        claim = _claim(entry)
        if claim is not None:
            key = entry['method'], entry['against']
            claims[key] = (*claims.get(key, ()), claim)
    return claims


def _claim(entry: Mapping[str, Any]) -> Claim | None:
    where = ' '.join(filter(None, (entry['dataset'], entry.get('protocol'))))
    for score in ('mAP', 'R1'):
        method, against = (entry.get(f'{score}_{k}') for k in ('method', 'against'))
        if method is not None and against is not None:
            note = '' if entry.get('exact', True) else entry['note']
            return Claim(where, method, against, score, entry['source'], note)
    return None


def printed_scores(
    record: Mapping[str, Any], trunk: str | None = None
) -> dict[str, dict[str, float]]:
    """Read what papers print of each method on each real data set.

    Args:
        record (Mapping[str, Any]): The content of ``docs/evidence/published.json``.
            Of its results those count that have ``study``: at most one for a method
            and a set, of the recipe that is nearest to the toolbox's small config. Of
            CUHK03 it is that with detected boxes in the new protocol.
        trunk (str | None): Only results on this trunk, as ``'ResNet-50'``. Defaults to
            None: any.

    Returns:
        dict[str, dict[str, float]]: mAP in percent, by data set and method.
    """
    found: dict[str, dict[str, float]] = {}
    for name, entry in record['methods'].items():
        for row in entry['results']:
            # What is of the study is printed, see tests/test_published.py.
            wanted = row['study'] and row['protocol'] in _PROTOCOLS
            if wanted and trunk in (None, row['trunk']):
                found.setdefault(row['dataset'], {})[name] = row['mAP']
    return found
