_base_ = [
    '../_base_/models/reid_r50.py',
    './_data.py',
    '../_base_/schedules/adam_120e.py',
    '../_base_/default_runtime.py',
]
