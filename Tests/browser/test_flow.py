# The whole flow as a person goes it, against the real server when MASQUE_URL names one.
import re

import pytest
from playwright.sync_api import expect

from driver import WAIT

LOOKS = [("desktop", "light", "en"), ("desktop", "dark", "ru"), ("phone", "light", "ko"), ("phone", "dark", "en"),
         ("small", "light", "ru"), ("wide", "dark", "ko")]


@pytest.mark.parametrize(("size", "theme", "language"), LOOKS)
def test_a_picture_goes_all_the_way(studio, pictures, size, theme, language, tmp_path):
    one = studio(size, theme, language, consent=False)
    one.open()
    page = one.page
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator(".well")).to_have_count(2)
    one.shot("01-empty")
    one.check_fits()
    one.give("source", pictures["face"])
    dialog = page.locator("dialog.sheet")
    expect(dialog).to_be_visible()
    one.shot("02-consent")
    dialog.locator(".primary").click()
    expect(one.faces("source")).to_have_count(1, timeout=WAIT)
    one.shot("03-source")
    one.give("target", pictures["target"])
    expect(one.faces("target")).to_have_count(1, timeout=WAIT)
    expect(page.locator(".well.target .box.on .avatar")).to_have_count(1)
    expect(page.locator(".cards .card")).not_to_have_count(0)
    page.locator(".options summary").click()
    expect(page.locator(".options select")).to_be_visible()
    one.shot("04-ready")
    one.check_fits()
    one.start()
    expect(page.locator(".bar, .compare")).to_be_visible(timeout=WAIT)
    one.shot("05-working")
    one.check_fits()
    one.done()
    one.check_fits()
    knob = page.locator(".knob")
    knob.focus()
    # The line begins where the face changed, a little left of the middle.
    begin = int(knob.get_attribute("aria-valuenow"))
    assert 38 <= begin <= 50
    page.keyboard.press("ArrowRight")
    expect(knob).to_have_attribute("aria-valuenow", str(begin + 2))
    frame = page.locator(".compare").bounding_box()
    page.locator(".compare").scroll_into_view_if_needed()
    frame = page.locator(".compare").bounding_box()
    page.mouse.click(frame["x"] + frame["width"] * 0.4, frame["y"] + min(frame["height"], 300) * 0.5)
    expect(knob).to_have_attribute("aria-valuenow", re.compile("39|40|41"))
    one.shot("06-result")
    with page.expect_download() as waiting:
        page.locator(".result .actions .primary").click()
    saved = tmp_path / "saved"
    waiting.value.save_as(saved)
    assert re.search(r"astronaut.*\.(jpg|png|webp)$", waiting.value.suggested_filename), waiting.value.suggested_filename
    assert saved.read_bytes()[:3] in (b"\xff\xd8\xff", b"\x89PN", b"RIF")
    assert saved.read_bytes() != pictures["target"].read_bytes()
    share(one, saved)
    page.locator("nav a").nth(1).click()
    expect(page.locator(".job-row").first).to_be_visible()
    expect(page.locator(".job-row .thumb img").first).to_be_visible(timeout=WAIT)
    one.shot("08-history")
    one.check_fits()
    page.locator(".job-row a").first.click()
    one.done()


def share(one, saved):
    """Makes a link and opens it without any token."""
    page = one.page
    page.locator(".result .actions button").nth(1).click()
    dialog = page.locator("dialog.sheet")
    dialog.locator("select").select_option("3600")
    dialog.locator(".primary").click()
    field = dialog.locator("input[readonly]")
    expect(field).to_be_visible(timeout=WAIT)
    one.shot("07-share")
    url = field.input_value()
    answer = one.context.browser.new_context().request.get(url)
    assert answer.ok and answer.body() == saved.read_bytes()
    dialog.locator("header button").click()
    expect(dialog).to_have_count(0)


@pytest.mark.parametrize(("size", "theme"), [("desktop", "light"), ("phone", "dark")])
def test_a_video_goes_all_the_way(studio, pictures, size, theme):
    one = studio(size, theme).open()
    page = one.page
    one.give_both(pictures["face"], pictures["video"])
    slider = page.locator(".frame-slider input")
    expect(slider).to_be_visible()
    slider.fill("1.2")
    expect(page.locator(".frame-slider output")).to_have_text("0:01.2")
    expect(page.locator(".well.target .looking")).to_have_count(0, timeout=WAIT)
    expect(one.faces("target")).to_have_count(1, timeout=WAIT)
    names = page.locator(".card input").evaluate_all("(all) => all.map((one) => one.value)")
    assert names and all("video" in name for name in names)
    page.locator(".options summary").click()
    end = page.locator("[data-key=trim_end]")
    end.fill("2")
    end.dispatch_event("change")
    expect(page.locator(".trim-row output").nth(1)).to_have_text("0:02.0")
    one.shot("10-video-ready")
    one.check_fits()
    one.start()
    expect(page.locator(".live-frame img, .videos")).to_be_visible(timeout=4 * WAIT)
    one.shot("11-video-working")
    one.done()
    expect(page.locator(".videos video")).to_have_count(2)
    page.wait_for_function("() => document.querySelector('video.after').readyState >= 2 && document.querySelector('video.before').readyState >= 2")
    one.shot("12-video-result")
    one.check_fits()
    page.locator(".videos-bar button").click()
    page.wait_for_function("() => document.querySelector('video.after').currentTime > 0.5")
    apart = page.evaluate("Math.abs(document.querySelector('video.after').currentTime - document.querySelector('video.before').currentTime)")
    assert apart < 0.25, apart


