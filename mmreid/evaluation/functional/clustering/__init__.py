"""Pictures without labels in clusters, each likely one person.

``clusters.cluster_vectors`` is the way in. ``jaccard_graph.py`` finds the pairs of near
pictures as a sparse graph and ``dbscan.py`` clusters it.
"""
