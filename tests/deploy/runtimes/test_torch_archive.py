"""No ``.pt2`` file runs code: what torch would run of one is refused, or left out."""

import io
import json
import os
import zipfile

import numpy as np
import pytest
import torch
from tiny_exported import make_facts, mean_colours
from tiny_torch import change_entries, change_graph, write_tiny_torch

from mmreid.deploy import ExportedFileError, open_exported
from mmreid.deploy.export import stamp

WEIGHTS = 'data/weights/model_weights_config.json'
CONSTANTS = 'data/constants/model_constants_config.json'
SAMPLE = 'data/sample_inputs/model.pt'


@pytest.fixture(scope='module')
def plain(tmp_path_factory):
    path = tmp_path_factory.mktemp('plain') / 'plain.pt2'
    write_tiny_torch(path)
    return path


@pytest.fixture
def mark(tmp_path):
    """A file that hostile ones write where they are run."""
    path = tmp_path / 'mark'
    yield path
    assert not path.exists(), 'the file has run code'


class Hostile:
    """An object whose pickle makes a folder."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def hostile_pickle(mark):
    file = io.BytesIO()
    torch.save(({'a': Hostile(mark)}, {}), file)
    return file.getvalue()


def code(mark):
    return f"__import__('os').mkdir({str(mark)!r})"


def pictures():
    return np.random.default_rng(0).integers(0, 256, (3, 8, 4, 3), np.uint8)


def refuse(path, match):
    with pytest.raises(ExportedFileError, match=match) as caught:
        open_exported(path)
    assert str(path) in str(caught.value)
    assert 'Nothing of it was run' in str(caught.value)


def test_the_plain_file_is_run(plain):
    model = open_exported(plain)
    np.testing.assert_allclose(model(pictures()), mean_colours(pictures()), rtol=1e-5)


def test_the_traps_below_are_real(plain, tmp_path):
    # torch itself runs them: that is what is guarded against.
    marks = [tmp_path / name for name in ('pickle', 'expression', 'guard')]
    traps = [
        change_entries(
            plain,
            tmp_path / 'a.pt2',
            lambda entries: entries.update({SAMPLE: hostile_pickle(marks[0])}),
        ),
        change_graph(plain, tmp_path / 'b.pt2', put_expression(code(marks[1]))),
        change_graph(plain, tmp_path / 'c.pt2', put_guard(code(marks[2]))),
    ]
    for trap in traps:
        try:
            torch.export.load(trap).module()(torch.from_numpy(pictures()))
        except Exception:  # whatever comes of it afterwards
            continue
    assert [mark.is_dir() for mark in marks] == 3 * [True]


def put_expression(text):
    def change(model):
        sizes = model['graph_module']['graph']['tensor_values']['pictures']['sizes']
        sizes[0] = {'as_expr': {'expr_str': text, 'hint': {'as_int': 2}}}

    return change


def put_guard(text):
    return lambda model: model.update(guards_code=[text])


def test_a_sample_is_not_unpickled(plain, tmp_path, mark):
    changed = {SAMPLE: hostile_pickle(mark)}
    path = change_entries(plain, tmp_path / 'a.pt2', lambda e: e.update(changed))
    np.testing.assert_allclose(
        open_exported(path)(pictures()), mean_colours(pictures()), rtol=1e-5
    )


def test_guards_are_not_executed(plain, tmp_path, mark):
    path = change_graph(plain, tmp_path / 'a.pt2', put_guard(code(mark)))
    open_exported(path)(pictures())


@pytest.mark.parametrize(
    ('place', 'kind'), [(WEIGHTS, 'weight'), (CONSTANTS, 'tensor')]
)
def test_pickled_tensors_are_refused(plain, tmp_path, mark, place, kind):
    def change(entries):
        config = json.loads(entries[place])
        for row in config['config'].values():
            row['use_pickle'] = True
        entries[place] = json.dumps(config).encode()
        entries[f'{place.rpartition("/")[0]}/{kind}_0'] = hostile_pickle(mark)

    refuse(change_entries(plain, tmp_path / 'a.pt2', change), 'is a pickle')


@pytest.mark.parametrize(
    'name',
    [
        'data/weights/model.pt',
        'data/constants/model.pt',
        'data/constants/custom_obj_0',
        'data/aotinductor/model/a.wrapper.so',
        'models/other.json',
        'data/sample_inputs/other.pt',
    ],
)
def test_what_else_may_be_in_an_archive_is_refused(plain, tmp_path, mark, name):
    content = {name: hostile_pickle(mark)}
    path = change_entries(plain, tmp_path / 'a.pt2', lambda e: e.update(content))
    refuse(path, f'holds {name!r}')


def test_an_object_among_the_constants_is_refused(plain, tmp_path, mark):
    def change(entries):
        config = json.loads(entries[CONSTANTS])
        for row in config['config'].values():
            row.update(path_name='custom_obj_0')
        entries[CONSTANTS] = json.dumps(config).encode()

    refuse(change_entries(plain, tmp_path / 'a.pt2', change), 'none of its tensors')


def put_name(text):
    def change(model):
        graph = model['graph_module']['graph']
        node = graph['nodes'][-1]
        old = node['outputs'][0]['as_tensor']['name']
        node['outputs'][0]['as_tensor']['name'] = node['name'] = text
        graph['outputs'] = [{'as_tensor': {'name': text}}]
        graph['tensor_values'][text] = graph['tensor_values'].pop(old)

    return change


def put_operator(text):
    return lambda model: model['graph_module']['graph']['nodes'][0].update(target=text)


def put_argument(**argument):
    def change(model):
        node = model['graph_module']['graph']['nodes'][0]
        node['inputs'].append({'name': 'a', 'arg': argument, 'kind': 2})

    return change


def put_tree(text):
    def change(model):
        calls = model['graph_module']['module_call_graph']
        calls[0]['signature']['in_spec'] = text

    return change


TREE = '[1, {"type": "collections.defaultdict", "context": "[]", "children_spec": []}]'


@pytest.mark.parametrize(
    ('change', 'match'),
    [
        (lambda m: put_expression(code(m)), 'expression'),
        (lambda m: put_name(f'a = {code(m)}; b'), 'the name'),
        (lambda m: put_operator(code(m)), 'operator'),
        (lambda m: put_operator('torch.ops.aten.from_file.default'), 'from_file'),
        (lambda m: put_operator('torch.ops.aten.save.default'), 'save'),
        (lambda m: put_operator('torch.ops.other.any.default'), 'ops.other'),
        (lambda m: put_operator('torch.load'), r'torch\.load'),
        (lambda m: put_argument(as_string=code(m)), 'as_string'),
        (lambda m: put_argument(as_operator='torch.load'), 'as_operator'),
        (lambda m: put_argument(as_strings=['/etc/passwd']), 'as_strings'),
        (lambda m: put_tree(TREE), 'tree of arguments'),
        (lambda m: put_tree('[' * 100_000), 'tree of arguments'),
        (
            lambda m: (
                lambda model: model['graph_module']['module_call_graph'].append(
                    {'fqn': f'a", {code(m)}, "', 'signature': None}
                )
            ),
            'fqn',
        ),
        (
            lambda m: (
                lambda model: model['graph_module'].update(
                    treespec_namedtuple_fields={'a': {'field_names': ['b']}}
                )
            ),
            'types of its own',
        ),
    ],
)
def test_hostile_graphs_are_refused(plain, tmp_path, mark, change, match):
    refuse(change_graph(plain, tmp_path / 'a.pt2', change(mark)), match)


def test_names_that_stand_twice_in_an_archive_are_refused(plain, tmp_path):
    path = tmp_path / 'a.pt2'
    path.write_bytes(plain.read_bytes())
    with pytest.warns(UserWarning, match='Duplicate'), zipfile.ZipFile(path, 'a') as z:
        z.writestr(z.infolist()[0].filename, b'')
    with pytest.raises(ExportedFileError, match='one folder with all'):
        open_exported(path)


def test_a_packed_archive_is_refused(plain, tmp_path):
    path = tmp_path / 'a.pt2'
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr('model/extra/mmreid', b'0' * 10_000_000)
    with pytest.raises(ExportedFileError, match='packed'):
        open_exported(path)


def test_facts_are_stamped_without_loading(plain, tmp_path, mark):
    changed = {SAMPLE: hostile_pickle(mark)}
    path = change_entries(plain, tmp_path / 'a.pt2', lambda e: e.update(changed))
    stamp(path, make_facts(name='another'))
    assert open_exported(path).facts.name == 'another'
    stamp(plain, make_facts())
    assert torch.export.load(plain).module()(torch.from_numpy(pictures())).shape[1] == 3
