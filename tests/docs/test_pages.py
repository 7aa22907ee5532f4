"""Every command and every Python block of every page is run, or says why not.

CONTRIBUTING.md tells how a block is marked, `page_folders.py` what a page may take to
be there.
"""

from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from block_checks import check_block
from page_blocks import ROOT, Block, find_pages, read_blocks, takes_minutes
from page_folders import PAGES, make_clone
from page_runner import run_page

BLOCKS: dict[str, list[Block]] = {
    page.relative_to(ROOT).as_posix(): read_blocks(page) for page in find_pages()
}


#: What has to be trained, tested or exported before the page begins.
_TAKES_TRAINING = ('.pth', '.npz', '.json', '.onnx', '.safetensors')


def mark(page: str) -> ParameterSet:
    """Leave to the patient a page whose folder takes longer to fill than it to run."""
    needs = PAGES.get(page, ())
    is_slow = any(
        name.endswith(_TAKES_TRAINING) or name.startswith('work_dirs') for name in needs
    )
    return pytest.param(page, marks=[pytest.mark.slow] if is_slow else [])


def is_code(block: Block) -> bool:
    return block.is_shell or block.language == 'python'


def pages_to_run(patient: bool) -> list[str]:
    """The pages of which something is run, or is run by the patient only."""
    return [
        page
        for page, blocks in BLOCKS.items()
        if any(
            is_code(block) and not block.in_table and block.run_text(patient).strip()
            for block in blocks
            if not patient or any(map(takes_minutes, block.not_run.values()))
        )
    ]


@pytest.fixture(scope='module')
def cupboard(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of this test run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == 'master' else base.parent) / 'cupboard_of_pages'
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize('page', [page for page, blocks in BLOCKS.items() if blocks])
def test_blocks_are_sound(page, tmp_path):
    make_clone(tmp_path)
    faults = [fault for block in BLOCKS[page] for fault in check_block(block, tmp_path)]
    assert not faults, '\n'.join(faults)


@pytest.mark.parametrize('page', [*map(mark, pages_to_run(patient=False))])
def test_a_page_runs(page, tmp_path, cupboard):
    status, said = run_page(BLOCKS[page], tmp_path, cupboard)
    assert status == 0, said


@pytest.mark.slow
@pytest.mark.parametrize('page', pages_to_run(patient=True))
def test_what_takes_minutes_on_a_page_runs(page, tmp_path, cupboard):
    status, said = run_page(BLOCKS[page], tmp_path, cupboard, patient=True)
    assert status == 0, said


def test_what_is_prepared_is_for_pages_that_there_are():
    assert not [page for page in PAGES if page not in BLOCKS]
