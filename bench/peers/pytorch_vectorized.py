"""PyTorch's older Hessian, told to go through the gradient with all directions at once."""

from torch.autograd.functional import hessian

from host import serve
from pytorch import dense, dense_product, factors, logistic, quadratic


def hessian_at(f, x):
    return hessian(f, x, vectorize=True)


serve(
    {
        "hessianQuadratic100": dense(quadratic, hessian_at),
        "hessianQuadratic500": dense(quadratic, hessian_at),
        "hessianLogistic": dense(logistic, hessian_at),
        "hessianFactors": dense(factors, hessian_at),
        "operatorFactors": dense_product(factors, hessian_at),
    }
)
