"""What the gate found: numbers, the verdict, and its reasons."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from mmreid.arguments import check_choice
from mmreid.deploy.gate.causes import ADVICE, Experiment
from mmreid.deploy.gate.explanation import explain
from mmreid.deploy.gate.limits import LIMITS
from mmreid.files import to_json

_TEXTS = ('precision', 'data', 'distance')

# Causes that are told by the size of the error alone, and how many times the error of
# rounding is not.
_BY_ERROR, _USUAL_EXCESS = ('precision', 'unknown'), 10


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A file's vectors of a test set, compared with the network's.

    A number that does not exist (no vector can be ranked, say) is None.

    Attributes:
        passed: Whether the file ranks as the network does.
        precision: ``'float32'``, ``'bfloat16'`` or ``'int8'``: what was asked of it.
        tolerance: Points of mAP that the interval must lie within.
        data: Name of the test set.
        distance: By which was ranked, ``'cosine'`` or ``'euclidean'``.
        num_queries: Evaluated queries.
        num_persons: Persons whom they show.
        num_gallery: Pictures in the gallery.
        num_pictures: Pictures in all, queries and gallery.
        scores: ``mAP``, ``mINP``, ``R1``, ... in percent of ``'network'`` and
            ``'file'``.
        difference: mAP of the file less that of the network, in points.
        interval: Of the difference, over persons.
        confidence: Level of the interval.
        resamples: Draws of the bootstrap.
        chance: mAP of random vectors by the same rules, in percent.
        lowest_cosine: Of a picture's two vectors, over all pictures.
        median_cosine: Likewise.
        deviation: See :class:`~.limits.Limits`.
        same_answers: Share of the queries (all that have a list) whose first ten
            answers are the same pictures in both rankings.
        same_order: Share whose first ten are also in the same order.
        near_ties: Share whose first ten differ, but only in answers whose distances
            in the network's ranking are equal up to float32's rounding.
        length_ratio: Median ratio of the file's lengths to the network's.
        variance_ratio: Total variance of the file's vectors over the network's.
        collapsed: Components that vary in the network's vectors and not in the file's.
        strangers: Pictures with vectors of something else, see
            :class:`~.limits.Limits`.
        dim: Width of the network's vectors.
        protocol: The stamp of the file's result.
        reasons: Why the file is refused, a sentence each; none where it passes.
        cause: The likely cause, a key of :data:`~.causes.ADVICE`; None where the file
            passes.
        advice: What to try; None where the file passes.
        suspects: Of an experiment, by mistake, how near the network's vectors with it
            are to the file's: ``lowest`` and ``median`` cosine, and ``error``.
    """

    passed: bool
    precision: str
    tolerance: float
    data: str
    distance: str
    num_queries: int
    num_persons: int
    num_gallery: int
    num_pictures: int
    confidence: float
    resamples: int
    dim: int
    scores: dict[str, dict[str, float | None]]
    protocol: dict[str, Any]
    difference: float | None = None
    interval: tuple[float, float] | None = None
    chance: float | None = None
    lowest_cosine: float | None = None
    median_cosine: float | None = None
    deviation: float | None = None
    same_answers: float | None = None
    same_order: float | None = None
    near_ties: float | None = None
    length_ratio: float | None = None
    variance_ratio: float | None = None
    collapsed: int | None = None
    strangers: int | None = None
    reasons: tuple[str, ...] = ()
    cause: str | None = None
    advice: str | None = None
    suspects: dict[str, dict[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_choice('precision', self.precision, LIMITS)
        if self.passed == bool(self.reasons):
            raise ValueError(
                'A judgement must have reasons where it has not passed, and none where '
                f'it has; got passed={self.passed} and the reasons {self.reasons}.'
            )

    def blame(self, experiment: Experiment) -> 'Judgement':
        """Take what an experiment has found.

        A file that is found to make a mistake is refused, also where its ranking is
        within the tolerance: in int8 a missing flip may be. Where it makes none, and
        the vectors tell no more than that they are near or far, it counts whether the
        error is usual for the precision: up to ten times that of rounding weights and
        inputs is (NNCF and ONNX Runtime make 1 to 4 times that, as measured on
        several networks).

        Args:
            experiment (Experiment): From :func:`find_cause`.
        """
        suspects = {
            name: dict(lowest=match.lowest, median=match.median, error=match.error)
            for name, match in experiment.matches.items()
        }
        cause = experiment.cause
        if cause is None and self.cause in _BY_ERROR and experiment.excess is not None:
            usual = experiment.excess <= _USUAL_EXCESS
            cause = 'precision' if usual else 'scale of a tensor'
        if cause is None:
            return replace(self, suspects=suspects)
        reason = f'The ranking stays, but the network gives these vectors with {cause}.'
        reasons = self.reasons or (reason,)
        return replace(
            self,
            passed=False,
            reasons=reasons,
            cause=cause,
            advice=ADVICE[cause],
            suspects=suspects,
        )

    def explain(self) -> str:
        """Lay it out as text: the verdict, a table, the reasons and what to try."""
        return explain(self)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON knows it; numbers that do not exist are None."""
        return to_json(asdict(self), str)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> 'Judgement':
        """Read what :meth:`to_dict` wrote.

        Args:
            values (Mapping[str, Any]): The attributes.

        Raises:
            ValueError: Something is missing or unknown, or of another kind.
        """
        if not isinstance(values, Mapping):
            raise ValueError(
                f'A judgement must be an object, got {type(values).__name__}.'
            )
        known = {entry.name for entry in fields(cls)}
        missing, unknown = sorted(known - set(values)), sorted(set(values) - known)
        if missing or unknown:
            raise ValueError(
                f'A judgement must have {sorted(known)}; missing are {missing}, '
                f'unknown are {unknown}.'
            )
        given = dict(values)
        _check_kinds(given)
        if given['interval'] is not None:
            given['interval'] = tuple(given['interval'])
        given['reasons'] = tuple(given['reasons'])
        return cls(**given)


def _check_kinds(values: Mapping[str, Any]) -> None:
    """Refuse values that no judgement has."""
    kinds = {
        **dict.fromkeys(_TEXTS, str),
        **dict.fromkeys(('scores', 'protocol', 'suspects'), Mapping),
        **dict.fromkeys(('cause', 'advice'), str | None),
        'passed': bool,
        'reasons': list | tuple,
        'interval': list | tuple | None,
    }
    for name, value in values.items():
        if not isinstance(value, kinds.get(name, int | float | None)):
            raise ValueError(
                f'{name} of a judgement is of the wrong kind, got {value!r}.'
            )
