# What goes wrong and what the studio says: token, limits, waiting, full disk, broken connections; on the imitation's command.
import re

import pytest
from playwright.sync_api import expect

from devserver.server import problem

pytestmark = pytest.mark.imitation


def test_a_token_is_asked_for_only_when_the_server_wants_one(studio, own_server):
    one = studio(place=own_server(token="a.b.c"))
    one.expect_console("401")
    one.open(token=False)
    page = one.page
    sheet = page.locator("dialog.sheet")
    expect(sheet).to_be_visible()
    expect(sheet.locator("code")).to_have_text("masque token mint --user-id you")
    one.shot("40-token")
    page.keyboard.type("wrong.to.ken")
    page.keyboard.press("Enter")
    expect(sheet.locator(".sheet-error")).to_be_visible()
    one.shot("41-token-wrong")
    page.locator("dialog input[type=password]").fill("Bearer a.b.c")
    page.locator("dialog input[type=checkbox]").check()
    page.keyboard.press("Enter")
    expect(page.locator(".well")).to_have_count(2)
    assert page.evaluate("localStorage.getItem('masque.token')") == "a.b.c"
    page.reload()
    expect(page.locator(".well")).to_have_count(2)
    page.locator(".foot button").first.click()
    expect(sheet).to_be_visible()
    assert page.evaluate("localStorage.getItem('masque.token')") is None


def test_a_token_in_the_address_is_taken_and_removed(studio, own_server):
    one = studio(place=own_server(token="a.b.c"))
    one.open()
    expect(one.page.locator(".well")).to_have_count(2)
    assert one.page.evaluate("location.href") == one.place.url
    assert one.page.evaluate("localStorage.getItem('masque.token')") is None
    one.page.reload()
    expect(one.page.locator(".well")).to_have_count(2)


def test_nothing_starts_without_consent(studio, server, pictures):
    one = studio(consent=False).open()
    expect(one.page.locator(".well")).to_have_count(2)
    server.imitation.requests.clear()
    one.give("source", pictures["face"])
    one.page.locator("dialog .sheet-actions button").first.click()
    expect(one.page.locator(".well.source")).to_have_attribute("data-phase", "empty")
    assert not [call for call in server.imitation.requests if call.startswith("POST")]
    one.give("source", pictures["face"])
    one.page.locator("dialog .primary").click()
    expect(one.faces("source")).to_have_count(1)
    one.page.reload()
    one.give("target", pictures["target"])
    expect(one.faces("target")).to_have_count(1)


def test_wrong_kinds_are_refused_before_anything_is_sent(studio, server, pictures):
    one = studio().open()
    expect(one.page.locator(".well")).to_have_count(2)
    server.imitation.requests.clear()
    one.give("source", pictures["text"])
    expect(one.page.locator(".well.source .notice")).to_contain_text("notes.txt")
    one.give("source", pictures["video"])
    expect(one.page.locator(".well.source .notice")).to_contain_text("must be a photo")
    assert not [call for call in server.imitation.requests if call.startswith("POST")]


def test_a_picture_without_a_face_says_so(studio, pictures):
    one = studio("phone").open()
    one.give("source", pictures["wall"])
    expect(one.page.locator(".well.source .warn")).to_contain_text("No face found")
    one.shot("42-no-face")
    one.give("target", pictures["target"])
    expect(one.faces("target")).to_have_count(1)
    expect(one.start_button).to_be_disabled()
    expect(one.page.locator(".start-text")).to_contain_text("source shows no face")


def test_too_large_says_the_limit_before_sending(studio, own_server, pictures):
    one = studio(place=own_server(limit=20_000)).open()
    one.give("source", pictures["face"])
    expect(one.page.locator(".well.source .notice")).to_contain_text("20 kB")


@pytest.mark.parametrize(("status", "code"), [(413, "tooLarge"), (507, "outOfSpace"), (415, "unsupportedMedia")])
def test_a_refusal_is_shown_in_the_servers_words(studio, server, pictures, status, code):
    one = studio().open()
    one.expect_console(str(status))
    server.imitation.faults["POST /jobs/"] = [lambda: problem(status, code, "The server says this.", "Do that.")]
    one.give("source", pictures["face"])
    notice = one.page.locator(".well.source .notice")
    expect(notice).to_contain_text("The server says this.")
    expect(notice).to_contain_text("Do that.")
    one.shot(f"43-refused-{status}")


