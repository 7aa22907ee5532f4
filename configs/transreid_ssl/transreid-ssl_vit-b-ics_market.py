_base_ = [
    './_transreid-ssl_vit-b-ics.py',
    '../transreid/_data.py',
    './_schedule_120e.py',
    '../_base_/default_runtime.py',
]
