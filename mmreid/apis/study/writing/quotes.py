"""What a study tells of a method, in the README beside the method's config."""

from collections.abc import Sequence
from pathlib import Path

from mmreid.apis.study.definition import Study
from mmreid.apis.study.findings import Finding
from mmreid.apis.study.records import StudyRecords
from mmreid.apis.study.writing.markdown import link, markdown_table
from mmreid.apis.study.writing.table import finding_rows, method_rows
from mmreid.files import whole_file

OPENING, CLOSING = '<!-- evidence -->', '<!-- /evidence -->'


def write_quotes(
    configs: str | Path,
    study: Study,
    records: StudyRecords,
    findings: Sequence[Finding],
    page: str | Path,
) -> list[Path]:
    """Write each method's scores and comparisons into the README beside its config.

    They replace what stands between two lines, ``<!-- evidence -->`` and
    ``<!-- /evidence -->``; a README without these is left alone.

    Args:
        configs (str | Path): Folder of configs, with a folder for each method.
        study (Study): The study.
        records (StudyRecords): Its runs.
        findings (Sequence[Finding]): Its comparisons.
        page (str | Path): The study's page, for links.

    Returns:
        list[Path]: The files that have a quote.

    Raises:
        ValueError: A README has one of the lines and not the other, or has them twice.
    """
    written = []
    for readme in sorted(Path(configs).glob('*/README.md')):
        text = readme.read_text('utf-8')
        if OPENING not in text and CLOSING not in text:
            continue
        source = link(Path(page), readme, f'study on {study.title}')
        told = _tell(study, records, findings, readme.parent.name)
        changed = _replace(text, '\n\n'.join([_head(source, told), *told]), readme)
        if changed != text:
            with whole_file(readme) as unfinished:
                unfinished.write_text(changed, 'utf-8')
        written.append(readme)
    return written


def _head(source: str, told: Sequence[str]) -> str:
    if not told:
        return f'The {source} has no finished run of this method yet.'
    return f'From the {source}, mean and deviation over seeds:'


def _tell(
    study: Study, records: StudyRecords, findings: Sequence[Finding], folder: str
) -> list[str]:
    """Tell what the methods of a folder reached, and their differences."""

    def is_own(method: str) -> bool:
        return Path(study.methods[method].config).parent.name == folder

    contrasts = [c for c in study.contrasts if is_own(c.method)]
    compared = {name for c in contrasts for name in (c.method, c.against)}
    # Where nothing is compared, all that is of the folder.
    names = compared or {name for name in study.methods if is_own(name)}
    rows = method_rows(study, records, names)
    own = [f for f in findings if is_own(f.contrast.method)]
    told = [markdown_table(rows)] if len(rows) > 1 else []
    if own:
        told += ['Differences in mAP, in points:', markdown_table(finding_rows(own))]
    return told


def _replace(text: str, quote: str, readme: Path) -> str:
    """Put a quote between the two lines."""
    if text.count(OPENING) != 1 or text.count(CLOSING) != 1:
        raise ValueError(
            f'{readme} must have {OPENING} and {CLOSING} once each; mend it or take '
            'both away.'
        )
    before, _, rest = text.partition(OPENING)
    _, closing, after = rest.partition(CLOSING)
    if not closing:
        raise ValueError(f'{readme} has {CLOSING} before {OPENING}; exchange them.')
    return f'{before}{OPENING}\n\n{quote}\n\n{CLOSING}{after}'
