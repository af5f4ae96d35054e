// How it is done: the mode cards, with engine and honest notes, and the folded options.

import { h, icon, newID } from './dom.js';
import { clock, roughly } from './format.js';
import { has, t } from './i18n.js';

const words = (mode, part, other) => (has(`mode.${mode.name}.${part}`) ? t(`mode.${mode.name}.${part}`) : other);

/** The title of a mode in the reader's language, or the server's. */
export function modeTitle(name, modes = []) {
    const mode = modes.find((one) => one.name === name) ?? { name, title: name };
    return words(mode, 'title', mode.title ?? name ?? '');
}

/** Whether a mode runs only because the mesh stands in for its models. */
const isStandIn = (mode) => has(`mode.${mode.name}.title`) && mode.available && mode.uses === 'mesh' && Boolean(mode.note);

/** Cards as a group of radio buttons; modes whose models are missing are folded away while there are others. */
export function modeCards(draft, isOpen, onToggle) {
    const group = newID('mode');
    const card = (mode) => {
        const isOn = mode.name === draft.mode;
        const isKnown = has(`mode.${mode.name}.title`);
        const meshMode = `mode.photo_${mode.lane === 'video' ? 'video' : 'photo'}`;
        const note = isStandIn(mode) ? t('mode.asMesh', { title: t(`${meshMode}.title`) }) : !mode.available && (isKnown || !mode.note) ? t('mode.off') : mode.note;
        const engine = mode.uses === 'mesh' ? t('mode.mesh') : mode.uses;
        return h('label', { class: `card${isOn ? ' on' : ''}${mode.available ? '' : ' off'}` },
            h('input', { type: 'radio', name: group, value: mode.name, checked: isOn, disabled: !mode.available, 'data-key': `mode-${mode.name}`, onchange: () => draft.setMode(mode.name) }),
            h('span', { class: 'card-title' }, words(mode, 'title', mode.title)),
            h('span', { class: 'card-text' }, words(mode, 'text', '')),
            h('span', { class: 'card-engine' }, t('mode.engine', { engine: engine ?? '—' }), isOn && draft.estimate !== null && h('b', {}, roughly(draft.estimate))),
            note && h('span', { class: 'card-note', title: mode.note ?? '' }, icon('alert'), note));
    };
    const able = draft.laneModes.filter((mode) => mode.available && !isStandIn(mode));
    const rest = draft.laneModes.filter((mode) => !able.includes(mode));
    const folds = able.length > 0 && rest.length > 0;
    return h('fieldset', { class: 'modes' }, h('legend', {}, t('mode.title')),
        h('div', { class: 'cards' }, (folds ? able : draft.laneModes).map(card)),
        folds && h('details', { class: 'more', open: isOpen || rest.some((mode) => mode.name === draft.mode), ontoggle: (event) => onToggle(event.target.open) },
            h('summary', { 'data-key': 'more-modes' }, t('mode.more', { n: rest.length }), icon('chevron')), h('div', { class: 'cards' }, rest.map(card))));
}

/** The folded panel. */
export function optionsPanel(draft, isOpen, onToggle) {
    const tick = (name) => h('label', { class: 'tick' },
        h('input', { type: 'checkbox', checked: draft.options[name], 'data-key': name, onchange: (event) => draft.setOption(name, event.target.checked) }),
        h('span', {}, t(`option.${name}`), h('small', {}, t(`option.${name}.help`))));
    const scale = h('select', { 'data-key': 'scale', onchange: (event) => draft.setOption('output_scale', Number(event.target.value)) },
        [...new Set([50, 75, 100, 150, 200, draft.options.output_scale])].sort((a, b) => a - b).map((value) => h('option', { value, selected: value === draft.options.output_scale }, `${value} %`)));
    return h('details', { class: 'options', open: isOpen, ontoggle: (event) => onToggle(event.target.open) },
        h('summary', { 'data-key': 'options' }, t('option.title'), icon('chevron')),
        h('div', { class: 'options-body' }, tick('keep_eyes'), tick('keep_mouth'),
            h('label', { class: 'field' }, h('span', {}, t('option.scale')), scale),
            draft.isVideo && draft.inputs.target.media?.duration && trim(draft, draft.inputs.target.media.duration)));
}

function trim(draft, duration) {
    const end = Math.floor(duration * 10) / 10;
    const row = (name, rest, limit) => {
        const id = newID('trim');
        const value = draft.options[name] ?? rest;
        const shown = h('output', { for: id }, clock(value));
        const slider = h('input', { type: 'range', id, min: 0, max: end, step: 0.1, value, 'data-key': name, 'aria-valuetext': clock(value),
            oninput: () => {
                slider.value = limit(Number(slider.value));
                shown.textContent = clock(Number(slider.value));
                slider.setAttribute('aria-valuetext', shown.textContent);
            },
            onchange: () => draft.setOption(name, Number(slider.value) === rest ? null : Number(slider.value)) });
        return h('div', { class: 'trim-row' }, h('label', { for: id }, t(`option.${name}`)), slider, shown);
    };
    return h('div', { class: 'trim' },
        row('trim_start', 0, (value) => Math.min(value, (draft.options.trim_end ?? end) - 0.2)),
        row('trim_end', end, (value) => Math.max(value, (draft.options.trim_start ?? 0) + 0.2)));
}
