_base_ = [
    './_baseline_vit-b.py',
    './_data.py',
    './_schedule_120e.py',
    '../_base_/default_runtime.py',
]
