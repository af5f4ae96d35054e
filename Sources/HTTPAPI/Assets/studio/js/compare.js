// Before and after in one picture: a line that pointer and arrow keys move.

import { h, icon } from './dom.js';
import { t } from './i18n.js';

/** `{element}`; without an original only the result is shown. */
export async function compareSlider(before, after, { width, height }) {
    const image = (url, alt, kind) => h('img', { src: url, alt, class: kind, draggable: 'false' });
    const made = image(after, t('compare.after'), 'after');
    if (!before) return { element: h('div', { class: 'compare' }, made) };
    const knob = h('div', { class: 'knob', role: 'slider', tabindex: '0', 'aria-label': t('compare.label'), 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-orientation': 'horizontal' }, icon('split'));
    const element = h('div', { class: 'compare', style: { 'aspect-ratio': `${width} / ${height}`, '--ratio': String(width / height) } },
        made, image(before, t('compare.before'), 'before'), h('span', { class: 'tag left' }, t('compare.before')), h('span', { class: 'tag right' }, t('compare.after')), knob);
    let place = 50;
    const set = (value) => {
        place = Math.min(100, Math.max(0, value));
        element.style.setProperty('--place', `${place}%`);
        knob.setAttribute('aria-valuenow', Math.round(place));
        knob.setAttribute('aria-valuetext', t('compare.value', { n: Math.round(place) }));
    };
    const follow = (event) => {
        const frame = element.getBoundingClientRect();
        set((100 * (event.clientX - frame.left)) / frame.width);
    };
    element.addEventListener('pointerdown', (event) => {
        if (event.button !== 0) return;
        element.setPointerCapture(event.pointerId);
        follow(event);
        knob.focus({ preventScroll: true });
        event.preventDefault();
    });
    element.addEventListener('pointermove', (event) => { if (element.hasPointerCapture(event.pointerId)) follow(event); });
    knob.addEventListener('keydown', (event) => {
        const steps = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 };
        if (!(event.key in steps)) return;
        event.preventDefault();
        set(place + steps[event.key]);
    });
    set(50);
    const pictures = [...element.querySelectorAll('img')];
    await Promise.allSettled(pictures.map((one) => one.decode()));
    set(changedAt(...pictures));
    return { element };
}

/** The middle of what changed, in per cent of the width; 50 when nothing did. */
function changedAt(...pictures) {
    const size = 64;
    const [one, two] = pictures.map((picture) => {
        const paper = Object.assign(document.createElement('canvas'), { width: size, height: size }).getContext('2d');
        if (picture.naturalWidth) paper.drawImage(picture, 0, 0, size, size);
        return paper.getImageData(0, 0, size, size).data;
    });
    let sum = 0;
    let weight = 0;
    for (let at = 0; at < one.length; at += 4) {
        const change = Math.abs(one[at] - two[at]) + Math.abs(one[at + 1] - two[at + 1]) + Math.abs(one[at + 2] - two[at + 2]);
        if (change < 24) continue;
        sum += change * ((at / 4) % size + 0.5);
        weight += change;
    }
    return weight === 0 ? 50 : Math.min(85, Math.max(15, Math.round((100 * sum) / weight / size)));
}
