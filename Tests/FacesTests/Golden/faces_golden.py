# Independent reference for the Faces module: detection, mesh, identity and masks by OpenCV, NumPy and ONNX Runtime.
"""Usage: faces_golden.py CACHE OUT.json

Needs numpy, opencv-python-headless and onnxruntime; CACHE is the folder that scripts/setup fills. Pixel centres lie at
whole numbers. Run by hand when a kernel changes on purpose; tests read the JSON it wrote.
"""

import json
import sys

import cv2
import numpy as np
import onnxruntime as ort

OVAL = [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
        150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109]
CHIP = np.array([(0.8595674595992, 0.2134981538014), (0.6460604764104, 0.2289674387677),
                 (0.1205750620789, 0.2137274526848), (0.3340850613712, 0.2290642403242),
                 (0.4901123135679, 0.6277975316475)])


def session(cache, name):
    return ort.InferenceSession(f"{cache}/models/{name}.onnx", providers=["CPUExecutionProvider"])


def detect(model, image):
    """Best face of a picture whose sides are padded to multiples of 32 with black: box and five points."""
    high, wide = image.shape[:2]
    padded = np.zeros((-(-high // 32) * 32, -(-wide // 32) * 32, 3), np.float32)
    padded[:high, :wide] = image
    heat, size, offset, points = model.run(None, {"input.1": padded.transpose(2, 0, 1)[None]})
    row, column = np.unravel_index(heat[0, 0].argmax(), heat[0, 0].shape)
    h, w = np.exp(size[0, :, row, column]) * 4
    x = (column + offset[0, 1, row, column] + 0.5) * 4 - w / 2 - 0.5
    y = (row + offset[0, 0, row, column] + 0.5) * 4 - h / 2 - 0.5
    p = points[0, :, row, column]
    return (x, y, w, h), np.array([(x + p[2 * k + 1] * w, y + p[2 * k] * h) for k in range(5)])


def crop_matrix(center, side, angle, size):
    """Crop → frame, as a 2×3 matrix."""
    s = side / size
    c, n = np.cos(angle) * s, np.sin(angle) * s
    m = (size - 1) / 2
    return np.array([[c, -n, center[0] - c * m + n * m], [n, c, center[1] - n * m - c * m]])


def warp(image, matrix, size):
    return cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)


def mesh_at(model, image, matrix):
    crop = warp(image, matrix, 192).astype(np.float32)[None] / 255
    landmarks, flag = model.run(None, {"input": crop})
    points = landmarks.reshape(468, 3)
    return (points[:, :2] - 0.2) @ matrix[:, :2].T + matrix[:, 2], float(flag.ravel()[0])


def mesh(model, image, box, five):
    line = (five[1] - five[0]) * 2 + (five[4] - five[3])
    x, y, w, h = box
    matrix = crop_matrix((x + w / 2, y + h / 2), max(w, h) * 1.5, np.arctan2(line[1], line[0]), 192)
    points, _ = mesh_at(model, image, matrix)
    line = points[263] - points[33]
    angle = np.arctan2(line[1], line[0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    local = points @ turn
    low, top = local.min(0), local.max(0)
    matrix = crop_matrix(turn @ ((low + top) / 2), (top - low).max() * 1.5, angle, 192)
    return mesh_at(model, image, matrix)[0]


def similarity(source, target):
    """Umeyama's least-squares similarity as a 2×3 matrix."""
    ms, mt = source.mean(0), target.mean(0)
    u, d, v = np.linalg.svd((target - mt).T @ (source - ms) / len(source))
    sign = np.diag([1, np.sign(np.linalg.det(u @ v))])
    rotation = u @ sign @ v
    scale = (d * np.diag(sign)).sum() / ((source - ms) ** 2).sum() * len(source)
    return np.hstack([scale * rotation, (mt - scale * rotation @ ms)[:, None]])


def embedding(model, image, points):
    to_chip = similarity(points[[263, 362, 33, 133, 2]], (CHIP + 0.25) / 1.5 * 150)
    chip = cv2.warpAffine(image, to_chip, (150, 150), flags=cv2.INTER_LINEAR)
    return model.run(None, {model.get_inputs()[0].name: chip.astype(np.float32).transpose(2, 0, 1)[None]})[0][0]


def box_mask(side, blur, padding):
    """FaceFusion's box mask; padding is top, right, bottom, left in percent."""
    amount = int(side * 0.5 * blur)
    area = max(amount // 2, 1)
    mask = np.ones((side, side), np.float32)
    mask[:max(area, int(side * padding[0] / 100)), :] = 0
    mask[-max(area, int(side * padding[2] / 100)):, :] = 0
    mask[:, :max(area, int(side * padding[3] / 100))] = 0
    mask[:, -max(area, int(side * padding[1] / 100)):] = 0
    return cv2.GaussianBlur(mask, (0, 0), amount * 0.25) if amount > 0 else mask


def polygon_mask(points, size, fine=16):
    """Coverage by brute force: OpenCV's fill at sixteen times the size, averaged."""
    big = np.zeros((size * fine, size * fine), np.uint8)
    scaled = np.round(((points + 0.5) * fine - 0.5) * 256).astype(np.int32)
    cv2.fillPoly(big, [scaled], 255, shift=8)
    return big.reshape(size, fine, size, fine).mean((1, 3)) / 255


def rounded(values, digits=3):
    return np.round(np.asarray(values, float), digits).tolist()


def main():
    cache, out = sys.argv[1:3]
    ort.set_default_logger_severity(3)
    detector, landmarker, identity = (session(cache, name) for name in ("centerface", "face_mesh", "identity"))
    result = {"faces": {}, "boxMasks": []}
    for name in ("astronaut.png", "grace_hopper.jpg"):
        image = cv2.imread(f"{cache}/samples/{name}")[:, :, ::-1]
        box, five = detect(detector, image)
        points = mesh(landmarker, image, box, five)
        result["faces"][name] = {
            "box": rounded(box), "five": rounded(five), "mesh": rounded(points, 2),
            "embedding": rounded(embedding(identity, image, points), 5)}
        if name == "astronaut.png":
            low = points[OVAL].min(0)
            scale = 60 / (points[OVAL].max(0) - low).max()
            oval = (points[OVAL] - low) * scale - 4
            result["oval"] = {"points": rounded(oval), "mask": rounded(polygon_mask(np.round(oval, 3), 64), 4)}
    for side, blur, padding in ((128, 0.3, (0, 0, 0, 0)), (96, 0.5, (10, 0, 30, 5)), (64, 0.0, (0, 20, 0, 0))):
        mask = box_mask(side, blur, padding)
        result["boxMasks"].append(
            {"side": side, "blur": blur, "padding": padding, "row": rounded(mask[side // 2], 4),
             "column": rounded(mask[:, side // 2], 4), "diagonal": rounded(mask.diagonal(), 4)})
    with open(out, "w", encoding="utf-8") as file:
        json.dump(result, file, separators=(",", ":"))


if __name__ == "__main__":
    main()
