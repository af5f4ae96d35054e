// One of the two places for a file: drop, choose, paste or photograph; then the picture, its faces and upload progress.

import { fill, button, h, icon, iconButton, newID } from './dom.js';
import { boxes, crops, picker } from './faces.js';
import { bytes, clock } from './format.js';
import { t } from './i18n.js';
import { accepted } from './kinds.js';
import { notice } from './notice.js';

/** `{element, update(), progress()}` for a role of a draft. */
export function well(draft, role) {
    const heading = newID('well');
    const body = h('div', { class: 'well-body' });
    const element = h('section', { class: `well ${role}`, 'aria-labelledby': heading },
        h('header', {}, h('h2', { id: heading }, t(`well.${role}`)), h('p', {}, t(`well.${role}Help`))), body);
    const choose = h('input', { type: 'file', class: 'visually-hidden', tabindex: '-1', 'aria-hidden': 'true', accept: accepted[role],
        onchange: () => { if (choose.files[0]) draft.take(role, choose.files[0]); choose.value = ''; } });
    element.append(choose);
    dropZone(element, (file) => draft.take(role, file));
    let local = null;
    let shown = null;
    // The picture and the frame slider live as long as what they show, so that nothing flickers or slips from a finger.
    const kept = new Map();
    const lasting = (name, key, make) => {
        if (kept.get(name)?.key !== key) kept.set(name, { key, node: make() });
        return kept.get(name).node;
    };

    const update = () => {
        const slot = draft.inputs[role];
        const look = lookOf(draft, slot);
        if (shown?.slot === slot && shown.look === look && shown.error === slot.error) return;
        shown = { slot, look, error: slot.error };
        element.dataset.phase = slot.phase;
        if (local?.file !== slot.file) {
            if (local) URL.revokeObjectURL(local.url);
            local = slot.file ? { file: slot.file, url: URL.createObjectURL(slot.file) } : null;
        }
        fill(body, slot.phase === 'empty' ? emptyPart(draft, role, choose, slot) : filledPart(draft, role, choose, slot, local?.url, lasting));
    };
    const progress = () => {
        const slot = draft.inputs[role];
        const bar = body.querySelector('progress');
        if (!bar) return;
        bar.value = slot.sent;
        fill(body.querySelector('.upload-text'), uploadText(slot));
    };
    return { element, update, progress };
}

/** All that decides how a well looks, but for progress. */
function lookOf(draft, slot) {
    return JSON.stringify([slot.phase, slot.facesPhase, slot.hint, slot.faces.map(({ x, y, number }) => [number, x, y]), slot.frame?.length,
        [...draft.map], draft.picked, draft.inputs.source.faces.length, draft.inputs.target.faces.length]);
}

function dropZone(element, take) {
    let depth = 0;
    const set = (value) => {
        depth = Math.max(0, value);
        element.classList.toggle('over', depth > 0);
    };
    element.addEventListener('dragenter', (event) => { event.preventDefault(); set(depth + 1); });
    element.addEventListener('dragleave', () => set(depth - 1));
    element.addEventListener('dragover', (event) => event.preventDefault());
    element.addEventListener('drop', (event) => {
        event.preventDefault();
        set(0);
        const [file] = event.dataTransfer.files;
        if (file) take(file);
    });
}

async function paste(draft, role) {
    try {
        for (const item of await navigator.clipboard.read()) {
            const type = item.types.find((name) => name.startsWith('image/'));
            if (type) return draft.take(role, new File([await item.getType(type)], `pasted.${type.split('/')[1]}`, { type }));
        }
    } catch {
        // Not allowed or not supported: the text below says how to paste by key.
    }
    draft.inputs[role].hint = t('well.pasteHint');
    return draft.onChange();
}

async function photograph(draft, role) {
    const { takePhoto } = await import('./camera.js');
    const photo = await takePhoto();
    if (photo) draft.take(role, photo);
}

function emptyPart(draft, role, choose, slot) {
    return [trouble(draft, slot), h('div', { class: 'well-empty' },
        h('div', { class: 'well-art' }, icon(role === 'source' ? 'face' : 'image')),
        button(t('well.choose'), { kind: 'primary', icon: 'upload', 'data-key': `choose-${role}`, 'aria-label': `${t(`well.${role}`)}: ${t('well.choose')}`, onclick: () => choose.click() }),
        h('div', { class: 'well-more' },
            button(t('well.camera'), { kind: 'quiet small', icon: 'camera', 'aria-label': `${t(`well.${role}`)}: ${t('well.camera')}`, onclick: () => photograph(draft, role) }),
            button(t('well.paste'), { kind: 'quiet small', icon: 'paste', 'aria-label': `${t(`well.${role}`)}: ${t('well.paste')}`, onclick: () => paste(draft, role) })),
        h('p', { class: 'muted small-text' }, slot.hint ?? t(role === 'source' ? 'well.sourceKinds' : 'well.targetKinds')))];
}

