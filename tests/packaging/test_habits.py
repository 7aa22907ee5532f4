"""What a commit, an issue and a container promise is what the project does."""

import re
import subprocess
from pathlib import Path

import yaml

import mmreid

ROOT = Path(__file__).parents[2]


def read_yaml(name: str):
    return yaml.safe_load((ROOT / name).read_text('utf-8'))


def test_a_commit_is_checked_as_make_lint_checks():
    recipe = subprocess.run(
        ['make', '-n', 'lint'], cwd=ROOT, check=True, capture_output=True, text=True
    )
    lines = re.findall(r'^\.venv/bin/(?!python )(.+)$', recipe.stdout, re.MULTILINE)
    assert 'mypy' in lines
    (repository,) = read_yaml('.pre-commit-config.yaml')['repos']
    hooks = [hook['entry'].removeprefix('.venv/bin/') for hook in repository['hooks']]
    assert sorted(hooks) == sorted(lines)
    assert not any(hook['pass_filenames'] for hook in repository['hooks'])


def test_github_runs_what_everybody_runs():
    jobs = read_yaml('.github/workflows/ci.yml')['jobs']
    commands = [step['run'] for step in jobs['run']['steps'] if 'run' in step]
    assert commands == ['.ci/run']


def test_issue_forms_have_what_github_asks_for():
    kinds = {'markdown', 'textarea', 'input', 'dropdown', 'checkboxes'}
    forms = [*(ROOT / '.github' / 'ISSUE_TEMPLATE').glob('*.yml')]
    forms = [path for path in forms if path.name != 'config.yml']
    assert len(forms) >= 2
    for path in forms:
        form = yaml.safe_load(path.read_text('utf-8'))
        assert form['name'], path
        assert form['description'], path
        asked = [part for part in form['body'] if part['type'] != 'markdown']
        assert {part['type'] for part in form['body']} <= kinds, path
        assert all(part['attributes']['label'] for part in asked), path
        names = [part['id'] for part in asked]
        assert len(names) == len({*names}), path


def test_the_version_that_is_cited_is_this_one():
    cited = read_yaml('CITATION.cff')
    assert cited['version'] == mmreid.__version__
    assert cited['license'] == 'Apache-2.0'
    assert cited['authors'] == [{'name': 'mmreid contributors'}]


def test_pages_name_the_wheel_of_this_version():
    pages = [ROOT / 'README.md', *(ROOT / 'docs').rglob('*.md')]
    text = '\n'.join(page.read_text('utf-8') for page in pages)
    assert {*re.findall(r'mmreid-(\d\S*?)-py3', text)} == {mmreid.__version__}


def test_a_container_has_the_tested_versions_and_what_the_package_is_built_from():
    lines = (ROOT / 'Dockerfile').read_text('utf-8').replace('\\\n', ' ').splitlines()
    installs = [line for line in lines if 'pip install' in line]
    assert installs
    for line in installs:
        for command in re.findall(r'pip install [^;&]*', line):
            pinned = '-c constraints.txt' in command or '--no-deps' in command
            assert pinned, command
    named = re.findall(r'-r (\w+\.txt)', '\n'.join(installs))
    assert all((ROOT / 'requirements' / name).is_file() for name in named)
    assert lines[-1] == 'CMD ["mmreid", "demo"]'
    assert any(re.fullmatch(r'USER \d+', line) for line in lines)
    kept = (ROOT / '.dockerignore').read_text('utf-8').splitlines()
    assert all((ROOT / line[1:]).exists() for line in kept if line.startswith('!'))


def test_contributing_names_all_of_them():
    text = (ROOT / 'CONTRIBUTING.md').read_text('utf-8')
    for name in ('pre-commit', 'CITATION.cff', 'SECURITY.md', 'Dockerfile', '.github/'):
        assert name in text
    assert 'make release' in text
