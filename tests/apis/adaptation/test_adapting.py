"""A model is adapted to pictures of which nobody is named, and what may go wrong."""

import csv
import dataclasses
import shutil

import numpy as np
import pytest
import torch
from unnamed_pictures import draw_pictures

from mmreid.apis import ReIDInferencer, init_model, load_results, publish_checkpoint
from mmreid.apis.adaptation import AdaptOptions, Clustering, adapt_model
from mmreid.apis.adaptation.labelled import judge_change
from mmreid.datasets import ReIDDataset, UnlabelledFolder
from mmreid.datasets.checking import check_datasets, find_splits
from mmreid.evaluation.features.file import load_features
from mmreid.report.adaptation import Measured
from mmreid.report.results import Difference, Score

NEAR = Clustering(k1=8, k2=3)
QUICK = AdaptOptions(
    clustering=NEAR,
    epochs=1,
    batches=2,
    persons=3,
    instances=2,
    lr=0.01,
    camera_from='folder',
    workers=0,
)
LOOK = dataclasses.replace(QUICK, clusters_only=True)


@pytest.fixture(scope='module')
def adapted(model, pictures, tmp_path_factory):
    """What a whole run gives, with all that it says."""
    said = []
    work = tmp_path_factory.mktemp('adapted') / 'work'
    return adapt_model(model, pictures, work, QUICK, tell=said.append), said


def labels_of(table):
    with open(table, encoding='utf-8', newline='') as file:
        return {row['path']: row['person'] for row in csv.DictReader(file)}


def vectors_in(file):
    # A copy: the file is mapped, and may be overwritten.
    return np.array(load_features(file, partial=True).embedding)


def test_it_says_beforehand_what_it_will_do(adapted):
    _, said = adapted
    assert said[0] == '48 pictures, 2 cameras'
    assert '1 epochs: each embeds and clusters 48 pictures' in said[1]
    assert 'ms a picture here' in said[2]


def test_the_model_has_learned_and_every_command_takes_it(adapted, model, tmp_path):
    result, _ = adapted
    network, before = init_model(result.checkpoint), init_model(model)
    assert network.head.num_classes is None
    old, new = before.state_dict(), network.state_dict()
    changed = [n for n in old if n in new and not torch.equal(old[n], new[n])]
    assert 'backbone.conv1.weight' in changed
    inferencer = ReIDInferencer(result.checkpoint, device='cpu')
    assert inferencer.trained_on == 'drawn train, then own pictures (without labels)'
    # Neither optimizer nor memory are in the file.
    content = torch.load(result.checkpoint, weights_only=True)
    assert content.keys() == {'meta', 'state_dict'}
    assert not [name for name in content['state_dict'] if 'embedding_loss' in name]
    assert publish_checkpoint(result.checkpoint, tmp_path / 'a.pth').path.is_file()


def test_clusters_are_a_table_that_data_sets_read(adapted, pictures):
    result, _ = adapted
    read = ReIDDataset(table=result.clusters)
    assert read.metainfo['num_ids'] == 6
    persons = labels_of(result.clusters)
    # Colours are easy: each cluster is a person, whatever it is called.
    for person in range(6):
        shown = {c for path, c in persons.items() if f'/{person}_' in path}
        assert len(shown) == 1
    assert len(UnlabelledFolder(table=result.clusters)) == 48
    settings = dict(type='ReIDDataset', table=str(result.clusters), split='train')
    assert not check_datasets([find_splits(settings)]).faults


def test_the_page_says_what_nobody_knows(adapted):
    result, _ = adapted
    facts = result.facts
    assert [found.name for found in facts.numbers] == ['before', 'after']
    assert [len(cluster.pictures) for cluster in facts.clusters] == [8] * 6
    assert facts.clusters[0].cameras == {'cam1': 4, 'cam2': 4}
    assert facts.course['number of clusters'].values == [6]
    assert 'nobody knows' in facts.notes[0]
    kinds = [found.kind for found in facts.suspects]
    assert 'brought together by the adaptation' in kinds
    page = result.report.read_text('utf-8')
    assert 'without labelled queries nobody knows' in page


def test_the_same_command_finds_all_done(adapted, model, pictures):
    result, _ = adapted
    said, before = [], result.checkpoint.read_bytes()
    again = adapt_model(
        model, pictures, result.checkpoint.parent, QUICK, tell=said.append
    )
    assert any('nothing is trained' in sentence for sentence in said)
    assert not any('ms a picture' in sentence for sentence in said)
    assert again.checkpoint.read_bytes() == before
    assert again.facts.clusters == result.facts.clusters


