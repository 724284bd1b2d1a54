"""Writes functions.txt: values of elementary functions, rounded from 60 digits, for FunctionGoldenTest.

Run with mpmath: python make_function_goldens.py > functions.txt
"opcode x y" and "opcode re im re' im'" have the argument and the value as hexadecimal doubles.
"""

import mpmath
from mpmath import mp, mpc, mpf

mp.prec = 2400  # arguments of sines and sums with 1 lose nothing

REAL = {
    "acos": (mpmath.acos, 1),
    "acosh": (mpmath.acosh, None),
    "asin": (mpmath.asin, 1),
    "asinh": (mpmath.asinh, None),
    "atanh": (mpmath.atanh, 1),
    "cbrt": (lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)), None),
    "cosh": (mpmath.cosh, 700),
    "cosine": (mpmath.cos, None),
    "erf": (mpmath.erf, 30),
    "exponential": (mpmath.exp, 700),
    "exponential-minus-one": (mpmath.expm1, 700),
    "log": (mpmath.log, None),
    "log-plus-one": (mpmath.log1p, None),
    "logistic": (lambda x: 1 / (1 + mpmath.exp(-x)), 700),
    "rsqrt": (lambda x: 1 / mpmath.sqrt(x), None),
    "sine": (mpmath.sin, None),
    "sinh": (mpmath.sinh, 700),
    "sqrt": (mpmath.sqrt, None),
    "tan": (mpmath.tan, None),
    "tanh": (mpmath.tanh, 700),
}
POSITIVE = {"log", "rsqrt", "sqrt"}

COMPLEX = {
    "acos": mpmath.acos,
    "acosh": mpmath.acosh,
    "asin": mpmath.asin,
    "asinh": mpmath.asinh,
    "atanh": mpmath.atanh,
    "cosh": mpmath.cosh,
    "cosine": mpmath.cos,
    "exponential": mpmath.exp,
    "exponential-minus-one": lambda z: mpmath.exp(z) - 1,
    "log": mpmath.log,
    "log-plus-one": lambda z: mpmath.log(1 + z),
    "logistic": lambda z: 1 / (1 + mpmath.exp(-z)),
    "rsqrt": lambda z: 1 / mpmath.sqrt(z),
    "sine": mpmath.sin,
    "sinh": mpmath.sinh,
    "sqrt": mpmath.sqrt,
    "tan": mpmath.tan,
    "tanh": mpmath.tanh,
}


def show(*numbers):
    return " ".join(float(x).hex().replace(".0000000000000p", "p") for x in numbers)


points = [1e-300, 2.0**-149, 1e-20, 1e-9, 2.0**-12, 0.01, 0.125, 0.3, 0.4921875, 0.5, 0.7, 0.84375, 0.9375]
points += [1 - 2.0**-24, 1 - 2.0**-50, 1, 1 + 2.0**-50, 1 + 2.0**-20, 1.1, 1.25, 1.4375, 1.5, 1.53125, 2, 2.5]
points += [3, 3.75, 4.5, 5.75, 6.25, 8, 13, 22.5, 40, 88, 700, 710, 1e5, 1e10, 2.0**120, 1e200, 1.5e308]
points = [float(x) for x in points]

for name, (function, limit) in REAL.items():
    for x in points + ([] if name in POSITIVE else [-x for x in points]):
        inside = limit is None or abs(x) < limit or (abs(x) == limit and name in ("acos", "asin"))
        inside = inside and (name != "acosh" or x >= 1) and (name != "log-plus-one" or x > -1)
        if inside:
            y = function(mpf(x))
            if abs(y) > 1e-307 and abs(y) < 1.7e308:
                print(name, show(x, y))

parts = [1e-170, 1e-9, 0.3, 1 - 2.0**-40, 1, 1.7, 20, 1e160]
signs = [(1, 1), (-1, 1), (1, -1), (-1, -1)]
pairs = [(float(a), float(b)) for a in parts for b in parts]
pairs = [(s * a, t * b) for i, (a, b) in enumerate(pairs) for s, t in [signs[(i + i // 8) % 4]]]
pairs += [(0.6, 0.8), (0.28, -0.96), (-0.02, 0.2), (-1.5, 0.85)]
for name, function in COMPLEX.items():
    for a, b in pairs:
        try:
            w = function(mpc(a, b))
        except (OverflowError, ZeroDivisionError):
            continue
        big = max(abs(w.real), abs(w.imag))
        if big < 1e300 and all(abs(x) > 1e-290 or abs(x) == 0 for x in (w.real, w.imag)):
            print(name, show(a, b, w.real, w.imag))
