"""Facts of a page of results, of any size: models that are right more or less often."""

from pathlib import Path

import cv2
import numpy as np

from mmreid.report.results.facts import (
    Answers,
    CameraTable,
    DetCurve,
    Difference,
    Explanation,
    OperatingPoint,
    PairDistances,
    PairedDifference,
    ReportedImages,
    ReportedModel,
    ReportedTest,
    Score,
    Verdict,
)

MSMT17 = dict(num_query=11_659, num_gallery=82_161, num_persons=3_060, num_cameras=15)


def make_reported_test(
    folder: Path | None = None,
    *,
    num_query: int = 12,
    num_gallery: int = 60,
    num_persons: int = 6,
    num_cameras: int = 3,
    topk: int = 10,
    models: tuple[str, ...] = ('AANet', 'BoT'),
    scores_only: tuple[str, ...] = (),
    names: tuple[str, ...] = (),
    explained: int = 0,
    seed: int = 0,
) -> ReportedTest:
    """Make facts up.

    Args:
        folder: Where pictures are written; None: their paths lead nowhere.
        num_query: Queries; the last one has no right answer where there are several.
        num_gallery: Gallery pictures, one in twenty of which is junk.
        num_persons: Persons.
        num_cameras: Cameras.
        topk: Answers of a query.
        models: Their names; the first is the best.
        scores_only: Those of which no answers are known.
        names: File names of the first queries, hostile ones for instance.
        explained: How many queries have pictures of explanations.
        seed: Of everything.
    """
    rng = np.random.default_rng(seed)
    halves = []
    for half, count in (('query', num_query), ('gallery', num_gallery)):
        persons = rng.integers(1, num_persons + 1, count)
        if half == 'gallery':
            persons[rng.random(count) < 0.05] = -1
        elif count > 2:
            persons[-1] = num_persons + 1
        cameras = rng.integers(0, num_cameras, count)
        files = [
            f'{half}/{p:04}_c{c + 1}s1_{i:06}_00.jpg'
            for i, (p, c) in enumerate(zip(persons, cameras, strict=True))
        ]
        if half == 'query':
            files[: len(names)] = [f'query/{name}' for name in names]
        root = folder or Path('/data/market')
        paths = np.array([str(root / file) for file in files])
        if folder is not None:
            _write_pictures(paths, persons, rng)
        halves.append(ReportedImages(paths, persons, cameras))
    queries, gallery = halves
    made = tuple(
        _make_model(name, i, queries, gallery, topk, name in scores_only, rng)
        for i, name in enumerate(models)
    )
    differences = tuple(
        PairedDifference(models[0], name, {'mAP': Difference(-3.2, -5.1, -1.0, 0.004)})
        for name in models[1:]
    )
    return ReportedTest(
        name='market1501 test',
        queries=queries,
        gallery=gallery,
        models=made,
        differences=differences,
        intervals='intervals: percentile bootstrap over the persons, seed 0',
        explanations=tuple(
            Explanation(q, name, f'Grad-CAM: {b}', _jpeg(), f'{name}: where {b} looks')
            for q in range(explained)
            for name in models
            for b in ('whole', 'part')
        ),
    )


def _write_pictures(paths: np.ndarray, persons: np.ndarray, rng) -> None:
    for path, person in zip(paths, persons, strict=True):
        colour = np.random.default_rng(person + 1).integers(40, 216, 3)
        picture = np.clip(colour + rng.normal(0, 30, (64, 32, 3)), 0, 255)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        encoded = cv2.imencode('.jpg', picture.astype(np.uint8))[1]
        Path(path).write_bytes(encoded.tobytes())


def _jpeg() -> bytes:
    return cv2.imencode('.jpg', np.full((64, 32, 3), 150, np.uint8))[1].tobytes()


def judge(queries: ReportedImages, gallery: ReportedImages, indices: np.ndarray):
    """Judge answers by the Market protocol."""
    same = gallery.person_id[indices] == queries.person_id[:, None]
    near = gallery.cam_id[indices] == queries.cam_id[:, None]
    verdicts = np.where(same, np.where(near, Verdict.IGNORED, Verdict.RIGHT), 2)
    verdicts[gallery.person_id[indices] == -1] = Verdict.JUNK
    return verdicts.astype(np.uint8)


