# Drives one studio in one browser context, by selectors that do not depend on the language.
import os
import pathlib
import re

from playwright.sync_api import expect

SHOTS = os.environ.get("MASQUE_SHOTS")
WAIT = float(os.environ.get("MASQUE_WAIT", "60")) * 1000
VIOLATIONS = "addEventListener('securitypolicyviolation', (event) => console.error('CSP ' + event.violatedDirective + ' ' + event.blockedURI))"


class Studio:
    def __init__(self, context, place, name, consent):
        self.context, self.place, self.name = context, place, name
        self.expected = []
        self.faults = []
        self.transfers = {}
        context.add_init_script(VIOLATIONS)
        if consent:
            context.add_init_script("localStorage.setItem('masque.consent', '2026-01-01T00:00:00Z')")
        self.page = context.new_page()
        self.page.on("console", self.heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        self.page.on("response", self.came)

    def heard(self, message):
        """Errors in the console are faults, but for the refusals that a test has asked for (`expect_console`)."""
        if message.type == "error" and not any(re.search(one, message.text + message.location.get("url", "")) for one in self.expected):
            self.faults.append(f"console: {message.text} {message.location}")

    def expect_console(self, *patterns):
        self.expected += patterns

    def came(self, response):
        if "/studio/" in response.url or response.url == self.place.url:
            try:
                self.transfers[response.url] = len(response.body())
            except Exception:  # pylint: disable=broad-except
                pass

    def open(self, route="", token=True):
        fragment = f"#token={self.place.token}" if token and self.place.token else ""
        self.page.goto(self.place.url + (fragment or route))
        if fragment:
            expect(self.page.locator("h1")).to_be_visible()
            assert "token" not in self.page.url
            if route:
                self.page.evaluate("(route) => { location.hash = route; }", route)
        return self

    def shot(self, name):
        """A picture for the eyes of a designer, when MASQUE_SHOTS names a folder."""
        if SHOTS:
            pathlib.Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{SHOTS}/{name}-{self.name}.png", full_page=True)

    def give(self, role, path):
        self.page.locator(f".well.{role} input[type=file]").set_input_files(path)

    def faces(self, role):
        return self.page.locator(f".well.{role} .crop")

    def give_both(self, source, target, source_faces=1, target_faces=1):
        self.give("source", source)
        expect(self.faces("source")).to_have_count(source_faces, timeout=WAIT)
        self.give("target", target)
        expect(self.faces("target")).to_have_count(target_faces, timeout=WAIT)

    @property
    def start_button(self):
        return self.page.locator("[data-key=start]")

    def start(self):
        expect(self.start_button).to_be_enabled(timeout=WAIT)
        self.start_button.click()
        expect(self.page.locator(".job")).to_be_visible(timeout=WAIT)

    def done(self):
        expect(self.page.locator(".compare .knob, .videos")).to_be_visible(timeout=4 * WAIT)

    def job(self):
        """The job that the page shows, as the API gives it."""
        headers = {"Authorization": f"Bearer {self.place.token}"} if self.place.token else {}
        return self.context.request.get(f"{self.place.url}jobs/{self.page.url.split('/')[-1]}", headers=headers).json()

    def check_fits(self):
        """Nothing sticks out sideways."""
        over = self.page.evaluate("""() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            return [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > width + 1)
                .map((one) => one.tagName + '.' + one.className).slice(0, 8);
        }""")
        assert not over, over
