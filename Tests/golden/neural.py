"""Writes Tests/NeuralTests/Golden: graphs shaped as the published models, and what should come of them.

By hand: $(scripts/python-env Tests/golden/requirements.txt) Tests/golden/neural.py

The weights of the published models cannot be shipped, so each family is stood in for by a small graph with exactly its
tensors, whose output is a formula: the target's channels rolled, a slope along x and y, and a shift that every value of
the source moves. The right answers come from the same formulas in NumPy, and from OpenCV for crops, masks and pasting,
after FaceFusion 3.5.2's published numbers: nothing here has seen Masque's code.

Where Masque differs on purpose, these goldens say what Masque does:
- The result of a paste is rounded; FaceFusion cuts it off, which darkens the face by half a level.
- Mixing the target's identity in (face_swapper_weight): the target's goes through the same conversion as the source's.
  FaceFusion mixes the unconverted embedding in, which for inswapper, ghost, hififace and simswap lies in another space.
"""
import gzip
import json
import os
import sys

import cv2
import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h

here = os.path.dirname(os.path.abspath(__file__))
out = os.path.join(here, "..", "NeuralTests", "Golden")
cache = os.environ.get("MASQUE_CACHE", os.path.expanduser("~/.cache/masque"))
f4 = np.float32

TEMPLATES = {
    "arcface_112_v1": [.35473214, .45658929, .64526786, .45658929, .5, .61154464, .37913393, .776875, .62086607, .776875],
    "arcface_112_v2": [.34191607, .46157411, .65653393, .45983393, .500225, .64050536, .37097589, .82469196, .63151696,
                       .82325089],
    "arcface_128": [.36167656, .40387734, .63696719, .40235469, .50019687, .56044219, .38710391, .72160547, .61507734,
                    .72034453],
    "ffhq_512": [.37691676, .46864664, .62285697, .46912813, .50123859, .61331904, .39308822, .725411, .61150205,
                 .72490465],
    "mtcnn_512": [.36562865, .46733799, .63305391, .46585885, .50019127, .61942959, .39032951, .77598822, .61178945,
                  .77476328],
}
IMAGENET = ([.485, .456, .406], [.229, .224, .225])


# ---- graphs -----------------------------------------------------------------------------------------------------

class Graph:
    """A graph under construction."""

    def __init__(self):
        self.nodes, self.constants, self.count = [], [], 0

    def const(self, values, kind=f4):
        self.count += 1
        name = f"c{self.count}"
        self.constants.append(onnx.numpy_helper.from_array(np.array(values, kind), name))
        return name

    def node(self, op, *inputs, **attributes):
        self.count += 1
        name = f"t{self.count}"
        inputs = [i if isinstance(i, str) else self.const(i) for i in inputs]
        self.nodes.append(h.make_node(op, inputs, [name], **attributes))
        return name

    def reshape(self, value, shape):
        return self.node("Reshape", value, self.const(shape, np.int64))

    def range(self, count):
        return self.node("Range", 0.0, float(count), 1.0)

    def slope(self, side, x, y):
        """x·column/side + y·row/side as [1, 1, side, side]."""
        steps = self.range(side)
        across = self.node("Mul", self.reshape(steps, [1, 1, 1, side]), x / side)
        down = self.node("Mul", self.reshape(steps, [1, 1, side, 1]), y / side)
        return self.node("Add", across, down)

    def roll(self, value, axis=1):
        return self.node("Gather", value, self.const([1, 2, 0], np.int64), axis=axis)

    def save(self, name, inputs, outputs, last=None, packed=False):
        result = self.nodes[-1].output[0]
        self.nodes[-1].output[0] = outputs[0][0]
        for node in self.nodes:
            node.input[:] = [outputs[0][0] if i == result else i for i in node.input]
        constants = self.constants + ([onnx.numpy_helper.from_array(last, "emap")] if last is not None else [])
        graph = h.make_graph(
            self.nodes, name, [h.make_tensor_value_info(n, k, s) for n, k, s in inputs],
            [h.make_tensor_value_info(n, k, s) for n, k, s in outputs], constants)
        model = h.make_model(graph, opset_imports=[h.make_opsetid("", 13)], ir_version=8, producer_name="masque tests")
        onnx.checker.check_model(model)
        data = model.SerializeToString(deterministic=True)
        if packed:
            name, data = name + ".onnx.gz", gzip.compress(data, 9, mtime=0)
        else:
            name += ".onnx"
        with open(os.path.join(out, name), "wb") as file:
            file.write(data)