def _make_answers(queries, gallery, topk: int, skill: float, rng) -> Answers:
    """Draw answers, those of the query's person more often."""
    n, m = len(queries), len(gallery)
    topk = min(topk, m)
    by_person = np.argsort(gallery.person_id, kind='stable')
    sorted_persons = gallery.person_id[by_person]
    start = np.searchsorted(sorted_persons, queries.person_id, 'left')
    stop = np.searchsorted(sorted_persons, queries.person_id, 'right')
    indices = np.empty((n, topk), np.int64)
    for q in range(n):
        own = rng.permutation(by_person[start[q] : stop[q]])[: int(topk * skill)]
        others = rng.choice(m, min(m, 3 * topk), replace=False)
        both = np.concatenate([own, others[~np.isin(others, own)]])[:topk]
        late = rng.random(len(both)) * (0.2 + (1 - skill) * np.arange(len(both)))
        indices[q] = both[np.argsort(late)]
    distances = np.sort(rng.uniform(0.05, 0.9, (n, topk)), axis=1)
    return Answers(indices, distances, judge(queries, gallery, indices))


def _make_model(name, place, queries, gallery, topk, scores_only, rng) -> ReportedModel:
    n = len(queries)
    skill = 0.8 / (1 + place)
    answers = _make_answers(queries, gallery, topk, skill, rng)
    right = answers.verdicts == Verdict.RIGHT
    counted = np.cumsum(right | (answers.verdicts == Verdict.WRONG), axis=1)
    first = np.where(right, counted, np.iinfo(np.int64).max).min(axis=1)
    rank = np.where(right.any(axis=1), first, topk + 5).astype(float)
    precision = rng.beta(1 + 6 * skill, 2, n)
    rank[~np.isin(queries.person_id, gallery.person_id)] = np.nan
    precision[np.isnan(rank)] = np.nan
    ranks = np.arange(1, 51)
    value = 100 * float(np.nanmean(precision))
    scores = {'mAP': Score(value, value - 2, value + 2), 'mINP': Score(value / 2)}
    scores['R1'] = Score(100 * float(np.nanmean(rank <= 1)))
    known = {} if scores_only else _make_pairs(gallery, place)
    return ReportedModel(
        name=name,
        files=(f'work_dirs/{name}/features.{"json" if scores_only else "npz"}',),
        stamp=('protocol  market', 'ranking   cosine distance, no re-ranking'),
        scores=scores,
        average_precision=precision,
        inverse_negative_penalty=precision / 2,
        first_rank=rank,
        cmc_ranks=ranks,
        cmc=np.array([np.nanmean(rank <= r) for r in ranks]),
        answers=None if scores_only else answers,
        missing=('The file holds scores alone.',) if scores_only else (),
        **known,
    )


def _make_pairs(gallery: ReportedImages, place: int) -> dict:
    """Make up what all pairs tell."""
    edges = np.linspace(0, 1.6, 161)
    centres = (edges[1:] + edges[:-1]) / 2
    one, two = (
        np.rint(1e5 * scale * np.exp(-(((centres - mean) / 0.15) ** 2))).astype(int)
        for mean, scale in ((0.35 + 0.05 * place, 1), (0.9, 100))
    )
    false_positive = np.cumsum(two) / two.sum()
    false_negative = 1 - np.cumsum(one) / one.sum()
    cameras = np.unique(gallery.cam_id)
    shape = (len(cameras), len(cameras))
    table = np.random.default_rng(place).uniform(30, 95, shape)
    np.fill_diagonal(table, np.nan)
    return dict(
        pair_distances=PairDistances(edges, one, two),
        det=DetCurve(edges[1:], false_positive, false_negative, 'Made up.'),
        operating_point=OperatingPoint(0.55, 'cosine', 'point.json', 1.0, 91.0),
        cameras=CameraTable(
            cameras, cameras, table, np.minimum(table + 4, 100), np.full(shape, 7)
        ),
    )
