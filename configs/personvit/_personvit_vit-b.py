# TransReID's baseline on a ViT-B that was pre-trained on LUPerson.
_base_ = '../transreid/_baseline_vit-b.py'
_trunk = 'personvit-trunk_vit-b_luperson'
model = dict(backbone=dict(init_cfg=dict(checkpoint=_trunk)))
