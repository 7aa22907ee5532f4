"""What one model does on a test set."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mmreid.apis.evaluate.comparing.aligned_queries import match_queries
from mmreid.apis.evaluate.comparing.comparison import Comparison
from mmreid.apis.report.compared import scores_of
from mmreid.apis.report.results.answers import judge_answers
from mmreid.apis.report.results.asked import Asked
from mmreid.apis.report.results.galleries import SharedGallery
from mmreid.apis.report.results.measuring import measure_distances
from mmreid.apis.report.results.reading import Reader
from mmreid.evaluation.result import QueryTable, Result
from mmreid.evaluation.stamp_words import describe_data, describe_rules
from mmreid.report.results import ReportedModel

_CMC_RANKS = 50
_NO_ANSWERS = (
    'The file holds scores alone: answers, distances and pairs of cameras are in '
    'features (mmreid test --out FILE.npz).'
)
_NO_LEFT_OUT = 'Junk and ignored pictures are not listed: re-ranking leaves them out.'


def gather_model(
    name: str,
    runs: Sequence[Result],
    first: QueryTable,
    comparison: Comparison,
    gallery: SharedGallery,
    reader: Reader,
    asked: Asked,
) -> ReportedModel:
    """Gather what one model does; several runs on the same queries are averaged.

    Args:
        name (str): The model's.
        runs (Sequence[Result]): Its results.
        first (QueryTable): In whose order the queries come.
        comparison (Comparison): Of all models.
        gallery (SharedGallery): Of all models; its pictures are added.
        reader (Reader): With the rankings of features.
        asked (Asked): What is asked for.

    Returns:
        ReportedModel: All that the page shows of it.
    """
    notes = []
    if len(runs) > 1:
        notes.append(f'Scores are means of {len(runs)} runs.')
    alike = runs if comparison.scores[name].interval is not None else runs[:1]
    if len(alike) < len(runs):
        notes.append('They have different queries: those of the first are shown.')
    rows = [match_queries(first, run.table) for run in alike]
    tables = [run.table.take(row) for run, row in zip(alike, rows, strict=True)]
    cmc_ranks, cmc = _match_curve(tables, runs[0].protocol)
    shown = next((i for i, run in enumerate(alike) if run.name in reader.ranked), None)
    answers, missing = None, [_NO_ANSWERS]
    details: dict[str, Any] = {}
    if shown is not None:
        ranked = reader.ranked[alike[shown].name]
        places = gallery.places(ranked.features)
        answers = judge_answers(ranked.lists, rows[shown], places)
        details, missing = measure_distances(
            ranked.features, asked.rules, asked.threshold, asked.rate
        )
        if len(runs) > 1:
            notes.append(f'Answers and distances are those of {alike[shown].name}.')
        if asked.rules.boosters:
            missing.append(_NO_LEFT_OUT)
    return ReportedModel(
        name=name,
        files=tuple(run.name for run in runs),
        stamp=tuple(_stamp(runs[0].protocol)),
        scores=scores_of(comparison, name),
        average_precision=np.mean([table.scores['mAP'] for table in tables], axis=0),
        inverse_negative_penalty=np.mean([t.scores['mINP'] for t in tables], axis=0),
        first_rank=np.mean([table.rank for table in tables], axis=0),
        cmc_ranks=cmc_ranks,
        cmc=cmc,
        answers=answers,
        missing=tuple(missing),
        warnings=runs[0].warnings,
        notes=tuple(notes),
        **details,
    )


def _match_curve(
    tables: Sequence[QueryTable], protocol: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Count how many queries have a right answer by each rank.

    Where galleries are drawn the ranks are means, which tell only what was kept.
    """
    known = [table.take(table.valid) for table in tables]
    if protocol.get('protocol') == 'single-shot':
        names = [name for name in tables[0].scores if name[1:].isdigit()]
        ranks = np.array([int(name[1:]) for name in names], np.int64)
        curves = [[table.scores[name].mean() for name in names] for table in known]
    else:
        ranks = np.arange(1, _CMC_RANKS + 1)
        curves = [[(table.rank <= r).mean() for r in ranks] for table in known]
    return ranks, np.mean(curves, axis=0)


def _stamp(protocol: Mapping[str, Any]) -> list[str]:
    """Tell a protocol stamp line by line."""
    if not protocol:
        return ['The file does not tell its protocol.']
    try:
        return [describe_data(protocol), *(x.strip() for x in describe_rules(protocol))]
    except KeyError:  # of an older version, or of another program
        return [f'{key}: {value}' for key, value in protocol.items()]
