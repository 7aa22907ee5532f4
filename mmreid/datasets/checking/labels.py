"""Checks of persons, cameras and clothes; no picture is opened."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mmreid.datasets.checking.checked_dataset import CheckedDataset
from mmreid.datasets.checking.findings import Finding
from mmreid.datasets.records.label_numbers import DISTRACTOR, JUNK
from mmreid.datasets.records.making import is_query_part
from mmreid.datasets.records.published_counts import describe_difference

RANKING_PROTOCOLS = ('market', 'single-shot', 'cloth-changing', 'same-clothes')
# Where and in what a person of the gallery was seen: camera and clothes.
Sights = Mapping[int, set[tuple[int, int | None]]]


def check_labels(
    data_set: CheckedDataset, protocol: str = 'market'
) -> Iterator[Finding]:
    """Yield what is wrong with the labels of a data set.

    Args:
        data_set (CheckedDataset): The data set.
        protocol (str): The rule of ranking, as in ``ReIDMetric``; it decides what a
            right answer is.
    """
    yield from _check_counts(data_set)
    yield from _check_rows(data_set)
    yield from _check_identities(data_set)
    yield from _check_training(data_set)
    yield from _check_strangers(data_set)
    for split, parts in data_set.splits.items():
        there = [part for part in parts if part in data_set.records]
        if any(map(is_query_part, there)) and not all(map(is_query_part, there)):
            yield from _check_queries(data_set, split, there, protocol)


def _check_counts(data_set: CheckedDataset) -> Iterator[Finding]:
    for part, records in data_set.records.items():
        text = describe_difference(records, data_set.published.get(part, {}))
        if text:
            kind = 'partial copy' if data_set.partial else 'counts'
            yield Finding(kind, data_set.name, f'{part}: {text}')


def _check_rows(data_set: CheckedDataset) -> Iterator[Finding]:
    for part, records in data_set.records.items():
        paths = Counter(os.path.normpath(record['img_path']) for record in records)
        if twice := [path for path, number in paths.items() if number > 1]:
            text = f'{part}: {len(twice):,}'
            yield Finding('listed twice', data_set.name, text, twice)


def _check_identities(data_set: CheckedDataset) -> Iterator[Finding]:
    """Find persons who are both trained and tested on."""
    if not data_set.shared_ids:
        return
    trained, tested = (
        {
            r['person_id']: r['img_path']
            for part in parts
            for r in data_set.records[part]
        }
        for parts in (data_set.parts(training=True), data_set.parts(training=False))
    )
    if both := sorted(p for p in trained.keys() & tested.keys() if p > 0):
        examples = [f'{trained[p]} and {tested[p]}' for p in both]
        yield Finding('shared identities', data_set.name, f'{len(both):,}', examples)


def _check_training(data_set: CheckedDataset) -> Iterator[Finding]:
    """Find persons who teach little: nothing, or nothing about other cameras."""
    persons: dict[int, list[dict]] = defaultdict(list)
    for part in data_set.parts(training=True):
        for record in data_set.records[part]:
            if record['person_id'] > 0:
                persons[record['person_id']].append(record)
    unhelpful = {
        'one picture': [p for p in persons.values() if len(p) == 1],
        'one camera': [
            pictures
            for pictures in persons.values()
            if len(pictures) > 1 and len({r['cam_id'] for r in pictures}) == 1
        ],
    }
    for kind, groups in unhelpful.items():
        if groups:
            text = f'{len(groups):,} of {len(persons):,}'
            examples = [pictures[0]['img_path'] for pictures in groups]
            yield Finding(kind, data_set.name, text, examples)
    if not data_set.cameras:
        yield Finding('no cameras', data_set.name)


def _check_strangers(data_set: CheckedDataset) -> Iterator[Finding]:
    """Find persons 0 and -1 where nobody says that they are meant as nobody."""
    for part, records in data_set.records.items() if data_set.own else ():
        numbers = Counter(record['person_id'] for record in records)
        zero, junk = numbers[DISTRACTOR], numbers[JUNK]
        if zero or junk:
            text = f'{part}: {zero:,} and {junk:,} pictures'
            yield Finding('distractors and junk', data_set.name, text)


def _check_queries(
    data_set: CheckedDataset, split: str, parts: Sequence[str], protocol: str
) -> Iterator[Finding]:
    """Find queries without a right answer."""
    records = [record for part in parts for record in data_set.records[part]]
    queries = [record for record in records if record['is_query']]
    gallery = [record for record in records if not record['is_query']]
    if protocol in ('cloth-changing', 'same-clothes') and not all(
        'clothes_id' in record for record in records
    ):
        yield Finding('no clothes', data_set.name, f'{split}, protocol {protocol!r}')
        return
    sights: dict[int, set] = defaultdict(set)
    for record in gallery:
        sights[record['person_id']].add((record['cam_id'], record.get('clothes_id')))
    reasons = {q['img_path']: _why_no_answer(q, sights, protocol) for q in queries}
    reasons = {path: why for path, why in reasons.items() if why}
    if reasons:
        counts = Counter(reasons.values()).items()
        why_not = ', '.join(f'{number:,} because {why}' for why, number in counts)
        partly = len(reasons) < len(queries)
        kind = 'queries without answer' if partly else 'no right answers'
        text = f'{split}: {len(reasons):,} of {len(queries):,}, {why_not}'
        yield Finding(kind, data_set.name, text, [*reasons])


def _why_no_answer(query: dict, sights: Sights, protocol: str) -> str:
    """Say why a query has no right answer; nothing if it has one."""
    if query['person_id'] == JUNK:
        return 'the query itself is junk'
    seen = sights.get(query['person_id'])
    if not seen:
        return 'the person is not in the gallery'
    seen = {(camera, clothes) for camera, clothes in seen if camera != query['cam_id']}
    if not seen:
        return "the gallery has the person in the query's camera only"
    worn = {clothes for _, clothes in seen}
    if protocol == 'cloth-changing' and worn == {query['clothes_id']}:
        return "the gallery has the person in the query's clothes only"
    if protocol == 'same-clothes' and query['clothes_id'] not in worn:
        return 'the gallery has the person in other clothes only'
    return ''
