// The page where a swap is put together: two wells, who becomes whom, mode, options, start.

import { call } from './api.js';
import { modeCards, optionsPanel } from './choices.js';
import { button, fill, h, icon } from './dom.js';
import { Draft } from './draft.js';
import { moveFocus } from './faces.js';
import { roughly } from './format.js';
import { t } from './i18n.js';
import { notice } from './notice.js';
import { keep, recall } from './storage.js';
import { well } from './well.js';

/** The draft outlives the page, so that a look at the history or another language loses nothing. */
let draft = null;
let show = () => {};
let showProgress = () => {};
let areOptionsOpen = false;
let areMoreModesOpen = false;
let startError = null;

function newDraft(server) {
    startError = null;
    draft = new Draft({ modes: server.modes, limits: server.limits, onChange: () => show(), onProgress: (role) => showProgress(role) });
    return draft;
}

/** Begins anew. */
export function clearDraft() {
    for (const slot of Object.values(draft?.inputs ?? {})) slot.control?.abort();
    draft = null;
    keep('draft', null, 'session');
}

/** Takes the inputs of another job (a draft goes on, a finished one is run again) to this page. */
export async function composeFrom(job, server) {
    clearDraft();
    if (job.status === 'draft') keep('draft', job.job_id, 'session');
    return newDraft(server).open(job);
}

async function restore(server) {
    const id = recall('draft', 'session');
    if (!id || draft) return;
    newDraft(server);
    const mine = draft;
    const job = await call('GET', `jobs/${id}`).catch(() => null);
    if (draft !== mine || mine.id !== null || mine.inputs.source.phase !== 'empty' || mine.inputs.target.phase !== 'empty') return;
    if (job?.status === 'draft') await mine.open(job);
    else keep('draft', null, 'session');
}

function pasted(event) {
    const file = [...(event.clipboardData?.files ?? [])].find((one) => /^(image|video)\//.test(one.type));
    if (!file || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    const role = document.activeElement?.closest('.well.target') ? 'target' : draft.inputs.source.phase === 'empty' ? 'source' : 'target';
    draft.take(role, file);
}

/** Updates a part and gives the focus back to what had it, recognised by `data-key`. */
function keepingFocus(root, update) {
    const key = root.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    update();
    if (key && document.activeElement?.dataset.key !== key) root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/** `{element, leave}` */
export function composePage(server, go) {
    restore(server);
    if (!draft) newDraft(server);
    const wells = { source: well(draft, 'source'), target: well(draft, 'target') };
    const hint = h('div', { class: 'map-hint' });
    const how = h('div', { class: 'how' });
    const bar = h('div', { class: 'start-bar' });
    const element = h('div', { class: 'compose' },
        h('div', { class: 'hero' }, h('h1', { tabindex: '-1' }, t('compose.title')), h('p', {}, t('compose.text'))),
        h('div', { class: 'wells' }, wells.source.element, h('div', { class: 'wells-arrow' }, icon('arrow')), wells.target.element),
        hint, how, bar);
    let picked = null;
    let isStarting = false;

    const start = async () => {
        isStarting = true;
        startError = null;
        show();
        try {
            const job = await draft.start();
            if (job) {
                clearDraft();
                go(`job/${job.job_id}`);
                return;
            }
        } catch (error) {
            startError = error;
        }
        isStarting = false;
        show();
    };
    const barPart = () => {
        const { blocker } = draft;
        const estimate = draft.estimate !== null ? roughly(draft.estimate) : t('start.unknown');
        return [startError && notice(startError, { retry: start, onclose: () => { startError = null; show(); } }),
            !startError && h('div', { class: 'start-row' },
                h('p', { class: 'start-text', 'aria-live': 'polite' }, blocker ? t(blocker) : [h('b', {}, t('start.faces', { n: draft.map.size || 1 })), ' · ', estimate]),
                button(t(isStarting ? 'start.starting' : 'start.start'), { kind: 'primary big', icon: 'arrow', 'data-key': 'start', disabled: blocker !== null || isStarting, onclick: start }))];
    };

    show = () => keepingFocus(element, () => {
        for (const one of Object.values(wells)) one.update();
        const isReady = draft.inputs.target.phase === 'ready' && draft.inputs.source.phase === 'ready';
        element.dataset.picking = draft.picked !== null;
        fill(hint, hintPart(isReady));
        fill(how, isReady && [modeCards(draft, areMoreModesOpen, (isOpen) => { areMoreModesOpen = isOpen; }), optionsPanel(draft, areOptionsOpen, (isOpen) => { areOptionsOpen = isOpen; })]);
        const isPartial = Object.values(draft.inputs).some(({ phase }) => phase === 'empty');
        bar.hidden = isPartial;
        fill(bar, !isPartial && barPart());
        if (picked !== draft.picked) queueMicrotask(moveFocus.bind(null, element, picked, draft));
        picked = draft.picked;
    });
    const hintPart = (isReady) => {
        const { source, target } = draft.inputs;
        if (!isReady || target.faces.length === 0 || source.faces.length === 0 || source.faces.length + target.faces.length === 2) return null;
        return h('p', {}, t(source.faces.length > 1 ? 'map.helpMany' : 'map.helpOne'));
    };
    showProgress = (role) => wells[role].progress();
    const escape = (event) => { if (event.key === 'Escape' && draft.picked !== null) draft.pick(draft.picked); };
    document.addEventListener('paste', pasted);
    element.addEventListener('keydown', escape);
    show();
    return { element, leave() {
        document.removeEventListener('paste', pasted);
        show = () => {};
        showProgress = () => {};
    } };
}
