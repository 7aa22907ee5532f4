"""What the page is told of entries, answers and thresholds."""

from typing import Any

from mmreid.search import Entry, OperatingPoint
from mmreid.search.decisions.wording import explain_point, warn_of


def tell_entry(entry: Entry) -> dict[str, Any]:
    """Tell of an entry what the page shows; of its path the name alone.

    Args:
        entry (Entry): The entry.
    """
    return dict(
        id=entry.id,
        person=entry.person,
        camera=entry.camera,
        time=entry.time,
        name=(entry.path or '').replace('\\', '/').rsplit('/', 1)[-1],
        fields=dict(entry.fields),
    )


def tell_point(point: OperatingPoint) -> dict[str, Any]:
    """Tell a threshold and how often it errs.

    Args:
        point (OperatingPoint): The gallery's.
    """
    return dict(
        threshold=point.threshold,
        rate=point.achieved_rate,
        interval=point.interval,
        task=point.task,
        meaning=explain_point(point),
        warnings=[text[:1].upper() + text[1:] for text in warn_of(point)],
    )
