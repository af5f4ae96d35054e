"""Writes Tests/NeuralTests/Golden/frames: stand-ins for upscalers, colourisers and background removers.

By hand: $(scripts/python-env Tests/golden/requirements.txt) Tests/golden/frames.py

As in neural.py: graphs with the published files' tensors, and results computed from FaceFusion 3.5.2's published numbers
with NumPy and OpenCV; nothing here has seen Masque's code. Where Masque differs on purpose, these goldens say what Masque
does: results are rounded rather than cut off; upscaling is compared with the whole picture at once, its edge repeated
(FaceFusion pads with black and lays hard-edged tiles side by side); deoldify's colours go with the picture's own
lightness (FaceFusion takes the blue channel for it).
"""
import json
import os
import sys

import cv2
import numpy as np
from onnx import TensorProto as T

import neural

here = os.path.dirname(os.path.abspath(__file__))
out = os.path.join(here, "..", "NeuralTests", "Golden", "frames")
neural.out = out
f4 = np.float32
Graph = neural.Graph
IMAGENET = neural.IMAGENET


# ---- upscaling --------------------------------------------------------------------------------------------------

def kernels():
    """[3, 3, 5, 5]: each channel blurs another one more, lopsidedly; sums to 0.9."""
    o, i, y, x = np.ogrid[0:3, 0:3, 0:5, 0:5]
    weights = 1 + ((o + 1) % 3 == i) * 8 + .4 * np.sin(1.3 * o + .7 * i + 2.1 * y + .9 * x)
    return (.9 * weights / weights.sum((1, 2, 3), keepdims=True)).astype(f4)


def write_upscaler(name, tile, scale, kind=T.FLOAT, wrong=1):
    g = Graph()
    number = np.float16 if kind == T.FLOAT16 else f4
    value = g.node("Conv", "input", g.const(kernels(), number), kernel_shape=[5, 5], pads=[2] * 4)
    factor = int(scale * wrong)
    value = g.node("Resize", value, "", g.const([1, 1, factor, factor], f4), mode="nearest", nearest_mode="floor",
                   coordinate_transformation_mode="asymmetric")
    g.node("Add", value, g.const([.04], number))
    g.save(name, [("input", kind, [1, 3, tile, tile])], [("output", kind, [1, 3, tile * factor, tile * factor])])


def upscaled(frame, scale, blend):
    """The whole picture at once, B, G, R (or with alpha)."""
    colour = frame[:, :, :3]
    x = np.pad(colour[:, :, ::-1].astype(np.float64) / 255, ((16, 16), (16, 16), (0, 0)), "edge")
    planes = [sum(cv2.filter2D(x[:, :, i], -1, kernels()[o, i].astype(np.float64)) for i in range(3)) for o in range(3)]
    x = np.stack(planes, 2)[16:-16, 16:-16].repeat(scale, 0).repeat(scale, 1) + .04
    new = (np.clip(x, 0, 1) * 255)[:, :, ::-1]
    size = (frame.shape[1] * scale, frame.shape[0] * scale)
    plain = cv2.resize(frame.astype(np.float64), size)
    plain[:, :, :3] = plain[:, :, :3] * (1 - blend) + new * blend
    return np.rint(plain).astype(np.uint8)


# ---- colours ----------------------------------------------------------------------------------------------------

def write_ddcolor():
    g = Graph()
    mean = g.node("AveragePool", "input", kernel_shape=[3, 3], pads=[1] * 4)
    first = g.node("Slice", mean, *[g.const([v], np.int64) for v in (0, 2, 1)])
    n = [90.0, -70.0]
    value = g.node("Mul", g.node("Sub", first, .4), g.const(np.array(n, f4).reshape(1, 2, 1, 1)))
    g.node("Add", value, g.const(np.array([12, 20], f4).reshape(1, 2, 1, 1)))
    g.save("ddcolor", [("input", T.FLOAT, [1, 3, "height", "width"])], [("output", T.FLOAT, [1, 2, "height", "width"])])


def write_deoldify():
    g = Graph()
    value = g.node("Mul", "input", g.const(np.array([.9, .75, .5], f4).reshape(1, 3, 1, 1)))
    g.node("Add", value, g.const(np.array([25, 12, 60], f4).reshape(1, 3, 1, 1)))
    g.save("deoldify", [("input", T.FLOAT, [1, 3, "height", "width"])], [("output", T.FLOAT, [1, 3, "height", "width"])])


def colourised(kind, frame, size, blend):
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(f4)
    small = cv2.resize(grey, (size, size), interpolation=cv2.INTER_AREA)
    lightness = cv2.cvtColor(frame.astype(f4) / 255, cv2.COLOR_BGR2LAB)[:, :, 0]
    if kind == "ddcolor":
        pooled = np.zeros_like(small)
        ones = np.ones((3, 3), f4)
        pooled = cv2.filter2D(small / 255, -1, ones, borderType=cv2.BORDER_CONSTANT) / cv2.filter2D(
            np.ones_like(small), -1, ones, borderType=cv2.BORDER_CONSTANT)
        ab = np.stack([(pooled - .4) * 90 + 12, (pooled - .4) * -70 + 20], 2)
    else:
        rgb = np.clip(small[:, :, None] * np.array([.9, .75, .5], f4) + np.array([25, 12, 60], f4), 0, 255) / 255
        ab = None
        big = cv2.resize(rgb, (frame.shape[1], frame.shape[0]))
        ab = cv2.cvtColor(big, cv2.COLOR_RGB2LAB)[:, :, 1:]
    if ab.shape[:2] != frame.shape[:2]:
        ab = cv2.resize(ab.astype(f4), (frame.shape[1], frame.shape[0]))
    lab = np.dstack([lightness, ab]).astype(f4)
    new = np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2BGR), 0, 1) * 255
    return np.rint(frame * (1 - blend) + new * blend).astype(np.uint8)


