#!/usr/bin/env python3
"""Golden values of morphology, from scipy.ndimage (Debian's python3-scipy), on pictures of the generator's numbers;
writes shapes.json beside itself."""
import json
import os

import numpy as np
from scipy import ndimage

from generator import uniform

cases = []
for seed, height, width in [(1, 7, 9), (2, 16, 16), (3, 12, 20)]:
    picture = uniform(seed, height * width).reshape(height, width).astype(np.float32)
    mask = picture > 0.1
    closed = ndimage.grey_closing(picture, size=(3, 3))
    labels, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    cases.append(
        {
            "seed": seed,
            "height": height,
            "width": width,
            "closed": [float(f"{v:.8g}") for v in closed.reshape(-1)],
            "opened": [float(f"{v:.8g}") for v in ndimage.grey_opening(closed, size=(3, 3)).reshape(-1)],
            "filled": ndimage.binary_fill_holes(mask).astype(int).reshape(-1).tolist(),
            "labels": labels.reshape(-1).tolist(),
            "eroded": ndimage.binary_erosion(mask).astype(int).reshape(-1).tolist(),
        }
    )
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shapes.json")
with open(path, "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
