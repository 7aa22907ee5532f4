"""Saying what becomes of person 0 and -1, in case that 0 is somebody."""

from collections.abc import Sequence

from mmengine.logging import MMLogger

from mmreid.datasets.folders import warn_once
from mmreid.datasets.numbering import DISTRACTOR, JUNK

LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
REMEDY = (
    'where persons are numbered from 0, set person_offset=1 for all splits, on the '
    'command line --cfg-options '
    + ' '.join(f'{loader}.dataset.person_offset=1' for loader in LOADERS)
)


def tell_left_out(title: str, records: Sequence[dict], own: bool) -> None:
    """Log how many pictures show nobody to train on.

    Args:
        title: The data set.
        records: All its records.
        own: Whether these are one's own pictures, in which 0 may be somebody.
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


def tell_queries(title: str, records: Sequence[dict]) -> None:
    """Warn of queries that are distractors: ranking counts them as one person.

    Args:
        title: The data set.
        records: All its records.
    """
    queries = [record['person_id'] for record in records if record['is_query']]
    if zeros := queries.count(DISTRACTOR):
        warn_once(
            f'{title}: {zeros:,} of {len(queries):,} queries are of person 0, which is '
            f'the distractor, and are ranked as queries of one person; {REMEDY}'
        )
