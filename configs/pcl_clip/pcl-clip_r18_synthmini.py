# The memory on a small network that a laptop trains from random weights.
_base_ = '../bot/bot_r18_synthmini.py'
_memory = dict(type='ClusterMemoryLoss', temperature=0.05, momentum=0.2)
_branch = dict(id_loss=dict(loss_weight=0.25), metric_loss=None, neck_bias=False)
model = dict(head=dict(embedding_loss=_memory, **_branch))
custom_hooks = [dict(type='ClassCentroidsHook', num_workers=1)]