def test_too_many_requests_count_down_and_then_go_on(studio, server, pictures):
    one = studio().open()
    one.expect_console("429")
    one.give_both(pictures["face"], pictures["target"])
    expect(one.start_button).to_be_enabled()
    slow = problem(429, "tooManyRequests", "You may start 10 jobs a minute.", "Wait a moment.", **{"Retry-After": "2"})
    server.imitation.faults["PATCH /jobs/"] = [lambda: slow]
    one.start_button.click()
    again = one.page.locator(".start-bar .notice .button").first
    expect(again).to_be_disabled()
    expect(again).to_have_text(re.compile("second"))
    one.shot("44-wait")
    expect(again).to_be_enabled(timeout=5000)
    again.click()
    one.done()


def test_a_lost_event_stream_is_resumed_where_it_broke(studio, server, pictures):
    one = studio().open()
    one.expect_console("ERR_", "Failed to load")
    one.give_both(pictures["face"], pictures["target"])
    server.imitation.drop_after = 4
    server.imitation.requests.clear()
    one.start()
    one.done()
    assert len([call for call in server.imitation.requests if call.endswith("/events")]) >= 2
    assert server.imitation.drop_after is None


def test_a_big_file_goes_on_after_a_broken_connection(studio, server, pictures, tmp_path):
    one = studio().open()
    one.expect_console("ERR_", "409")
    big = tmp_path / "große Datei.mp4"
    big.write_bytes(pictures["video"].read_bytes() + b"\0\0\0\x08free" + b"\0" * 18_000_000)
    server.imitation.cuts[:] = [6_000_000]
    server.imitation.requests.clear()
    one.give("source", pictures["face"])
    one.give("target", big)
    expect(one.page.locator(".well.target")).to_have_attribute("data-phase", "ready", timeout=60000)
    assert not server.imitation.cuts
    calls = [call.split("/")[0].strip() for call in server.imitation.requests if "/uploads" in call]
    assert "HEAD" in calls and calls.count("POST") == 1 and calls.count("PATCH") >= 5
    job = one.context.request.get(f"{one.place.url}jobs?limit=1").json()["jobs"][0]
    target = next(item for item in job["inputs"] if item["role"] == "target")
    assert target["bytes"] == big.stat().st_size and target["file_name"] == big.name


def test_a_big_file_goes_on_after_the_page_was_left(studio, server, pictures, tmp_path):
    one = studio().open()
    one.expect_console("ERR_FAILED")
    big = tmp_path / "long.mp4"
    big.write_bytes(pictures["video"].read_bytes() + b"\0\0\0\x08free" + b"\0" * 18_000_000)
    server.imitation.requests.clear()
    patches = []

    def first_only(route):
        patches.append(route.request.method)
        if route.request.method == "PATCH" and patches.count("PATCH") > 1:
            route.abort()
        else:
            route.continue_()

    one.page.route("**/uploads/*", first_only)
    one.give("target", big)
    while patches.count("PATCH") < 2:
        one.page.wait_for_timeout(50)
    one.page.unroute("**/uploads/*")
    one.page.reload()
    one.give("target", big)
    expect(one.page.locator(".well.target")).to_have_attribute("data-phase", "ready", timeout=60000)
    calls = [call.split("/")[0].strip() for call in server.imitation.requests if "/uploads" in call]
    assert calls.count("POST") == 1 and "HEAD" in calls
    job = one.context.request.get(f"{one.place.url}jobs?limit=1").json()["jobs"][0]
    target = next(item for item in job["inputs"] if item["role"] == "target")
    assert target["bytes"] == big.stat().st_size


def test_modes_without_their_models_are_folded_away(studio, pictures):
    one = studio().open()
    one.give_both(pictures["face"], pictures["target"])
    cards = one.page.locator(".modes .card")
    expect(cards.locator("visible=true")).to_have_count(1)
    one.page.locator(".more summary").click()
    expect(cards.locator("visible=true")).to_have_count(3)
    one.shot("46-more-modes")
    one.page.locator("[data-key=mode-photo_photo_gpen]").click()
    expect(one.page.locator("[data-key=mode-photo_photo_gpen]")).to_be_checked()
    expect(one.page.locator(".modes .card.on .card-note")).to_be_visible()


