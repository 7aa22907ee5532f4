"""Checks of persons, cameras and clothes; no picture is opened."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mmreid.datasets.checking.checked_dataset import Subject
from mmreid.datasets.checking.findings import Finding
from mmreid.datasets.records.counts import compare
from mmreid.datasets.records.numbering import DISTRACTOR, JUNK, is_query_part

PROTOCOLS = ('market', 'single-shot', 'cloth-changing', 'same-clothes')
# Where and in what a person of the gallery was seen: camera and clothes.
Sights = Mapping[int, set[tuple[int, int | None]]]


def check_labels(subject: Subject, protocol: str = 'market') -> Iterator[Finding]:
    """Yield what is wrong with the labels of a data set.

    Args:
        subject: The data set.
        protocol: The rule of ranking, as in ``ReIDMetric``; it decides what a right
            answer is.
    """
    yield from _check_counts(subject)
    yield from _check_rows(subject)
    yield from _check_identities(subject)
    yield from _check_training(subject)
    yield from _check_strangers(subject)
    for split, parts in subject.splits.items():
        there = [part for part in parts if part in subject.records]
        if any(map(is_query_part, there)) and not all(map(is_query_part, there)):
            yield from _check_queries(subject, split, there, protocol)


def _check_counts(subject: Subject) -> Iterator[Finding]:
    for part, records in subject.records.items():
        text = compare(records, subject.published.get(part, {}))
        if text:
            kind = 'partial copy' if subject.partial else 'counts'
            yield Finding(kind, subject.name, f'{part}: {text}')


def _check_rows(subject: Subject) -> Iterator[Finding]:
    for part, records in subject.records.items():
        paths = Counter(os.path.normpath(record['img_path']) for record in records)
        if twice := [path for path, number in paths.items() if number > 1]:
            text = f'{part}: {len(twice):,}'
            yield Finding('listed twice', subject.name, text, twice)


def _check_identities(subject: Subject) -> Iterator[Finding]:
    """Find persons who are both trained and tested on."""
    if not subject.shared_ids:
        return
    trained, tested = (
        {r['person_id']: r['img_path'] for part in parts for r in subject.records[part]}
        for parts in (subject.parts(training=True), subject.parts(training=False))
    )
    if both := sorted(p for p in trained.keys() & tested.keys() if p > 0):
        examples = [f'{trained[p]} and {tested[p]}' for p in both]
        yield Finding('shared identities', subject.name, f'{len(both):,}', examples)


def _check_training(subject: Subject) -> Iterator[Finding]:
    """Find persons who teach little: nothing, or nothing about other cameras."""
    persons: dict[int, list[dict]] = defaultdict(list)
    for part in subject.parts(training=True):
        for record in subject.records[part]:
            if record['person_id'] > 0:
                persons[record['person_id']].append(record)
    few = {
        'one picture': [p for p in persons.values() if len(p) == 1],
        'one camera': [
            pictures
            for pictures in persons.values()
            if len(pictures) > 1 and len({r['cam_id'] for r in pictures}) == 1
        ],
    }
    for kind, found in few.items():
        if found:
            text = f'{len(found):,} of {len(persons):,}'
            examples = [pictures[0]['img_path'] for pictures in found]
            yield Finding(kind, subject.name, text, examples)
    if not subject.cameras:
        yield Finding('no cameras', subject.name)


def _check_strangers(subject: Subject) -> Iterator[Finding]:
    """Find persons 0 and -1 where nobody says that they are meant as nobody."""
    for part, records in subject.records.items() if subject.own else ():
        numbers = Counter(record['person_id'] for record in records)
        zero, junk = numbers[DISTRACTOR], numbers[JUNK]
        if zero or junk:
            text = f'{part}: {zero:,} and {junk:,} pictures'
            yield Finding('distractors and junk', subject.name, text)


def _check_queries(
    subject: Subject, split: str, parts: Sequence[str], protocol: str
) -> Iterator[Finding]:
    """Find queries without a right answer."""
    records = [record for part in parts for record in subject.records[part]]
    queries = [record for record in records if record['is_query']]
    gallery = [record for record in records if not record['is_query']]
    if protocol in ('cloth-changing', 'same-clothes') and not all(
        'clothes_id' in record for record in records
    ):
        yield Finding('no clothes', subject.name, f'{split}, protocol {protocol!r}')
        return
    sights: dict[int, set] = defaultdict(set)
    for record in gallery:
        sights[record['person_id']].add((record['cam_id'], record.get('clothes_id')))
    reasons = {q['img_path']: _why_no_answer(q, sights, protocol) for q in queries}
    reasons = {path: why for path, why in reasons.items() if why}
    if reasons:
        counts = Counter(reasons.values()).items()
        told = ', '.join(f'{number:,} because {why}' for why, number in counts)
        some = len(reasons) < len(queries)
        kind = 'queries without answer' if some else 'no right answers'
        text = f'{split}: {len(reasons):,} of {len(queries):,}, {told}'
        yield Finding(kind, subject.name, text, [*reasons])


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