def test_the_keyboard_alone_is_enough(studio, pictures):
    one = studio().open()
    page = one.page

    # Listening from the start, because Chromium is told only then to hand its file choosers over.
    wanted = []
    page.on("filechooser", lambda chooser: chooser.set_files(wanted.pop()))

    def tab_to(selector, most=40):
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"Tab never came to {selector}")

    expect(page.locator("h1")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('skip')")
    for role, name in (("source", "pair"), ("target", "pair")):
        tab_to(f"[data-key=choose-{role}]")
        wanted.append(pictures[name])
        page.keyboard.press("Enter")
        expect(one.faces(role)).to_have_count(2, timeout=WAIT)
        page.locator("h1").focus()
    expect(page.locator(".well.target .crop.on")).to_have_count(2)
    tab_to("[data-key=target-1]")
    page.keyboard.press("Enter")
    expect(page.locator(".asking")).to_be_visible()
    assert page.evaluate("document.activeElement.dataset.key") == "source-0"
    one.shot("20-picking")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.key") == "target-1"
    expect(page.locator(".asking")).to_have_count(0)
    one.shot("21-picked")
    tab_to("[data-key=more-modes]")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".card input").nth(1)).to_be_checked()
    tab_to("[data-key=options]")
    page.keyboard.press("Enter")
    tab_to("[data-key=keep_eyes]")
    page.keyboard.press("Space")
    expect(page.locator("[data-key=keep_eyes]")).to_be_checked()
    tab_to("[data-key=start]")
    page.keyboard.press("Enter")
    one.done()
    assert page.evaluate("document.activeElement.tagName") == "H1"
    tab_to(".knob")
    page.keyboard.press("End")
    expect(page.locator(".knob")).to_have_attribute("aria-valuenow", "100")
    job = one.job()
    assert job["options"]["keep_eyes"] is True
    assert job["options"]["map"] == {"0": 0, "1": 1}


def test_run_again_keeps_the_inputs_and_takes_other_options(studio, pictures):
    one = studio().open()
    page = one.page
    one.give_both(pictures["face"], pictures["target"])
    one.start()
    one.done()
    first = page.url
    page.locator(".result .actions button").nth(2).click()
    expect(one.faces("target")).to_have_count(1, timeout=WAIT)
    expect(one.faces("source")).to_have_count(1, timeout=WAIT)
    page.locator(".options summary").click()
    page.locator("[data-key=keep_mouth]").check()
    one.start()
    one.done()
    assert page.url != first


def test_a_job_is_deleted_from_the_history(studio, pictures):
    one = studio().open()
    page = one.page
    one.give_both(pictures["face"], pictures["target"])
    one.start()
    one.done()
    page.goto(page.url.split("#")[0] + "#/history")
    rows = page.locator(".job-row")
    expect(rows.first).to_be_visible()
    link = rows.first.locator("a").get_attribute("href")
    rows.first.locator("button").click()
    one.shot("09-delete")
    page.locator("dialog .danger").click()
    expect(page.locator(f'a[href="{link}"]')).to_have_count(0)
    page.reload()
    expect(rows.first.or_(page.locator(".history-empty"))).to_be_visible()
    expect(page.locator(f'a[href="{link}"]')).to_have_count(0)


def test_a_running_job_can_be_canceled(studio, pictures):
    one = studio().open()
    page = one.page
    one.give_both(pictures["face"], pictures["video"])
    one.start()
    page.locator(".live .actions button").click()
    expect(page.locator(".ended")).to_be_visible(timeout=WAIT)
    one.shot("13-canceled")


def test_a_reload_loses_no_draft(studio, pictures):
    one = studio().open()
    one.give_both(pictures["face"], pictures["target"])
    one.page.reload()
    expect(one.faces("target")).to_have_count(1, timeout=WAIT)
    expect(one.start_button).to_be_enabled(timeout=WAIT)


def test_another_language_keeps_what_was_given(studio, pictures):
    one = studio().open()
    one.give_both(pictures["face"], pictures["target"])
    one.page.locator(".language select").select_option("ru")
    expect(one.page.locator("h1")).to_have_text("Чьё лицо и куда?")
    expect(one.faces("target")).to_have_count(1)
    one.page.reload()
    expect(one.page.locator("html")).to_have_attribute("lang", "ru")


def test_a_reading_of_the_whole_studio_stays_small(studio, pictures):
    one = studio(language="ru").open()
    one.give_both(pictures["face"], pictures["target"])
    one.start()
    one.done()
    total = sum(one.transfers.values())
    assert 50_000 < total < 160_000, (total, one.transfers)


def test_a_video_in_place_of_a_picture_becomes_another_job(studio, pictures):
    one = studio().open()
    one.give_both(pictures["face"], pictures["target"])
    expect(one.start_button).to_be_enabled(timeout=WAIT)
    one.give("target", pictures["video"])
    expect(one.page.locator(".frame-slider")).to_be_visible(timeout=WAIT)
    expect(one.faces("source")).to_have_count(1, timeout=WAIT)
    one.start()
    one.done()
    expect(one.page.locator(".videos video")).to_have_count(2)


def test_a_face_can_be_left_as_it_is(studio, pictures):
    one = studio().open()
    one.give_both(pictures["face"], pictures["pair"], target_faces=2)
    one.faces("target").nth(0).click()
    expect(one.page.locator(".well.target .crop.on")).to_have_count(1)
    one.page.locator(".well.target .box").nth(1).click()
    expect(one.start_button).to_be_disabled()
    one.faces("target").nth(1).click()
    one.start()
    one.done()
    assert list(one.job()["options"]["map"].values()) == [0] and one.job()["result"]["faces"] == 1
