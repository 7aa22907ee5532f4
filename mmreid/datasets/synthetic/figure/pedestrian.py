"""Put a person together."""

from dataclasses import replace

import numpy as np

from mmreid.datasets.synthetic.figure.carried import bag
from mmreid.datasets.synthetic.figure.head import head
from mmreid.datasets.synthetic.figure.limbs import arm, hood, leg, neck
from mmreid.datasets.synthetic.figure.mesh import Mesh, merge
from mmreid.datasets.synthetic.figure.pose import Pose, skeleton
from mmreid.datasets.synthetic.figure.trunk import make_trunk, skirts, torso
from mmreid.datasets.synthetic.persons.identity import Identity


def pedestrian(identity: Identity, pose: Pose) -> Mesh:
    """Return the surface of a person in body coordinates (see :mod:`pose`)."""
    joints = skeleton(identity.body, pose)
    trunk = make_trunk(identity, joints)
    parts = [torso(identity, trunk), *skirts(identity, trunk, joints)]
    for limbs in (joints.left, joints.right):
        parts += arm(identity, limbs)
        parts += leg(identity, limbs)
    parts += [neck(identity, joints.neck, joints.head), *hood(identity, joints.neck)]
    parts += head(identity, joints.head)
    parts += bag(identity, trunk, joints)
    mesh = merge(parts)
    lean = pose.lean * np.maximum(mesh.vertices[:, 1] - joints.crotch, 0)
    vertices = mesh.vertices + lean[:, None] * np.array([0.0, 0.0, 1.0])
    return replace(mesh, vertices=vertices)
