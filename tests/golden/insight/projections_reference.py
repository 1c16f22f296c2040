"""Golden values for PCA, t-SNE, NMF and CKA, from scikit-learn and NumPy. Run: python3 tests/golden/insight/projections_reference.py"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.decomposition import NMF, PCA
from sklearn.manifold import TSNE
from sklearn.manifold._t_sne import _gradient_descent, _joint_probabilities, _kl_divergence
from sklearn.metrics.pairwise import euclidean_distances
from scipy.spatial.distance import squareform

rng = np.random.RandomState(0)
out = {"sklearn": sklearn.__version__}

tall = rng.randn(12, 4) @ np.diag([3, 2, 1, 0.5]) + 1
wide = rng.randn(5, 9)
for name, points in [("tall", tall), ("wide", wide)]:
    pca = PCA(n_components=3, svd_solver="full").fit(points)
    components = pca.components_
    signs = np.sign(components[range(3), np.abs(components).argmax(1)])
    out[name] = {
        "points": points.ravel().tolist(),
        "columns": points.shape[1],
        "components": (components * signs[:, None]).ravel().tolist(),
        "variances": pca.explained_variance_.tolist(),
        "total": float(points.var(0, ddof=1).sum()),
    }

clusters = np.concatenate([rng.randn(14, 5) + 6 * rng.randn(5) for _ in range(3)])
start = rng.randn(42, 2) * 1e-4
distances = euclidean_distances(clusters, squared=True)
joint = _joint_probabilities(distances, 8, 0)
steps, _, _ = _gradient_descent(
    _kl_divergence, start.ravel().copy(), 0, 5, momentum=0.5, learning_rate=50.0, args=[12 * joint, 1.0, 42, 2]
)
# Descent is chaotic: starts that differ by 1e-12 end in other optima. So the end is compared with what many starts reach.
ends = [TSNE(perplexity=8, init=start * (1 + 1e-9 * i), learning_rate="auto", method="exact") for i in range(20)]
out["tsne"] = {
    "points": clusters.ravel().tolist(),
    "columns": 5,
    "perplexity": 8,
    "start": start.ravel().tolist(),
    "joint": squareform(joint).ravel().tolist(),
    "after5": steps.tolist(),
    "divergences": [float((end.fit_transform(clusters), end.kl_divergence_)[1]) for end in ends],
}

rows, columns, factors = 400, 24, 6
truth = np.maximum(rng.randn(rows, factors), 0) @ np.maximum(rng.randn(factors, columns), 0)
matrix = np.maximum(truth + 0.3 * rng.randn(rows, columns), 0).astype(np.float32)
nmf = NMF(n_components=factors, init="nndsvd", solver="cd", tol=1e-4, max_iter=200)
weights = nmf.fit_transform(matrix.astype(np.float64))
out["nmf"] = {
    "columns": columns,
    "factors": factors,
    "matrix": matrix.ravel().astype(float).round(6).tolist(),
    "error": float(np.linalg.norm(matrix - weights @ nmf.components_)),
    "directions": nmf.components_.ravel().tolist(),
}


def debiased_cka(x, y):
    """Unbiased HSIC of linear kernels (Song et al. 2012; Kornblith et al. 2019; Nguyen et al. 2021)."""

    def hsic(k, l):
        n = len(k)
        k, l = k.copy(), l.copy()
        np.fill_diagonal(k, 0)
        np.fill_diagonal(l, 0)
        return (np.trace(k @ l) + k.sum() * l.sum() / (n - 1) / (n - 2) - 2 * k.sum(0) @ l.sum(0) / (n - 2)) / (n * (n - 3))

    k, l = x @ x.T, y @ y.T
    return float(hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l)))


x = rng.randn(20, 7)
y = x[:, :4] @ rng.randn(4, 5) + 0.5 * rng.randn(20, 5)
out["cka"] = {"x": x.ravel().tolist(), "y": y.ravel().tolist(), "frames": 20, "value": debiased_cka(x, y)}

path = pathlib.Path(__file__).with_name("projections.json")
path.write_text(json.dumps(out) + "\n")