/** What is wrong with a slot, at its top, where it is seen. */
function trouble(draft, slot, retry) {
    return slot.error && notice(slot.error, { retry, onclose: slot.phase === 'failed' ? null : () => { slot.error = null; draft.onChange(); } });
}

function uploadText(slot) {
    if (slot.isWaiting) return t('upload.waiting');
    return t(slot.sent >= slot.size ? 'upload.checking' : 'upload.progress', { sent: bytes(slot.sent), size: bytes(slot.size) });
}

function picture(draft, role, slot, url) {
    const isVideo = slot.type?.startsWith('video/');
    const alt = t(role === 'source' ? 'well.sourceAlt' : 'well.targetAlt');
    if (slot.frame) return h('img', { src: slot.frame, alt });
    if (url && isVideo) return h('video', { src: url, muted: true, playsinline: true, preload: 'metadata', 'aria-label': alt });
    if (url) return h('img', { src: url, alt });
    return h('div', { class: 'picture-blank' }, icon(isVideo ? 'film' : 'image'));
}

function filledPart(draft, role, choose, slot, url, lasting) {
    const isBusy = slot.phase === 'working';
    return [
        trouble(draft, slot, slot.phase === 'failed' && (() => draft.bring(role))),
        h('div', { class: `stage${slot.facesPhase === 'loading' ? ' looking' : ''}` }, h('div', { class: 'picture' }, lasting('picture', slot.frame ?? url ?? slot, () => picture(draft, role, slot, url)), slot.phase === 'ready' && boxes(draft, role))),
        isBusy && h('div', { class: 'upload' }, h('progress', { max: slot.size, value: slot.sent, 'aria-label': t('upload.label') }), h('p', { class: 'upload-text' }, uploadText(slot))),
        slot.phase === 'ready' && slot.type?.startsWith('video/') && slot.media?.duration && lasting('slider', slot, () => frameSlider(draft, role, slot)),
        slot.phase === 'ready' && facesPart(draft, role, slot),
        h('footer', { class: 'well-foot' }, h('div', { class: 'file' }, h('span', { class: 'file-name', title: slot.name ?? '' }, slot.name ?? t('well.unnamed')),
            h('span', { class: 'muted' }, facts(slot))),
            button(t('well.replace'), { kind: 'quiet small', 'data-key': `replace-${role}`, 'aria-label': `${t(`well.${role}`)}: ${t('well.replace')}`, onclick: () => choose.click() }),
            iconButton('x', `${t(`well.${role}`)}: ${t('well.remove')}`, { onclick: () => draft.remove(role) })),
    ];
}

function facts({ size, media }) {
    return [media && `${media.width}×${media.height}`, media?.is_video && media.duration && clock(media.duration), size && bytes(size)].filter(Boolean).join(' · ');
}

function facesPart(draft, role, slot) {
    if (slot.facesPhase === 'failed') return notice(slot.facesError, { retry: () => draft.inspect(role) });
    if (slot.facesPhase === 'loading' && slot.faces.length === 0) return h('p', { class: 'faces-line' }, h('span', { class: 'spinner' }), t('faces.looking'));
    if (slot.faces.length === 0) return h('p', { class: 'faces-line warn', role: 'alert' }, icon('alert'), t(slot.type?.startsWith('video/') ? 'faces.noneVideo' : 'faces.none'));
    return h('div', { class: 'faces' }, h('p', { class: 'faces-line' }, t('faces.found', { n: slot.faces.length })), crops(draft, role), role === 'target' && draft.picked !== null && picker(draft));
}

function frameSlider(draft, role, slot) {
    const id = newID('frame');
    const shown = h('output', { for: id }, clock(slot.time));
    let timer;
    const slider = h('input', { type: 'range', id, min: 0, max: Math.max(0, slot.media.duration - 0.1).toFixed(1), step: 0.1, value: slot.time, 'data-key': `frame-${role}`,
        'aria-valuetext': clock(slot.time), oninput: () => {
            const time = Number(slider.value);
            fill(shown, clock(time));
            slider.setAttribute('aria-valuetext', clock(time));
            clearTimeout(timer);
            timer = setTimeout(() => draft.inspect(role, time), 250);
        } });
    return h('div', { class: 'frame-slider' }, h('label', { for: id }, t('faces.frame')), slider, shown);
}
