"""Results that are read once, with their ranking where it is known."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from mmreid.apis.evaluate.result_files import load_results
from mmreid.evaluation.functional import Features, RankLists, load_features
from mmreid.evaluation.result import Result
from mmreid.evaluation.rules import RankingRules


@dataclass(frozen=True, eq=False)
class Ranked:
    """A features file that was ranked.

    Attributes:
        features: What it holds.
        lists: The ranking.
    """

    features: Features
    lists: RankLists


@dataclass
class Reader:
    """Reads results, and keeps the rankings of features files.

    Attributes:
        topk: Answers that are kept of a ranking.
        progress: Called with the work done and in all while re-ranking.
        ranked: By file, what was ranked.
    """

    topk: int
    progress: Callable[[int, int], None] | None = None
    ranked: dict[str, Ranked] = field(default_factory=dict)

    def __call__(
        self, file: str, rules: RankingRules | None = None
    ) -> list[dict[str, Result]]:
        """Read a file, as :func:`mmreid.apis.evaluate.result_files.load_results` does.

        Args:
            file (str): The file.
            rules (RankingRules, optional): How features are ranked. Defaults to None:
                the defaults.
        """
        if Path(file).suffix == '.json':
            return load_results(file, rules)
        rules = rules or RankingRules()
        features = load_features(file)
        lists = RankLists(features, rules, self.topk, self.progress)
        self.ranked[file] = Ranked(features, lists)
        found = Result.of_evaluation(features, rules, lists.evaluation, features.meta)
        return [{'': replace(found, name=file)}]
