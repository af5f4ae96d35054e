#!/usr/bin/env python3
"""Makes the small pictures beside this script, each with the pixels it must decode to (NAME.golden, raw RGB or RGBA).

The goldens come from NumPy arrays, not from a decoder. Needs Pillow, NumPy and ImageMagick; run once by hand:
    python3 make_fixtures.py
"""
import io
import pathlib
import struct
import subprocess
import zlib

import numpy as np
from PIL import Image, ImageCms

HERE = pathlib.Path(__file__).parent
W, H = 24, 18
y, x = np.mgrid[0:H, 0:W]
RGB = np.stack([x * 10, y * 14, 255 - x * 5 - y * 6], -1).astype(np.uint8)
ALPHA = (x * 7 + y * 5).astype(np.uint8)
RGBA = np.dstack([RGB, ALPHA])
GREY = (x * 6 + y * 6).astype(np.uint8)
RNG = np.random.default_rng(7)


def keep(name, data, golden):
    (HERE / name).write_bytes(data)
    (HERE / (name + ".golden")).write_bytes(np.ascontiguousarray(golden, np.uint8).tobytes())


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def grey3(a):
    return np.repeat(a[..., None], 3, -1)


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width, height, depth, colour, rows, extra=b"", interlace=0):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows, 9))
            + chunk(b"IEND", b""))


def raw16(values):
    data = values.astype(">u2")
    return b"".join(b"\0" + row.tobytes() for row in data)


def to8(values):
    return np.floor(values.astype(np.float64) * 255 / 65535 + 0.5).astype(np.uint8)


def packed(values, depth):
    """Rows of samples below eight bits, packed from the high bit."""
    out = b""
    for row in values:
        bits = "".join(format(int(v), f"0{depth}b") for v in row)
        bits += "0" * (-len(bits) % 8)
        out += b"\0" + bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
    return out


image = Image.fromarray(RGB)
best = dict(quality=97, subsampling=0)
keep("baseline.jpg", saved(image, "JPEG", **best), RGB)
keep("progressive.jpg", saved(image, "JPEG", progressive=True, **best), RGB)
keep("half-chroma.jpg", saved(image, "JPEG", quality=97, subsampling=2), RGB)
keep("grey.jpg", saved(Image.fromarray(GREY), "JPEG", quality=97), grey3(GREY))
ink = np.dstack([RGB, GREY])
ink_rgb = np.round((255.0 - ink[..., :3]) * (255.0 - ink[..., 3:]) / 255)
keep("cmyk.jpg", saved(Image.fromarray(ink, "CMYK"), "JPEG", **best), ink_rgb)
(HERE / "cmyk.tiff").write_bytes(saved(Image.fromarray(ink, "CMYK"), "TIFF"))
subprocess.run(["/usr/bin/convert", HERE / "cmyk.tiff", "-quality", "97", "-sampling-factor", "1x1",
                HERE / "ycck.jpg"], check=True)
(HERE / "cmyk.tiff").unlink()
(HERE / "ycck.jpg.golden").write_bytes(ink_rgb.astype(np.uint8).tobytes())

# One picture stored in eight ways; upright, each must be the same again. Source: EXIF 2.32, tag 274.
stored = {1: RGB, 2: RGB[:, ::-1], 3: RGB[::-1, ::-1], 4: RGB[::-1], 5: RGB.transpose(1, 0, 2),
          6: np.rot90(RGB, 1), 7: RGB[::-1, ::-1].transpose(1, 0, 2), 8: np.rot90(RGB, -1)}
for number, pixels in stored.items():
    exif = Image.Exif()
    exif[274] = number
    exif[0x8825] = {1: "N", 2: (1.0, 2.0, 3.0)}
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    keep(f"orientation-{number}.jpg", saved(picture, "JPEG", exif=exif, **best), RGB)
    if number == 6:
        keep("orientation-6.png", saved(picture, "PNG", exif=exif), RGB)
        keep("orientation-6.webp", saved(picture, "WEBP", exif=exif, lossless=True), RGB)

late = saved(Image.fromarray(np.ascontiguousarray(stored[5])), "PNG")[:-12]  # EXIF behind the picture data
tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 274, 3, 1, 5, 0, 0)
keep("late-exif.png", late + chunk(b"eXIf", tiff) + chunk(b"IEND", b""), RGB)

profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
profile = profile[:24] + struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + profile[36:]  # the same date in every run
(HERE / "srgb.icc").write_bytes(profile)
keep("profile.jpg", saved(image, "JPEG", icc_profile=profile, dpi=(300, 300), **best), RGB)
keep("profile.png", saved(image, "PNG", icc_profile=profile, dpi=(300, 300)), RGB)
keep("profile.webp", saved(image, "WEBP", icc_profile=profile, lossless=True), RGB)

keep("rgb.png", saved(image, "PNG"), RGB)
keep("rgba.png", saved(Image.fromarray(RGBA), "PNG"), RGBA)
keep("grey.png", saved(Image.fromarray(GREY), "PNG"), grey3(GREY))
keep("grey-alpha.png", saved(Image.fromarray(np.dstack([GREY, ALPHA]), "LA"), "PNG"), np.dstack([grey3(GREY), ALPHA]))
for depth in (1, 2, 4):
    values = (x + y) % (1 << depth)
    keep(f"grey{depth}.png", png(W, H, depth, 0, packed(values, depth)), grey3(values * 255 // ((1 << depth) - 1)))
colours = RNG.integers(0, 256, (16, 3), np.uint8)
index = (x * 3 + y) % 16
plte = chunk(b"PLTE", colours.tobytes())
keep("palette.png", png(W, H, 4, 3, packed(index, 4), plte), colours[index])
clear = np.full(16, 255, np.uint8)
clear[:5] = [0, 60, 120, 180, 240]
keep("palette-alpha.png", png(W, H, 4, 3, packed(index, 4), plte + chunk(b"tRNS", clear[:5].tobytes())),
     np.dstack([colours[index], clear[index]]))
key = RGB[3, 4]
rows = b"".join(b"\0" + row.tobytes() for row in RGB)
keep("colour-key.png", png(W, H, 8, 2, rows, chunk(b"tRNS", struct.pack(">HHH", *map(int, key)))),
     np.dstack([RGB, np.where((RGB == key).all(-1), 0, 255)]))
deep = RNG.integers(0, 65536, (H, W, 3))
deep[0, :, 0] = (np.arange(W) * 257 + 128)  # just below and above the half step
deep[1, :, 0] = (np.arange(W) * 257 + 129)
keep("rgb16.png", png(W, H, 16, 2, raw16(deep)), to8(deep))
deep4 = RNG.integers(0, 65536, (H, W, 4))
keep("rgba16.png", png(W, H, 16, 6, raw16(deep4)), to8(deep4))
deep1 = RNG.integers(0, 65536, (H, W))
keep("grey16.png", png(W, H, 16, 0, raw16(deep1)), grey3(to8(deep1)))
subprocess.run(["/usr/bin/convert", HERE / "rgba.png", "-interlace", "PNG", "-strip", HERE / "interlaced.png"], check=True)
(HERE / "interlaced.png.golden").write_bytes(RGBA.tobytes())

keep("lossless.webp", saved(image, "WEBP", lossless=True), RGB)
keep("lossy.webp", saved(image, "WEBP", quality=97), RGB)
keep("rgba.webp", saved(Image.fromarray(RGBA), "WEBP", lossless=True, exact=True), RGBA)
frames = [Image.fromarray(RGB), Image.fromarray(np.roll(RGB, 5, 1)), Image.fromarray(np.roll(RGB, 9, 0))]
keep("animated.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True), RGB)

# An animation whose first frame covers a part of its canvas: the frame's bitstream moved into an ANMF at (6, 4).
simple = saved(Image.fromarray(RGBA[:9, :11]), "WEBP", lossless=True, exact=True)
bitstream = simple[simple.index(b"VP8L"):]


def three(value):
    return struct.pack("<I", value)[:3]


def riff(name, body):
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


frame = three(6 // 2) + three(4 // 2) + three(11 - 1) + three(9 - 1) + three(100) + b"\2" + bitstream
body = (b"WEBP" + riff(b"VP8X", bytes([0x12, 0, 0, 0]) + three(W - 1) + three(H - 1))
        + riff(b"ANIM", b"\xff\xff\xff\xff\0\0") + riff(b"ANMF", frame))
canvas = np.zeros((H, W, 4), np.uint8)
canvas[4:13, 6:17] = RGBA[:9, :11]
keep("animated-part.webp", b"RIFF" + struct.pack("<I", len(body)) + body, canvas)
