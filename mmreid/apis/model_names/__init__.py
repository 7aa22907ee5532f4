"""Models by name: their configs, their published weights, what they may be used for.

``index.py`` reads ``model-index.yml`` and the metafiles of ``configs/``, which
``places.py`` finds in the clone and in the package; ``published_model.py`` is what one
entry tells. ``config_paths.py`` finds configs.
"""
