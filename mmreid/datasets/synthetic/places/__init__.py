"""Where a person is seen: six cameras, what they watch, and what stands in the way.

``camera.py`` has the cameras and what their sensors do, ``scene.py`` the places,
``occluder.py`` what hides a part of a person.
"""