def slope(side, x, y):
    steps = np.arange(side, dtype=f4) / side
    return (steps[None, :] * x + steps[:, None] * y)[None, None].astype(f4)


def rolled(value):
    return value[:, [1, 2, 0]]


# What each swapper's stand-in does to the target: scale · rolled + level + slope + gain · shift(source).
SWAPPERS = {
    # name: template, side, mean, deviation, symmetric, source, scale, level, gain
    "inswapper_128": ("arcface_128", 128, [0] * 3, [1] * 3, False, "emap", .7, .1, .04),
    "inswapper_128_fp16": ("arcface_128", 128, [0] * 3, [1] * 3, False, "emap", .7, .1, .04),
    "hyperswap_1a_256": ("arcface_128", 256, [.5] * 3, [.5] * 3, True, "plain", .7, 0, .15),
    "ghost_1_256": ("arcface_112_v1", 256, [.5] * 3, [.5] * 3, True, "crossface_ghost", .7, 0, .005),
    "hififace_unofficial_256": ("mtcnn_512", 256, [.5] * 3, [.5] * 3, True, "crossface_hififace", .7, 0, .15),
    "simswap_256": ("arcface_112_v1", 256, *IMAGENET, False, "crossface_simswap", .2, .45, .08),
    "simswap_unofficial_512": ("arcface_112_v1", 512, [0] * 3, [1] * 3, False, "crossface_simswap", .7, .1, .08),
    "blendswap_256": ("ffhq_512", 256, [0] * 3, [1] * 3, False, ("arcface_112_v2", 112), .7, .1, .1),
    "uniface_256": ("ffhq_512", 256, [.5] * 3, [.5] * 3, True, ("ffhq_512", 256), .7, 0, .2),
}
# What each converter's stand-in does: rolled by one place, times a number, and a wave of some height added.
CONVERTERS = {"crossface_ghost": (1.25, .5), "crossface_hififace": (1.5, .75), "crossface_simswap": (.75, 1.0)}


def waves():
    """[512, 3]: how each value of a source vector moves each channel."""
    i, c = np.arange(512)[:, None], np.arange(3)[None, :]
    return np.sin(.37 * i * (c + 1) + c)


def emap():
    """A matrix without symmetry, mostly zeros so that it packs well, exact in half precision."""
    i, j = np.arange(512)[:, None], np.arange(512)[None, :]
    return np.where((i + 3 * j) % 29 == 0, ((5 * i + 11 * j) % 17 - 8) / 8, 0).astype(f4)


def write_swapper(name, side, source, scale, level, gain, file=None, wrong=None):
    g = Graph()
    picture = isinstance(source, tuple)
    if picture:
        other = source[1]
        weighted = g.node("Mul", "source", g.slope(other, 1, 2))
        shift = g.roll(g.node("ReduceMean", weighted, axes=[2, 3], keepdims=1))
        source_shape = [1, 3, other, other]
    else:
        i = g.reshape(g.range(512), [512, 1])
        c = g.reshape(g.range(3), [1, 3])
        phase = g.node("Add", g.node("Mul", g.node("Mul", i, .37), g.node("Add", c, 1.0)), c)
        shift = g.reshape(g.node("MatMul", "source", g.node("Sin", phase)), [1, 3, 1, 1])
        source_shape = [1, 512]
    value = g.node("Add", g.node("Mul", g.roll("target"), scale), level)
    value = g.node("Add", value, g.slope(side, .1, -.06))
    g.node("Add", value, g.node("Mul", shift, gain))
    last = None
    if source == "emap" and wrong != "no emap":
        last = emap().astype(np.float16 if name.endswith("fp16") else f4)
    elif wrong == "no emap":
        g.constants.reverse()
    target = "input" if wrong == "name" else "target"
    if wrong == "name":
        for node in g.nodes:
            node.input[:] = ["input" if n == "target" else n for n in node.input]
    # inswapper's own order is target, source; the order must not matter.
    g.save(file or name, [(target, T.FLOAT, [1, 3, side, side]), ("source", T.FLOAT, source_shape)],
           [("output", T.FLOAT, [1, 3, side, side])], last, packed=last is not None)


