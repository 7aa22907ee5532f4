_base_ = [
    './_rrid_r18.py',
    '../_base_/datasets/synthmini.py',
    '../_base_/schedules/synthmini.py',
    '../_base_/default_runtime.py',
]
val_evaluator = dict(distance='euclidean')
test_evaluator = val_evaluator
