"""Writes Tests/NeuralTests/Golden/live: stand-ins of the face processors that neither swap nor restore, and their results.

By hand: $(scripts/python-env Tests/golden/requirements.txt) Tests/golden/live.py

As in neural.py, on which this stands: small graphs with exactly the published tensors, whose right output is a formula
(here computed by ONNX's own NumPy reference), and crops, masks, colours and pasting by OpenCV and NumPy after FaceFusion
3.5.2's published numbers. Where Masque differs on purpose, these goldens say what Masque does: results are rounded once,
when they are pasted, where FaceFusion cuts crops off to whole numbers several times on the way.
"""
import json
import os
import sys

import cv2
import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx.reference import ReferenceEvaluator

import neural
from neural import box_mask, crop_of, f4, fit, paste, soft, tensor

out = os.path.join(neural.out, "live")
neural.TEMPLATES["dfl_whole_face"] = [.35342266, .39285716, .62797622, .39285716, .48660713, .54017860, .38839287,
                                      .68750011, .59821427, .68750011]
neural.TEMPLATES["styleganex_384"] = [.42353745, .52289879, .57725008, .52319972, .50123859, .61331904, .43364461,
                                      .68337652, .57015325, .68306005]


class Graph(neural.Graph):
    """A graph with several outputs, each through a node of its own."""

    def write(self, name, inputs, outputs, types=None):
        for given, value, _ in outputs:
            self.nodes.append(h.make_node("Identity", [value], [given]))
        types = types or {}
        graph = h.make_graph(
            self.nodes, "stand-in", [h.make_tensor_value_info(n, types.get(n, T.FLOAT), s) for n, s in inputs],
            [h.make_tensor_value_info(n, T.FLOAT, s) for n, _, s in outputs], self.constants)
        model = h.make_model(graph, opset_imports=[h.make_opsetid("", 13)], ir_version=8, producer_name="masque tests")
        onnx.checker.check_model(model)
        with open(os.path.join(out, name + ".onnx"), "wb") as file:
            file.write(model.SerializeToString(deterministic=True))

    def pooled(self, value, channels, side, cells):
        """[1, channels · cells · cells]: means of square parts."""
        cell = side // cells
        parts = self.reshape(value, [1, channels, cells, cell, cells, cell])
        return self.reshape(self.node("ReduceMean", parts, axes=[3, 5], keepdims=0), [1, channels * cells * cells])

    def waves(self, rows, columns, step, phase=0.0):
        """[rows, columns]: sin(step · (row + 1) · (column + 1) + phase · column), a matrix without symmetry."""
        r = self.node("Add", self.reshape(self.range(rows), [rows, 1]), 1.0)
        c = self.reshape(self.range(columns), [1, columns])
        angle = self.node("Mul", self.node("Mul", r, self.node("Add", c, 1.0)), float(step))
        return self.node("Sin", self.node("Add", angle, self.node("Mul", c, float(phase))))

    def enlarged(self, value, side, factor, axes=(2, 3)):
        for axis in axes:
            value = self.node("Gather", value, self.const(np.arange(side * factor) // factor, np.int64), axis=axis)
        return value

    def stripes(self, side, period, axis):
        """sin along columns (axis 3) or rows (axis 2), [1, 1, ...]."""
        shape = [1, 1, 1, side] if axis == 3 else [1, 1, side, 1]
        return self.node("Sin", self.node("Mul", self.reshape(self.range(side), shape), 2 * np.pi / period))


SESSIONS = {}


def run(name, **inputs):
    """A stand-in's outputs, by ONNX's reference."""
    if name not in SESSIONS:
        SESSIONS[name] = ReferenceEvaluator(os.path.join(out, name + ".onnx"))
    return SESSIONS[name].run(None, inputs)


# ---- LivePortrait -----------------------------------------------------------------------------------------------

POINTS = [1, 21, 3]
VOLUME = [1, 32, 16, 64, 64]


def write_live_portrait():
    g = Graph()
    cell = g.reshape(g.node("ReduceMean", g.reshape("input", [1, 3, 64, 4, 64, 4]), axes=[3, 5], keepdims=0),
                     [1, 3, 1, 64, 64])
    deep = g.node("Gather", cell, g.const(np.arange(32) % 3, np.int64), axis=1)
    g.write("live_portrait_feature_extractor", [("input", [1, 3, 256, 256])],
            [("output", g.node("Expand", deep, g.const(VOLUME, np.int64)), VOLUME)])

    g = Graph()
    level = g.node("Sub", g.pooled("input", 3, 256, 4), .4)

    def seen(columns, step, gain, base=0.0):
        return g.node("Add", g.node("Mul", g.node("MatMul", level, g.waves(48, columns, step)), gain), float(base))

    turn = [g.reshape(seen(1, s, gain, base), []) for s, gain, base in [(.3, 4, 5), (.5, 5, -12), (.7, 3, 3)]]
    still = g.reshape(g.node("Mul", g.waves(21, 3, .9, .5), .3), POINTS)
    g.write("live_portrait_motion_extractor", [("input", [1, 3, 256, 256])], [
        ("pitch", turn[0], []), ("yaw", turn[1], []), ("roll", turn[2], []),
        ("scale", seen(1, .2, .05, 1.3), [1, 1]), ("translation", seen(3, .4, .05, .1), [1, 3]),
        ("expression", g.reshape(seen(63, .11, .02), POINTS), POINTS), ("motion_points", still, POINTS)])

    g = Graph()
    picture = g.node("Slice", "feature_volume", g.const([0, 0], np.int64), g.const([3, 1], np.int64),
                     g.const([1, 2], np.int64))
    picture = g.enlarged(g.reshape(picture, [1, 3, 64, 64]), 64, 8)
    moved = g.reshape(g.node("Sub", "source", "target"), [1, 63])
    # Sines, so that small moves show and large ones do not drive all colours to their ends.
    moved = g.reshape(g.node("MatMul", moved, g.waves(63, 3, .37, 1.1)), [1, 3, 1, 1])
    moved = g.node("Mul", g.node("Sin", g.node("Mul", moved, 6.0)), .2)
    place = g.reshape(g.node("MatMul", g.reshape("target", [1, 63]), g.waves(63, 3, .53)), [1, 3, 1, 1])
    place = g.node("Mul", g.node("Sin", g.node("Mul", place, .5)), .05)
    value = g.node("Add", g.node("Mul", picture, .8), g.node("Add", moved, place))
    value = g.node("Add", value, g.slope(512, .1, -.06))
    g.write("live_portrait_generator", [("feature_volume", VOLUME), ("source", POINTS), ("target", POINTS)],
            [("output", value, [1, 3, 512, 512])])

    for name, count in [("eye", 66), ("lip", 65)]:
        g = Graph()
        value = g.node("Mul", g.node("MatMul", "input", g.waves(count, 63, .21 if name == "eye" else .33)), .004)
        g.write(f"live_portrait_{name}_retargeter", [("input", [1, count])], [("output", value, [1, 63])])
    g = Graph()
    other = g.node("Gather", "target", g.const([1, 2, 0], np.int64), axis=2)
    value = g.node("Add", g.node("Mul", "source", .95), g.node("Mul", other, .05))
    g.write("live_portrait_stitcher", [("source", POINTS), ("target", POINTS)], [("output", value, POINTS)])
    # A motion extractor whose outputs are ordered as other exports of LivePortrait order them.
    g = Graph()
    mean = g.reshape(g.node("ReduceMean", "input", keepdims=0), [1, 1])
    g.write("wrong_motion", [("input", [1, 3, 256, 256])], [
        (name, g.node("Add", mean, np.zeros((1, count), f4)), [1, count])
        for name, count in [("pitch", 1), ("yaw", 1), ("roll", 1), ("t", 3), ("exp", 63), ("scale", 1), ("kp", 63)]])
    # One of another size.
    g = Graph()
    g.write("wrong_extractor", [("input", [1, 3, 128, 128])], [("output", g.node("Neg", "input"), [1, 3, 128, 128])])


LIMITS = [np.array(v, np.float64).reshape(1, 21, 3) for v in json.load(
    open(os.path.join(neural.here, "live_portrait_limits.json")))]


def rotation(pitch, yaw, roll):
    a, b, c = np.radians([float(pitch), float(yaw), float(roll)])
    x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return z @ y @ x


def motion(crop):
    small = cv2.resize(crop.astype(f4), (256, 256), interpolation=cv2.INTER_AREA)
    x = tensor(small)
    pitch, yaw, roll, scale, shift, expression, points = run("live_portrait_motion_extractor", input=x)
    return x, (pitch, yaw, roll), scale, shift, expression.astype(np.float64), points


def drawn(x, new, old):
    volume = run("live_portrait_feature_extractor", input=x)[0]
    picture = run("live_portrait_generator", feature_volume=volume, source=new.astype(f4), target=old.astype(f4))[0]
    return neural.untensor(picture, False)


AREAS = {"upper-face": [1, 2, 6, 10, 11, 12, 13, 15, 16], "lower-face": [3, 7, 14, 17, 18, 19, 20]}


def restore(frame, original, points, factor=.8, areas=("upper-face", "lower-face")):
    matrix = fit(points, "arcface_128", 512)
    crop = crop_of(frame, matrix, 512)
    wanted = motion(crop_of(original, matrix, 512))[4]
    x, turn, scale, shift, expression, base = motion(crop)
    kept = [p for p in range(21) if not any(p in AREAS[a] for a in areas)]
    wanted[:, kept] = expression[:, kept]
    share = np.interp(factor, [0, 1], [0, 1.2])
    mixed = np.clip(wanted * share + expression * (1 - share), *LIMITS)
    assert np.abs(mixed - expression)[:, [p for a in areas for p in AREAS[a]]].max() > .005
    turned = base @ rotation(*turn).T
    new, old = scale * (turned + mixed) + shift, scale * (turned + expression) + shift
    return paste(frame, drawn(x, new, old), box_mask(512, .3), matrix)


def edit_expression(e, s):
    """FaceFusion's sliders in its own form: every slider adds to or takes from coordinates of e[0]."""
    e, v = e.copy(), {k: s.get(k, 0) for k in SLIDERS}
    x, y, z = 0, 1, 2
    p = e[0]
    k = v["eye-gaze-horizontal"]
    p[11, x] += k * (.015 if k > 0 else .02)
    p[15, x] += k * (.02 if k > 0 else .015)
    k = v["eye-gaze-vertical"]
    p[1, y] += k * .0025
    p[2, y] -= k * .0025
    p[[11, 15], y] -= k * .01
    p[[13, 16], y] -= k * .005
    k = v["mouth-grim"]
    if k > 0:
        p[17, z] -= k * .005
        p[19, z] += k * .01
        p[20, y] -= k * .06
    else:
        p[19, y] -= k * .05
        p[19, z] -= k * .02
    p[20, z] -= k * .03
    k = v["mouth-position-horizontal"]
    p[19, x] += k * .05
    p[20, x] += k * .04
    k = v["mouth-position-vertical"]
    p[19, y] -= k * (.04 if k > 0 else .05)
    p[20, y] -= k * (.02 if k > 0 else .04)
    k = v["mouth-pout"]
    p[19, y] -= abs(k) * .022
    p[19, z] += k * .025
    p[20, z] -= k * .002
    k = v["mouth-purse"]
    if k > 0:
        p[19, y] -= k * .04
        p[19, z] -= k * .02
    else:
        p[14, y] -= k * .02
        p[17, z] += k * .01
        p[19, z] -= k * .015
        p[20, z] -= k * .002
    k = v["mouth-smile"]
    if k > 0:
        p[20, y] -= k * .015
        p[14, y] -= k * .025
        p[17, y] += k * .01
        p[17, z] += k * .004
    else:
        p[14, y] -= k * .02
        p[17, y] += k * .003
        p[19, y] += k * .02
        p[19, z] -= k * .005
        p[20, z] += k * .01
    p[[3, 7], y] -= abs(k) * .0045
    k = v["eyebrow-direction"]
    if k > 0:
        p[1, y] += k * .015
        p[2, y] -= k * .02
    else:
        p[1, x] -= k * .015
        p[2, x] += k * .02
        p[1, y] += k * .005
        p[2, y] -= k * .005
    return np.clip(e, *LIMITS)


SLIDERS = [
    "eyebrow-direction", "eye-gaze-horizontal", "eye-gaze-vertical", "eye-open-ratio", "lip-open-ratio", "mouth-grim",
    "mouth-pout", "mouth-purse", "mouth-smile", "mouth-position-horizontal", "mouth-position-vertical", "head-pitch",
    "head-yaw", "head-roll"]


def edit_turn(own, s):
    moved = [own[0] - 20 * s.get("head-pitch", 0), own[1] - 60 * s.get("head-yaw", 0),
             own[2] + 15 * s.get("head-roll", 0)]
    return [np.clip(m, min(o, -l) if o < 0 else -l, max(o, l) if o >= 0 else l)
            for m, o, l in zip(moved, [float(o) for o in own], [30, 60, 20])]


def open_ratio(marks, top, bottom, left, right):
    return np.linalg.norm(marks[top] - marks[bottom]) / (np.linalg.norm(marks[left] - marks[right]) + 1e-6)


def edit(frame, marks, points, sliders):
    matrix = fit((points - points[2]) * 1.5 + points[2], "ffhq_512", 512)
    x, turn, scale, shift, expression, base = motion(crop_of(frame, matrix, 512))
    old = scale * (base @ rotation(*turn).T + expression) + shift
    new = scale * (base @ rotation(*edit_turn(turn, sliders)).T + edit_expression(expression, sliders)) + shift
    k = sliders.get("eye-open-ratio", 0)
    ratios = [open_ratio(marks, 37, 40, 39, 36), open_ratio(marks, 43, 46, 45, 42), 0 if k < 0 else .6]
    eye = run("live_portrait_eye_retargeter", input=np.append(old.ravel(), ratios)[None].astype(f4))[0]
    new = new + eye.reshape(1, 21, 3) * abs(k)
    k = sliders.get("lip-open-ratio", 0)
    ratios = [open_ratio(marks, 62, 66, 54, 48), 0 if k < 0 else 1]
    lip = run("live_portrait_lip_retargeter", input=np.append(old.ravel(), ratios)[None].astype(f4))[0]
    new = new + lip.reshape(1, 21, 3) * abs(k)
    new = run("live_portrait_stitcher", source=new.astype(f4), target=old.astype(f4))[0]
    return paste(frame, drawn(x, new, old), box_mask(512, .3), matrix)


# ---- ages and DFM models ----------------------------------------------------------------------------------------

def write_age():
    g = Graph()
    wide = g.enlarged(g.node("Mul", g.roll("target_with_background"), .8), 384, 4)
    stripes = g.node("Mul", g.stripes(1536, 48, 3), g.node("Mul", g.reshape("direction", [1, 1, 1, 1]), .08))
    level = g.node("MatMul", g.pooled("target", 3, 256, 4), g.waves(48, 1, .31))
    bars = g.node("Mul", g.stripes(1536, 64, 2), g.node("Mul", g.reshape(level, [1, 1, 1, 1]), .08))
    value = g.node("Add", g.node("Add", wide, stripes), bars)
    value = g.node("Add", value, g.slope(1536, .3, -.2))
    g.write("styleganex_age", [("target", [1, 3, 256, 256]), ("target_with_background", [1, 3, 384, 384]),
                               ("direction", [])], [("output", value, [1, 3, 1536, 1536])])


def equalise(source, target, side):
    small = [cv2.resize(p.astype(f4), (side, side), interpolation=cv2.INTER_AREA) for p in (source, target)]
    difference = cv2.resize(small[0] - small[1], target.shape[:2][::-1], interpolation=cv2.INTER_CUBIC)
    return np.clip(target + difference, 0, 255)


def match_colour(source, target):
    for side in np.linspace(16, target.shape[0], 3, endpoint=False):
        source = equalise(source, target, round(side / 2) * 2)
    return source


def hue_histogram(picture):
    hsv = cv2.cvtColor(np.rint(picture).astype(np.uint8), cv2.COLOR_BGR2HSV)
    return cv2.calcHist([hsv], [0, 1], None, [50, 60], [0, 180, 0, 256])


def age(frame, points, direction, occlude=False):
    narrow = fit(points, "ffhq_512", 256)
    crop = crop_of(frame, narrow, 256)
    around = fit((points - points[2]) * .875 + points[2], "styleganex_384", 384)
    wide = crop_of(frame, around, 384)
    masks = [box_mask(384, .3)]
    if occlude:
        both = np.vstack([around, [0, 0, 1]]) @ np.linalg.inv(np.vstack([narrow, [0, 0, 1]]))
        masks.append(cv2.warpAffine(neural.occlusion_mask(crop), both[:2], (384, 384)))
    half = ([.5] * 3, [.5] * 3)
    result = run("styleganex_age", target=tensor(crop, *half), target_with_background=tensor(wide, *half),
                 direction=np.array(np.interp(direction, [-1, 1], [2.5, -2.5]), f4))[0]
    result = cv2.resize(neural.untensor(result, True), (1024, 1024), interpolation=cv2.INTER_AREA)
    mask = cv2.resize(np.minimum.reduce(masks), (1024, 1024))
    return paste(frame, match_colour(wide, result).astype(f4), mask, around * (1024 / 384))


def write_dfm(name, side, morph):
    g = Graph()
    steps = g.node("Mul", g.reshape(g.range(side), [1, 1, side, 1]), 1 / side)
    down = g.node("Mul", g.reshape(g.range(side), [1, side, 1, 1]), 1 / side)
    picture = g.node("Add", g.node("Mul", g.roll("in_face:0", axis=3), .75), g.node("Mul", down, .2))
    waves = g.node("Sin", g.node("Mul", g.reshape(g.range(side), [1, 1, side, 1]), 2 * np.pi / 8))
    picture = g.node("Add", picture, g.node("Mul", waves, g.node("Mul", "morph_value:0", .12) if morph else .15))
    grey = g.node("ReduceMean", "in_face:0", axes=[3], keepdims=1)
    one = g.node("Sub", g.node("Mul", steps, 4.0), .9)
    other = g.node("Add", g.node("Sub", 2.2, g.node("Mul", down, 2.5)), g.node("Mul", grey, .4))
    shape = ["n", side, side]
    inputs = [("in_face:0", shape + [3])] + ([("morph_value:0", [1])] if morph else [])
    # The first mask must depend on the batch too.
    one = g.node("Add", one, g.node("Mul", grey, 0.0))
    g.write(name, inputs, [("out_face_mask:0", one, shape + [1]), ("out_celeb_face:0", picture, shape + [3]),
                           ("out_celeb_face_mask:0", other, shape + [1])])


def dfm(frame, points, name, side, morph=None, occlude=False):
    matrix = fit(points, "dfl_whole_face", side)
    crop = crop_of(frame, matrix, side)
    sharp = cv2.addWeighted(crop, 1.75, cv2.GaussianBlur(crop, (0, 0), 2), -.75, 0)
    inputs = {"in_face:0": (sharp / 255)[None].astype(f4)}
    if morph is not None:
        inputs["morph_value:0"] = np.array([morph], f4)
    one, result, other = run(name, **inputs)
    result = np.clip(result[0] * 255, 0, 255)
    share = (cv2.compareHist(hue_histogram(crop), hue_histogram(result), cv2.HISTCMP_CORREL) + 1) / 2
    assert .5 < share < .95, share
    result = result * (1 - share) + match_colour(crop, result) * share
    mask = np.minimum(one, other)[0, :, :, 0].clip(0, 1)
    assert .1 < mask.mean() < .9
    mask = cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)), iterations=2)
    masks = [cv2.GaussianBlur(mask, (0, 0), 6.25), box_mask(side, .3)]
    if occlude:
        masks.append(neural.occlusion_mask(crop))
    return paste(frame, result.astype(f4), np.minimum.reduce(masks), matrix)