def swap_network(name, target, source):
    """The stand-in's formula in NumPy: target and source as the graph takes them."""
    _, side, _, _, _, kind, scale, level, gain = SWAPPERS[name]
    if isinstance(kind, tuple):
        shift = rolled((source * slope(kind[1], 1, 2)).mean((2, 3), keepdims=True))
    else:
        shift = (source.astype(np.float64) @ waves()).reshape(1, 3, 1, 1)
    assert .01 < np.abs(gain * shift).max() < .35, (name, gain * shift)
    return (scale * rolled(target) + level + slope(side, .1, -.06) + gain * shift).astype(f4)


def write_converter(name):
    factor, height = CONVERTERS[name]
    g = Graph()
    moved = g.node("Gather", "input", g.const(np.roll(np.arange(512), 1), np.int64), axis=1)
    wave = g.node("Mul", g.node("Sin", g.node("Mul", g.reshape(g.range(512), [1, 512]), .11)), height)
    g.node("Add", g.node("Mul", moved, factor), wave)
    g.save(name, [("input", T.FLOAT, [1, 512])], [("output", T.FLOAT, [1, 512])])


def converter(name, vector):
    factor, height = CONVERTERS[name]
    return factor * np.roll(vector, 1) + height * np.sin(.11 * np.arange(512))


def write_enhancer(name, side, weight=None, wrong=None):
    g = Graph()
    if weight:
        share = g.reshape(g.node("Cast", "weight", to=T.FLOAT), [1, 1, 1, 1])
        rest = g.node("Sub", 1.0, share)
        value = g.node("Add", g.node("Mul", "input", share), g.node("Mul", g.roll("input"), rest))
    else:
        value = g.node("Mul", g.roll("input"), .9)
    g.node("Add", value, g.slope(side, .4, -.3))
    inputs = [("input", T.FLOAT, [1, 3, side, side])] + ([("weight", weight, [1])] if weight else [])
    g.save(name, inputs, [("output", T.FLOAT, [1, 3, side, side])])


def enhancer_network(side, x, weight):
    value = .9 * rolled(x) if weight is None else x * weight + rolled(x) * (1 - weight)
    return value + slope(side, .4, -.3)


def write_arcface():
    g = Graph()
    pooled = g.reshape(g.node("AveragePool", "input", kernel_shape=[28, 28], strides=[28, 28]), [1, 48])
    k = g.node("Add", g.reshape(g.range(48), [48, 1]), 1.0)
    i = g.node("Add", g.reshape(g.range(512), [1, 512]), 1.0)
    g.node("MatMul", pooled, g.node("Sin", g.node("Mul", g.node("Mul", k, i), .05)))
    g.save("arcface_w600k_r50", [("input", T.FLOAT, [1, 3, 112, 112])], [("output", T.FLOAT, [1, 512])])


def arcface_network(x):
    pooled = x.astype(np.float64).reshape(3, 4, 28, 4, 28).mean((2, 4)).reshape(1, 48)
    return pooled @ np.sin(.05 * np.arange(1, 49)[:, None] * np.arange(1, 513)[None, :])


def write_xseg():
    g = Graph()
    grey = g.node("ReduceMean", g.node("Mul", "input", [[[[3.6, 1.8, .6]]]]), axes=[3], keepdims=1)
    x = g.node("Mul", g.reshape(g.range(256), [1, 1, 256, 1]), .5 / 256)
    g.node("Add", g.node("Sub", grey, .6), x)
    g.save("xseg_1", [("input", T.FLOAT, [1, 256, 256, 3])], [("output", T.FLOAT, [1, 256, 256, 1])])


def xseg_network(bgr):
    return (bgr * np.array([1.2, .6, .2], f4)).sum(2) - .6 + (np.arange(256, dtype=f4) * .5 / 256)[None, :]


