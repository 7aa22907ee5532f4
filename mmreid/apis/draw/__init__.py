"""Pictures of what a model answers and of what it looks at.

One file a kind of picture; what is drawn with numbers alone is in
``mmreid.visualization``, and the models are asked here.
"""
