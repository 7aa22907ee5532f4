"""Lines of the log in words for the screen."""

import numpy as np

from mmreid.engine import ScreenLine
from mmreid.engine.logs.screen_lines import (
    count,
    describe_batch,
    describe_scores,
    describe_step,
)


def test_a_line_is_the_log_files_text_for_whatever_takes_a_string():
    line = ScreenLine('lr: 1.0000e-03', 'lr 1e-03')
    assert line == str(line) == f'{line}' == 'lr: 1.0000e-03'
    assert type(str(line)) is str
    assert line.screen == 'lr 1e-03'


def test_counts_keep_their_width():
    assert [count(9, 120), count(120, 120)] == ['  9/120', '120/120']


def test_a_step_tells_what_is_known():
    values = {'train/loss': 3.10249, 'train/lr': 3.5e-4, 'train/images_per_second': 18}
    values['train/backbone.lr'] = 3.5e-5
    shown = describe_step('epoch 1/2', values, 'train/', 3661.7)
    assert shown == (
        'epoch 1/2  loss 3.102  lr 3.50e-05 to 3.50e-04  18.0 images/s  eta 1:01:01'
    )
    assert describe_step('step 4/9', dict(lr=1e-3), '', None) == 'step 4/9  lr 1.00e-03'


def test_a_batch_of_an_evaluation():
    assert describe_batch('test batch 50/302', 59.9) == 'test batch 50/302  eta 0:00:59'


def test_scores_without_what_is_none():
    values = {
        'reid/mAP': 22.8106,
        'reid/protocol': dict(distance='cosine'),
        'val/mean': np.float32(0.25),
        'count': 12,
        'time': 1.5,
        'val/data_time': 0.1,
        'iter': 8,
        'epoch': 2,
    }
    shown = describe_scores('epoch 2 validated', values, [])
    assert shown == 'epoch 2 validated: mAP 22.81  mean 0.25  count 12'


def test_scores_of_several_sets_stand_below_each_other():
    values = {'A/reid/mAP': 50.0, 'A/reid/R1': 75.0, 'Longer/reid/mAP': 25.0}
    shown = describe_scores('tested', values, ['A', 'Longer'])
    assert shown.splitlines() == [
        'tested:',
        '    A       mAP 50.00  R1 75.00',
        '    Longer  mAP 25.00',
    ]