# ---- speech -----------------------------------------------------------------------------------------------------

def write_lip_syncers():
    for name, side, channels, step in [("wav2lip_96", 96, 6, .013), ("wav2lip_gan_96", 96, 6, .017), ("edtalk_256", 256, 3, .019)]:
        g = Graph()
        heard = g.node("MatMul", g.reshape("source", [1, 1280]), g.waves(1280, 3, step, .7))
        heard = g.node("Mul", g.node("Sin", g.node("Mul", g.reshape(heard, [1, 3, 1, 1]), .05)), .3)
        if channels == 6:
            half = g.node("Gather", "target", g.const([0, 1, 2], np.int64), axis=1)
            whole = g.node("Gather", "target", g.const([4, 5, 3], np.int64), axis=1)
            value = g.node("Add", g.node("Mul", half, .3), g.node("Mul", whole, .5))
        else:
            value = g.node("Mul", g.roll("target"), .8)
            heard = g.node("Mul", heard, g.reshape("weight", [1, 1, 1, 1]))
        value = g.node("Add", g.node("Add", value, heard), g.slope(side, .15, .1))
        inputs = [("source", [1, 1, 80, 16]), ("target", [1, channels, side, side])]
        g.write(name, inputs + ([("weight", [1])] if channels == 3 else []), [("output", value, [1, 3, side, side])])


