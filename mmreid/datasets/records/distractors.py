"""What becomes of distractors (person 0) and junk (-1), said in case 0 is a person."""

from collections.abc import Sequence

from mmengine.logging import MMLogger

from mmreid.data_loaders import LOADERS
from mmreid.datasets.reading.folders import warn_once
from mmreid.datasets.records.label_numbers import DISTRACTOR, JUNK

REMEDY = (
    'where persons are numbered from 0, set person_offset=1 for all splits, on the '
    'command line --cfg-options '
    + ' '.join(f'{loader}.dataset.person_offset=1' for loader in LOADERS)
)


def label_persons(
    title: str, records: Sequence[dict], source: str, own: bool
) -> list[dict]:
    """Keep persons and number them by sorted id, the same in every process.

    Args:
        title (str): The data set.
        records (Sequence[dict]): All its records.
        source (str): How to get the data.
        own (bool): Whether these are one's own pictures, in which 0 may be somebody.

    Raises:
        ValueError: There is nobody.
    """
    ids = sorted({r['person_id'] for r in records if r['person_id'] > 0})
    if not ids:
        raise ValueError(
            f'{title}: nobody to train on in {len(records)} pictures, only distractors '
            f'(person 0) and junk (-1); {REMEDY}; {source}.'
        )
    _log_left_out(title, records, own)
    labels = {person: label for label, person in enumerate(ids)}
    return [
        dict(record, gt_label=labels[record['person_id']])
        for record in records
        if record['person_id'] in labels
    ]


def _log_left_out(title: str, records: Sequence[dict], own: bool) -> None:
    """Log how many pictures show nobody to train on.

    Args:
        title (str): The data set.
        records (Sequence[dict]): All its records.
        own (bool): Whether these are one's own pictures, in which 0 may be somebody.
    """
    persons = [record['person_id'] for record in records]
    zeros, junk = persons.count(DISTRACTOR), persons.count(JUNK)
    if not zeros + junk:
        return
    text = (
        f'{title}: left out {zeros + junk:,} of {len(persons):,} pictures, {zeros:,} '
        f'of person 0 (distractor) and {junk:,} of -1 (junk)'
    )
    if own and zeros:
        warn_once(f'{text}; {REMEDY}')
    else:
        MMLogger.get_current_instance().info(text)


def warn_of_distractor_queries(title: str, records: Sequence[dict]) -> None:
    """Warn of queries that are distractors: ranking counts them as one person.

    Args:
        title (str): The data set.
        records (Sequence[dict]): All its records.
    """
    queries = [record['person_id'] for record in records if record['is_query']]
    if zeros := queries.count(DISTRACTOR):
        warn_once(
            f'{title}: {zeros:,} of {len(queries):,} queries are of person 0, which is '
            f'the distractor, and are ranked as queries of one person; {REMEDY}'
        )
