// A box that says what went wrong and what to do, with a countdown where the server asks to wait.

import { button, fill, h, icon } from './dom.js';
import { explain } from './explain.js';
import { t } from './i18n.js';

/**
 * A notice for an error. `retry`: called by its button, which counts down first when the server says how long to wait.
 * `onclose`: shows a button that takes it away.
 */
export function notice(error, { retry, onclose } = {}) {
    const { title, text, advice, retryAfter, canRetry } = explain(error);
    const actions = h('div', { class: 'notice-actions' });
    if (retry && canRetry) {
        const again = button(t('action.retry'), { kind: 'small', icon: 'again', onclick: () => retry() });
        if (retryAfter) countDown(again, Math.ceil(retryAfter));
        actions.append(again);
    }
    if (onclose) actions.append(button(t('action.close'), { kind: 'small quiet', onclick: onclose }));
    return h('div', { class: 'notice bad', role: 'alert' }, icon('alert'), h('div', { class: 'notice-text' },
        h('strong', {}, title), h('p', {}, text), advice && h('p', {}, advice), actions.childNodes.length > 0 && actions));
}

function countDown(element, seconds) {
    const label = element.querySelector('span');
    const end = Date.now() + seconds * 1000;
    element.disabled = true;
    const tick = () => {
        const left = Math.ceil((end - Date.now()) / 1000);
        element.disabled = left > 0;
        fill(label, left > 0 ? t('action.retryIn', { n: left }) : t('action.retry'));
        if (left > 0 && element.isConnected) setTimeout(tick, 250);
    };
    label.textContent = t('action.retryIn', { n: seconds });
    setTimeout(tick, 250);
}

/** A neutral remark, such as a note of the engine. */
export const remark = (...text) => h('div', { class: 'notice' }, icon('face'), h('div', { class: 'notice-text' }, text.map((line) => h('p', {}, line))));