def test_being_offline_is_said_and_passes(studio, pictures):
    one = studio().open()
    one.expect_console("ERR_INTERNET_DISCONNECTED")
    expect(one.page.locator(".well")).to_have_count(2)
    one.context.set_offline(True)
    one.page.locator("nav a").nth(1).click()
    expect(one.page.locator(".notice")).to_contain_text("offline")
    one.shot("45-offline")
    one.context.set_offline(False)
    one.page.locator(".notice .button").first.click()
    expect(one.page.locator(".job-row, .history-empty").first).to_be_visible()


def test_a_draft_that_expired_is_made_anew(studio, server, pictures):
    one = studio().open()
    one.expect_console("404")
    one.give("source", pictures["face"])
    expect(one.faces("source")).to_have_count(1)
    server.imitation.store.jobs.clear()
    one.give("target", pictures["target"])
    expect(one.faces("target")).to_have_count(1)
    expect(one.start_button).to_be_enabled(timeout=10000)
    one.start()
    one.done()


def test_a_failed_job_says_what_to_do(studio, server, pictures):
    one = studio().open()
    one.give_both(pictures["face"], pictures["target"])
    one.page.route("**/jobs/*", lambda route: route.continue_(post_data=route.request.post_data.replace('"options":{', '"options":{"_fail":true,'))
                   if route.request.method == "PATCH" else route.continue_())
    one.start()
    expect(one.page.locator(".ended .notice")).to_contain_text("seen from the front", timeout=20000)
    one.shot("46-failed")


def test_a_strange_job_is_not_found(studio):
    one = studio()
    one.expect_console("404")
    one.open("#/job/0000")
    expect(one.page.locator(".notice")).to_contain_text("somebody else's")


def test_a_photo_is_taken_with_the_camera(studio, server):
    one = studio(permissions=["camera"]).open()
    page = one.page
    page.locator(".well.source .well-more button").first.click()
    shutter = page.locator("dialog .primary")
    expect(shutter).to_be_enabled()
    one.shot("47-camera")
    shutter.click()
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".well.source .file-name")).to_have_text(re.compile(r"photo-\d+\.jpg"))
    expect(page.locator(".well.source")).to_have_attribute("data-phase", "ready")


def test_without_a_camera_the_phones_own_is_offered(studio, pictures):
    one = studio("phone")
    one.context.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    one.open()
    one.page.locator(".well.source .well-more button").first.click()
    field = one.page.locator("dialog input[type=file]")
    expect(field).to_have_attribute("capture", "user")
    one.shot("48-no-camera")
    field.set_input_files(pictures["face"])
    expect(one.faces("source")).to_have_count(1)


def test_files_can_be_dropped_and_pasted(studio, pictures):
    one = studio().open()
    page = one.page
    expect(page.locator(".well")).to_have_count(2)
    data = list(pictures["face"].read_bytes())
    page.evaluate("""([data]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(data)], 'dropped.jpg', { type: 'image/jpeg' }));
        const well = document.querySelector('.well.target');
        for (const name of ['dragenter', 'dragover', 'drop']) well.dispatchEvent(new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer: transfer }));
        document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }));
    }""", [data])
    expect(one.faces("target")).to_have_count(1)
    expect(one.faces("source")).to_have_count(1)


@pytest.mark.parametrize(("language", "words"), [("ru", "Файл не читается"), ("ko", "읽을 수 없는 파일")])
def test_a_refusal_is_said_in_the_readers_language(studio, server, pictures, language, words):
    one = studio(language=language).open()
    one.expect_console("415")
    server.imitation.faults["POST /jobs/"] = [lambda: problem(415, "unsupportedMedia", "The server says this.", "Do that.")]
    one.give("source", pictures["face"])
    notice = one.page.locator(".well.source .notice")
    expect(notice).to_contain_text(words)
    expect(notice).not_to_contain_text("The server says this.")


@pytest.mark.parametrize(("language", "says", "advises"), [("ru", "Это сказал сервер.", "Сделайте так."), ("ko", "서버의 말입니다.", "이렇게 하십시오.")])
def test_what_the_server_says_in_the_readers_language_is_shown(studio, server, pictures, language, says, advises):
    one = studio(language=language).open()
    one.expect_console("415")
    server.imitation.faults["POST /jobs/"] = [lambda: problem(415, "unsupportedMedia", says, advises)]
    one.give("source", pictures["face"])
    notice = one.page.locator(".well.source .notice")
    expect(notice).to_contain_text(says)
    expect(notice).to_contain_text(advises)
