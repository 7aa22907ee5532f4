# CLIP-ReID without text: three vectors of CLIP's image tower, two of them classified.
# Pixels are TransReID's.
_base_ = [
    '../_base_/models/reid_clip_vit_b.py',
    './_heads.py',
    '../transreid/_data.py',
    './_schedule_60e.py',
    '../_base_/default_runtime.py',
]
# The class token, its projection, and the class token of the last layer but one.
model = dict(
    head=dict(
        branches=dict(
            projected=dict(in_index=3, pool=dict(type='GlobalPool')),
            earlier=dict(_base_._earlier, in_index=2),
        )
    )
)