def write_bisenet():
    g = Graph()
    colour = g.node("Mul", "input", np.array([9, 6, -3], f4).reshape(1, 3, 1, 1))
    level = g.node("Add", g.node("ReduceMean", colour, axes=[1], keepdims=1), 9.0)
    gap = g.node("Sub", level, g.reshape(g.range(19), [1, 19, 1, 1]))
    g.node("Neg", g.node("Mul", gap, gap))
    g.save("bisenet_resnet_34", [("input", T.FLOAT, [1, 3, 512, 512])], [("output", T.FLOAT, [1, 19, 512, 512])])


def bisenet_classes(x):
    level = (x * np.array([3, 2, -1], f4).reshape(1, 3, 1, 1)).sum(1)[0] + 9
    return np.clip(np.ceil(level - .5), 0, 18).astype(int)


# ---- crops, masks and pasting, in OpenCV's B, G, R --------------------------------------------------------------

def fit(points, template, side):
    normed = np.array(TEMPLATES[template]).reshape(5, 2) * side
    matrix, inliers = cv2.estimateAffinePartial2D(points, normed, method=cv2.RANSAC, ransacReprojThreshold=100)
    assert inliers.all()
    return matrix


def crop_of(frame, matrix, side):
    return cv2.warpAffine(frame, matrix, (side, side), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)


def tensor(bgr, mean=(0, 0, 0), deviation=(1, 1, 1)):
    rgb = (bgr[:, :, ::-1].astype(f4) / 255 - np.array(mean, f4)) / np.array(deviation, f4)
    return np.ascontiguousarray(rgb.transpose(2, 0, 1))[None].astype(f4)


def untensor(x, symmetric):
    x = x[0].transpose(1, 2, 0)
    return (np.clip(x * .5 + .5 if symmetric else x, 0, 1) * 255)[:, :, ::-1].astype(f4)


