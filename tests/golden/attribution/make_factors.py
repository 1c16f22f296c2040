#!/usr/bin/env python3
"""Golden values of non-negative factorisation, from scikit-learn's NMF (NNDSVD start, coordinate descent, tolerance
1e-4, 200 iterations) on matrices that tests/attribution/golden.ts's generator repeats. Needs python3-sklearn (Debian's);
writes factors.json beside itself.
"""
import json
import os
import warnings

import numpy as np
from sklearn.decomposition import NMF

from generator import uniform

warnings.filterwarnings("ignore")


def matrix(seed, rows, columns, sparse):
    """Non-negative; `sparse` ones look like activations: mixtures of a few directions, half of all values zero."""
    noise = uniform(seed, rows * columns).reshape(rows, columns)
    if not sparse:
        return ((noise + 1) / 2).astype(np.float32)
    parts = np.maximum(uniform(seed + 1, rows * 5).reshape(rows, 5), 0) ** 2
    directions = np.maximum(uniform(seed + 2, 5 * columns).reshape(5, columns), 0)
    return np.maximum(parts @ directions * 3 + noise * 0.3 - 0.1, 0).astype(np.float32)


cases = []
for seed, rows, columns, factors, sparse in [
    (1, 60, 8, 3, False),
    (11, 400, 16, 5, True),
    (21, 1024, 32, 8, True),
    (31, 300, 12, 1, True),
    (41, 20, 32, 6, True),
]:
    x = matrix(seed, rows, columns, sparse)
    model = NMF(factors, init="nndsvd", solver="cd", tol=1e-4, max_iter=200)
    weights = model.fit_transform(x.astype(np.float64))
    fresh = matrix(seed + 100, 50, columns, sparse)
    encoded = model.transform(fresh.astype(np.float64))
    cases.append(
        {
            "seed": seed,
            "rows": rows,
            "columns": columns,
            "factors": factors,
            "sparse": sparse,
            "error": float(np.linalg.norm(x - weights @ model.components_)),
            "iterations": int(model.n_iter_),
            "directions": [float(f"{v:.7g}") for v in model.components_.reshape(-1)],
            "encodedError": float(np.linalg.norm(fresh - encoded @ model.components_)),
        }
    )
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "factors.json")
with open(path, "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
print([(c["error"], c["iterations"]) for c in cases])
