"""Who may import whom: the table of the architecture, checked on every import."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EVERYWHERE = {
    *sys.stdlib_module_names,
    'torch',
    'numpy',
    'cv2',
    'mmengine.logging',
    'mmengine.model',
}
# What every part of mmreid shares; these know nothing of the others.
HOMES = {
    'mmreid.arguments',
    'mmreid.box_areas',
    'mmreid.config_roots',
    'mmreid.data_loaders',
    'mmreid.errors',
    'mmreid.files',
    'mmreid.nearest_names',
    'mmreid.network_facts',
    'mmreid.optional',
    'mmreid.pictures',
    'mmreid.processors',
    'mmreid.progress',
    'mmreid.text_tables',
    'mmreid.version',
}
# What a file or folder may import beyond EVERYWHERE. The longest match counts.
ALLOWED = {
    'mmreid/registry.py': {'mmengine'},
    'mmreid/__init__.py': set(),
    'mmreid/files': set(),
    'mmreid/arguments.py': set(),
    'mmreid/box_areas.py': set(),
    'mmreid/config_roots.py': set(),
    'mmreid/data_loaders.py': set(),
    # Asks the registries for the nearest name, once one of them has raised an error.
    'mmreid/errors.py': {'mmengine.registry', 'mmreid.registry'},
    'mmreid/nearest_names.py': set(),
    'mmreid/network_facts.py': set(),
    'mmreid/optional.py': set(),
    'mmreid/pictures': set(),
    'mmreid/processors.py': set(),
    'mmreid/progress.py': {'rich'},
    # rich comes with mmengine.
    'mmreid/text_tables.py': {'rich'},
    'mmreid/evaluation': {
        'mmreid.evaluation.functional',
        'mmreid.evaluation.features',
        'mmreid.registry',
    },
    'mmreid/evaluation/test_set.py': set(),
    'mmreid/evaluation/features': {
        'mmreid.evaluation.functional',
        'mmreid.evaluation.test_set',
    },
    'mmreid/evaluation/features/formats': {'scipy', 'safetensors', 'h5py', 'pyarrow'},
    # There is one reader of pickles.
    'mmreid/evaluation/features/formats/torch_files.py': {'mmreid.engine.checkpoints'},
    'mmreid/evaluation/functional': {
        'scipy',
        'faiss',
        'sklearn',
        'mmreid.evaluation.functional',
        'mmreid.evaluation.test_set',
    },
    # The public names of all that features can be asked for, whatever room they are in.
    'mmreid/evaluation/functional/__init__.py': {'mmreid.evaluation'},
    'mmreid/evaluation/metrics': {'mmengine', 'mmreid.evaluation', 'mmreid.registry'},
    'mmreid/models': {'mmpretrain', 'mmreid.registry'},
    'mmreid/models/backbones': {
        'mmpretrain',
        'mmengine',
        'mmreid.models.backbones',
        'mmreid.registry',
    },
    'mmreid/models/backbones/googlenet.py': {
        'torchvision',
        'mmengine',
        'mmreid.registry',
    },
    # Imported where a trunk asks for them.
    'mmreid/models/backbones/timm_trunks': {
        'mmengine',
        'mmreid.models.backbones.timm_trunks',
        'mmreid.registry',
    },
    'mmreid/models/necks': {
        'mmpretrain',
        'mmcv',
        'mmreid.models.precision',
        'mmreid.registry',
    },
    'mmreid/models/losses': {
        'mmpretrain',
        'mmcv',
        'mmreid.models.precision',
        'mmreid.registry',
    },
    'mmreid/models/heads': {
        'mmpretrain',
        'mmcv',
        'mmreid.models.precision',
        'mmreid.registry',
    },
    'mmreid/models/heads/branches': {'mmreid.models.building', 'mmreid.registry'},
    'mmreid/models/heads/parallel_pool.py': {
        'mmreid.models.building',
        'mmreid.registry',
    },
    'mmreid/models/heads/multi_branch_head.py': {
        'mmpretrain.structures',
        'mmreid.models.building',
        'mmreid.registry',
    },
    'mmreid/datasets': {'mmcv', 'mmengine', 'mmpretrain.datasets', 'mmreid.registry'},
    'mmreid/datasets/conversion': {'h5py', 'scipy'},
    # Its lists are files of MATLAB.
    'mmreid/datasets/mars.py': {'mmreid.registry', 'scipy'},
    'mmreid/datasets/synthetic': set(),
    # A tracker assigns boxes to tracks.
    'mmreid/datasets/synthetic/video/tracker.py': {'scipy'},
    # rich and termcolor come with mmengine.
    'mmreid/engine': {
        'mmengine',
        'mmreid.registry',
        'rich',
        'safetensors',
        'termcolor',
    },
    # Clusters are found as an evaluation compares, and vectors collected as there.
    'mmreid/engine/hooks/memories': {
        'mmengine',
        'mmreid.registry',
        'mmreid.evaluation.functional',
        'mmreid.evaluation.metrics.collecting',
    },
    'mmreid/report': {
        'jinja2',
        'matplotlib',
        'mmreid.evaluation',
        'mmreid.report',
        'mmreid.search',
        'mmreid.visualization',
    },
    'mmreid/report/browse': {'starlette', 'mmreid.report', 'mmreid.search'},
    'mmreid/visualization': {
        'mmengine',
        'mmpretrain.visualization',
        'mmreid.evaluation.functional',
        'mmreid.registry',
    },
    # matplotlib comes with mmengine.
    'mmreid/visualization/training_curves.py': {'matplotlib'},
    'mmreid/search': {
        'faiss',
        'scipy',
        'mmreid.evaluation.functional',
        'mmreid.evaluation.test_set',
    },
    'mmreid/search/milvus/connection.py': {'pymilvus'},
    'mmreid/search/milvus/lite.py': {'milvus_lite'},
    # Runtimes and tools are imported by their names, where they are used.
    'mmreid/deploy': set(),
    'mmreid/deploy/gate': {'mmreid.evaluation'},
    'mmreid/deploy/exported_network.py': {'mmpretrain.structures', 'mmreid.registry'},
    'mmreid/apis': {'mmengine', 'mmpretrain', 'mmreid'},
    # yaml comes with mmengine.
    'mmreid/apis/model_names/index.py': {'mmreid', 'yaml'},
    # It comes with torchvision, and reads pictures as torchreid has them read.
    'mmreid/apis/cost/runtimes/eager.py': {'mmreid', 'PIL'},
    # Whoever gives a picture of PIL has it.
    'mmreid/apis/inference/arrays.py': {'mmreid', 'PIL'},
    'mmreid/cli': {'mmengine', 'mmreid'},
    # What train.py and the launcher need before torch is there.
    'mmreid/cli/processes/early_signals.py': set(),
    'tools': {'mmreid.cli'},
}
# Files here meet through the registry, and a test set is below all: none imports its
# neighbour.
STRANGERS = {
    'mmreid/models/necks',
    'mmreid/models/losses',
    'mmreid/models/heads',
    'mmreid/evaluation/test_set.py',
}
FILES = sorted(
    path.relative_to(ROOT)
    for top in ('mmreid', 'tools')
    for path in (ROOT / top).rglob('*.py')
)


def imports(path: Path) -> set[str]:
    """Full names of the modules that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text('utf-8'))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{path}: write imports in full'
            names.add(node.module)
    return names


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f'{package}.')


