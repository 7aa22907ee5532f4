# fast-reid's recipe, which is that of its SBS.
_base_ = [
    './_mgn_r50.py',
    '../sbs/_data.py',
    '../_base_/schedules/fastreid_60e.py',
    '../_base_/default_runtime.py',
]
model = dict(backbone=dict(stem_pool='ceil'))
# The pretrained trunk waits for its head.
custom_hooks = [dict(type='FreezeHook', iters=1000)]
find_unused_parameters = True  # on several GPUs, meanwhile
