"""Writes Tests/FacesTests/Golden/published: stand-ins for published detectors, landmarkers and the classifier.

By hand: $(scripts/python-env Tests/golden/requirements.txt) Tests/golden/detectors.py

As in neural.py the graphs have exactly the published files' tensors, and their outputs are formulas of the picture. The
right answers are computed with NumPy and OpenCV from FaceFusion 3.5.2's published numbers (cv2.resize for the view,
cv2.dnn.NMSBoxes, cv2.warpAffine for crops, cv2.createCLAHE): nothing here has seen Masque's code.

Where Masque differs on purpose, these goldens say what Masque does: places of a scaled view are mapped by pixel centres,
(x + 0.5) · ratio - 0.5, where FaceFusion multiplies by the ratio.
"""
import json
import os
import sys

import cv2
import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h

import neural

here = os.path.dirname(os.path.abspath(__file__))
out = os.path.join(here, "..", "FacesTests", "Golden", "published")
neural.out = out
f4 = np.float32
Graph = neural.Graph
STRIDES = [8, 16, 32]


def save(graph, name, inputs, outputs):
    """As Graph.save, with several outputs: (name of the value, name, type, shape)."""
    for value, title, _, _ in outputs:
        graph.nodes.append(h.make_node("Identity", [value], [title]))
    proto = h.make_graph(
        graph.nodes, name, [h.make_tensor_value_info(n, k, s) for n, k, s in inputs],
        [h.make_tensor_value_info(title, k, s) for _, title, k, s in outputs], graph.constants)
    model = h.make_model(proto, opset_imports=[h.make_opsetid("", 13)], ir_version=8, producer_name="masque tests")
    onnx.checker.check_model(model)
    with open(os.path.join(out, name + ".onnx"), "wb") as file:
        file.write(model.SerializeToString(deterministic=True))


# ---- detectors --------------------------------------------------------------------------------------------------
# The stand-ins look at the mean colour of each cell, b, g, r in 0…1, and fire where it is blue. Places and sizes move
# with the colour and, a little, with the cell, so that no two scores are equal.

def level_values(p, stride, columns):
    """score, box (l, t, r, b distances) and points (x, y offsets), all in pixels, for a [3, n, n] map of means."""
    b, g, r = p
    x = np.arange(columns)[None, :] / columns
    y = np.arange(columns)[:, None] / columns
    score = b - .5 * r - .3 * g - .004 * x - .007 * y - .0005 * stride
    box = [70 + 20 * g + 0 * x, 80 + 30 * r + 0 * y, 75 + 10 * g + 4 * x, 90 + 5 * r + 3 * y]
    points = [-30 + 9 * g, -20 + 0 * x, 30 + 7 * r, -21 + 0 * x, 2 + 5 * x, 3 + 4 * y, -22 + 0 * x, 31 + 3 * r, 23 + 0 * x,
              33 + 2 * g]
    return score, box, [v + 0 * x + 0 * y for v in points]


class Level:
    """The same as graph nodes, for one stride."""

    def __init__(self, g, source, stride, scale, shift):
        self.g, self.n, self.stride = g, 640 // stride, stride
        pooled = g.node("AveragePool", source, kernel_shape=[stride, stride], strides=[stride, stride])
        pooled = g.node("Add", g.node("Mul", pooled, scale), shift)
        self.b, self.gr, self.r = (g.node("Slice", pooled, *[g.const([v], np.int64) for v in (i, i + 1, 1)])
                                   for i in range(3))
        steps = g.node("Div", g.range(self.n), float(self.n))
        self.x = g.node("Add", g.reshape(steps, [1, 1, 1, self.n]), g.const(np.zeros((1, 1, self.n, 1))))
        self.y = g.node("Add", g.reshape(steps, [1, 1, self.n, 1]), g.const(np.zeros((1, 1, 1, self.n))))

    def mix(self, constant, **factors):
        g, total = self.g, None
        for name, factor in factors.items():
            term = g.node("Mul", getattr(self, name), float(factor))
            total = term if total is None else g.node("Add", total, term)
        zero = g.node("Mul", self.x, 0.0)
        return g.node("Add", g.node("Add", total, zero) if total else zero, float(constant))

    def values(self):
        score = self.mix(-.0005 * self.stride, b=1, r=-.5, gr=-.3, x=-.004, y=-.007)
        box = [self.mix(70, gr=20), self.mix(80, r=30), self.mix(75, gr=10, x=4), self.mix(90, r=5, y=3)]
        points = [self.mix(-30, gr=9), self.mix(-20), self.mix(30, r=7), self.mix(-21), self.mix(2, x=5), self.mix(3, y=4),
                  self.mix(-22), self.mix(31, r=3), self.mix(23), self.mix(33, gr=2)]
        return score, box, points


