_base_ = [
    './_transreid_vit-b.py',
    './_data.py',
    './_schedule_120e.py',
    '../_base_/default_runtime.py',
]
