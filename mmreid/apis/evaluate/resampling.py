"""How the uncertainty of scores is estimated."""

from dataclasses import dataclass
from typing import Any

from mmreid.evaluation.result import QueryTable


@dataclass(frozen=True)
class Resampling:
    """How uncertainty is estimated.

    Attributes:
        resamples: Number of resamples.
        confidence: Level of the intervals.
        seed: Of the draws.
        by_person: Whether persons are drawn, each with all its queries, and not
            single queries.
    """

    resamples: int = 10_000
    confidence: float = 0.95
    seed: int = 0
    by_person: bool = True

    def options(self, table: QueryTable) -> dict[str, Any]:
        """Return the keyword arguments for a table's values."""
        return dict(
            clusters=table.person_id if self.by_person else None,
            resamples=self.resamples,
            confidence=self.confidence,
            seed=self.seed,
        )
