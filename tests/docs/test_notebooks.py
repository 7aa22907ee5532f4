"""The notebooks run from their first cell to their last, in an empty folder."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted(Path(__file__).parents[2].glob('docs/learn/notebooks/*.ipynb'))
# What each one shows, beside text.
PICTURES = {'first_search': 1, 'look_inside': 4}


@pytest.mark.parametrize('path', NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_outputs(path):
    cells = nbformat.read(path, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == 'code']
    assert code
    assert not [cell.id for cell in code if cell.outputs or cell.execution_count]


@pytest.mark.parametrize('path', NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, tmp_path, monkeypatch):
    # The kernel is a process of its own, elsewhere.
    root = str(Path(__file__).parents[2])
    paths = [root, *filter(None, [os.environ.get('PYTHONPATH')])]
    monkeypatch.setenv('PYTHONPATH', os.pathsep.join(paths))
    monkeypatch.setenv('OMP_NUM_THREADS', '1')
    notebook = nbformat.read(path, as_version=4)
    resources = dict(metadata=dict(path=str(tmp_path)))
    NotebookClient(notebook, timeout=600, resources=resources).execute()
    outputs = [out for cell in notebook.cells for out in cell.get('outputs', ())]
    shown = [out for out in outputs if out.output_type == 'display_data']
    pictures = [out for out in shown if {'image/png', 'image/jpeg'} & {*out.data}]
    assert len(pictures) == PICTURES[path.stem]
