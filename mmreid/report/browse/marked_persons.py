"""Which person marked pictures show, as a data set's table tells it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from mmreid.report.browse.mark import Mark, join_marks

HEAD = ('path', 'person', 'camera', 'split')
# What data sets call somebody who is nobody.
_NOBODY = ('', '-1', '0', 'junk', 'distractor')
# The camera of pictures that were sent, which nobody knows: another than all others.
_SENT = 'sent'


def find_persons(marks: Sequence[Mark]) -> Iterator[tuple[str, str, str, str]]:
    """Tell which person marked pictures show, a row of a data set's table each.

    Pictures that right answers join are one person, with the gallery's name for any of
    them, or a new one. Left out is who is in doubt: where the gallery has several names
    for one person, or one name for two whom a wrong answer parts; and whom neither the
    gallery nor a right answer tells.

    Args:
        marks (Sequence[Mark]): The marks.

    Yields:
        tuple[str, str, str, str]: Path, person, camera and split. Cameras are empty
        unless the gallery knows those of all its pictures.
    """
    if not marks:
        return
    labels = _labels(marks)
    joined = join_marks(marks)
    names = _names(marks, labels, joined)
    queries = _queries(marks, joined)
    kept = [path for path in labels if joined[path] in names]
    cameras = {path: labels[path][1] for path in kept if labels[path][2]}
    known = bool(cameras) and all(cameras.values())
    for split, wanted in (('query', True), ('gallery', False)):
        for path in kept:
            if (path in queries) == wanted:
                camera = cameras.get(path, _SENT) if known else ''
                yield path, names[joined[path]], camera, split


def _labels(marks: Sequence[Mark]) -> dict[str, tuple[str, str, bool]]:
    """Return of each picture person, camera and whether it is the gallery's."""
    labels: dict[str, tuple[str, str, bool]] = {}
    for m in marks:
        labels.setdefault(m.a, (m.query_person, m.query_camera, bool(m.query_entry)))
        labels[m.b] = (m.person, m.camera, True)
    return labels


def _names(
    marks: Sequence[Mark],
    labels: dict[str, tuple[str, str, bool]],
    joined: dict[str, int],
) -> dict[int, str]:
    """Name the persons of whom there is no doubt."""
    given: dict[int, set[str]] = defaultdict(set)
    for path, (person, _, _) in labels.items():
        if person.lower() not in _NOBODY:
            given[joined[path]].add(person)
    names = {who: next(iter(all_)) for who, all_ in given.items() if len(all_) == 1}
    doubted: set[int] = set()
    for m in marks:
        one, other = joined[m.a], joined[m.b]
        if not m.same and one in names and names[one] == names.get(other):
            doubted |= {one, other}
    sizes = Counter(joined.values())
    taken, number = {name for all_ in given.values() for name in all_}, 0
    for who in dict.fromkeys(joined[path] for path in labels):
        if who not in given and sizes[who] > 1:
            number += 1
            while f'new-{number}' in taken:
                number += 1
            names[who] = f'new-{number}'
    return {who: name for who, name in names.items() if who not in doubted}


def _queries(marks: Sequence[Mark], joined: dict[str, int]) -> set[str]:
    """Choose the pictures that were asked for, and have a right answer beside them."""
    answers = {m.b for m in marks}
    right = {path for m in marks if m.same for path in (m.a, m.b)}
    asked = [m.a for m in marks if m.a in right]
    queries = {path for path in asked if path not in answers}
    have = {joined[path] for path in queries}
    for path in dict.fromkeys(asked):  # all of this person are answers, too
        if joined[path] not in have:
            queries.add(path)
            have.add(joined[path])
    return queries