# ---- backgrounds ------------------------------------------------------------------------------------------------

REMOVERS = {  # size, mean, deviation
    "modnet": (512, [.5] * 3, [.5] * 3), "rmbg_1.4": (1024, [.5] * 3, [1] * 3), "u2netp": (320, *IMAGENET),
    "ormbg": (1024, [0] * 3, [1] * 3), "u2net_cloth": (768, *IMAGENET),
}


def write_remover(name):
    size, _, _ = REMOVERS[name]
    g = Graph()
    if name == "u2net_cloth":
        # Class 1 where red outweighs blue, else class 0; two more that never win.
        first = g.node("Conv", "input", g.const(np.array([[0, 0, 0], [3, .5, -3], [0, 0, 0], [0, 0, 0]], f4).reshape(4, 3, 1, 1)),
                       g.const([0, -.1, -9, -9], f4))
        g.node("Identity", first)
        g.save(name, [("input", T.FLOAT, [1, 3, size, size])], [("output", T.FLOAT, [1, 4, size, size])])
        return
    value = g.node("Conv", "input", g.const(np.array([1.1, -.3, .4], f4).reshape(1, 3, 1, 1)), g.const([.2], f4))
    g.node("Sub", value, g.slope(size, .3, -.2))
    g.save(name, [("input", T.FLOAT, [1, 3, size, size])], [("output", T.FLOAT, [1, 1, size, size])])


def alpha(name, frame):
    size, mean, deviation = REMOVERS[name]
    x = neural.tensor(cv2.resize(frame, (size, size), interpolation=cv2.INTER_AREA if size < 512 else cv2.INTER_LINEAR),
                      mean, deviation)
    if name == "u2net_cloth":
        mask = (3 * x[0, 0] + .5 * x[0, 1] - 3 * x[0, 2] - .1 > 0).astype(f4)
    else:
        mask = 1.1 * x[0, 0] - .3 * x[0, 1] + .4 * x[0, 2] + .2 - neural.slope(size, .3, -.2)[0, 0]
    return cv2.resize(np.clip(mask, 0, 1).astype(f4), (frame.shape[1], frame.shape[0]))


def main():
    os.makedirs(out, exist_ok=True)
    for name in os.listdir(out):
        if name.endswith((".onnx", ".bin", ".json")):
            os.remove(os.path.join(out, name))
    write_upscaler("span_kendata_x4", 128, 4)
    write_upscaler("real_esrgan_x2_fp16", 256, 2, T.FLOAT16)
    write_upscaler("clear_reality_x4", 128, 4, wrong=.5)
    write_ddcolor()
    write_deoldify()
    for name in REMOVERS:
        write_remover(name)
    astronaut = cv2.imread(os.path.join(neural.cache, "samples", "astronaut.png"))
    index = {}

    def keep(name, result, **how):
        step, bgr = 5, result
        order = [2, 1, 0, 3][:bgr.shape[2]] if bgr.ndim == 3 else None
        rgb = bgr[:, :, order] if order else bgr[:, :, None]
        np.ascontiguousarray(rgb[::step, ::step]).tofile(os.path.join(out, name + ".bin"))
        index[name] = dict(how, step=step, width=rgb.shape[1], height=rgb.shape[0], channels=rgb.shape[2],
                           mean=rgb.astype(float).mean((0, 1)).round(4).tolist())

    # Pieces x, y, width, height of the sample.
    def piece(x, y, width, height):
        return np.ascontiguousarray(astronaut[y:y + height, x:x + width])

    for name, model, scale, where, blend in [
            ("span_tiled", "span_kendata_x4", 4, [150, 40, 240, 130], 1.0),
            ("span_blend", "span_kendata_x4", 4, [150, 40, 240, 130], .3),
            ("span_small", "span_kendata_x4", 4, [200, 90, 37, 21], 1.0),
            ("span_thin", "span_kendata_x4", 4, [200, 90, 1, 150], 1.0),
            ("esrgan_half", "real_esrgan_x2_fp16", 2, [60, 0, 300, 270], .8)]:
        keep(name, upscaled(piece(*where), scale, blend), model=model, piece=where, blend=blend)
    for name, model, size, blend in [("ddcolor_256", "ddcolor", 256, 1.0), ("ddcolor_512", "ddcolor", 512, .6),
                                     ("deoldify_256", "deoldify", 256, 1.0), ("deoldify_192", "deoldify", 192, .7)]:
        where = [0, 0, 384, 384] if size == 192 else [0, 0, 512, 512]
        keep(name, colourised(model, piece(*where), size, blend), model=model, piece=where, blend=blend, size=size)
    for name in REMOVERS:
        size = REMOVERS[name][0]
        where = [0, 0, 320, 320] if size == 320 else [0, 0, 384, 384] if size == 768 else [0, 0, 512, 512]
        keep("alpha_" + name, np.rint(alpha(name, piece(*where)) * 255).astype(np.uint8), model=name, piece=where)
        assert 40 < index["alpha_" + name]["mean"][0] < 215, (name, index["alpha_" + name])
    with open(os.path.join(out, "index.json"), "w") as file:
        json.dump(index, file, indent=1)
        file.write("\n")
    print(sum(os.path.getsize(os.path.join(out, n)) for n in os.listdir(out)), file=sys.stderr)


if __name__ == "__main__":
    main()
