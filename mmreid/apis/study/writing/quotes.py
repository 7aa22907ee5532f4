"""A study's comparisons in the README of the configs that they are of."""

from collections.abc import Sequence
from pathlib import Path

from mmreid.apis.study.definition import Study
from mmreid.apis.study.findings import Finding
from mmreid.apis.study.writing.markdown import link, markdown_table
from mmreid.apis.study.writing.table import finding_rows
from mmreid.files import whole_file

OPENING, CLOSING = '<!-- evidence -->', '<!-- /evidence -->'


def write_quotes(
    configs: str | Path, study: Study, findings: Sequence[Finding], page: str | Path
) -> list[Path]:
    """Write each method's comparisons into the README beside its config.

    They replace what stands between two lines, ``<!-- evidence -->`` and
    ``<!-- /evidence -->``; a README without these is left alone.

    Args:
        configs (str | Path): Folder of configs, with a folder for each method.
        study (Study): The study.
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
        own = [f for f in findings if _folder(study, f) == readme.parent.name]
        quote = _quote(study, own, readme, Path(page))
        changed = _replace(text, quote, readme)
        if changed != text:
            with whole_file(readme) as unfinished:
                unfinished.write_text(changed, 'utf-8')
        written.append(readme)
    return written


def _folder(study: Study, finding: Finding) -> str:
    """Name the folder of a method's config."""
    return Path(study.methods[finding.contrast.method].config).parent.name


def _quote(study: Study, findings: Sequence[Finding], readme: Path, page: Path) -> str:
    source = link(page, readme, f'study on {study.title}')
    if not findings:
        return f'The {source} has no finished comparison of this method yet.'
    table = markdown_table(finding_rows(findings))
    return f'From the {source}, differences in mAP in points:\n\n{table}'


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