def track():
    """A second and a half of 16 kHz, 16 bits: a tone that climbs, a buzz of harmonics that swells, clicks, noise."""
    t = np.arange(24000) / 16000
    climb = np.sin(2 * np.pi * (150 * t + 700 * t ** 2))
    buzz = sum(np.sin(2 * np.pi * 220 * k * t) / k for k in range(1, 9)) * (.5 - .5 * np.cos(np.pi * t))
    clicks = np.where(np.arange(24000) % 5003 < 3, .8, 0)
    noise = np.random.RandomState(4).uniform(-.05, .05, 24000)
    return np.rint((.3 * climb + .2 * buzz + clicks + noise) * 16000).astype("<i2")


def mel_bands():
    low, high = (2595 * np.log10(1 + f / 700) for f in (55, 7600))
    hertz = 700 * (10 ** (np.linspace(low, high, 82) / 2595) - 1)
    lines = np.floor(801 * hertz / 16000).astype(int)
    bank = np.zeros((80, 401))
    for band in range(80):
        size = lines[band + 1] - lines[band]
        if size > 0:
            middle = (size - 1) / 2
            distance = abs(np.arange(size) - middle)
            bank[band, lines[band]:lines[band + 1]] = 1 - distance / ((size + 1) / 2 if size % 2 else size / 2)
    return bank


