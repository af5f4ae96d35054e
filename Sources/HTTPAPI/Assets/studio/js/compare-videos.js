// The original and the result side by side, played as one: one set of controls, kept in step.

import { fill, h, icon, newID } from './dom.js';
import { clock } from './format.js';
import { t } from './i18n.js';

/** How far, in seconds, the original may be off before it is set right. */
const SLACK = 0.08;

/** `{element, leave}`. `lead`: seconds of the original before the result begins (trim). */
export function compareVideos(before, after, lead) {
    const video = (url, label, props) => h('video', { src: url, playsinline: true, preload: 'auto', 'aria-label': label, ...props });
    const made = video(after, t('compare.after'), { class: 'after' });
    const original = before ? video(before, t('compare.before'), { muted: true, class: 'before' }) : null;
    const side = (one, label) => one && h('figure', {}, one, h('figcaption', {}, label));
    const toggle = h('button', { type: 'button', class: 'icon-button', 'aria-label': t('video.play') }, icon('play'));
    const id = newID('seek');
    const seek = h('input', { type: 'range', id, min: 0, max: 1, step: 0.01, value: 0, 'aria-label': t('video.place') });
    const shown = h('output', { for: id }, clock(0));
    const match = (isHard) => {
        if (!original) return;
        const wish = made.currentTime + lead;
        if (isHard || Math.abs(original.currentTime - wish) > SLACK) original.currentTime = wish;
    };
    const draw = () => {
        seek.max = made.duration || 1;
        seek.value = made.currentTime;
        seek.setAttribute('aria-valuetext', clock(made.currentTime));
        fill(shown, `${clock(made.currentTime)} / ${clock(made.duration || 0)}`);
        toggle.setAttribute('aria-label', t(made.paused ? 'video.play' : 'video.pause'));
        fill(toggle, icon(made.paused ? 'play' : 'pause'));
    };
    const play = () => {
        if (made.ended) made.currentTime = 0;
        match(true);
        made.play().catch(() => {});
    };
    toggle.addEventListener('click', () => (made.paused ? play() : made.pause()));
    seek.addEventListener('input', () => {
        made.currentTime = Number(seek.value);
        match(true);
    });
    made.addEventListener('play', () => original?.play().catch(() => {}));
    made.addEventListener('waiting', () => original?.pause());
    made.addEventListener('playing', () => { match(); original?.play().catch(() => {}); });
    for (const name of ['pause', 'ended']) made.addEventListener(name, () => original?.pause());
    for (const name of ['play', 'pause', 'ended', 'timeupdate', 'loadedmetadata', 'seeked']) made.addEventListener(name, draw);
    made.addEventListener('timeupdate', () => { if (!made.paused) match(); });
    original?.addEventListener('loadedmetadata', () => match(true));
    draw();
    const element = h('div', { class: 'videos' }, h('div', { class: `videos-pair${original ? '' : ' single'}` }, side(original, t('compare.before')), side(made, t('compare.after'))),
        h('div', { class: 'videos-bar' }, toggle, seek, shown));
    return { element, leave() {
        made.pause();
        original?.pause();
    } };
}
