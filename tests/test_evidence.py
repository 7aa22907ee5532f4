"""docs/evidence.md and its quotes are what the study's files tell."""

import re
import shutil
from pathlib import Path

import pytest

from mmreid.apis.study.definition import Study, read_study
from mmreid.apis.study.findings import Finding, find_differences
from mmreid.apis.study.further_tests import further_records
from mmreid.apis.study.planning import plan_study
from mmreid.apis.study.records import StudyRecords
from mmreid.apis.study.writing.page import write_page
from mmreid.apis.study.writing.quotes import write_quotes

ROOT = Path(__file__).parents[1]
# Write all anew: mmreid study docs/evidence/synthmini.py --no-runs
#   --page docs/evidence.md --quote configs


@pytest.fixture(scope='module')
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study's files, in a place like theirs."""
    docs = tmp_path_factory.mktemp('clone') / 'docs'
    shutil.copytree(ROOT / 'docs' / 'evidence', docs / 'evidence')
    return docs


@pytest.fixture(scope='module')
def study(docs: Path) -> Study:
    return read_study(docs / 'evidence' / 'synthmini.py')


@pytest.fixture(scope='module')
def records(docs: Path) -> StudyRecords:
    return StudyRecords(docs / 'evidence' / 'synthmini.jsonl')


@pytest.fixture(scope='module')
def findings(study: Study, records: StudyRecords) -> list[Finding]:
    return find_differences(study, records)


def described(image: Path) -> str:
    """What a plot says to whoever does not see it: all its numbers."""
    found = re.search(r'aria-label="([^"]*)"', image.read_text('utf-8'))
    assert found is not None
    return found[1]


def test_the_page_is_that_of_its_files(docs, study, records, findings):
    file = docs / 'evidence' / 'synthmini.py'
    page, *images = write_page(docs / 'evidence.md', study, records, findings, file)
    assert page.read_bytes() == (ROOT / 'docs' / 'evidence.md').read_bytes()
    assert images
    # Where lines end on a plot depends on the version of matplotlib.
    for image in images:
        assert described(image) == described(ROOT / 'docs' / 'images' / image.name)


def test_the_quotes_are_those_of_the_files(docs, study, records, findings):
    configs = docs.parent / 'configs'
    readmes = {
        path: path.read_text('utf-8')
        for path in (ROOT / 'configs').glob('*/README.md')
        if '<!-- evidence -->' in path.read_text('utf-8')
    }
    methods = {Path(method.config).parent.name for method in study.methods.values()}
    assert {path.parent.name for path in readmes} == methods
    for path, text in readmes.items():
        before, _, rest = text.partition('<!-- evidence -->')
        copy = configs / path.parent.name / 'README.md'
        copy.parent.mkdir(parents=True)
        after = rest.partition('<!-- /evidence -->')[2]
        copy.write_text(f'{before}<!-- evidence --><!-- /evidence -->{after}', 'utf-8')
    written = write_quotes(configs, study, records, findings, docs / 'evidence.md')
    assert {path.parent.name for path in written} == methods
    for path, text in readmes.items():
        copy = configs / path.parent.name / 'README.md'
        assert copy.read_text('utf-8') == text


def test_runs_are_of_the_configs_as_they_stand(study, records):
    """Whoever changes what a config trains makes its runs again, or takes them out."""
    planned = {(run.method.name, run.seed): run for run in plan_study(study)}
    tests = [further_records(records, test) for test in study.tests.values()]
    for kept in (records, *tests):
        for which, record in kept.runs.items():
            assert record.key == planned[which].key, which


def test_what_is_recorded_is_what_the_study_names(study, records):
    for (name, seed), run in records.runs.items():
        method = study.methods[name]
        assert seed in study.seeds
        assert run.config == method.config
        assert sorted(run.options) == sorted([*study.options, *method.options])
