// Faces in a picture: boxes over it for the pointer, and a row of crops that the keyboard reaches too.

import { button, h, icon } from './dom.js';
import { t } from './i18n.js';

/** What a face is called and looks like at the moment, for both its box and its crop. */
function state(draft, role, face) {
    const { map, picked } = draft;
    if (role === 'source') {
        const isUsed = picked === null ? [...map.values()].includes(face.number) : map.get(picked) === face.number;
        return { isOn: isUsed, isOpen: picked !== null, label: t(picked === null ? 'face.source' : 'face.choose', { number: face.number + 1 }) };
    }
    const becomes = draft.inputs.source.faces.find((source) => source.number === map.get(face.number));
    const label = becomes ? t('face.becomes', { number: face.number + 1, source: becomes.number + 1 }) : t('face.stays', { number: face.number + 1 });
    return { isOn: Boolean(becomes), isOpen: picked === face.number, becomes, label };
}

const act = (draft, role, face) => (role === 'source' ? draft.assign(face.number) : draft.pick(face.number));
const classes = (name, { isOn, isOpen }) => `${name}${isOn ? ' on' : ''}${isOpen ? ' open' : ''}`;
const percent = (part, whole) => `${(100 * part) / whole}%`;

/** The boxes, to be laid over the picture. They repeat the crops, so screen readers and Tab skip them. */
export function boxes(draft, role) {
    const { faces, media } = draft.inputs[role];
    return faces.map((face) => {
        const look = state(draft, role, face);
        const place = { left: percent(face.x, media.width), top: percent(face.y, media.height), width: percent(face.width, media.width), height: percent(face.height, media.height) };
        return h('button', { type: 'button', tabindex: '-1', 'aria-hidden': 'true', class: `${classes('box', look)}${face.y < media.height / 8 ? ' high' : ''}`, style: place, title: look.label, 'data-face': face.number, onclick: () => act(draft, role, face) },
            faces.length > 1 && h('b', {}, String(face.number + 1)), look.becomes && avatar(look.becomes));
    });
}

const avatar = (face) => h('img', { src: face.image, alt: '', class: 'avatar' });

/** The crops in a row. */
export function crops(draft, role) {
    const { faces } = draft.inputs[role];
    const many = draft.inputs.source.faces.length > 1;
    return h('ul', { class: 'crops', role: 'list' }, faces.map((face) => {
        const look = state(draft, role, face);
        const inside = [h('img', { src: face.image, alt: '' }), look.becomes && avatar(look.becomes), role === 'target' && !look.becomes && h('span', { class: 'crop-off' }, icon('x'))];
        const name = classes('crop', look);
        const body = role === 'source' ? h('span', { class: name, role: 'img', 'aria-label': look.label, title: look.label }, inside)
            : h('button', { type: 'button', class: name, 'data-key': `target-${face.number}`, 'aria-label': look.label, title: look.label,
                'aria-pressed': many ? look.isOpen : look.isOn, onclick: () => act(draft, role, face) }, inside);
        return h('li', {}, body);
    }));
}

/** The question who a picked target face becomes, with the source faces to choose from. */
export function picker(draft) {
    const choice = (face) => {
        const look = state(draft, 'source', face);
        return h('button', { type: 'button', class: classes('crop source', look), 'data-key': `source-${face.number}`, 'aria-label': look.label, title: look.label,
            'aria-pressed': look.isOn, onclick: () => draft.assign(face.number) }, h('img', { src: face.image, alt: '' }));
    };
    return h('div', { class: 'asking', role: 'group', 'aria-label': t('map.choose', { number: draft.picked + 1 }) }, h('p', {}, t('map.choose', { number: draft.picked + 1 })),
        h('div', { class: 'crops' }, draft.inputs.source.faces.map(choice)), button(t('map.leave'), { kind: 'small', onclick: () => draft.assign(null) }));
}

/** Moves the focus with the choice: to the source faces, and back to the target face. */
export function moveFocus(root, before, draft) {
    if (before === null && draft.picked !== null) root.querySelector(`[data-key="source-${draft.map.get(draft.picked) ?? draft.inputs.source.faces[0].number}"]`)?.focus();
    else if (before !== null && draft.picked === null) root.querySelector(`[data-key="target-${before}"]`)?.focus();
}
