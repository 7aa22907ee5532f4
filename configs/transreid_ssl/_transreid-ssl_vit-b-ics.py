# TransReID's baseline behind convolutions with instance norm, pre-trained on LUPerson.
_base_ = '../transreid/_baseline_vit-b.py'
model = dict(
    backbone=dict(stem='ics', init_cfg=dict(checkpoint='vit-b-ics_luperson')),
)
