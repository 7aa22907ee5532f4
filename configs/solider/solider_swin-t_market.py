_base_ = [
    './_solider_swin-t.py',
    './_data.py',
    './_schedule_120e.py',
    '../_base_/default_runtime.py',
]
