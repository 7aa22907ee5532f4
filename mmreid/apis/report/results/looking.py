"""What models look at in some queries, drawn for the page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from mmreid.apis.draw.attention_maps import attention_rows
from mmreid.apis.draw.grad_cams import grad_cam_rows, trained_answer
from mmreid.apis.draw.part_activations import part_rows
from mmreid.apis.draw.pictures import Picture
from mmreid.apis.draw.receptive_fields import field_rows
from mmreid.apis.model import init_model
from mmreid.report.results import Explanation, ReportedTest
from mmreid.visualization import RankedPicture

_Rows = list[list[RankedPicture]]
_QUALITY = 88


class Network(NamedTuple):
    """A network that is looked into.

    Attributes:
        cfg: Its config, with a test pipeline.
        checkpoint: Its weights.
        model: The network with them.
    """

    cfg: Any
    checkpoint: Any
    model: Any

    @classmethod
    def build(cls, cfg: Any, checkpoint: Any) -> 'Network':
        """Build it.

        Args:
            cfg (Any): Its config.
            checkpoint (Any): Its weights.
        """
        return cls(cfg, checkpoint, init_model(cfg, checkpoint))


def _draw_grad_cams(network: Network, picture: Picture) -> _Rows:
    answer = trained_answer(network.model.head, network.checkpoint)
    return grad_cam_rows(network.cfg, network.model, [picture], answer=answer)


def _draw_attention(network: Network, picture: Picture) -> _Rows:
    return attention_rows(network.cfg, network.model, [picture])


def _draw_parts(network: Network, picture: Picture) -> _Rows:
    return part_rows(network.cfg, network.model, [picture])


def _draw_fields(network: Network, picture: Picture) -> _Rows:
    return field_rows(network.cfg, network.model, picture.path)


class Kind(NamedTuple):
    """A kind of drawing.

    Attributes:
        title: What it is called.
        text: What it shows.
        draw: Returns rows, of which the first picture is that of the query.
        marks: Whether something is marked in that one, to be shown too.
    """

    title: str
    text: str
    draw: Callable[[Network, Picture], _Rows]
    marks: bool


#: What can be drawn.
KINDS: dict[str, Kind] = {
    'grad-cam': Kind(
        'Grad-CAM', 'where the answer of a branch comes from', _draw_grad_cams, False
    ),
    'attention': Kind(
        'Attention', 'what a point of the picture attends to', _draw_attention, True
    ),
    'parts': Kind(
        'Parts', 'what a part vector of the picture answers to', _draw_parts, False
    ),
    'fields': Kind('Receptive field', 'what a point of a map sees', _draw_fields, True),
}


def look_at_queries(
    test: ReportedTest,
    networks: Mapping[str, Network],
    kinds: Iterable[str],
    queries: Sequence[int],
    progress: Callable[[int, int], None] | None = None,
) -> ReportedTest:
    """Add drawings of what models look at.

    Args:
        test (ReportedTest): The test.
        networks (Mapping[str, Network]): By the model's name.
        kinds (Iterable[str]): Of ``KINDS``.
        queries (Sequence[int]): Of :func:`find_queries`.
        progress (Callable, optional): Called with the queries done and in all.
            Defaults to None.

    Returns:
        ReportedTest: With explanations; where a network has nothing of a kind, the
        test's notes say so.

    Raises:
        FileNotFoundError: A picture of a query is missing.
    """
    made: list[Explanation] = []
    notes, kinds = dict.fromkeys(test.notes), [*kinds]
    for done, query in enumerate(queries, 1):
        path = Path(str(test.queries.path[query]))
        picture = Picture(path, '')
        picture.read()  # what is missing is no fault of a network
        for name, network in networks.items():
            for kind in map(KINDS.__getitem__, kinds):
                try:
                    rows = kind.draw(network, picture)
                except ValueError as error:
                    notes[f'{name} has nothing to show of {kind.title}: {error}'] = None
                    continue
                made += _explain(query, name, kind, rows)
        if progress is not None:
            progress(done, len(queries))
    return replace(test, explanations=tuple(made), notes=tuple(notes))


def _explain(query: int, name: str, kind: Kind, rows: _Rows) -> list[Explanation]:
    """Take the pictures of rows apart, each with its caption."""
    found = []
    for first, *others in rows:
        what = first.caption.strip()
        for shown in ([first] if kind.marks else []) + others:
            told = [kind.title, what, '' if shown is first else shown.caption.strip()]
            title = ', '.join(filter(None, told))
            options = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
            content = cv2.imencode('.jpg', shown.image, options)[1].tobytes()
            text = f'{name}: {kind.text} ({title})'
            found.append(Explanation(int(query), name, title, content, text))
    return found


def find_queries(test: ReportedTest, words: Sequence[str]) -> list[int]:
    """Find the queries that are asked for.

    Args:
        test (ReportedTest): The test.
        words (Sequence[str]): How many, or ends of their paths, such as file names.

    Returns:
        list[int]: Of a number those of :func:`choose_queries`.

    Raises:
        ValueError: No query has such a path, or several have.
    """
    if len(words) == 1 and words[0].isdecimal():
        return choose_queries(test, int(words[0]))
    paths = [f'/{path!s}'.replace('\\', '/') for path in test.queries.path]
    found = []
    for word in words:
        end = '/' + word.replace('\\', '/').lstrip('/')
        rows = [row for row, path in enumerate(paths) if path.endswith(end)]
        if len(rows) != 1:
            raise ValueError(
                f'queries must be a number, or ends of paths that one query has, but '
                f'{len(rows)} of {len(paths)} end in {word!r}.'
            )
        found += rows
    return found


def choose_queries(test: ReportedTest, count: int) -> list[int]:
    """Choose queries that are worth a look.

    Args:
        test (ReportedTest): The test.
        count (int): How many at most.

    Returns:
        list[int]: Half of them the worst of the first model, then those on which the
        models differ most; each once. Of one model the worst.
    """
    precisions = np.stack([model.average_precision for model in test.models])
    valid = np.flatnonzero(np.isfinite(precisions).all(axis=0))
    worst = valid[np.argsort(precisions[0, valid], kind='stable')].tolist()
    spread = np.ptp(precisions[:, valid], axis=0)
    differing = valid[np.argsort(-spread, kind='stable')].tolist()
    if len(precisions) == 1:
        return worst[:count]
    return [*dict.fromkeys([*worst[: count - count // 2], *differing])][:count]
