"""What a study found: each difference, its interval, and whether the papers agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmreid.apis.study.definition import Contrast, Study
from mmreid.apis.study.published import Claim, read_claims
from mmreid.apis.study.records import StudyRecords
from mmreid.apis.study.run_record import SCORES
from mmreid.evaluation.functional.uncertainty import (
    RepeatedDifference,
    compare_repeated,
    correct_holm,
)

#: The score whose differences are tested; the others are shown beside it.
TESTED = 'mAP'
#: Verdicts, the ones that need an explanation first.
VERDICTS = (
    'against the paper',
    'open, against the paper',
    'open, with the paper',
    'with the paper',
    'open',
    'different',
)


@dataclass(frozen=True, eq=False)
class Finding:
    """A difference between two methods of a study.

    Attributes:
        contrast: Which two.
        differences: By score, in points, with intervals over runs and persons.
        corrected: The p value of mAP, corrected for its family by Holm's method.
        family: How many contrasts the family has: those of the same method, which are
            one paper's.
        claims: What papers print of it.
    """

    contrast: Contrast
    differences: Mapping[str, RepeatedDifference]
    corrected: float
    family: int
    claims: tuple[Claim, ...]

    @property
    def tested(self) -> RepeatedDifference:
        """The difference in mAP."""
        return self.differences[TESTED]

    @property
    def decided(self) -> bool:
        """Whether the interval leaves zero out."""
        return bool(self.tested.low > 0 or self.tested.high < 0)

    @property
    def verdict(self) -> str:
        """One of ``VERDICTS``: whether it is decided, and on whose side it lies."""
        told = sum(np.sign(claim.difference) for claim in self.claims)
        if told == 0:  # without claims, or where these contradict each other evenly
            return 'different' if self.decided else 'open'
        side = 'with' if told * self.tested.value > 0 else 'against'
        return f'{"" if self.decided else "open, "}{side} the paper'


def find_differences(
    study: Study, records: StudyRecords, resamples: int = 10_000, seed: int = 0
) -> list[Finding]:
    """Compare the methods of a study's contrasts, as far as they have runs.

    Args:
        study (Study): With contrasts.
        records (StudyRecords): Its runs.
        resamples (int): Of intervals and p values. Defaults to 10,000.
        seed (int): Of the resamples. Defaults to 0.

    Returns:
        list[Finding]: In the study's order.
    """
    claims = read_claims(study.published) if study.published else {}
    contrasts, found = [], []
    for contrast in study.contrasts:
        if not all(map(records.of_method, (contrast.against, contrast.method))):
            continue
        contrasts.append(contrast)
        found.append(
            {
                score: compare_repeated(
                    100 * records.values(contrast.against, score),
                    100 * records.values(contrast.method, score),
                    records.persons,
                    resamples=resamples,
                    seed=seed,
                )
                for score in SCORES
            }
        )
    corrected, sizes = _correct(contrasts, [d[TESTED].p_value for d in found])
    return [
        Finding(c, d, corrected[i], sizes[i], claims.get((c.method, c.against), ()))
        for i, (c, d) in enumerate(zip(contrasts, found, strict=True))
    ]


def _correct(
    contrasts: Sequence[Contrast], p_values: Sequence[float]
) -> tuple[list[float], list[int]]:
    """Correct the p values of each paper's contrasts; return them, and how many."""
    corrected, sizes = [0.0] * len(contrasts), [0] * len(contrasts)
    for name in {contrast.method for contrast in contrasts}:
        rows = [i for i, contrast in enumerate(contrasts) if contrast.method == name]
        values = correct_holm(np.array([p_values[i] for i in rows]))
        for row, value in zip(rows, values, strict=True):
            corrected[row], sizes[row] = float(value), len(rows)
    return corrected, sizes


def sort_findings(findings: Sequence[Finding]) -> list[Finding]:
    """Put what disagrees with the papers first.

    Args:
        findings (Sequence[Finding]): Of :func:`find_differences`.
    """
    return sorted(findings, key=lambda finding: VERDICTS.index(finding.verdict))
