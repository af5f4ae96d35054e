# The pictures and short videos that tests send: made once from the sample portraits by ffmpeg, kept in the cache.
import hashlib
import os
import pathlib
import subprocess

VERSION = "1"


def cache():
    return pathlib.Path(os.environ.get("MASQUE_CACHE", pathlib.Path.home() / ".cache/masque"))


def _made(name, *arguments):
    folder = cache() / "live-samples" / VERSION
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{os.getpid()}-{name}"
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments, str(part)], check=True)
        part.rename(path)
    return path


def _portrait(name):
    path = cache() / "samples" / name
    if not path.exists():
        raise SystemExit(f"The sample “{path}” is not there. Run `make setup` first.")
    return str(path)


def anna():
    """A portrait, JPEG, 512×512."""
    return _made("anna.jpg", "-i", _portrait("astronaut.png"), "-q:v", "3")


def grace():
    """Another portrait, JPEG, 512×600 or so."""
    return _made("grace.jpg", "-i", _portrait("grace_hopper.jpg"), "-vf", "scale=512:-2", "-q:v", "3")


def small():
    """A small portrait, JPEG, 256×256, some 10 KB: for load."""
    return _made("small.jpg", "-i", _portrait("astronaut.png"), "-vf", "scale=256:256", "-q:v", "5")


def picture():
    """A small portrait, PNG, 128×128."""
    return _made("small.png", "-i", _portrait("astronaut.png"), "-vf", "scale=128:128")


def video(seconds=3):
    """A portrait that zooms slowly, with a tone: H.264 and AAC, 512×512, 30 frames a second."""
    zoom = "zoompan=z='1+0.1*on/90':x='iw/2-iw/zoom/2':y='ih/4-ih/zoom/4':d=1:s=512x512:fps=30"
    return _made(
        f"video-{seconds}.mp4", "-loop", "1", "-i", _portrait("astronaut.png"), "-f", "lavfi", "-i", "sine=440",
        "-vf", zoom, "-t", str(seconds), "-c:v", "libx264", "-preset", "veryfast", "-g", "30", "-pix_fmt", "yuv420p",
        "-c:a", "aac", "-movflags", "+faststart")


def big_video(size=499_000_000):
    """A valid MP4 of exactly `size` bytes: the short video and a `free` box of random bytes."""
    folder = cache() / "live-samples" / VERSION
    path = folder / f"big-{size}.mp4"
    if not path.exists() or path.stat().st_size != size:
        head = video(1).read_bytes()
        rest = size - len(head)
        part = folder / f"{os.getpid()}-big.mp4"
        with open(part, "wb") as file:
            file.write(head + rest.to_bytes(4, "big") + b"free")
            rest -= 8
            while rest:
                block = os.urandom(min(rest, 1 << 20))
                file.write(block)
                rest -= len(block)
        part.rename(path)
    return path


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def facts(path):
    """(codec, width, height, frames) of the picture or video that is at a path, each frame decoded; raises when it is broken."""
    shown = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries",
         "stream=codec_name,width,height,nb_read_frames", "-of", "csv=p=0", str(path)],
        capture_output=True, text=True, check=True)
    if shown.stderr.strip():
        raise AssertionError(f"{path} does not decode cleanly: {shown.stderr.strip()}")
    codec, width, height, frames = shown.stdout.strip().split(",")[:4]
    return codec, int(width), int(height), int(frames)


def psnr(one, other):
    """Mean peak signal-to-noise ratio of two pictures or videos in dB; infinity when they are alike."""
    shown = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "info", "-i", str(one), "-i", str(other), "-lavfi", "psnr", "-f", "null", "-"],
        capture_output=True, text=True, check=True)
    for word in shown.stderr.split():
        if word.startswith("average:"):
            return float(word.split(":")[1])
    raise AssertionError("ffmpeg printed no PSNR")