def rule_of(path: Path) -> str:
    """The longest entry of the table that covers a file."""
    matches = [
        key for key in ALLOWED if path.as_posix() == key or Path(key) in path.parents
    ]
    return max(matches, key=len, default='')


def may_import(path: Path, name: str) -> bool:
    if is_within(name, 'mmreid.cli') and path.parts[:2] != ('mmreid', 'cli'):
        # The command line is above everything; `python -m mmreid` is a tool too.
        return path.parts[0] == 'tools' or path == Path('mmreid/__main__.py')
    key = rule_of(path)
    allowed = EVERYWHERE | HOMES | ALLOWED.get(key, set())
    if path.parts[0] == 'mmreid':
        folder = path.parent.as_posix()
        package = '.'.join(path.parent.parts)
        if path.name == '__init__.py' or not STRANGERS & {folder, path.as_posix()}:
            allowed.add(package if package != 'mmreid' else 'mmreid.version')
        role = '.'.join(path.parts[:2])
        if len(path.parts) > 3 and role not in ('mmreid.models', 'mmreid.evaluation'):
            allowed.add(role)
    return any(is_within(name, package) for package in allowed)


def test_imports_follow_the_table():
    wrong = [
        f'{path} may not import {name}'
        for path in FILES
        for name in sorted(imports(path))
        if not may_import(path, name)
    ]
    assert not wrong, '\n'.join(wrong)