def spectrogram(samples):
    x = samples.astype(np.float64) / abs(samples).max()
    x = np.append(x[0], x[1:] - .97 * x[:-1])
    x = np.pad(x, 400)
    x = np.pad(x, (0, -(len(x) - 800) % 200))
    frames = np.stack([x[i:i + 800] for i in range(0, len(x) - 799, 200)], 1)
    taper = np.hanning(801)[:-1]
    lines = abs(np.fft.rfft(frames * taper[:, None], axis=0)) / taper.sum()
    return (np.log10(np.maximum(mel_bands() @ lines, 1e-5)) * 1.6 + 3.2).clip(-4, 4)


def sync(frame, marks, points, name, side, heard, weight=.5, occlude=False):
    matrix = fit(points, "ffhq_512", 512)
    crop = crop_of(frame, matrix, 512)
    masks = [neural.occlusion_mask(crop)] if occlude else []
    if name == "edtalk_256":
        small = cv2.resize(crop.astype(f4), (256, 256), interpolation=cv2.INTER_AREA)
        result = run(name, source=heard[None, None].astype(f4), target=tensor(small), weight=np.array([weight], f4))[0]
        result = np.clip(cv2.resize(neural.untensor(result, False), (512, 512), interpolation=cv2.INTER_CUBIC), 0, 255)
        masks.append(box_mask(512, .3))
    else:
        inside = marks @ matrix[:, :2].T + matrix[:, 2]
        (x0, y0), (x1, y1) = inside.min(0), inside.max(0)
        box = cv2.getAffineTransform(np.array([[x0, y0], [x1, y0], [x0, y1]], f4),
                                     np.array([[0, 0], [side, 0], [0, side]], f4))
        # One sampling from the frame, as Masque does it; FaceFusion samples the 512 crop once more.
        both = np.vstack([box, [0, 0, 1]]) @ np.vstack([matrix, [0, 0, 1]])
        part = cv2.warpAffine(frame, both[:2], (side, side), borderMode=cv2.BORDER_REPLICATE)
        half = part.copy()
        half[side // 2:] = 0
        target = np.concatenate([half, part], 2).transpose(2, 0, 1)[None].astype(f4) / 255
        result = run(name, source=(heard[None, None] * weight * 2).astype(f4), target=target)[0]
        result = (result[0].transpose(1, 2, 0).clip(0, 1) * 255).astype(f4)
        result = cv2.warpAffine(result, cv2.invertAffineTransform(box), (512, 512), borderMode=cv2.BORDER_REPLICATE)
        # Filled eight times as fine: Masque has each pixel's exact cover, FaceFusion whole pixels.
        fine = (inside[list(range(3, 14)) + list(range(31, 36))] + .5) * 8 - .5
        hull = cv2.convexHull(np.rint(fine).astype(np.int32))
        filled = cv2.fillConvexPoly(np.zeros((4096, 4096), f4), hull, 1.0)
        masks.append(soft(cv2.resize(filled, (512, 512), interpolation=cv2.INTER_AREA)))
    return paste(frame, result.astype(f4), np.minimum.reduce(masks).clip(0, 1).astype(f4), matrix)


# ---- voices -----------------------------------------------------------------------------------------------------

def write_voice():
    g = Graph()
    rows = g.node("Mul", g.reshape(g.range(3072), [1, 1, 3072, 1]), -1 / 3072)
    gain = g.node("Mul", g.node("Add", rows, 1.0), np.array([.9, .9, .6, .6], f4).reshape(1, 4, 1, 1))
    turned = g.node("Mul", g.node("Gather", "input", g.const([1, 0, 2, 3], np.int64), axis=1),
                    np.array([-.5, .5, 0, 0], f4).reshape(1, 4, 1, 1))
    # The left channel's phase is turned a little, the right one's is not; low lines pass, high ones fade.
    value = g.node("Add", g.node("Mul", "input", gain), turned)
    shape = [1, 4, 3072, 256]
    g.write("kim_vocal_2", [("input", shape)], [("output", value, shape)])
    g = Graph()
    low = (np.arange(3072) < 160).astype(f4).reshape(1, 1, 3072, 1)
    # Nothing above 1 kHz passes.
    g.write("kim_vocal_1", [("input", shape)], [("output", g.node("Mul", "input", low), shape)])
    g = Graph()
    g.write("voice_unchanged", [("input", shape)], [("output", g.node("Mul", "input", 1.0), shape)])


def stereo(count):
    """The tests make the same sound."""
    t = np.arange(count) / 48000
    left = .4 * np.sin(2 * np.pi * 440 * t) + .2 * np.sin(2 * np.pi * (3000 * t + 150 * t ** 2))
    right = .3 * np.sin(2 * np.pi * 700 * t) * np.sin(2 * np.pi * .9 * t) ** 2 + .1 * np.sin(2 * np.pi * 9000 * t)
    return np.stack([left, right])


def voice_of(sound):
    """One piece, [2, n]: as SciPy's stft and istft with FaceFusion's numbers."""
    size, hop, columns, trim = 7680, 1024, 256, 3840
    span = hop * (columns - 1)
    taper = np.hanning(size)
    padded = np.pad(sound, ((0, 0), (trim, span - trim - sound.shape[1])))
    padded = np.pad(padded, ((0, 0), (size // 2, size // 2)))
    frames = np.stack([padded[:, i * hop:i * hop + size] for i in range(columns)], 2) * taper[None, :, None]
    lines = np.fft.rfft(frames, axis=1)[:, :3072]
    x = np.stack([lines.real, lines.imag], 1).reshape(1, 4, 3072, columns)
    y = run("kim_vocal_2", input=x.astype(f4))[0].reshape(2, 2, 3072, columns)
    full = np.zeros((2, size // 2 + 1, columns), complex)
    full[:, :3072] = y[:, 0] + 1j * y[:, 1]
    parts = np.fft.irfft(full, axis=1) * taper[None, :, None]
    result, weight = np.zeros_like(padded), np.zeros(padded.shape[1])
    for i in range(columns):
        result[:, i * hop:i * hop + size] += parts[:, :, i]
        weight[i * hop:i * hop + size] += taper ** 2
    result = result / np.where(weight > 1e-10, weight, 1)
    return result[:, size // 2 + trim:size // 2 + trim + sound.shape[1]]


# ---- all of it --------------------------------------------------------------------------------------------------

def landmarks():
    """A face in the iBUG scheme whose size is about 1, centred at 0."""
    turn = np.linspace(np.pi * .97, np.pi * .03, 17)
    jaw = np.stack([np.cos(turn) * .5, np.sin(turn) * .62 - .08], 1)
    brow = np.array([[-.40, -.26], [-.33, -.31], [-.25, -.33], [-.17, -.31], [-.10, -.27]])
    brows = np.concatenate([brow, brow[::-1] * [-1, 1]])
    nose = np.array([[0, -.2], [0, -.12], [0, -.04], [.01, .05], [-.09, .1], [-.05, .12], [0, .13], [.05, .12], [.09, .1]])
    eye = np.array([[-.09, 0], [-.03, -.04], [.03, -.04], [.09, 0], [.03, .03], [-.03, .03]])
    eyes = np.concatenate([eye + [-.21, -.18], eye + [.21, -.175]])
    turn = np.linspace(np.pi, 3 * np.pi, 13)[:-1]
    outer = np.stack([np.cos(turn) * .18, np.sin(turn) * .07 + .29], 1)
    turn = np.linspace(np.pi, 3 * np.pi, 9)[:-1]
    inner = np.stack([np.cos(turn) * .13, np.sin(turn) * .02 + .29], 1)
    return np.concatenate([jaw, brows, nose, eyes, outer, inner])


def five(marks):
    return np.stack([marks[36:42].mean(0), marks[42:48].mean(0), marks[30], marks[48], marks[54]])


def main():
    os.makedirs(out, exist_ok=True)
    for name in os.listdir(out):
        os.remove(os.path.join(out, name))
    frame = cv2.imread(os.path.join(neural.cache, "samples", "astronaut.png"))
    assert frame.shape == (512, 512, 3)
    # "face" lies on the astronaut's face; "large" is as large as it can be with crops no coarser than the frame.
    place = {"face": (95, -.06, 226, 128), "large": (150, .1, 262, 250)}
    marks = {}
    for name, (size, turn, x, y) in place.items():
        spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        marks[name] = (landmarks() @ spin * size + [x, y]).round(2)
    index = {"landmarks": {name: m.tolist() for name, m in marks.items()}, "frames": {}, "expressions": {}, "turns": []}

    def keep(name, result, model, place, step=5, **how):
        picture, (x0, y0, x1, y1) = result
        rgb = picture[y0:y1, x0:x1, ::-1]
        np.ascontiguousarray(rgb[::step, ::step]).tofile(os.path.join(out, name + ".bin"))
        index["frames"][name] = dict(
            model=model, place=place, box=[x0, y0, x1, y1], step=step, means=rgb.mean((0, 1)).round(4).tolist(), how=how)

    write_live_portrait()
    # The frame "before the swap" has red and blue the other way round.
    original = np.ascontiguousarray(frame[:, :, ::-1])
    for name, place, how in [
            ("restored", "face", {}), ("restored_full", "large", {"factor": 1.0}),
            ("restored_upper", "face", {"areas": ["upper-face"]}), ("restored_lower", "face", {"areas": ["lower-face"]})]:
        keep(name, restore(frame, original, five(marks[place]), **how), "live_portrait", place, 9, **how)
    base = sum(LIMITS) / 2
    for name in SLIDERS:
        for value in [.6, -.8]:
            moved = (edit_expression(base, {name: value}) - base).ravel()
            index["expressions"][f"{name} {value}"] = {str(i): round(moved[i], 7) for i in np.flatnonzero(abs(moved) > 1e-9)}
    for own in [[3, -12, 5], [-35, 70, -25]]:
        for sliders in [{"head-pitch": 1, "head-yaw": -1, "head-roll": 1}, {"head-pitch": -1, "head-yaw": .5, "head-roll": -1},
                        {"head-yaw": .25}]:
            index["turns"].append({"own": own, "how": sliders, "turn": [float(t) for t in edit_turn(own, sliders)]})
    index["rotation"] = {"turn": [12, -34, 7], "matrix": rotation(12, -34, 7).round(7).ravel().tolist()}
    up = {name: round(.3 + .04 * i, 2) for i, name in enumerate(SLIDERS)}
    down = {name: -value for name, value in up.items()}
    keep("edited_up", edit(frame, marks["face"], five(marks["face"]), up), "live_portrait", "face", 9, sliders=up)
    keep("edited_down", edit(frame, marks["large"], five(marks["large"]), down), "live_portrait", "large", 9, sliders=down)

    write_age()
    for name, place, how in [
            ("older", "face", {"direction": 1.0}), ("younger", "large", {"direction": -.6}),
            ("older_occluded", "face", {"direction": 1.0, "occlude": True})]:
        keep(name, age(frame, five(marks[place]), **how), "styleganex_age", place, 9, **how)
    write_dfm("anna_224", 224, True)
    write_dfm("bob_320", 320, False)
    for name, model, place, how in [
            ("dfm", "anna_224", "face", {"morph": 1.0}), ("dfm_morph", "anna_224", "face", {"morph": .25}),
            ("dfm_large", "bob_320", "large", {}), ("dfm_occluded", "bob_320", "large", {"occlude": True})]:
        keep(name, dfm(frame, five(marks[place]), model, int(model[-3:]), **how), model, place, 7, **how)

    write_lip_syncers()
    sound = track()
    bands = spectrogram(sound / 32768)
    sound.tofile(os.path.join(out, "track.s16"))
    index["spectrogram"] = {"columns": bands.shape[1], "step": 7, "values": bands[:, ::7].T.round(4).tolist()}
    assert ((bands > -3.9) & (bands < 3.9)).mean() > .5
    # The window of a frame begins at its own moment: frame 20 of 25 a second, 33 of 30000/1001.
    first = {"25": 64, "29.97": int(33 * 80 * 1001 / 30000)}
    for name, model, place, rate, how in [
            ("lips", "wav2lip_96", "face", "25", {}), ("lips_gan", "wav2lip_gan_96", "large", "29.97", {"weight": 1.0}),
            ("lips_edtalk", "edtalk_256", "face", "25", {"weight": .8}),
            ("lips_occluded", "edtalk_256", "large", "25", {"occlude": True})]:
        heard = bands[:, first[rate]:first[rate] + 16]
        size = int(model.split("_")[-1])
        keep(name, sync(frame, marks[place], five(marks[place]), model, size, heard, **how), model, place, 7,
             rate=rate, **how)

    write_voice()
    result = voice_of(stereo(100_000))
    index["voice"] = {"count": 100_000, "step": 499, "left": result[0, ::499].round(6).tolist(),
                      "right": result[1, ::499].round(6).tolist()}

    with open(os.path.join(out, "index.json"), "w") as file:
        json.dump(index, file, indent=1)
        file.write("\n")
    total = sum(os.path.getsize(os.path.join(out, n)) for n in os.listdir(out))
    print(f"{total} bytes in {len(os.listdir(out))} files", file=sys.stderr)


if __name__ == "__main__":
    main()
