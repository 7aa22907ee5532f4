"""How a person is drawn: surfaces of small quadrilaterals on a walking skeleton.

``pedestrian.py`` is the way in and puts together what the other files make; ``mesh.py``
has the surfaces, ``painting.py`` projects, shades and draws them, ``pose.py`` says
where the joints are.
"""
