"""Pictures of what a model answers."""

from pathlib import Path

from mmreid.evaluation.functional import RankingRules, RankLists, load_features
from mmreid.progress import ProgressBar
from mmreid.visualization import write_rank_sheet


def draw_rank_lists(
    features_file: str | Path, out_dir: str | Path, rules: RankingRules | None = None
) -> list[str]:
    """Draw queries with their first ten answers, right in green, wrong in red.

    Args:
        features_file (str | Path): Embeddings that ``tools/test.py --out FILE.npz`` or
            the metric ``DumpEmbeddings`` wrote.
        out_dir (str | Path): Folder for ``ranks.jpg`` (queries from the best average
            precision to the worst) and ``first_queries.jpg`` (as they come).
        rules (RankingRules, optional): How answers are ranked and scored. Defaults to
            None: the defaults.

    Returns:
        list[str]: The files written.

    Raises:
        ValueError: As :meth:`RankingRules.evaluate`.
        FileNotFoundError: A picture that cannot be read, named.
    """
    features, rules = load_features(features_file), rules or RankingRules()
    # Ranked once for both sheets.
    lists = RankLists(features, rules, progress=ProgressBar('re-ranking'))
    sheets = {'ranks.jpg': 'spread', 'first_queries.jpg': 'first'}
    return [
        str(write_rank_sheet(lists, Path(out_dir, name), choose=choose))
        for name, choose in sheets.items()
    ]
