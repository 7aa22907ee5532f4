"""Models as rows of a table, for the screen and for the documentation."""

from collections.abc import Iterable, Mapping
from typing import Any

from mmreid.apis.model_names.published_model import PublishedModel
from mmreid.text_tables import format_table

HEAD = ('name', 'trained on', 'parameters', 'as printed', 'licence', 'weights')
_USES = {'research': ', research only', 'agreement': ', by agreement'}


def row_of(model: PublishedModel) -> tuple[str, ...]:
    """Tell of a model in a row.

    Args:
        model (PublishedModel): The model.

    Returns:
        tuple[str, ...]: A cell for each of :data:`HEAD`.
    """
    data = model.metadata.get('Training Data', '')
    data = ' + '.join(data) if isinstance(data, list | tuple) else str(data)
    size = model.metadata.get('Parameters')
    source = model.source
    terms = weights = ''
    if source is not None:
        name = 'none' if source.license == 'NONE' else source.license
        terms = name + _USES.get(source.use, '')
        weights = 'by browser' if source.needs_browser else 'fetched'
    elif model.packaged is not None:
        terms, weights = model.packaged.license, 'in the package'
    return (
        model.name,
        data,
        f'{size / 1e6:.1f} M' if size else '',
        _printed(model),
        terms,
        weights,
    )


def format_models(models: Iterable[PublishedModel], markdown: bool = False) -> str:
    """Lay models out as a table.

    Args:
        models (Iterable[PublishedModel]): The models.
        markdown (bool): As Markdown, for the documentation. Defaults to False.

    Returns:
        str: A line a model, below a head.
    """
    rows = [row_of(model) for model in models]
    if not markdown:
        return format_table([[*HEAD], *map(list, rows)])
    lines = [HEAD, ('---',) * len(HEAD), *((f'`{r[0]}`', *r[1:]) for r in rows)]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def _printed(model: PublishedModel) -> str:
    """Write the metrics of the first data sets that the source prints."""
    results = [_metrics(result) for result in model.results]
    return '; '.join(results[:2]) + ('; ...' if len(results) > 2 else '')


def _metrics(result: Mapping[str, Any]) -> str:
    """Write the metrics of a data set, as ``'Market-1501 mAP/R1 82.6/94.2'``."""
    metrics = result['Metrics']
    values = '/'.join(map(str, metrics.values()))
    return f'{result["Dataset"]} {"/".join(metrics)} {values}'
