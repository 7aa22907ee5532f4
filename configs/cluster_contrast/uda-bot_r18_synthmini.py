# From a BoT of another SynthReID-mini, given with load_from.
_base_ = './cluster-contrast_r18_synthmini.py'
model = dict(head=dict(branches=dict(whole=dict(pool=dict(mode='avg')))))
# A tenth of what random weights are trained by: what the source has taught shall stay.
optim_wrapper = dict(optimizer=dict(lr=1e-4))
train_cfg = dict(max_epochs=6)