def box_mask(side, blur, padding=(0, 0, 0, 0)):
    amount = int(side * .5 * blur)
    area = max(amount // 2, 1)
    mask = np.ones((side, side), f4)
    top, right, bottom, left = (max(area, int(side * p / 100)) for p in padding)
    mask[:top], mask[-bottom:], mask[:, :left], mask[:, -right:] = 0, 0, 0, 0
    return cv2.GaussianBlur(mask, (0, 0), amount * .25) if amount > 0 else mask


def soft(mask):
    return (np.clip(cv2.GaussianBlur(mask.astype(f4), (0, 0), 5), .5, 1) - .5) * 2


def occlusion_mask(crop):
    side = crop.shape[0]
    small = cv2.resize(crop, (256, 256)).astype(f4) / 255
    mask = np.clip(xseg_network(small), 0, 1).astype(f4)
    return soft(cv2.resize(mask, (side, side)))


def region_mask(crop, wanted):
    side = crop.shape[0]
    classes = bisenet_classes(tensor(cv2.resize(crop, (512, 512)), *IMAGENET))
    return soft(cv2.resize(np.isin(classes, wanted).astype(f4), (side, side)))


def corners_box(matrix, side, shape):
    inverse = cv2.invertAffineTransform(matrix)
    corners = np.array([[0, 0], [side, 0], [side, side], [0, side]], float) @ inverse[:, :2].T + inverse[:, 2]
    x0, y0 = np.clip(np.floor(corners.min(0)).astype(int), 0, [shape[1], shape[0]])
    x1, y1 = np.clip(np.ceil(corners.max(0)).astype(int), 0, [shape[1], shape[0]])
    return x0, y0, x1, y1, inverse


def paste(frame, crop, mask, matrix):
    x0, y0, x1, y1, inverse = corners_box(matrix, crop.shape[0], frame.shape)
    inverse[:, 2] -= [x0, y0]
    size = (int(x1 - x0), int(y1 - y0))
    m = np.clip(cv2.warpAffine(mask, inverse, size), 0, 1)[:, :, None]
    c = cv2.warpAffine(crop, inverse, size, borderMode=cv2.BORDER_REPLICATE)
    result = frame.astype(f4)
    result[y0:y1, x0:x1] = result[y0:y1, x0:x1] * (1 - m) + c * m
    return np.rint(result).astype(np.uint8), [int(v) for v in (x0, y0, x1, y1)]


# ---- whole swaps ------------------------------------------------------------------------------------------------

def unit(vector):
    return vector / np.linalg.norm(vector)


def embedding(phase):
    i = np.arange(512)
    return (1.5 * np.sin(.7 * i + phase) + .5 * np.cos(.13 * i * i + phase)).astype(f4).astype(np.float64)


def identity_of(name, raw):
    kind = SWAPPERS[name][5]
    if kind == "emap":
        return raw @ emap().astype(np.float64) / np.linalg.norm(raw)
    if kind == "plain":
        return unit(raw)
    made = converter(kind, raw)
    return made if kind == "crossface_ghost" else unit(made)


def swap(name, frame, points, source_points, boost=None, weight=.5, blur=.3, padding=(0, 0, 0, 0), occlude=False,
         regions=()):
    template, side, mean, deviation, symmetric, kind, *_ = SWAPPERS[name]
    boost = boost or side
    if isinstance(kind, tuple):
        source = tensor(crop_of(frame, fit(source_points, kind[0], kind[1]), kind[1]))
    else:
        k = np.interp(weight, [0, 1], [.35, -.35])
        source = (identity_of(name, embedding(.3)) * (1 - k) + identity_of(name, embedding(1.9)) * k)[None]
    matrix = fit(points, template, boost)
    target = crop_of(frame, matrix, boost)
    k = boost // side
    swapped = np.zeros((boost, boost, 3), f4)
    for i in range(k):
        for j in range(k):
            part = swap_network(name, tensor(target[i::k, j::k], mean, deviation), source)
            swapped[i::k, j::k] = untensor(part, symmetric)
    masks = [box_mask(boost, blur, padding)]
    if occlude:
        masks.append(occlusion_mask(target))
    if regions:
        masks.append(region_mask(swapped, regions))
    return paste(frame, swapped, np.minimum.reduce(masks).clip(0, 1), matrix)


def enhance(template, side, frame, points, weight=None, blend=.8):
    matrix = fit(points, template, side)
    crop = crop_of(frame, matrix, side)
    x = enhancer_network(side, tensor(crop, [.5] * 3, [.5] * 3), weight)
    restored = np.rint(untensor(np.clip(x, -1, 1), True))
    pasted, box = paste(frame, restored, box_mask(side, .3), matrix)
    return cv2.addWeighted(frame, 1 - blend, pasted, blend, 0), box


def main():
    os.makedirs(out, exist_ok=True)
    for name in os.listdir(out):
        if name.endswith((".onnx", ".gz", ".bin", ".json")):
            os.remove(os.path.join(out, name))
    for name, (_, side, _, _, _, source, *numbers) in SWAPPERS.items():
        write_swapper(name, side, source, *numbers)
    for name in CONVERTERS:
        write_converter(name)
    write_enhancer("gfpgan_1.4", 512)
    write_enhancer("codeformer", 512, weight=T.DOUBLE)
    write_enhancer("gpen_bfr_256", 256)
    write_enhancer("gpen_bfr_512", 512)
    write_arcface()
    write_xseg()
    write_bisenet()
    # Files that are not what they are called.
    write_swapper("inswapper_128", 128, "emap", .7, .1, .04, file="wrong_no_emap", wrong="no emap")
    write_swapper("hyperswap_1a_256", 256, "plain", .7, 0, .15, file="wrong_name", wrong="name")
    write_swapper("hyperswap_1a_256", 128, "plain", .7, 0, .15, file="wrong_size")
    # Gives the target back.
    g = Graph()
    g.node("Add", "target", g.node("Mul", g.node("ReduceMean", "source", keepdims=1), 0.0))
    g.save("unchanged_256", [("source", T.FLOAT, [1, 3, 112, 112]), ("target", T.FLOAT, [1, 3, 256, 256])],
           [("output", T.FLOAT, [1, 3, 256, 256])])

    frame = cv2.imread(os.path.join(cache, "samples", "astronaut.png"))
    assert frame.shape == (512, 512, 3)
    face = np.array([[203, 112], [244, 108], [229, 135], [212, 153], [244, 149]], np.float64)
    # Other places: the source's face; one that hangs over the frame's corner; one much larger than a small crop.
    places = {"face": face, "source": face @ [[.96, .1], [-.1, .96]] + [20, -15], "corner": face - [185, 75],
              "large": (face - [228, 133]) * 3 + [256, 250]}
    index = {"points": {name: p.round(3).tolist() for name, p in places.items()}, "frames": {}, "masks": {},
             "vectors": {}}
    places = {name: p.round(3) for name, p in places.items()}

    def keep(name, result, **how):
        (picture, (x0, y0, x1, y1)), step = result, 5
        rgb = picture[y0:y1, x0:x1, ::-1]
        np.ascontiguousarray(rgb[::step, ::step]).tofile(os.path.join(out, name + ".bin"))
        index["frames"][name] = dict(how, box=[x0, y0, x1, y1], step=step, means=rgb.mean((0, 1)).round(4).tolist())

    def swapped(name, case, place="face", **how):
        keep(case, swap(name, frame, places[place], places["source"], **how), model=name, place=place, **how)

    for name in SWAPPERS:
        swapped(name, name)
    for name in ["inswapper_128", "hyperswap_1a_256", "ghost_1_256", "simswap_256"]:
        swapped(name, name + "_weight_0", weight=0.0)
        swapped(name, name + "_weight_1", weight=1.0)
    swapped("inswapper_128", "inswapper_128_boost_256", boost=256)
    swapped("inswapper_128", "inswapper_128_boost_384", boost=384)
    swapped("hyperswap_1a_256", "hyperswap_1a_256_boost_512", boost=512)
    swapped("hyperswap_1a_256", "hyperswap_1a_256_corner", place="corner")
    swapped("inswapper_128", "inswapper_128_large", place="large")
    swapped("hyperswap_1a_256", "hyperswap_1a_256_padded", blur=.6, padding=[30, 5, 10, 20])
    swapped("hyperswap_1a_256", "hyperswap_1a_256_occluded", occlude=True)
    swapped("hyperswap_1a_256", "hyperswap_1a_256_regions", regions=[2, 3, 5, 6, 10, 11, 12, 13])
    for name, template, side, weight in [
            ("gfpgan_1.4", "ffhq_512", 512, None), ("gpen_bfr_256", "arcface_128", 256, None),
            ("gpen_bfr_512", "ffhq_512", 512, None)]:
        keep(name, enhance(template, side, frame, face), model=name, place="face", blend=.8)
    for weight in [0.0, .5, 1.0]:
        keep(f"codeformer_{weight}", enhance("ffhq_512", 512, frame, face, weight), model="codeformer", place="face",
             blend=.8, weight=weight)
    keep("gfpgan_1.4_blend_1", enhance("ffhq_512", 512, frame, face, blend=1.0), model="gfpgan_1.4", place="face",
         blend=1.0)

    def keep_mask(name, mask, **how):
        np.rint(mask[::8, ::8] * 255).astype(np.uint8).tofile(os.path.join(out, name + ".bin"))
        index["masks"][name] = dict(how, step=8, mean=round(float(mask.mean()), 5))

    # Pieces of the picture as they are, so that nothing but the mask is compared: x, y, side.
    for side, x, y in [(256, 120, 40), (512, 0, 0)]:
        piece = frame[y:y + side, x:x + side]
        keep_mask(f"xseg_1_{side}", occlusion_mask(piece), piece=[x, y, side])
        keep_mask(f"bisenet_{side}", region_mask(piece.astype(f4), [2, 3, 5, 6, 10, 11, 12, 13]), piece=[x, y, side],
                  regions=[2, 3, 5, 6, 10, 11, 12, 13])

    for name in ["inswapper_128", "hyperswap_1a_256", "ghost_1_256", "hififace_unofficial_256", "simswap_256"]:
        index["vectors"][name] = identity_of(name, embedding(.3)).round(6).tolist()[::8]
    for place in ["face", "source"]:
        crop = crop_of(frame, fit(places[place], "arcface_112_v2", 112), 112)
        index["vectors"]["arcface_" + place] = arcface_network(tensor(crop, [.5] * 3, [.5] * 3))[0].round(5).tolist()[::8]
    with open(os.path.join(out, "index.json"), "w") as file:
        json.dump(index, file, indent=1)
        file.write("\n")
    total = sum(os.path.getsize(os.path.join(out, n)) for n in os.listdir(out))
    print(f"{total} bytes in {len(os.listdir(out))} files", file=sys.stderr)


if __name__ == "__main__":
    main()
