"""JAX on the CPU, jitted, on one thread."""

import itertools
import json
import os

from host import POINTS, Side, one_processor, serve

with one_processor():
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    jax.devices()

settings = json.loads(os.environ["BENCH_SETTINGS"])


def train(inputs, data, optimizer, loss):
    """A training step, compiled as one: value and gradient, then the optimizer's update."""
    fixed = {name: jnp.asarray(inputs[name]) for name in data}
    params = {name: jnp.asarray(x) for name, x in inputs.items() if name not in data}
    zeros = jax.tree.map(jnp.zeros_like, params)
    now = [params, (jnp.float32(0), zeros, zeros)]

    def loss_of(params, fixed):
        return loss(**params, **fixed)

    @jax.jit
    def update(params, state, fixed):
        value, gradient = jax.value_and_grad(loss_of)(params, fixed)
        return value, *optimizer(params, gradient, state)

    def step():
        _, *now[:] = jax.block_until_ready(update(*now, fixed))

    return Side(step, lambda: {"loss": loss_of(now[0], fixed), **now[0]})


def adam(params, gradient, state):
    rate, epsilon = settings["adam"], settings["epsilon"]
    beta1, beta2 = settings["beta1"], settings["beta2"]
    steps, first, second = state
    steps = steps + 1
    first = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, first, gradient)
    second = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, second, gradient)
    sure1, sure2 = 1 - beta1**steps, 1 - beta2**steps

    def move(p, m, v):
        return p - rate * (m / sure1) / (jnp.sqrt(v / sure2) + epsilon)

    return jax.tree.map(move, params, first, second), (steps, first, second)


def descent(params, gradient, state):
    return jax.tree.map(lambda p, g: p - settings["descent"] * g, params, gradient), state


def cross_entropy(labels, logits):
    return -(labels * jax.nn.log_softmax(logits)).sum(axis=1).mean()


def mlp_small(inputs):
    def loss(X, y, W1, b1, W2, b2, W3, b3):
        first = jnp.tanh(X @ W1 + b1)
        second = jnp.tanh(first @ W2 + b2)
        return jnp.square(second @ W3 + b3 - y).mean()

    return train(inputs, ["X", "y"], adam, loss)


def mlp_digits(inputs):
    def loss(X, labels, W1, b1, W2, b2):
        return cross_entropy(labels, jax.nn.relu(X @ W1 + b1) @ W2 + b2)

    return train(inputs, ["X", "labels"], adam, loss)


def mlp_large(inputs):
    def loss(X, labels, W1, b1, W2, b2, W3, b3):
        first = jax.nn.relu(X @ W1 + b1)
        second = jax.nn.relu(first @ W2 + b2)
        return cross_entropy(labels, second @ W3 + b3)

    return train(inputs, ["X", "labels"], adam, loss)


def least_squares(inputs):
    return train(inputs, ["X", "y"], descent, lambda X, y, w: jnp.square(X @ w - y).mean())


def likelihood(inputs):
    """Value and gradient of logdet(X) + tr(X⁻¹·C), at three points in turn."""
    points = itertools.cycle(jnp.asarray(inputs[x]) for x in POINTS)
    C = jnp.asarray(inputs["C"])
    last = {}

    @jax.jit
    @jax.value_and_grad
    def both(X, C):
        return jnp.linalg.slogdet(X).logabsdet + jnp.trace(jnp.linalg.inv(X) @ C)

    def step():
        last["value"], last["gradient"] = jax.block_until_ready(both(next(points), C))

    return Side(step, lambda: last)


def quadratic(x, data):
    return x @ (data["A"] @ x)


def logistic(w, data):
    z = data["X"] @ w
    return (jax.nn.softplus(z) - data["y"] * z).mean()


def factors(U, data):
    return jnp.square(data["T"] - U @ data["V"].T).sum()


def again(name, f, inputs):
    """Calculates one thing in each step, compiled; data are arguments, or XLA would fold them."""
    run = jax.jit(f)
    data = {name: jnp.asarray(x) for name, x in inputs.items()}

    def step():
        return jax.block_until_ready(run(data))

    return Side(step, lambda: {name: step()})


def dense(f, x):
    def result(data):
        return jax.hessian(f)(data[x], data)

    return lambda inputs: again("hessian", result, inputs)


def dense_product(f, x, v):
    """The Hessian, and its product with a direction."""

    def result(data):
        return jnp.tensordot(jax.hessian(f)(data[x], data), data[v], data[v].ndim)

    return lambda inputs: again("product", result, inputs)


def hvp(f, x, v):
    def result(data):
        gradient = jax.grad(lambda x: f(x, data))
        return jax.jvp(gradient, (data[x],), (data[v],))[1]

    return lambda inputs: again("product", result, inputs)


def newton(inputs):
    """The Hessian of ‖T − U·Vᵀ‖² by U, found by hand: D becomes 2·D·(VᵀV)."""
    data = {name: jnp.asarray(x) for name, x in inputs.items()}
    last = {}

    @jax.jit
    def run(data):
        value, gradient = jax.value_and_grad(factors)(data["U"], data)
        moved = data["U"] - jnp.linalg.solve(2 * (data["V"].T @ data["V"]), gradient.T).T
        return {"value": value, "gradient": gradient, "U": moved}

    def step():
        last.update(jax.block_until_ready(run(data)))

    return Side(step, lambda: last)


serve(
    {
        "mlpSmall": mlp_small,
        "mlpDigits": mlp_digits,
        "mlpLarge": mlp_large,
        "leastSquares": least_squares,
        "logdet16": likelihood,
        "logdet128": likelihood,
        "logdet512": likelihood,
        "logdetDouble16": likelihood,
        "logdetDouble128": likelihood,
        "logdetDouble512": likelihood,
        "hessianQuadratic100": dense(quadratic, "x"),
        "hessianQuadratic500": dense(quadratic, "x"),
        "hessianLogistic": dense(logistic, "w"),
        "hessianFactors": dense(factors, "U"),
        "operatorFactors": dense_product(factors, "U", "W"),
        "hvpQuadratic100": hvp(quadratic, "x", "v"),
        "hvpQuadratic500": hvp(quadratic, "x", "v"),
        "hvpLogistic": hvp(logistic, "w", "v"),
        "hvpFactors": hvp(factors, "U", "W"),
        "newtonFactors": newton,
    }
)
