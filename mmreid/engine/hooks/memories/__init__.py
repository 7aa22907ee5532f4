"""Hooks that fill the memory of a loss with what the model makes of its pictures.

``class_centroids_hook`` has a row for every person, ``cluster_hook`` for every cluster,
which it finds and gives the training set for labels; ``clustering_errors`` tells why it
cannot, and ``picture_labels`` reads what is known beside the pictures. Both embed all
training pictures as in a test: ``training_pictures`` loads and embeds them, so that no
random number of the training is drawn.
"""
