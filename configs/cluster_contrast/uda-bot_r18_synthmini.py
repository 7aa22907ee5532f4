# From a BoT of another SynthReID-mini, given with load_from.
_base_ = './cluster-contrast_r18_synthmini.py'
model = dict(head=dict(branches=dict(whole=dict(pool=dict(mode='avg')))))