def test_vectors_of_a_removed_model_are_not_taken(adapted, model, pictures, tmp_path):
    result, _ = adapted
    work = shutil.copytree(result.checkpoint.parent, tmp_path / 'work')
    before, right = (vectors_in(work / f'{name}.npz') for name in ('before', 'after'))
    assert not np.allclose(before, right, rtol=0.01)
    shutil.rmtree(work / 'training')
    (work / 'adapted.pth').unlink()
    shutil.copyfile(work / 'before.npz', work / 'after.npz')
    (work / 'labelled_after_01234567.json').write_text('{}')
    adapt_model(model, pictures, work, QUICK)
    assert vectors_in(work / 'after.npz') == pytest.approx(right, rel=1e-3, abs=1e-3)
    assert not (work / 'labelled_after_01234567.json').exists()


@pytest.mark.parametrize(
    ('changes', 'named'),
    [(dict(epochs=2), 'epochs: 1 there, 2 now'), (dict(seed=5), 'seed: 0 there')],
)
def test_settings_are_not_mixed(adapted, model, pictures, changes, named):
    result, _ = adapted
    options = dataclasses.replace(QUICK, **changes)
    with pytest.raises(ValueError, match=named):
        adapt_model(model, pictures, result.checkpoint.parent, options)


def test_other_pictures_need_another_folder(adapted, model, pictures, tmp_path):
    result, _ = adapted
    other = tmp_path / 'pictures'
    shutil.copytree(pictures, other)
    with pytest.raises(ValueError, match=r'pictures: .* there, .* now'):
        adapt_model(model, other, result.checkpoint.parent, LOOK)


def test_looking_with_other_numbers_needs_no_other_folder(model, pictures, tmp_path):
    first = adapt_model(model, pictures, tmp_path, LOOK)
    assert first.checkpoint is None
    assert not (tmp_path / 'training').exists()
    assert first.facts.notes == ()
    noisy = dataclasses.replace(NEAR, min_samples=40)
    options = dataclasses.replace(LOOK, clustering=noisy)
    second = adapt_model(model, pictures, tmp_path, options)
    assert second.facts.numbers[0].noise == 48
    assert second.facts.warnings == ('All pictures are noise: there is no cluster.',)
    assert {*labels_of(second.clusters).values()} == {'-1'}


def test_one_camera_trains_too(model, pictures, tmp_path):
    options = dataclasses.replace(QUICK, camera_from=None, pattern='.*_(?P<time>.*)')
    result = adapt_model(model, pictures / 'cam1', tmp_path, options)
    assert result.checkpoint.is_file()
    assert result.facts.numbers[0].across is None


def test_one_camera_is_not_blamed_for_clusters_of_one_camera(model, pictures, tmp_path):
    (tmp_path / 'pictures').mkdir()
    shutil.copytree(pictures / 'cam1', tmp_path / 'pictures' / 'cam1')
    result = adapt_model(model, tmp_path / 'pictures', tmp_path / 'work', LOOK)
    assert result.facts.numbers[0].across is None
    assert result.facts.warnings == ()


def test_a_training_does_not_go_on_with_other_tracklets(model, pictures, tmp_path):
    """Nor is one that has ended taken for that of the changed table."""

    def adapt(tracklets):
        rows = ['path,camera,tracklet']
        for number, path in enumerate(sorted(pictures.rglob('*.png'))):
            rows.append(f'{path},{path.parent.name},{number // tracklets}')
        table = tmp_path / 'table.csv'
        table.write_text('\n'.join(rows))
        options = dataclasses.replace(QUICK, camera_from=None, table=table)
        return adapt_model(model, None, tmp_path / 'work', options)

    adapt(2)
    with pytest.raises(ValueError, match=r'cameras_tracklets_and_times: .* there'):
        adapt(4)


# What cannot be done


def test_names_that_a_table_cannot_tell_are_refused(model, tmp_path):
    folder = draw_pictures(tmp_path / 'pictures', persons=2)
    first = next(folder.rglob('*.png'))
    first.rename(first.with_name('two\nlines.png'))
    with pytest.raises(ValueError, match=r'one line, but 1 of 16 .*two.*rename'):
        adapt_model(model, folder, tmp_path / 'work', LOOK)


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(persons=16, instances=16), 'more pictures than there are, 48'),
        (
            dict(clustering=dataclasses.replace(NEAR, min_samples=40)),
            r'at least 2 clusters .* got 0 of 48 pictures \(48 in none\).*larger --eps',
        ),
        (
            dict(clustering=Clustering(eps=0.999, k1=48, k2=6)),
            'at least 2 clusters .* got 1 of 48 .*a smaller --eps',
        ),
        (dict(device='meta'), 'device must be .* CUDA_VISIBLE_DEVICES'),
        (dict(pattern='x(?P<time>.*)', camera_from=None), 'do not fit the pattern'),
    ],
)
def test_what_cannot_be_trained_on_is_refused_first(
    model, pictures, tmp_path, changes, message
):
    before = model.read_bytes()
    options = dataclasses.replace(QUICK, **changes)
    with pytest.raises(ValueError, match=message):
        adapt_model(model, pictures, tmp_path / 'work', options)
    assert model.read_bytes() == before
    assert not (tmp_path / 'work' / 'training').exists()