def test_the_table_has_no_dead_rows():
    dead = [key for key in ALLOWED if not (ROOT / key).exists()]
    assert not dead, '\n'.join(dead)


@pytest.mark.parametrize(
    ('path', 'name'),
    [
        ('mmreid/models/person_reid.py', 'mmreid.datasets'),
        ('mmreid/models/person_reid.py', 'mmreid.evaluation.functional'),
        ('mmreid/models/necks/ofa.py', 'mmreid.models.necks.sona'),
        ('mmreid/models/losses/any.py', 'mmreid.models.heads'),
        ('mmreid/datasets/any.py', 'mmreid.models'),
        ('mmreid/evaluation/functional/any.py', 'mmreid.registry'),
        ('mmreid/evaluation/functional/any.py', 'mmreid.evaluation.rules'),
        ('mmreid/evaluation/functional/ranking/any.py', 'mmreid.evaluation.features'),
        ('mmreid/evaluation/test_set.py', 'mmreid.evaluation.functional'),
        ('mmreid/evaluation/features/formats/any.py', 'mmreid.evaluation.functional'),
        ('mmreid/evaluation/metrics/any.py', 'mmreid.apis'),
        ('mmreid/engine/any.py', 'mmreid.apis'),
        ('mmreid/deploy/any.py', 'mmreid.evaluation.result'),
        ('mmreid/deploy/gate/any.py', 'mmreid.apis'),
        ('mmreid/deploy/export/any.py', 'mmreid.models'),
        ('mmreid/models/heads/branches/any.py', 'mmreid.models.heads.part_layers'),
        ('mmreid/apis/any.py', 'mmreid.cli.train'),
        ('tools/any.py', 'mmreid.apis'),
        ('mmreid/datasets/any.py', 'configs'),
    ],
)
def test_what_is_forbidden_is_caught(path, name):
    assert not may_import(Path(path), name)


def reached_from(start: Path) -> set[Path]:
    """A file of mmreid, and all that importing it may lead to."""
    reached: set[Path] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in reached or not (ROOT / path).is_file():
            continue
        reached.add(path)
        for name in imports(path) | {'.'.join(path.parts[:-1])}:
            place = Path(*name.split('.'))
            waiting += [place.with_suffix('.py'), place / '__init__.py']
    return {path for path in reached if path.parts[0] == 'mmreid'}


def test_exported_files_run_without_the_training_stack():
    # torch_runtime.py alone asks for torch, by its name.
    heavy = ('torch', 'torchvision', 'mmengine', 'mmcv', 'mmpretrain', 'rich')
    files = reached_from(Path('mmreid/deploy/__init__.py'))
    assert Path('mmreid/deploy/runtimes/torch_runtime.py') in files
    wrong = [
        f'{path} imports {name}'
        for path in sorted(files)
        for name in sorted(imports(path))
        if any(is_within(name, package) for package in heavy)
    ]
    assert not wrong, '\n'.join(wrong)
