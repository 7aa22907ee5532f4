"""Transformers: CLIP-ReID, PCL-CLIP, SOLIDER, TransReID and its heirs, and trunks.

``clip_reid`` and ``solider`` take what has names of its own. ``vision_transformers``
has what all by timm's names share, and takes trunks; ``transreid`` takes what was
trained for re-identification; ``vit_options`` tells sizes and positions.
"""
