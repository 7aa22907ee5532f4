_base_ = [
    './_airnet_r50.py',
    '../_base_/datasets/market_384x192.py',
    './_schedule_200e.py',
    '../_base_/default_runtime.py',
]
