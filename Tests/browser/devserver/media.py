# Looks at pictures and videos for the imitation: kinds, sizes, frames, and faces that are known beforehand, not found.
import base64
import hashlib
import io
import json
import subprocess

from PIL import Image, ImageDraw, ImageFilter, ImageOps

# Boxes as parts of the picture, by the SHA-256 of its file: what `masque faces` says of the samples.
KNOWN = {}


def know(path, boxes):
    """Teaches the imitation which faces a file has: (x, y, width, height) as parts of its size."""
    KNOWN[hashlib.sha256(path.read_bytes()).hexdigest()] = boxes


def sniff(head):
    if head[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if head[:4] == b"\x89PNG":
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    return None


def facts(path, media_type):
    """Size and length, as the API gives them."""
    if media_type.startswith("image/"):
        with Image.open(path) as image:
            width, height = ImageOps.exif_transpose(image).size
        return {"media_type": media_type, "is_video": False, "width": width, "height": height, "duration": None, "fps": None}
    probe = json.loads(subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", path], capture_output=True, check=True).stdout)
    video = next(stream for stream in probe["streams"] if stream["codec_type"] == "video")
    return {"media_type": media_type, "is_video": True, "width": video["width"], "height": video["height"],
            "duration": float(probe["format"]["duration"]), "fps": 25.0}


def frame(path, media_type, time):
    if media_type.startswith("image/"):
        return ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    made = subprocess.run(["ffmpeg", "-v", "error", "-ss", str(time), "-i", path, "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"],
                          capture_output=True, check=True).stdout
    return Image.open(io.BytesIO(made)).convert("RGB")


def jpeg(image, most=1600):
    image = image.copy()
    image.thumbnail((most, most))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def data_uri(image, most=1600):
    return "data:image/jpeg;base64," + base64.b64encode(jpeg(image, most)).decode()


def faces(path, media_type, time, sha256):
    image = frame(path, media_type, time)
    found = []
    for number, (x, y, width, height) in enumerate(KNOWN.get(sha256, [])):
        box = (x * image.width, y * image.height, width * image.width, height * image.height)
        crop = image.crop((box[0], box[1], box[0] + box[2], box[1] + box[3]))
        found.append({"number": number, "x": box[0], "y": box[1], "width": box[2], "height": box[3], "score": 0.9, "image": data_uri(crop, 160)})
    return {"media": facts(path, media_type), "faces": found, "frame": data_uri(image)}


def pretend(source, source_type, source_sha, target, target_type, target_sha, pairs, out):
    """Lays the source's face on the target's, as an ellipse: clearly no swap, but a result one can look at."""
    face = frame(source, source_type, 0)
    sources = KNOWN.get(source_sha, [])
    if target_type.startswith("video/"):
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", target, "-vf", "hue=h=40", "-c:v", "libx264", "-pix_fmt", "yuv420p",
                        "-movflags", "+faststart", "-preset", "ultrafast", out], check=True)
        return "video/mp4"
    image = frame(target, target_type, 0)
    for number, chosen in pairs.items():
        sx, sy, sw, sh = sources[chosen]
        x, y, width, height = (round(value) for value in (
            part * size for part, size in zip(KNOWN[target_sha][number], (image.width, image.height) * 2)))
        piece = face.crop((sx * face.width, sy * face.height, (sx + sw) * face.width, (sy + sh) * face.height)).resize((width, height))
        mask = Image.new("L", (width, height))
        ImageDraw.Draw(mask).ellipse((width * 0.08, height * 0.05, width * 0.92, height * 0.95), fill=255)
        image.paste(piece, (x, y), mask.filter(ImageFilter.GaussianBlur(width / 20)))
    image.save(out, "JPEG", quality=92)
    return "image/jpeg"
