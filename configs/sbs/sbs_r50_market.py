_base_ = [
    './_sbs_r50.py',
    './_data.py',
    '../_base_/schedules/fastreid_60e.py',
    '../_base_/default_runtime.py',
]
# The pretrained trunk waits for its head.
custom_hooks = [dict(type='FreezeHook', iters=1000)]
find_unused_parameters = True  # on several GPUs, meanwhile
