_base_ = [
    './_mgn_r18.py',
    '../_base_/datasets/synthmini.py',
    '../_base_/schedules/synthmini.py',
    '../_base_/default_runtime.py',
]
