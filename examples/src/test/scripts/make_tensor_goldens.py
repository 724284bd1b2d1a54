"""Writes tensor.txt: operations of tensors, for TensorGoldenTest."""

import torch

from goldens import Goldens

goldens = Goldens(seed=11)
case = goldens.case
r = torch.randn

case("add", torch.add, a=r(3, 4), b=r(4))
case("sub", torch.sub, a=r(3, 1), b=r(1, 4))
case("mul", torch.mul, a=r(2, 3, 4), b=r(3, 1))
case("div", torch.div, a=r(2, 3), b=r(2, 3))
case("divInts", torch.div, a=torch.tensor([1, -2, 7]), b=torch.tensor([2, 3, 2]))
case("exp", torch.exp, x=r(3, 4))
case("log", torch.log, x=r(3, 4).abs() + 0.1)
case("sqrt", torch.sqrt, x=r(3, 4).abs() + 0.1)
case("maximum", torch.maximum, a=torch.tensor([1.0, 2.0, 3.0]), b=torch.tensor([2.0, 2.0, 1.0]))
case("gather", lambda x, i: x.gather(1, i), x=r(2, 4), i=torch.tensor([[0, 3, 3], [2, 1, 0]]))
case("sumDim", lambda x: x.sum(1), x=r(2, 3, 2))
case("split", lambda x: x.split(2, 1), x=r(2, 5))
case("cat", lambda a, b: torch.cat([a, b]), a=r(2, 3), b=r(1, 3))

goldens.write("tensor.txt")
