_base_ = [
    './_solider_swin-nano.py',
    '../_base_/datasets/synthmini.py',
    '../_base_/schedules/synthmini.py',
    '../_base_/default_runtime.py',
]
# Transformers diverge at the convolutions' rate.
optim_wrapper = dict(optimizer=dict(lr=5e-4))
