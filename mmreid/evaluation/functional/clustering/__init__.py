"""Pictures without labels in clusters, each likely one person.

``clusters.cluster_vectors`` is the way in. ``jaccard_graph.py`` finds the pairs of near
pictures as a sparse graph, which ``dbscan.py`` clusters; ``infomap.py`` is another way.
``links.py`` has what cameras, tracklets and times tell of who is whom, from
``time_spans.py``; ``constraints.py`` holds clusters to it, by ``single_linkage.py``.
``description.py`` describes clusters in numbers.
"""
