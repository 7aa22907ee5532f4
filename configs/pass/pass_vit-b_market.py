_base_ = [
    './_pass_vit-b.py',
    '../transreid/_data.py',
    '../transreid_ssl/_schedule_120e.py',
    '../_base_/default_runtime.py',
]
