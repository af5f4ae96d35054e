# Fixtures of the browser tests: the server (a real one by MASQUE_URL and MASQUE_TOKEN, else the imitation), Chromium, pictures.
import os
import pathlib
import subprocess
import sys

import pytest
from PIL import Image, ImageOps
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from devserver import media  # noqa: E402
from devserver.server import Running  # noqa: E402
from driver import Studio  # noqa: E402

SAMPLES = pathlib.Path(os.environ.get("MASQUE_SAMPLES", "~/.cache/masque/samples")).expanduser()
ASTRONAUT = [(179 / 512, 61 / 512, 91 / 512, 116 / 512)]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def pytest_configure(config):
    config.addinivalue_line("markers", "imitation: needs the imitation's misbehaviour; skipped against a real server")


def pytest_collection_modifyitems(items):
    if os.environ.get("MASQUE_URL"):
        for item in items:
            if "imitation" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="needs the imitation's misbehaviour"))


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Paths of the test media by name; the imitation is told where their faces are."""
    folder = tmp_path_factory.mktemp("media")
    grace = Image.open(SAMPLES / "grace_hopper.jpg").convert("RGB")
    astronaut = Image.open(SAMPLES / "astronaut.png").convert("RGB")
    pair = Image.new("RGB", (1080, 600), "#777")
    pair.paste(ImageOps.fit(grace, (500, 600)), (0, 0))
    pair.paste(astronaut.resize((580, 580)), (500, 10))
    pair.save(folder / "two people.jpg", quality=92)
    Image.new("RGB", (640, 480), "#6a7f8f").save(folder / "wall.png")
    (folder / "notes.txt").write_text("no picture")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-loop", "1", "-i", SAMPLES / "astronaut.png", "-t", "2.4", "-r", "25",
                    "-vf", "crop=400:400:20+20*t:0", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "veryfast", folder / "clip.mp4"], check=True)
    paths = {"face": SAMPLES / "grace_hopper.jpg", "target": SAMPLES / "astronaut.png", "pair": folder / "two people.jpg",
             "video": folder / "clip.mp4", "wall": folder / "wall.png", "text": folder / "notes.txt"}
    g_box = (173 / grace.width, 122 / grace.height, 182 / grace.width, 215 / grace.height)
    media.know(paths["face"], [g_box])
    media.know(paths["target"], ASTRONAUT)
    scale = max(500 / grace.width, 600 / grace.height)
    left = (grace.width * scale - 500) / 2
    ax, ay, aw, ah = ASTRONAUT[0]
    media.know(paths["pair"], [
        ((173 * scale - left) / 1080, 122 * scale / 600, 182 * scale / 1080, 215 * scale / 600),
        ((500 + ax * 580) / 1080, (10 + ay * 580) / 600, aw * 580 / 1080, ah * 580 / 600)])
    media.know(paths["video"], [((179 - 20) / 400, 61 / 400, 91 / 400, 116 / 400)])
    return paths


class Place:
    """Where the studio under test is."""

    def __init__(self, url, token, imitation):
        self.url, self.token, self.imitation = url, token, imitation


@pytest.fixture(scope="session")
def shared_server(pictures):  # pylint: disable=unused-argument
    if os.environ.get("MASQUE_URL"):
        yield Place(os.environ["MASQUE_URL"].rstrip("/") + "/", os.environ.get("MASQUE_TOKEN"), None)
        return
    with Running(speed=float(os.environ.get("SPEED", "0.5"))) as running:
        yield Place(running.url, None, running.server)


@pytest.fixture
def server(shared_server):
    """The real server, or the imitation without faults."""
    if shared_server.imitation:
        shared_server.imitation.faults.clear()
        shared_server.imitation.cuts.clear()
        shared_server.imitation.drop_after = None
    return shared_server


@pytest.fixture
def own_server(pictures):  # pylint: disable=unused-argument
    """Starts imitations with settings of a test's own."""
    running = []

    def start(**settings):
        one = Running(**settings)
        one.__enter__()
        running.append(one)
        return Place(one.url, settings.get("token"), one.server)

    yield start
    for one in running:
        one.__exit__()


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[
            "--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"])
        yield browser
        browser.close()


SIZES = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 375, "height": 812},
         "small": {"width": 360, "height": 640}, "wide": {"width": 1600, "height": 1000}}


@pytest.fixture
def studio(chromium, server):
    """Opens studios: `studio('phone', theme='dark', language='ko')`. At the end no console error and no CSP violation may have been."""
    opened = []

    def make(size="desktop", theme="light", language="en", place=server, consent=True, reduced=True, **options):
        is_phone = size in ("phone", "small")
        context = chromium.new_context(
            viewport=SIZES[size], color_scheme=theme, locale={"en": "en-GB", "ru": "ru-RU", "ko": "ko-KR"}[language], has_touch=is_phone,
            is_mobile=is_phone, device_scale_factor=2 if is_phone else 1, reduced_motion="reduce" if reduced else "no-preference",
            accept_downloads=True, **options)
        one = Studio(context, place, f"{size}-{theme}-{language}", consent)
        opened.append(one)
        return one

    yield make
    faults = [fault for one in opened for fault in one.faults]
    for one in opened:
        one.context.close()
    assert not faults, faults
