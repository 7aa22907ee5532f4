"""The page of a study: Markdown, in which every number is one of its files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mmreid.apis.study.definition import Study
from mmreid.apis.study.findings import TESTED, Finding
from mmreid.apis.study.ordering import OrderAgreement
from mmreid.apis.study.records import StudyRecords
from mmreid.apis.study.writing.comparisons import tell_disagreements, tell_findings
from mmreid.apis.study.writing.computing import tell_computing
from mmreid.apis.study.writing.course import tell_course
from mmreid.apis.study.writing.further import tell_further
from mmreid.apis.study.writing.markdown import link, markdown_table
from mmreid.apis.study.writing.order import compare_orders, mean_scores, tell_order
from mmreid.apis.study.writing.plots import draw_differences, draw_orders
from mmreid.apis.study.writing.table import method_rows
from mmreid.files import whole_file

_MARK = '<!-- Written by mmreid study: what is changed here by hand is lost. -->'
# What plots show, for whoever does not see them.
_TOLD = dict(
    differences='Differences with their intervals, and what the papers print',
    order='mAP here against what is printed',
)


def write_page(
    page: str | Path,
    study: Study,
    records: StudyRecords,
    findings: Sequence[Finding],
    file: str | Path,
) -> list[Path]:
    """Write the page of a study, and its plots into the folder ``images`` beside it.

    Args:
        page (str | Path): Where to, a file of Markdown.
        study (Study): The study.
        records (StudyRecords): Its runs, at least one.
        findings (Sequence[Finding]): Its comparisons.
        file (str | Path): The study's file, for links.

    Returns:
        list[Path]: What was written.
    """
    page = Path(page)
    orders, printed = compare_orders(study, mean_scores(study, records))
    plots, without = _draw(study, records, findings, orders, printed)
    images = {
        name: page.parent / 'images' / f'{page.stem}_{name}.svg' for name in plots
    }
    shown = {
        name: f'!{link(image, page, _TOLD[name])}' for name, image in images.items()
    }
    sections: dict[str, Sequence[str | None]] = {
        f'# Evidence: {study.title}': [
            study.text.strip(),
            _name_files(page, study, records, Path(file)),
            without,
        ],
        '## What was run': [tell_course(study, records)],
        '## What disagrees with the papers': [tell_disagreements(findings)],
        '## All comparisons': [shown.get('differences'), tell_findings(findings)],
        '## All methods': [markdown_table(method_rows(study, records))],
        '## The order of the methods': [shown.get('order'), tell_order(orders)],
        '## Further tests': [tell_further(study, records, page)],
        '## How the numbers are computed': [tell_computing(findings)],
    }
    text = _join(sections)
    for path, content in (*((images[n], plots[n]) for n in plots), (page, text)):
        with whole_file(path) as unfinished:
            unfinished.write_text(content, 'utf-8')
    return [page, *images.values()]


def _join(sections: Mapping[str, Sequence[str | None]]) -> str:
    """Put headings and paragraphs one below the other; empty ones are left out."""
    parts = [_MARK]
    for heading, paragraphs in sections.items():
        told = [*filter(None, paragraphs)]
        parts += [heading, *told] if told else []
    return '\n\n'.join(parts) + '\n'


def _draw(
    study: Study,
    records: StudyRecords,
    findings: Sequence[Finding],
    orders: Mapping[str, OrderAgreement],
    printed: Mapping[str, Mapping[str, float]],
) -> tuple[dict[str, str], str]:
    """Draw what there is to draw, by name; or nothing, and the reason."""
    plots: dict[str, str] = {}
    try:
        if findings:
            plots['differences'] = draw_differences(findings)
        agreement = next(iter(orders.values()), None)
        if agreement is not None and agreement.ours:
            means = {
                name: records.spread(name, TESTED)
                for name in study.methods
                if records.of_method(name)
            }
            plots['order'] = draw_orders(means, printed, agreement.ours)
    except ModuleNotFoundError as error:
        if error.name != 'matplotlib':
            raise
        return {}, 'Plots are left out: matplotlib is not installed.'
    return plots, ''


def _name_files(page: Path, study: Study, records: StudyRecords, file: Path) -> str:
    text = (
        f'The methods, options and comparisons are in {link(file, page)}, what each '
        f'run gave in {link(records.file, page)}.'
    )
    if not study.published:
        return text
    return f'{text} What papers print is in {link(Path(study.published), page)}.'
