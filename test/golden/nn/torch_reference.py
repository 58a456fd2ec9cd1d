"""Writes torch.json: layers, losses and trainings as PyTorch does them. Run in this folder: python3 torch_reference.py"""

import json
import math
import random

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
draw = random.Random(6)


def normal(*shape):
    """Numbers of few digits, which are the same in the file and here."""
    size = math.prod(shape)
    return torch.tensor([round(draw.gauss(0, 1), 4) for _ in range(size)]).reshape(shape)


def seen(f, cotangent, *inputs):
    """A value, and the gradient of its product with a cotangent in each input."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    value = f(*leaves)
    weight = torch.ones_like(value) if cotangent is None else cotangent
    (value * weight).sum().backward()
    return value.detach().tolist(), [leaf.grad.tolist() for leaf in leaves]


# Layers. The gradients are those of the sum of outputs times `cotangent`.

x, W, b, cotangent = normal(4, 3), normal(3, 5), normal(5), normal(4, 5)
activations = {
    "linear": lambda y: y,
    "relu": F.relu,
    "leakyRelu": F.leaky_relu,
    "elu": F.elu,
    "gelu": F.gelu,
    "silu": F.silu,
    "softplus": F.softplus,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softmax": lambda y: torch.softmax(y, -1),
}
dense = {"x": x.tolist(), "W": W.tolist(), "b": b.tolist(), "cotangent": cotangent.tolist(), "cases": []}
for name, f in activations.items():
    value, gradients = seen(lambda x, W, b: f(x @ W + b), cotangent, x, W, b)
    dense["cases"].append({"activation": name, "value": value, "gradients": gradients})

x, gain, bias, cotangent = 3 * normal(2, 3, 4) + 5, normal(4), normal(4), normal(2, 3, 4)
layer_norm = {"x": x.tolist(), "gain": gain.tolist(), "bias": bias.tolist(), "cotangent": cotangent.tolist(), "cases": []}
for epsilon in [1e-5, 0.1]:
    value, gradients = seen(lambda x, g, b: F.layer_norm(x, [4], g, b, epsilon), cotangent, x, gain, bias)
    layer_norm["cases"].append({"epsilon": epsilon, "value": value, "gradients": gradients})

W, cotangent, numbers = normal(5, 3), normal(2, 3, 3), [[1, 4, 1], [0, 1, 4]]
value, gradients = seen(lambda W: F.embedding(torch.tensor(numbers), W), cotangent, W)
embedding = {"x": numbers, "W": W.tolist(), "cotangent": cotangent.tolist(), "value": value, "gradients": gradients}

# Losses. The gradient is that in the output; of losses row by row, of their sum.

z = normal(3, 4)
y = normal(3, 4)
far = torch.tensor([[-800.0, -30.0, 0.0, 1e-9], [1e-3, 30.0, 36.5, 800.0], [-1.0, 2.0, -3.0, 0.5]])
shares = torch.tensor([[0.0, 1.0, 0.3, 0.9], [1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.25]])
hot = torch.tensor([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4]])
labels = torch.tensor([2, 0, 3])
deep, deep_labels = normal(2, 3, 4), torch.tensor([[0, 3, 1], [1, 2, 2]])


def flat(loss):
    """Classes on the last axis, whatever comes before."""
    return lambda z, t, reduction, **given: (
        loss(z.reshape(-1, 4), t.reshape(-1), reduction=reduction, **given).reshape(
            t.shape if reduction == "none" else []
        )
    )


def hinge(s, y, reduction):
    rows = torch.clamp(1 - y * s, min=0)
    return {"none": rows, "sum": rows.sum(), "mean": rows.mean()}[reduction]


given_losses = [
    ("mse", F.mse_loss, z, y, {}, {}),
    ("mae", F.l1_loss, z, y, {}, {}),
    ("huber", F.huber_loss, z, y, {}, {}),
    ("huber", F.huber_loss, z, y, {"delta": 0.4}, {"delta": 0.4}),
    ("bce", F.binary_cross_entropy_with_logits, z, shares, {}, {}),
    ("bce", F.binary_cross_entropy_with_logits, far, shares, {}, {}),
    ("hinge", hinge, z, torch.where(y > 0, 1.0, -1.0), {}, {}),
    ("crossEntropy", F.cross_entropy, z, labels, {}, {}),
    ("crossEntropy", F.cross_entropy, z, hot, {}, {}),
    ("crossEntropy", F.cross_entropy, far, labels, {}, {}),
    ("crossEntropy", F.cross_entropy, far, hot, {}, {}),
    ("crossEntropy", flat(F.cross_entropy), deep, deep_labels, {}, {}),
    ("crossEntropy", F.cross_entropy, z, labels, {"labelSmoothing": 0.2}, {"label_smoothing": 0.2}),
    ("crossEntropy", F.cross_entropy, z, hot, {"labelSmoothing": 0.2}, {"label_smoothing": 0.2}),
    ("nll", F.nll_loss, torch.log_softmax(z, -1), labels, {}, {}),
    ("nll", flat(F.nll_loss), torch.log_softmax(deep, -1), deep_labels, {}, {}),
]
losses = []
for name, loss, output, target, options, given in given_losses:
    for reduction in ["mean", "sum", "none"]:
        value, gradients = seen(lambda z: loss(z, target, reduction=reduction, **given), None, output)
        losses.append({
            "loss": name,
            "options": {**options, "reduction": reduction},
            "output": output.tolist(),
            "target": target.tolist(),
            "labels": target.dtype == torch.int64,
            "value": value,
            "gradient": gradients[0],
        })

# Trainings: batches of 4 of 10 rows, in order, three epochs.

ROWS, BATCH, EPOCHS = 10, 4, 3
data = {
    "x": normal(ROWS, 3),
    "words": torch.tensor([[i % 5, (3 * i + 1) % 5] for i in range(ROWS)]),
    "real": normal(ROWS, 2),
    "labels": torch.tensor([i * i % 4 % 3 for i in range(ROWS)]),
    "binary": torch.tensor([[float(i % 3 == 0)] for i in range(ROWS)]),
}


def perceptron(f):
    return lambda x, W1, b1, W2, b2: f(x @ W1 + b1) @ W2 + b2


def normed(x, W1, b1, bias, gain, W2, b2):
    return F.layer_norm(F.gelu(x @ W1 + b1), [4], gain, bias, 1e-5) @ W2 + b2


def words(x, E, W, b):
    return F.embedding(x, E).mean(1) @ W + b


def train(name, x, y, model, shapes, loss, make, penalty=None, clip=None, schedule=None):
    params = [(0.5 * normal(*shape)).requires_grad_() for shape in shapes]
    start = [p.tolist() for p in params]
    optimizer = make(params)
    scheduler = schedule(optimizer) if schedule else None
    found, path = [], []
    for _ in range(EPOCHS):
        for at in range(0, ROWS, BATCH):
            rows = slice(at, at + BATCH)
            optimizer.zero_grad()
            value = loss(model(data[x][rows], *params), data[y][rows])
            found.append(value.item())
            (value if penalty is None else value + penalty(params)).backward()
            if clip:
                clip(params)
            optimizer.step()
            if scheduler:
                scheduler.step()
            path.append([number for p in params for number in p.detach().flatten().tolist()])
    return {"training": name, "x": x, "y": y, "start": start, "losses": found, "path": path}


def squares(params):
    return 0.05 * sum((p * p).sum() for p in params if p.dim() > 1)


def clip_norm(params):
    """clip_grad_norm_ adds 1e-6 to the norm, which is not what its name says."""
    norm = math.sqrt(sum((p.grad**2).sum().item() for p in params))
    for p in params:
        p.grad *= min(1, 0.5 / norm)


two_layers = lambda inner, outputs: [[3, inner], [inner], [inner, outputs], [outputs]]
O = torch.optim
trainings = [
    train("tanh, crossEntropy, adam", "x", "labels", perceptron(torch.tanh), two_layers(4, 3),
          F.cross_entropy, lambda ps: O.Adam(ps, lr=0.1)),
    train("gelu, layerNorm, mse, adamw, clip norm", "x", "real", normed,
          [[3, 4], [4], [4], [4], [4, 2], [2]], F.mse_loss,
          lambda ps: O.AdamW(ps, lr=0.05, weight_decay=0.2),
          clip=clip_norm),
    train("silu, huber, momentum, l2", "x", "real", perceptron(F.silu), two_layers(4, 2),
          lambda o, t: F.huber_loss(o, t, delta=0.5), lambda ps: O.SGD(ps, lr=0.1, momentum=0.9), squares),
    train("embedding, bce, sgd, decay, clip value", "words", "binary", words, [[5, 3], [3, 1], [1]],
          F.binary_cross_entropy_with_logits, lambda ps: O.SGD(ps, lr=0.5),
          clip=lambda ps: torch.nn.utils.clip_grad_value_(ps, 0.05),
          schedule=lambda o: O.lr_scheduler.ExponentialLR(o, 0.9)),
]

text = json.dumps({
    "about": f"PyTorch {torch.__version__.split('+')[0]}, float64, by torch_reference.py",
    "dense": dense,
    "layerNorm": layer_norm,
    "embedding": embedding,
    "losses": losses,
    "data": {name: values.tolist() for name, values in data.items()},
    "trainings": trainings,
})
assert "NaN" not in text and "Infinity" not in text
# A line for each record and each row of numbers.
for record in ['{"activation"', '{"epsilon"', '{"loss"', '{"training"']:
    text = text.replace(record, "\n" + record)
with open("torch.json", "w") as file:
    file.write(text.replace("], [", "],\n[") + "\n")
