"""Writes Tests/StudioTests/Golden: what `masque process --processors face_swapper,face_enhancer` should make.

By hand, after neural.py: $(scripts/python-env Tests/golden/requirements.txt) Tests/golden/chain.py

Where the faces lie is asked of `masque faces` (finding them is not what is proven here) and kept beside the goldens;
embedding, swap, restoration, masks and pasting are OpenCV's and NumPy's, from neural.py.
"""
import json
import os
import subprocess

import cv2
import numpy as np

import neural

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.join(here, "..", "..")
out = os.path.join(here, "..", "StudioTests", "Golden")
samples = os.path.join(neural.cache, "samples")


def points(name):
    lines = subprocess.run([os.path.join(root, ".build/release/masque"), "faces", os.path.join(samples, name), "--json"],
                           check=True, capture_output=True, text=True).stdout
    return json.loads(lines.splitlines()[0])["faces"][0]["points"]


def main():
    os.makedirs(out, exist_ok=True)
    target, source = cv2.imread(f"{samples}/astronaut.png"), cv2.imread(f"{samples}/grace_hopper.jpg")
    places = {"target": points("astronaut.png"), "source": points("grace_hopper.jpg")}
    at, of = (np.array(places[k], np.float64) for k in ("target", "source"))
    x = neural.tensor(neural.crop_of(source, neural.fit(of, "arcface_112_v2", 112), 112)) * 2 - 1
    raw = neural.arcface_network(x)[0]
    cases = {}
    for name in ("hyperswap_1a_256", "inswapper_128", "simswap_256"):
        neural.embedding = lambda _: raw
        swapped, box = neural.swap(name, target, at, of)
        result, other = neural.enhance("ffhq_512", 512, swapped, at)
        box = [min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), max(box[3], other[3])]
        x0, y0, x1, y1 = box
        step = 5
        part = np.ascontiguousarray(result[y0:y1:step, x0:x1:step, ::-1])
        with open(f"{out}/{name}.bin", "wb") as file:
            file.write(part.tobytes())
        cases[name] = {"box": [int(v) for v in box], "step": step}
    with open(f"{out}/chain.json", "w") as file:
        json.dump({"points": places, "cases": cases}, file, indent=1)


if __name__ == "__main__":
    main()
