#!/usr/bin/env python3
# Stands in for FaceFusion 3.5.2 in tests: its job manager, its options and choices, what it prints and how it ends.
"""Strict where FaceFusion is: unknown sub-commands, flags and choices end with 2, as argparse does.

Instead of swapping faces it turns the target's colours round (by ffmpeg, when STANDIN_FFMPEG is set) or copies it. It
misbehaves by STANDIN: refuse, exit3, exit1, noface, traceback, crash, hang, nooutput, stubborn. STANDIN_LOG names a
file to which each call appends its arguments as a line of JSON. Unlike FaceFusion it refuses a temporary folder that is
there already: two jobs would collide in it. Standard library only.
"""

import argparse
import datetime
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

MODE = os.environ.get("STANDIN", "")
SCORES = [round(0.05 * index, 2) for index in range(21)]
PERCENT = range(101)
SCALES = [0.25 * index for index in range(1, 33)]
EDITS = [round(-1 + 0.05 * index, 2) for index in range(41)]
SWAPPERS = ("blendswap_256 ghost_1_256 ghost_2_256 ghost_3_256 hififace_unofficial_256 hyperswap_1a_256 hyperswap_1b_256 "
            "hyperswap_1c_256 inswapper_128 inswapper_128_fp16 simswap_256 simswap_unofficial_512 uniface_256").split()
ENHANCERS = ("codeformer gfpgan_1.2 gfpgan_1.3 gfpgan_1.4 gpen_bfr_256 gpen_bfr_512 gpen_bfr_1024 gpen_bfr_2048 "
             "restoreformer_plus_plus").split()
PROCESSORS = ("age_modifier background_remover deep_swapper expression_restorer face_debugger face_editor face_enhancer "
              "face_swapper frame_colorizer frame_enhancer lip_syncer").split()
# Flag: type, choices (None: any), whether several.
STEP = {
    "face-detector-model": (str, ["many", "retinaface", "scrfd", "yolo_face", "yunet"], False),
    "face-detector-size": (str, ["640x640"], False),
    "face-detector-score": (float, SCORES, False),
    "face-landmarker-model": (str, ["many", "2dfan4", "peppa_wutz"], False),
    "face-landmarker-score": (float, SCORES, False),
    "face-selector-mode": (str, ["many", "one", "reference"], False),
    "face-selector-gender": (str, ["female", "male"], False),
    "reference-frame-number": (int, None, False),
    "face-mask-types": (str, ["box", "occlusion", "area", "region"], True),
    "face-mask-blur": (float, SCORES, False),
    "face-mask-padding": (int, None, True),
    "trim-frame-start": (int, None, False),
    "trim-frame-end": (int, None, False),
    "output-image-quality": (int, PERCENT, False),
    "output-image-scale": (float, SCALES, False),
    "output-audio-encoder": (
        str, ["flac", "aac", "libmp3lame", "libopus", "libvorbis", "pcm_s16le", "pcm_s32le"], False),
    "output-audio-quality": (int, PERCENT, False),
    "output-video-encoder": (str, ["libx264", "libx265", "libvpx-vp9", "rawvideo"], False),
    "output-video-scale": (float, SCALES, False),
    "output-video-fps": (float, None, False),
    "processors": (str, None, True),
    "age-modifier-direction": (int, range(-100, 101), False),
    "face-editor-head-yaw": (float, EDITS, False),
    "face-enhancer-model": (str, ENHANCERS, False),
    "face-enhancer-blend": (int, PERCENT, False),
    "face-enhancer-weight": (float, SCORES, False),
    "face-swapper-model": (str, SWAPPERS, False),
    "face-swapper-pixel-boost": (str, ["256x256", "512x512", "768x768", "1024x1024"], False),
    "face-swapper-weight": (float, SCORES, False),
}
DEFAULTS = {"output-audio-encoder": "flac", "face-swapper-model": "hyperswap_1a_256", "processors": ["face_swapper"]}
RUN = {
    "execution-device-ids": (int, None, True),
    "execution-providers": (str, ["cpu", "cuda"], True),
    "execution-thread-count": (int, range(1, 33), False),
    "video-memory-strategy": (str, ["strict", "moderate", "tolerant"], False),
}
STATUSES = ["drafted", "queued", "completed", "failed"]


def say(sentence):
    print(f"[FACEFUSION.CORE] {sentence}", file=sys.stderr, flush=True)


def bar(label, done, total, extra=""):
    share = done / total
    drawing = ("=" * int(10 * share)).ljust(10)
    sys.stderr.write(f"\r{label}: {100 * share:3.0f}%|{drawing}| {done}/{total} [00:01<00:01, 20.00frame/s{extra}]")
    sys.stderr.flush()


def bars(label, pause, extra=""):
    for done in range(5):
        bar(label, done, 4, extra)
        time.sleep(pause)
    sys.stderr.write("\n")


def add(parser, flags):
    for name, (kind, choices, several) in flags.items():
        more = {"nargs": "+"} if several else {}
        parser.add_argument(f"--{name}", type=kind, choices=choices, default=DEFAULTS.get(name), **more)


def parse():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ["job-create", "job-submit", "job-delete", "job-add-step", "job-run"]:
        command = commands.add_parser(name)
        command.add_argument("job_id")
        command.add_argument("--jobs-path", default=".jobs")
        command.add_argument("--log-level", default="info", choices=["error", "warn", "info", "debug"])
        if name == "job-add-step":
            command.add_argument("-s", "--source-paths", nargs="+")
            command.add_argument("-t", "--target-path")
            command.add_argument("-o", "--output-path")
            add(command, STEP)
        if name == "job-run":
            command.add_argument("--temp-path", default="/tmp")
            add(command, RUN)
    return parser.parse_args()


