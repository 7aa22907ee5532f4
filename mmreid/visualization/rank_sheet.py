"""A sheet of rank lists from a features file."""

import os
from pathlib import Path

import cv2
import numpy as np

from mmreid.evaluation.functional import (
    Features,
    RankingResult,
    TopRanks,
    evaluate_ranking,
    load_features,
    top_ranks,
)
from mmreid.visualization.rank_list import (
    RankedPicture,
    SheetLayout,
    draw_sheet,
)

CHOICES = ('spread', 'first')


def write_rank_sheet(
    features_file: str | os.PathLike,
    out_file: str | os.PathLike,
    *,
    num_queries: int = 10,
    choose: str = 'spread',
    topk: int = 10,
    distance: str = 'cosine',
    title: str | None = None,
    image_root: str | os.PathLike = '',
    layout: SheetLayout | None = None,
) -> Path:
    """Draw queries of a features file with their first answers, as a JPEG.

    The same file gives the same sheet. Under a query stand its person, camera and
    average precision, under an answer its camera and distance.

    Args:
        features_file: A file that ``DumpEmbeddings`` wrote.
        out_file: Where to write the sheet; missing folders are made.
        num_queries: Number of rows, less where there are fewer queries.
        choose: ``'spread'`` takes queries from the best average precision to the
            worst at equal steps, ``'first'`` those that come first in the file. Only
            queries with a right answer are taken, unless none has one.
        topk: Answers per query. Defaults to 10.
        distance: ``'cosine'`` or ``'euclidean'``. Defaults to ``'cosine'``.
        title: Defaults to None: data set, mAP and R1.
        image_root: Folder that relative image paths start from.
            Defaults to the current one.
        layout: Sizes in pixels. Defaults to None: pictures of 192 x 96.

    Returns:
        Path: ``out_file``.

    Raises:
        ValueError: An unknown choice, no row or column, or a file ending other than
            .jpg, .jpeg or .png.
        FileNotFoundError: An image that cannot be read, named.
    """
    target = _check_sheet(out_file, num_queries, choose)
    features = load_features(features_file)
    inputs = features.ranking_inputs()
    result = evaluate_ranking(*inputs, distance=distance, ranks=(1,))
    chosen = choose_queries(result, num_queries, choose)
    query, gallery, query_ids, gallery_ids, query_cams, gallery_cams = inputs
    answers = top_ranks(
        query[chosen],
        gallery,
        query_ids[chosen],
        gallery_ids,
        query_cams[chosen],
        gallery_cams,
        topk=topk,
        distance=distance,
    )
    rows = _read_rows(features, result, chosen, answers, Path(image_root))
    if title is None:
        title = _title(features, result, distance)
    sheet = draw_sheet(rows, title, layout)
    target.parent.mkdir(parents=True, exist_ok=True)
    encoded = cv2.imencode(target.suffix, sheet, [cv2.IMWRITE_JPEG_QUALITY, 92])[1]
    target.write_bytes(encoded.tobytes())
    return target


def choose_queries(result: RankingResult, count: int, choose: str) -> np.ndarray:
    """Choose queries to look at; always the same ones for the same result.

    Args:
        result: The ranking of all queries.
        count: How many are wanted.
        choose: ``'spread'`` or ``'first'``, see :func:`write_rank_sheet`.

    Returns:
        Indices ``(n,)``, ``n <= count``, in the order of drawing.
    """
    candidates = np.flatnonzero(result.valid)
    if not len(candidates):
        return np.arange(len(result.valid))[:count]
    if choose == 'first':
        return candidates[:count]
    best_first = np.argsort(-result.average_precision[candidates], kind='stable')
    steps = np.linspace(0, len(candidates) - 1, min(count, len(candidates)))
    return candidates[best_first[np.round(steps).astype(np.int64)]]


def _check_sheet(out_file: str | os.PathLike, num_queries: int, choose: str) -> Path:
    """Check what can be checked before anything is computed."""
    target = Path(out_file)
    if target.suffix not in ('.jpg', '.jpeg', '.png'):
        raise ValueError(f'A sheet is a .jpg or .png file, but the name is {target}')
    if choose not in CHOICES:
        raise ValueError(f'choose must be one of {CHOICES}, but got {choose!r}')
    if num_queries < 1:
        raise ValueError(f'num_queries must be at least 1, but got {num_queries}')
    return target


def _read_rows(
    features: Features,
    result: RankingResult,
    chosen: np.ndarray,
    answers: TopRanks,
    image_root: Path,
) -> list[list[RankedPicture]]:
    """Read the pictures of the chosen queries and of their answers."""
    query_rows = np.flatnonzero(features.is_query)
    gallery_rows = np.flatnonzero(~features.is_query)
    lists = []
    for i, query in enumerate(chosen):
        index = query_rows[query]
        found = answers.indices[i] >= 0
        score = result.average_precision[query]
        row = [
            RankedPicture(
                _read(image_root / features.img_path[index]),
                f'id {features.person_id[index]}  c{features.cam_id[index]}  '
                + ('no match' if np.isnan(score) else f'AP {score:.2f}'),
            )
        ]
        for answer, length, correct in zip(
            gallery_rows[answers.indices[i][found]],
            answers.distances[i][found],
            answers.correct[i][found],
            strict=True,
        ):
            image = _read(image_root / features.img_path[answer])
            caption = f'c{features.cam_id[answer]}  {length:.3f}'
            row.append(RankedPicture(image, caption, bool(correct)))
        lists.append(row)
    return lists


def _read(path: Path) -> np.ndarray:
    """Read a picture as BGR."""
    image = cv2.imread(os.fspath(path), cv2.IMREAD_COLOR) if path.is_file() else None
    if image is None:
        raise FileNotFoundError(
            f'No picture can be read from {path}. The features file keeps the paths '
            'of the machine that wrote it; if they are relative, set image_root'
        )
    return image


def _title(features: Features, result: RankingResult, distance: str) -> str:
    """Tell what the sheet shows."""
    meta = features.meta
    name = ' '.join(str(meta[k]) for k in ('dataset', 'split') if meta.get(k))
    return (
        f'{name or "rank lists"}   mAP {100 * result.mAP:.1f}   '
        f'R1 {100 * result.cmc[0]:.1f}   {distance} distance   '
        'green: right, red: wrong'
    )
