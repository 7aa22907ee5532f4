"""Pictures of what a model answers."""

from pathlib import Path

from mmreid.visualization import write_rank_sheet


def draw_rank_lists(
    features_file: str | Path, out_dir: str | Path, distance: str = 'cosine'
) -> list[str]:
    """Draw queries with their first ten answers, right in green, wrong in red.

    Args:
        features_file (str | Path): Embeddings that ``tools/test.py --out FILE.npz`` or
            the metric ``DumpEmbeddings`` wrote.
        out_dir (str | Path): Folder for ``ranks.jpg`` (queries from the best average
            precision to the worst) and ``first_queries.jpg`` (as they come).
        distance (str): ``'cosine'`` or ``'euclidean'``. Defaults to ``'cosine'``.

    Returns:
        list[str]: The files written.
    """
    sheets = {'ranks.jpg': 'spread', 'first_queries.jpg': 'first'}
    return [
        str(
            write_rank_sheet(
                features_file, Path(out_dir, name), choose=choose, distance=distance
            )
        )
        for name, choose in sheets.items()
    ]