def flat(level, maps, each, factor=1.0):
    """Maps [1, 1, n, n] as rows of one place each, the second place of a cell at 0.8 of the values."""
    g = level.g
    joined = g.node("Concat", *maps, axis=1)
    rows = g.reshape(g.node("Transpose", joined, perm=[0, 2, 3, 1]), [level.n * level.n, 1, len(maps)])
    rows = g.node("Mul", rows, float(factor))
    if each == 2:
        rows = g.node("Concat", rows, g.node("Mul", rows, .8), axis=1)
    return g.reshape(rows, [level.n * level.n * each, len(maps)])


def write_scrfd(name, wrong=False):
    g = Graph()
    kinds = [[], [], []]
    for stride in STRIDES:
        level = Level(g, "input", stride, 128 / 255, 127.5 / 255)
        score, box, points = level.values()
        kinds[0].append(flat(level, [score], 2))
        kinds[1].append(flat(level, box, 2, 1 / stride))
        kinds[2].append(flat(level, points, 2, 1 / stride))
    outputs = [(value, f"{title}_{stride}", T.FLOAT, [2 * (640 // stride) ** 2, count])
               for values, title, count in zip(kinds, ["score", "bbox", "kps"], [1, 4, 10])
               for value, stride in zip(values, STRIDES)]
    save(g, name, [("input", T.FLOAT, [1, 3, 640, 640])], outputs[:6] if wrong else outputs)


def write_yolo():
    g = Graph()
    level = Level(g, "input", 8, 1.0, 0.0)
    score, (l, t, r, b), points = level.values()
    col = g.node("Mul", level.x, 640.0)
    row = g.node("Mul", level.y, 640.0)
    half = lambda a, c, s: g.node("Mul", g.node("Add", a, g.node("Mul", c, s)), .5)
    maps = [g.node("Add", col, half(r, l, -1.0)), g.node("Add", row, half(b, t, -1.0)), g.node("Add", l, r),
            g.node("Add", t, b), score]
    for i in range(5):
        maps += [g.node("Add", col, points[2 * i]), g.node("Add", row, points[2 * i + 1]), level.mix(.5 + .1 * i)]
    rows = g.reshape(g.node("Concat", *maps, axis=1), [1, 20, 6400])
    rest = g.node("Expand", 0.0, g.const([1, 20, 2000], np.int64))
    value = g.node("Concat", rows, rest, axis=2)
    save(g, "yoloface_8n", [("input", T.FLOAT, [1, 3, 640, 640])], [(value, "output", T.FLOAT, [1, 20, 8400])])


def write_yunet():
    g = Graph()
    kinds = [[], [], [], []]
    for stride in STRIDES:
        level = Level(g, "input", stride, 1 / 255, 0.0)
        score, (l, t, r, b), points = level.values()
        half = lambda a, c: g.node("Mul", g.node("Sub", a, c), .5)
        size = lambda a, c: g.node("Log", g.node("Div", g.node("Add", a, c), float(stride)))
        wide = lambda v: g.node("Mul", v, 1 / stride)
        obj = level.mix(.9, x=.05)
        kinds[0].append(flat(level, [g.node("Div", score, obj)], 1))
        kinds[1].append(flat(level, [obj], 1))
        kinds[2].append(flat(level, [wide(half(r, l)), wide(half(b, t)), size(l, r), size(t, b)], 1))
        kinds[3].append(flat(level, [wide(p) for p in points], 1))
    outputs = [(g.reshape(value, [1, (640 // stride) ** 2, count]), f"{title}_{stride}", T.FLOAT,
                [1, (640 // stride) ** 2, count])
               for values, title, count in zip(kinds, ["cls", "obj", "bbox", "kps"], [1, 1, 4, 10])
               for value, stride in zip(values, STRIDES)]
    save(g, "yunet_2023_mar", [("input", T.FLOAT, [1, 3, 640, 640])], outputs)


def view_of(frame):
    height, width = frame.shape[:2]
    scale = min(640 / height, 640 / width, 1)
    small = frame if scale == 1 else cv2.resize(frame, (int(width * scale), int(height * scale)))
    view = np.zeros((640, 640, 3), np.float64)
    view[:small.shape[0], :small.shape[1]] = small
    return view / 255, (width / small.shape[1], height / small.shape[0])


def candidates(model, view, threshold):
    """Boxes (x0, y0, x1, y1), scores and points in view pixels."""
    found = []
    for stride in STRIDES[:1] if model == "yolo" else STRIDES:
        n = 640 // stride
        p = view.reshape(n, stride, n, stride, 3).mean((1, 3)).transpose(2, 0, 1)
        score, box, points = level_values(p, stride, n)
        for row in range(n):
            for column in range(n):
                x, y = column * stride, row * stride
                for share in [1, .8] if model == "scrfd" else [1]:
                    s = score[row, column] * share
                    if s >= threshold:
                        l, t, r, b = (v[row, column] * share for v in np.broadcast_arrays(*box))
                        five = [v[row, column] * share + (y if i % 2 else x) for i, v in enumerate(points)]
                        found.append(([x - l, y - t, x + r, y + b], s, five))
    return found


def suppressed(found, overlap):
    boxes = [[b[0], b[1], b[2] - b[0], b[3] - b[1]] for b, _, _ in found]
    keep = cv2.dnn.NMSBoxes(boxes, [float(s) for _, s, _ in found], 0, overlap)
    return [found[i] for i in keep]


def detected(models, frame, threshold, overlap, turn=0, margin=(0, 0, 0, 0)):
    height, width = frame.shape[:2]
    top, right, bottom, left = (int(side * m / 200) for side, m in zip((height, width, height, width), margin))
    padded = np.pad(frame, ((top, bottom), (left, right), (0, 0)))
    turned = np.ascontiguousarray(np.rot90(padded, -turn // 90))
    found = []
    for model in models:
        view, ratio = view_of(turned)
        for box, score, points in candidates(model, view, threshold):
            def back(x, y):
                x, y = (x + .5) * ratio[0] - .5, (y + .5) * ratio[1] - .5
                if turn == 90:
                    x, y = y, padded.shape[0] - 1 - x
                return x - left, y - top
            (x0, y0), (x1, y1) = back(*box[:2]), back(*box[2:])
            five = [v for i in range(5) for v in back(points[2 * i], points[2 * i + 1])]
            found.append(([min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)], score, five))
    best = sorted(suppressed(found, overlap), key=lambda f: -f[1])
    return [{"box": np.round(b, 3).tolist(), "score": round(float(s), 5), "points": np.round(p, 3).tolist()}
            for b, s, p in best]


def painted(width, height, spots):
    frame = np.full((height, width, 3), (20, 40, 60), np.uint8)
    for x, y, side, (r, g, b) in spots:
        frame[y:y + side, x:x + side] = (b, g, r)
    return frame


SPOTS = [(160, 128, 32, (0, 0, 255)), (448, 192, 32, (30, 60, 245)), (320, 352, 32, (10, 20, 200))]


# ---- landmarkers and the classifier -----------------------------------------------------------------------------

def weights(rows, columns, phase):
    i, j = np.arange(rows)[:, None], np.arange(columns)[None, :]
    return np.sin(.7 * i + 1.3 * j + .11 * i * j + phase)


def write_fan(name, heat):
    g = Graph()
    pooled = g.reshape(g.node("AveragePool", "input", kernel_shape=[64, 64], strides=[64, 64]), [1, 48])
    moved = g.node("MatMul", pooled, g.const(weights(48, 204, .2 if heat else .8)))
    values = g.node("Add", g.node("Mul", moved, 1.5), 32.0)
    if heat:
        small = g.node("AveragePool", "input", kernel_shape=[4, 4], strides=[4, 4])
        maps = g.node("Conv", small, g.const(np.abs(weights(68, 3, .9)).reshape(68, 3, 1, 1) / 2))
        outputs = [(g.reshape(values, [1, 68, 3]), "landmarks", T.FLOAT, [1, 68, 3]),
                   (maps, "heatmaps", T.FLOAT, [1, 68, 64, 64])]
    else:
        # Scores are what lies between 0.7 and 0.9.
        xy = g.reshape(values, [1, 68, 3])
        first = g.node("Slice", xy, *[g.const([v], np.int64) for v in (0, 2, 2)])
        last = g.node("Slice", xy, *[g.const([v], np.int64) for v in (2, 3, 2)])
        score = g.node("Add", g.node("Mul", last, .001), .7)
        outputs = [(g.reshape(g.node("Concat", first, score, axis=2), [1, 204]), "output", T.FLOAT, [1, 204])]
    save(g, name, [("input", T.FLOAT, [1, 3, 256, 256])], outputs)


def fan_crop(frame, box, angle):
    x0, y0, x1, y1 = box
    scale = 195 / max(x1 - x0, y1 - y0, 1)
    shift = (256 - np.array([x0 + x1, y0 + y1]) * scale) * .5
    to_crop = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    turn = cv2.getRotationMatrix2D((128, 128), angle, 1)
    whole = np.vstack([turn, [0, 0, 1]]) @ np.vstack([to_crop, [0, 0, 1]])
    return cv2.warpAffine(frame, whole[:2], (256, 256)), whole[:2]


def raised(crop):
    lab = cv2.cvtColor(crop, cv2.COLOR_BGR2Lab)
    dark = lab[:, :, 0].mean() < 30
    if dark:
        lab[:, :, 0] = cv2.createCLAHE(clipLimit=2).apply(np.ascontiguousarray(lab[:, :, 0]))
        crop = cv2.cvtColor(lab, cv2.COLOR_Lab2BGR)
    return crop, dark


def fan(frame, box, angle, heat):
    crop, to_crop = fan_crop(frame, box, angle)
    plain = crop
    crop, dark = raised(crop)
    # Raising a dark crop must show.
    assert not dark or np.abs(crop.astype(int) - plain).mean() > 3
    x = crop.transpose(2, 0, 1).astype(np.float64) / 255
    pooled = x.reshape(3, 4, 64, 4, 64).mean((2, 4)).reshape(48)
    values = (1.5 * (pooled @ weights(48, 204, .2 if heat else .8)) + 32).reshape(68, 3)
    points = cv2.transform((values[:, :2] * 4)[None], cv2.invertAffineTransform(to_crop))[0]
    if heat:
        maps = np.tensordot(np.abs(weights(68, 3, .9)) / 2, x.reshape(3, 64, 4, 64, 4).mean((2, 4)), 1)
        score = maps.reshape(68, -1).max(1).mean() / .9
    else:
        score = (.7 + .001 * values[:, 2]).mean() / .95
    assert np.abs(values[:, :2] - 32).max() < 45 and values.std() > .3, (values.std(), np.abs(values-32).max())
    return {"dark": bool(dark), "score": round(float(np.clip(score, 0, 1)), 5), "points": points.round(3).tolist()}


def write_five():
    g = Graph()
    value = g.node("MatMul", g.reshape("input", [1, 10]), g.const(weights(10, 136, .4) / 4))
    save(g, "fan_68_5", [("input", T.FLOAT, [1, 5, 2])], [(g.reshape(value, [1, 68, 2]), "output", T.FLOAT, [1, 68, 2])])


def five(points):
    matrix = neural.fit(points, "ffhq_512", 1)
    inside = cv2.transform(points[None], matrix)[0]
    values = (inside.reshape(10) @ (weights(10, 136, .4) / 4)).reshape(68, 2)
    return cv2.transform(values[None], cv2.invertAffineTransform(matrix))[0]


CLASSES = [("race_id", 0, (40, 60), 7), ("gender_id", 1, (100, 90), 2), ("age_id", 2, (150, 110), 9)]
REACH = 48


def write_fairface():
    g = Graph()
    outputs = []
    for name, channel, (x, y), count in CLASSES:
        starts, ends, axes = ([channel, y, x], [channel + 1, y + REACH, x + REACH], [1, 2, 3])
        part = g.node("Slice", "input", *[g.const(v, np.int64) for v in (starts, ends, axes)])
        mean = g.reshape(g.node("ReduceMean", part, keepdims=0), [1])
        # ImageNet's mean and deviation taken back, then the level cut into classes.
        level = g.node("Add", g.node("Mul", mean, [.229, .224, .225][channel]), [.485, .456, .406][channel])
        kind = g.node("Cast", g.node("Floor", g.node("Mul", level, float(count))), to=T.INT64)
        outputs.append((kind, name, T.INT64, [1]))
    save(g, "fairface", [("input", T.FLOAT, [1, 3, 224, 224])], outputs)


def classes(frame, points):
    crop = neural.crop_of(frame, neural.fit(points, "arcface_112_v2", 224), 224)[:, :, ::-1] / 255
    result = []
    for _, channel, (x, y), count in CLASSES:
        level = crop[y:y + REACH, x:x + REACH, channel].mean() * count
        result.append((int(level), level % 1))
    return result


def main():
    os.makedirs(out, exist_ok=True)
    for name in os.listdir(out):
        if name.endswith((".onnx", ".json")):
            os.remove(os.path.join(out, name))
    write_scrfd("scrfd_2.5g")
    write_scrfd("retinaface_10g", wrong=True)
    write_yolo()
    write_yunet()
    write_fan("2dfan4", True)
    write_fan("peppa_wutz", False)
    write_five()
    write_fairface()

    index = {"pictures": {}, "detections": [], "landmarks": [], "lab": [], "classes": []}
    pictures = {
        "plain": (640, 480, SPOTS),
        "large": (1280, 960, [(2 * x, 2 * y, 2 * side, colour) for x, y, side, colour in SPOTS]),
        "tall": (480, 640, [(y, 640 - 32 - x, side, colour) for x, y, side, colour in SPOTS]),
        "border": (320, 288, [(0, 0, 32, (0, 0, 255)), (288, 256, 32, (0, 30, 250))]),
    }
    index["pictures"] = {name: {"width": w, "height": hh, "spots": [[x, y, s, *c] for x, y, s, c in spots]}
                         for name, (w, hh, spots) in pictures.items()}
    files = {"yolo": "yolo_face", "scrfd": "scrfd", "yunet": "yunet"}
    for picture, turn, margin in [("plain", 0, (0, 0, 0, 0)), ("large", 0, (0, 0, 0, 0)), ("tall", 90, (0, 0, 0, 0)),
                                  ("border", 0, (100, 40, 20, 50))]:
        frame = painted(*pictures[picture])
        for models in [["yolo"], ["scrfd"], ["yunet"], ["scrfd", "yolo"]]:
            for threshold in [.5, .85]:
                faces = detected(models, frame, threshold, .1 if len(models) > 1 else .4, turn, margin)
                index["detections"].append({
                    "models": [files[m] for m in models], "picture": picture, "turn": turn, "margin": list(margin),
                    "threshold": threshold, "faces": faces})
    counts = [len(d["faces"]) for d in index["detections"]]
    assert min(counts) >= 1 and max(counts) == 3, counts

    astronaut = cv2.imread(os.path.join(neural.cache, "samples", "astronaut.png"))
    box = [170, 60, 280, 190]
    for name, heat in [("2dfan4", True), ("peppa_wutz", False)]:
        for turn in [0, 90, 180, 270]:
            index["landmarks"].append({"model": name, "turn": turn, "box": box, "dim": 1.0,
                                       **fan(astronaut, box, turn, heat)})
        dim = (astronaut * .12).astype(np.uint8)
        index["landmarks"].append({"model": name, "turn": 0, "box": box, "dim": .12, **fan(dim, box, 0, heat)})
        index["landmarks"].append({"model": name, "turn": 0, "box": [-40, -30, 90, 110], "dim": 1.0,
                                   **fan(astronaut, [-40, -30, 90, 110], 0, heat)})
    assert [e["dark"] for e in index["landmarks"]].count(True) == 2
    face = np.array([[203, 112], [244, 108], [229, 135], [212, 153], [244, 149]], np.float64)
    index["five"] = {"points": face.tolist(), "landmarks": five(face).round(3).tolist()}

    # Places where no level lies near the border of two classes.
    for dx in range(-120, 180, 17):
        for scale in [.8, 1, 1.4]:
            points = ((face - [228, 133]) * scale + [228 + dx, 133 + abs(dx)]).round(3)
            found = classes(astronaut, points)
            if all(.15 < rest < .85 for _, rest in found) and all(
                    [i for i, _ in found] != c["ids"] for c in index["classes"]):
                index["classes"].append({"points": points.tolist(), "ids": [i for i, _ in found]})
    assert len(index["classes"]) >= 4 and {c["ids"][1] for c in index["classes"]} == {0, 1}, index["classes"]

    for rgb in [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255), (10, 12, 8), (130, 90, 60), (77, 200, 190)]:
        lab = cv2.cvtColor(np.array([[rgb]], f4) / 255, cv2.COLOR_RGB2LAB)[0, 0]
        index["lab"].append({"rgb": list(rgb), "lab": lab.round(3).tolist()})
    y, x = np.mgrid[0:256, 0:256]
    plane = ((x * 3 + y * 2 + ((x * y) >> 5)) & 63).astype(np.uint8)
    even = cv2.createCLAHE(clipLimit=2).apply(plane)
    index["equalised"] = even[::9, ::7].tolist()
    with open(os.path.join(out, "index.json"), "w") as file:
        json.dump(index, file)
        file.write("\n")
    print(counts, sum(os.path.getsize(os.path.join(out, n)) for n in os.listdir(out)), file=sys.stderr)


if __name__ == "__main__":
    main()
