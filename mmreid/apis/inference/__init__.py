"""From anything that shows persons to vectors: the parts of ``ReIDInferencer``.

``sources.py`` lists what was named (files, folders, arrays, frames), ``arrays.py`` and
``crops.py`` make pictures of it, ``preparing.py`` runs the test pipeline beside the
network, which ``network.py`` makes fast (``folding.py``, ``packing.py``,
``casting.py``, which see what modules do by ``watching.py``). What comes out is in
``records.py``; ``model_key.py`` tells of which model it is. The way in is
``mmreid/apis/inferencer.py``.
"""
