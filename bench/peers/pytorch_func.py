"""PyTorch's newer Hessian, as in JAX: forward over reverse, all directions at once."""

from host import serve
from pytorch import dense, dense_product, factors, logistic, quadratic

try:
    from torch.func import hessian
except ImportError:
    # Part of PyTorch 1.13.
    from functorch import hessian


def hessian_at(f, x):
    return hessian(f)(x)


serve(
    {
        "hessianQuadratic100": dense(quadratic, hessian_at),
        "hessianQuadratic500": dense(quadratic, hessian_at),
        "hessianLogistic": dense(logistic, hessian_at),
        "hessianFactors": dense(factors, hessian_at),
        "operatorFactors": dense_product(factors, hessian_at),
    }
)
