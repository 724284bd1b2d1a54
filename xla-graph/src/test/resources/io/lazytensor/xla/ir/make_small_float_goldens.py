"""Writes small_floats.txt: ml_dtypes' decoding and encoding of types of a byte and less, for SmallFloatTest.

Run with ml_dtypes 0.5 or later: python make_small_float_goldens.py > small_floats.txt
"type decode v..." has the f32 bits of each code's value; "type encode x:code ..." has f32 bits and their code.
"""

import ml_dtypes
import numpy as np

TYPES = {
    "f8e5m2": ml_dtypes.float8_e5m2,
    "f8e4m3fn": ml_dtypes.float8_e4m3fn,
    "f8e4m3b11fnuz": ml_dtypes.float8_e4m3b11fnuz,
    "f8e5m2fnuz": ml_dtypes.float8_e5m2fnuz,
    "f8e4m3fnuz": ml_dtypes.float8_e4m3fnuz,
    "f8e4m3": ml_dtypes.float8_e4m3,
    "f8e3m4": ml_dtypes.float8_e3m4,
    "f8e8m0fnu": ml_dtypes.float8_e8m0fnu,
    "f4e2m1fn": ml_dtypes.float4_e2m1fn,
}

np.seterr(all="ignore")
for name, dtype in TYPES.items():
    codes = np.arange(16 if name == "f4e2m1fn" else 256, dtype=np.uint8)
    values = codes.view(dtype).astype(np.float32)
    print(name, "decode", *(f"{b:08x}" for b in values.view(np.uint32)))
    magnitudes = np.unique(np.abs(values[np.isfinite(values)]).astype(np.float64))
    # What would follow the greatest, so that the border of overflow is among the borders.
    magnitudes = np.append(magnitudes, 2 * magnitudes[-1] - magnitudes[-2])
    borders = ((magnitudes[1:] + magnitudes[:-1]) / 2).astype(np.float32)
    inf = np.float32(np.inf)
    special = np.array([0, inf, np.nan, 3e38, 1e-45, 1e-40, 1.5, 3, 0.1], np.float32)
    x = np.concatenate([borders, np.nextafter(borders, inf), np.nextafter(borders, -inf), special])
    x = np.concatenate([x, -x[::5], -special])
    if name == "f8e8m0fnu":
        # ml_dtypes rounds all f32 between 2^-127 and 2^-126, which are subnormal, up; doubles to nearest.
        x = x[~((np.abs(x) > 2.0**-127) & (np.abs(x) < 1.5 * 2.0**-127))]
    encoded = x.astype(dtype).view(np.uint8)
    print(name, "encode", *(f"{b:08x}:{c:02x}" for b, c in zip(x.view(np.uint32), encoded)))