class Job:
    def __init__(self, args):
        self.id = args.job_id
        self.root = pathlib.Path(args.jobs_path)
        for status in STATUSES:
            (self.root / status).mkdir(parents=True, exist_ok=True)

    def path(self, status):
        return self.root / status / f"{self.id}.json"

    @property
    def status(self):
        return next((status for status in STATUSES if self.path(status).exists()), None)

    def read(self):
        return json.loads(self.path(self.status).read_text())

    def write(self, job, status):
        job["date_updated"] = datetime.datetime.now().astimezone().isoformat()
        self.path(status).write_text(json.dumps(job, indent=4))

    def move(self, status):
        self.path(self.status).rename(self.path(status))


def create(job):
    if job.status:
        return 1
    now = datetime.datetime.now().astimezone().isoformat()
    job.write({"version": "1", "date_created": now, "date_updated": None, "steps": []}, "drafted")
    return 0


def add_step(job, args):
    if job.status != "drafted":
        return 1
    content = job.read()
    keys = [name.replace("-", "_") for name in STEP] + ["source_paths", "target_path", "output_path"]
    content["steps"].append({"args": {key: getattr(args, key) for key in keys}, "status": "drafted"})
    job.write(content, "drafted")
    return 0


def submit(job):
    if job.status != "drafted" or not job.read()["steps"]:
        return 1
    content = job.read()
    for step in content["steps"]:
        step["status"] = "queued"
    job.write(content, "drafted")
    job.move("queued")
    return 0


def convert(step, target, output):
    """Turns the colours round, keeps sound in the encoder that was asked for; flac in mp4 is lost, as it is there."""
    if not os.environ.get("STANDIN_FFMPEG"):
        shutil.copyfile(target, output)
        return
    command = ["ffmpeg", "-y", "-loglevel", "error", "-i", str(target), "-vf", "negate"]
    if output.suffix == ".mp4":
        encoder = step["output_audio_encoder"]
        sound = ["-an"] if encoder == "flac" else ["-c:a", encoder]
        command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"] + sound
    subprocess.run(command + [str(output)], check=True, stdin=subprocess.DEVNULL)


def process(step, args):
    target, output = pathlib.Path(step["target_path"]), pathlib.Path(step["output_path"])
    is_video = target.suffix == ".mp4"
    if target.suffix != output.suffix or not target.is_file():
        say("match the target and output extension!")
        return 2
    unknown = [name for name in step["processors"] if name not in PROCESSORS]
    if unknown or not (output.parent.is_dir() and all(os.path.isfile(path) for path in step["source_paths"] or [])):
        say("choose an image for the source!")
        return 2
    if MODE == "noface":
        say("no face in source image was detected!")
        return 2
    if MODE == "traceback":
        raise RuntimeError("CUDA out of memory")
    if is_video:
        bars("analysing", 0)
    if MODE == "refuse":
        return 3
    if MODE == "exit3":
        sys.exit(3)
    temporary = pathlib.Path(args.temp_path) / "facefusion" / target.stem
    temporary.mkdir(parents=True)
    if is_video:
        say("extracting frames with a resolution of 320x320 and 25.0 frames per second")
        bars("extracting", 0)
        for done in range(5):
            bar("processing", done, 4, f", execution_providers={args.execution_providers}")
            if MODE == "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            if MODE in ("hang", "stubborn") and done == 2:
                hang()
            time.sleep(float(os.environ.get("STANDIN_PAUSE", "0")))
        sys.stderr.write("\n")
        say("merging video with a resolution of 320x320 and 25.0 frames per second")
        bars("merging", 0)
    else:
        say("copying image with a resolution of 320x320")
        if MODE in ("hang", "stubborn"):
            hang()
    if MODE == "exit1":
        say("processing to image failed" if not is_video else "merging video failed")
        return 1
    convert(step, target, output)
    shutil.rmtree(temporary)
    say("processing to video succeeded in 1.0 seconds" if is_video else "processing to image succeeded in 1.0 seconds")
    return 0


def hang():
    if MODE == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = subprocess.Popen(["sleep", "600"])
    if os.environ.get("STANDIN_PIDS"):
        pathlib.Path(os.environ["STANDIN_PIDS"]).write_text(f"{os.getpid()} {child.pid}\n")
    child.wait()


def run(job, args):
    say(f"running job {job.id}")
    if job.status != "queued":
        return 1
    content = job.read()
    outputs = []
    for index, step in enumerate(content["steps"]):
        say(f"processing step {index + 1} of {len(content['steps'])}")
        step["status"] = "started"
        job.write(content, "queued")
        # Whatever a step's own code was, that of the command is 1.
        if process(step["args"], args) != 0:
            step["status"] = "failed"
            job.write(content, "queued")
            job.move("failed")
            say(f"processing of job {job.id} failed")
            return 1
        output = pathlib.Path(step["args"]["output_path"])
        made = output.with_name(f"{output.stem}-{job.id}-{index}{output.suffix}")
        output.rename(made)
        outputs.append((made, output))
        step["status"] = "completed"
        job.write(content, "queued")
    for made, output in outputs:
        made.unlink() if MODE == "nooutput" else made.rename(output)
    job.move("completed")
    say(f"processing of job {job.id} succeeded")
    return 0


def main():
    if log := os.environ.get("STANDIN_LOG"):
        with open(log, "a", encoding="utf-8") as file:
            file.write(json.dumps(sys.argv[1:]) + "\n")
    args = parse()
    job = Job(args)
    calls = {
        "job-create": lambda: create(job), "job-add-step": lambda: add_step(job, args),
        "job-submit": lambda: submit(job), "job-run": lambda: run(job, args),
    }
    sys.exit(calls[args.command]())


if __name__ == "__main__":
    main()