def test_unreadable_pictures_are_named(model, tmp_path):
    folder = draw_pictures(tmp_path / 'pictures', persons=2)
    (folder / 'cam1' / 'broken.jpg').write_bytes(b'no picture')
    with pytest.raises(ValueError, match=r'1 of 17 .*broken\.jpg.*Repair or remove'):
        adapt_model(model, folder, tmp_path / 'work', QUICK)
    (folder / 'cam1' / 'broken.jpg').unlink()
    assert adapt_model(model, folder, tmp_path / 'new', LOOK).report.is_file()


def test_a_folder_without_pictures_is_refused(model, tmp_path):
    with pytest.raises(ValueError, match='No picture in'):
        adapt_model(model, tmp_path, tmp_path / 'work', QUICK)


def test_a_model_without_config_is_refused(pictures, tmp_path):
    torch.save(dict(state_dict=dict(a=torch.zeros(1))), tmp_path / 'bare.pth')
    with pytest.raises(ValueError, match='config'):
        adapt_model(tmp_path / 'bare.pth', pictures, tmp_path / 'work', QUICK)


# Labelled queries


def test_both_models_are_measured_on_labels(model, pictures, tmp_path):
    rows = ['path,person,camera,split']
    for path in sorted(pictures.rglob('*.png')):
        split = 'query' if path.stem.endswith('_000') else 'gallery'
        rows.append(f'{path},{path.stem[0]}x,{path.parent.name},{split}')
    (tmp_path / 'labels.csv').write_text('\n'.join(rows))
    options = dataclasses.replace(QUICK, labelled=tmp_path / 'labels.csv')
    result = adapt_model(model, pictures, tmp_path / 'work', options)
    measured = result.facts.measured
    assert measured.before['mAP'].value == pytest.approx(100)
    assert measured.differences['mAP'].value == pytest.approx(
        measured.after['mAP'].value - measured.before['mAP'].value
    )
    assert result.facts.notes == ()
    files = sorted((tmp_path / 'work').glob('labelled_*.json'))
    assert [len(load_results(file)) for file in files] == [1, 1]


def test_corrected_labels_are_measured_anew(model, pictures, tmp_path):
    table = tmp_path / 'labels.csv'
    options = dataclasses.replace(LOOK, labelled=table)
    scores = []
    # First the persons are named by chance.
    for wrong in (True, False):
        rows = ['path,person,camera,split']
        for number, path in enumerate(sorted(pictures.rglob('*.png'))):
            split = 'query' if path.stem.endswith('_000') else 'gallery'
            person = f'{number % 5}x' if wrong else f'{path.stem[0]}x'
            rows.append(f'{path},{person},{path.parent.name},{split}')
        table.write_text('\n'.join(rows))
        result = adapt_model(model, pictures, tmp_path / 'work', options)
        scores.append(result.facts.measured.before['mAP'].value)
    assert scores[0] < 60
    assert scores[1] == pytest.approx(100)


@pytest.mark.parametrize(
    ('change', 'said'),
    [
        (Difference(-9.0, -12.0, -6.0, 0.001), 'Keep the model from before'),
        (Difference(-1.0, -3.0, 1.0, 0.4), 'may be chance'),
        (Difference(2.0, 1.0, 3.0, 0.01), None),
    ],
)
def test_a_worse_model_is_not_passed_over(change, said):
    scores = {'mAP': Score(50.0)}
    measured = Measured('data', scores, scores, {'mAP': change})
    found = judge_change(measured)
    assert measured.is_worse == (said is not None and 'Keep' in said)
    assert (found is None) if said is None else (said in found)


def test_numbers_out_of_range_are_refused():
    for changes in (dict(epochs=0), dict(persons=1), dict(workers=-1), dict(lr=0)):
        with pytest.raises(ValueError, match=next(iter(changes))):
            AdaptOptions(**changes)
    assert np.isfinite(AdaptOptions(lr=0.1).lr)
