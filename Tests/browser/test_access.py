# Names, contrast, focus, target sizes and headings on every page, in both themes, computed in the browser.
import pytest
from playwright.sync_api import expect

NAMES = """() => {
    const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('[aria-hidden=true]');
    const text = (one) => [one.getAttribute('aria-label'), ...(one.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => id && document.getElementById(id)?.textContent),
        ...[...(one.labels ?? [])].map((label) => label.textContent), one.matches('button, a, summary') ? one.textContent + [...one.querySelectorAll('img')].map((image) => image.alt).join('') : ''].join('').trim();
    const faults = [];
    for (const one of document.querySelectorAll('button, a[href], input, select, summary, [role=slider], [role=progressbar], [role=img], dialog')) if (shown(one) && !text(one)) faults.push('no name: ' + one.outerHTML.slice(0, 120));
    for (const one of document.querySelectorAll('img')) if (!one.hasAttribute('alt')) faults.push('no alt: ' + one.outerHTML.slice(0, 80));
    const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push('double id ' + id);
    for (const one of document.querySelectorAll('[aria-hidden=true]')) if (one.matches('button, a, input') && one.tabIndex >= 0) faults.push('hidden but reachable: ' + one.outerHTML.slice(0, 80));
    if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
    if (document.querySelectorAll('main').length !== 1) faults.push('not one main');
    if (!document.title || !document.documentElement.lang) faults.push('no title or lang');
    for (const one of document.querySelectorAll('button, a[href], summary, input, select')) {
        const { width, height } = one.getBoundingClientRect();
        if (shown(one) && !one.matches('.visually-hidden, .skip') && (Math.min(width, height) < 20)) faults.push(`small (${width}x${height}): ` + one.outerHTML.slice(0, 80));
    }
    return faults;
}"""

CONTRAST = """() => {
    const canvas = document.createElement('canvas');
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    const rgba = (colour) => {
        pen.clearRect(0, 0, 1, 1);
        pen.fillStyle = colour;
        pen.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
        return { r, g, b, a: a / 255 };
    };
    const over = (top, low) => Object.fromEntries(['r', 'g', 'b'].map((part) => [part, top[part] * top.a + low[part] * (1 - top.a)]));
    const light = ({ r, g, b }) => [r, g, b].map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)).reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
    const faults = [];
    let count = 0;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const one = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !one.checkVisibility() || one.closest('.visually-hidden, .skip, noscript, option, .tag, figcaption, .box')) continue;
        if (document.querySelector('dialog[open]') && !one.closest('dialog')) continue;
        const layers = [];
        for (let up = one; up; up = up.parentElement) layers.push(rgba(getComputedStyle(up).backgroundColor));
        const ground = layers.reverse().reduce((low, top) => over(top, low), { r: 255, g: 255, b: 255 });
        const style = getComputedStyle(one);
        const ink = over(rgba(style.color), ground);
        const [high, low] = [light(ink), light(ground)].sort((a, b) => b - a);
        const ratio = (high + 0.05) / (low + 0.05);
        const size = parseFloat(style.fontSize);
        const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        count += 1;
        if (ratio < (isLarge ? 3 : 4.5)) faults.push(`${ratio.toFixed(2)} ${walker.currentNode.data.trim().slice(0, 40)} (${style.color})`);
    }
    return { faults, count };
}"""


def check(one):
    assert not (faults := one.page.evaluate(NAMES)), faults
    seen = one.page.evaluate(CONTRAST)
    assert seen["count"] >= 4 and not seen["faults"], seen
    one.check_fits()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "small"])
def test_every_page_can_be_read_and_is_named(studio, pictures, size, theme):
    one = studio(size, theme, "ru" if size == "small" else "en", consent=False).open()
    page = one.page
    expect(page.locator(".well")).to_have_count(2)
    check(one)
    one.give("source", pictures["pair"])
    expect(page.locator("dialog")).to_be_visible()
    check(one)
    page.locator("dialog .primary").click()
    expect(one.faces("source")).to_have_count(2)
    one.give("source", pictures["text"])
    expect(page.locator(".notice.bad")).to_be_visible()
    check(one)
    one.shot("30-wrong-kind")
    one.give("target", pictures["pair"])
    expect(one.faces("target")).to_have_count(2)
    page.locator(".options summary").click()
    page.locator("[data-key=target-0]").click()
    check(one)
    one.shot("31-picking")
    page.locator(".asking .button").click()
    expect(page.locator(".well.target .crop.on")).to_have_count(1)
    one.start()
    check(one)
    one.done()
    check(one)
    page.locator(".result .actions button").nth(1).click()
    expect(page.locator("dialog")).to_be_visible()
    check(one)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.locator("nav a").nth(1).click()
    expect(page.locator(".job-row").first).to_be_visible()
    check(one)


def test_the_focus_is_always_seen(studio):
    one = studio().open()
    expect(one.page.locator("h1")).to_be_visible()
    seen = 0
    for _ in range(12):
        one.page.keyboard.press("Tab")
        outline = one.page.evaluate("""() => { const style = getComputedStyle(document.activeElement);
            return document.activeElement === document.body ? null : [style.outlineStyle, parseFloat(style.outlineWidth)]; }""")
        if outline is None:
            break
        assert outline[0] != "none" and outline[1] >= 2, one.page.evaluate("document.activeElement.outerHTML")
        seen += 1
    assert seen >= 8


def test_the_focus_is_not_hidden_under_the_start_bar(studio, pictures):
    one = studio("small").open()
    page = one.page
    one.give_both(pictures["pair"], pictures["pair"], 2, 2)
    expect(one.start_button).to_be_enabled()
    page.locator("[data-key=target-0]").press("Enter")
    expect(page.locator(".asking")).to_be_visible()
    seen = []
    for _ in range(12):
        name, bottom, top = page.evaluate("""() => { const one = document.activeElement; const bar = document.querySelector('.start-bar');
            const [mine, its] = [one.getBoundingClientRect(), bar.getBoundingClientRect()];
            return [one.dataset.key ?? one.tagName, bar.contains(one) || mine.top >= its.bottom ? 0 : mine.bottom, its.top]; }""")
        if name == "BODY":
            break
        assert bottom <= top + 2, (name, bottom, top)
        seen.append(name)
        page.keyboard.press("Tab")
    assert "source-0" in seen and "options" in seen


def test_a_theme_is_chosen_and_remembered(studio):
    one = studio(theme="light").open()
    page = one.page
    background = "getComputedStyle(document.body).backgroundColor"
    expect(page.locator("h1")).to_be_visible()
    light = page.evaluate(background)
    toggle = page.locator(".top-tools button")
    toggle.click()
    dark = page.evaluate(background)
    assert dark != light
    toggle.click()
    assert page.evaluate(background) == light
    toggle.click()
    toggle.click()
    page.reload()
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate(background) == dark


def test_less_motion_is_respected(studio):
    one = studio(reduced=True).open()
    expect(one.page.locator(".button").first).to_be_visible()
    assert one.page.evaluate("parseFloat(getComputedStyle(document.querySelector('.button')).transitionDuration)") <= 0.01
