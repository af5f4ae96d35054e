# The files as they lie: nothing inline, nothing from elsewhere, all there, small, each with the line that says its idea.
import json
import pathlib
import re

STUDIO = pathlib.Path(__file__).resolve().parents[2] / "Sources/HTTPAPI/Assets/studio"
FILES = sorted(path for path in STUDIO.rglob("*") if path.is_file())
TEXTS = {path: path.read_text("utf-8") for path in FILES if path.suffix in (".html", ".js", ".css", ".svg", ".webmanifest", ".json")}
NAMESPACES = ("http://www.w3.org/2000/svg",)


def test_nothing_is_inline():
    html = TEXTS[STUDIO / "index.html"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))
    code = "".join(text for path, text in TEXTS.items() if path.suffix == ".js")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\('style'", code)


def test_nothing_comes_from_another_host():
    for path, text in TEXTS.items():
        for space in NAMESPACES:
            text = text.replace(space, "")
        assert not re.search(r"https?://|@import|[\"'(]//\w", text), path


def test_every_file_that_is_named_is_there():
    for name in re.findall(r"(?:href|src)=\"(studio/[^\"#]+)\"", TEXTS[STUDIO / "index.html"]):
        assert (STUDIO.parent / name).is_file(), name
    for path, text in TEXTS.items():
        if path.suffix == ".js":
            for name in re.findall(r"(?:from|import\()\s*'(\.[^']+)'", text):
                assert (path.parent / name).is_file(), (path, name)
    for entry in json.loads(TEXTS[STUDIO / "manifest.webmanifest"])["icons"]:
        assert (STUDIO / entry["src"]).is_file(), entry
    symbols = set(re.findall(r"symbol id=\"(\w+)\"", TEXTS[STUDIO / "icons.svg"]))
    code = "".join(text for path, text in TEXTS.items() if path.suffix == ".js")
    named = set(re.findall(r"\bicon(?:Button)?\('(\w+)'", code)) | set(re.findall(r"\bicon: '(\w+)'", code))
    assert named <= symbols, named - symbols


def test_files_are_short_and_say_their_idea():
    for path, text in TEXTS.items():
        assert text.count("\n") < 300, path
        start = {".js": "// ", ".css": "/* "}.get(path.suffix)
        assert start is None or text.startswith(start), path


def test_all_files_together_are_small():
    catalogues = [path.stat().st_size for path in FILES if path.parent.name == "i18n"]
    total = sum(path.stat().st_size for path in FILES) - sum(catalogues) + max(catalogues)
    assert total < 165_000, total
