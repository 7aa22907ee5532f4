_base_ = [
    './_megadescriptor.py',
    './_data.py',
    './_schedule_100e.py',
    '../_base_/default_runtime.py',
]
