"""A sheet of rank lists from a features file."""

import os
from pathlib import Path

import numpy as np

from mmreid.arguments import check_choice
from mmreid.evaluation.functional import (
    RankingResult,
    RankingRules,
    RankLists,
    SingleShotResult,
)
from mmreid.visualization.picture_file import read_picture, write_picture
from mmreid.visualization.rank_list import (
    RankedPicture,
    SheetLayout,
    draw_sheet,
)

CHOICES = ('spread', 'first')


def write_rank_sheet(
    lists: RankLists,
    out_file: str | os.PathLike,
    *,
    num_queries: int = 10,
    choose: str = 'spread',
    title: str | None = None,
    image_root: str | os.PathLike = '',
    layout: SheetLayout | None = None,
) -> Path:
    """Draw queries with their first answers, as a JPEG.

    The same features and rules give the same sheet. Under a query stand its person,
    camera and average precision, under an answer its camera and the distance by which
    it was ranked.

    Args:
        lists (RankLists): Of a features file that ``DumpEmbeddings`` wrote, by the
            rules that its scores come from.
        out_file (str | os.PathLike): Where to write the sheet; missing folders are
            made.
        num_queries (int): Number of rows, less where there are fewer queries.
        choose (str): ``'spread'`` takes queries from the best average precision to the
            worst at equal steps, ``'first'`` those that come first in the file. Only
            queries with a right answer are taken, unless none has one.
        title (str, optional): Defaults to None: data set, mAP and R1, and how answers
            were ranked.
        image_root (str | os.PathLike): Folder that relative image paths start from.
            Defaults to the current one.
        layout (SheetLayout, optional): Sizes in pixels. Defaults to None: pictures of
            192 x 96.

    Returns:
        Path: ``out_file``.

    Raises:
        ValueError: An unknown choice, no row, or a file ending other than .jpg, .jpeg
            or .png.
        FileNotFoundError: An image that cannot be read, named.
    """
    target = _check_sheet(out_file, num_queries, choose)
    chosen = choose_queries(lists.evaluation.result, num_queries, choose)
    rows = _read_rows(lists, chosen, Path(image_root))
    sheet = draw_sheet(rows, _title(lists) if title is None else title, layout)
    return write_picture(target, sheet, quality=92)


def choose_queries(
    result: RankingResult | SingleShotResult, count: int, choose: str
) -> np.ndarray:
    """Choose queries to look at; always the same ones for the same result.

    Args:
        result (RankingResult | SingleShotResult): The ranking of all queries.
        count (int): How many are wanted.
        choose (str): ``'spread'`` or ``'first'``, see :func:`write_rank_sheet`.

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
        raise ValueError(f'A sheet is a .jpg or .png file, but the name is {target}.')
    check_choice('choose', choose, CHOICES)
    if num_queries < 1:
        raise ValueError(f'num_queries must be at least 1, got {num_queries}.')
    return target


def _read_rows(
    lists: RankLists, chosen: np.ndarray, image_root: Path
) -> list[list[RankedPicture]]:
    """Read the pictures of the chosen queries and of their answers."""
    features, answers = lists.features, lists.take(chosen)
    gallery = np.flatnonzero(~features.is_query)
    scores = lists.evaluation.result.average_precision[chosen]
    rows = []
    for i, query in enumerate(lists.pictures(chosen)):
        is_answer = answers.indices[i] >= 0
        row = [
            RankedPicture(
                _read(image_root / features.img_path[query]),
                f'id {features.person_id[query]}  c{features.cam_id[query]}  '
                + ('no match' if np.isnan(scores[i]) else f'AP {scores[i]:.2f}'),
            )
        ]
        for answer, length, correct in zip(
            gallery[answers.indices[i][is_answer]],
            answers.distances[i][is_answer],
            answers.correct[i][is_answer],
            strict=True,
        ):
            image = _read(image_root / features.img_path[answer])
            caption = f'c{features.cam_id[answer]}  {length:.3f}'
            row.append(RankedPicture(image, caption, bool(correct)))
        rows.append(row)
    return rows


def _read(path: Path) -> np.ndarray:
    """Read a picture as BGR, as the network saw it."""
    try:
        return read_picture(path)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f'{error}. The features file keeps the paths of the machine that wrote it; '
            'if they are relative, set image_root.'
        ) from error


def _title(lists: RankLists) -> str:
    """Tell what the sheet shows, in a line or more."""
    meta, result = lists.features.meta, lists.evaluation.result
    name = ' '.join(str(meta[k]) for k in ('dataset', 'split') if meta.get(k))
    scores = (
        f'{name or "rank lists"}   mAP {100 * result.mAP:.1f}   '
        f'R{result.ranks[0]} {100 * result.cmc[0]:.1f}   '
        f'{lists.rules.distance} distance   green: right, red: wrong'
    )
    return '\n'.join((scores, *_explain(lists.rules)))


def _explain(rules: RankingRules) -> list[str]:
    """Say in lines what is particular about rules; nothing of the Market protocol."""
    lines = []
    if rules.rerank is not None:
        options = ', '.join(f'{k} {v}' for k, v in rules.rerank.items() if k != 'type')
        lines.append(f'distances: {rules.rerank["type"]} re-ranking ({options})')
    if rules.neighbour_centralisation is not None:
        sides = rules.neighbour_centralisation['sides']
        half = 'gallery' if sides == 'gallery' else 'gallery and queries'
        lines.append(f'vectors: {half} moved to mutual neighbours')
    if rules.time_prior is not None:
        lines.append(f'distances: joined with times, prior {rules.time_prior.digest}')
    if rules.protocol == 'single-shot':
        lines.append(
            'scores: expected over galleries of one picture per person; '
            f'shown: all pictures that may be drawn (impostors: {rules.impostors})'
        )
    elif rules.protocol != 'market':
        lines.append(f'{rules.protocol} protocol')
    if rules.multi_query is not None:
        lines.append(
            f'query: {rules.multi_query} of all pictures of the person in the camera, '
            'the first of them is shown'
        )
    return lines
