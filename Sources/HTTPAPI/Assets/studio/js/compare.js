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
    await Promise.allSettled([...element.querySelectorAll('img')].map((one) => one.decode()));
    return { element };
}
