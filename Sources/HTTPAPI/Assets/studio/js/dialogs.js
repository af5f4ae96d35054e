// Sheets over the page: a generic one that answers a promise, the access token, the consent, and a question.

import { session } from './api.js';
import { button, h, icon, iconButton, newID } from './dom.js';
import { t } from './i18n.js';
import { keep, recall } from './storage.js';

/**
 * Shows a sheet and answers what its content passes to `close(value)`; null when it was dismissed.
 * `build(close)` makes the content. The focus goes back to where it was.
 */
export function sheet(title, build, { closable = true, kind = '' } = {}) {
    return new Promise((done) => {
        const heading = newID('sheet');
        let answer = null;
        const dialog = h('dialog', { class: `sheet ${kind}`, 'aria-labelledby': heading });
        const close = (value) => {
            answer = value;
            dialog.close();
        };
        dialog.append(h('header', { class: 'sheet-head' }, h('h2', { id: heading }, title),
            closable && iconButton('x', t('action.close'), { onclick: () => close(null) })), ...[build(close)].flat());
        dialog.addEventListener('cancel', (event) => { if (!closable) event.preventDefault(); });
        dialog.addEventListener('click', (event) => { if (closable && event.target === dialog) close(null); });
        dialog.addEventListener('close', () => {
            dialog.remove();
            done(answer);
        });
        document.body.append(dialog);
        dialog.showModal();
    });
}

/** Asks for an access token until there is one. */
export function askToken(isWrong) {
    return sheet(t('token.title'), (close) => {
        const field = h('input', { type: 'password', id: newID('token'), autocomplete: 'off', spellcheck: 'false', required: true, 'aria-describedby': 'token-help' });
        const remember = h('input', { type: 'checkbox', checked: recall('token') !== null });
        const submit = (event) => {
            event.preventDefault();
            const value = field.value.trim().replace(/^Bearer\s+/i, '');
            if (!value) return;
            session.use(value, remember.checked);
            close(true);
        };
        return h('form', { onsubmit: submit }, isWrong && h('p', { class: 'sheet-error', role: 'alert' }, t('token.wrong')),
            h('div', { id: 'token-help' }, h('p', {}, t('token.text')), h('p', {}, h('code', { class: 'command' }, 'masque token mint --user-id you'))),
            h('label', { class: 'field', for: field.id }, h('span', {}, t('token.label')), field),
            h('label', { class: 'tick' }, remember, h('span', {}, t('token.remember'))),
            h('div', { class: 'sheet-actions' }, h('button', { class: 'button primary' }, icon('lock'), h('span', {}, t('token.open')))));
    }, { closable: false });
}

/** Whether the person has said that they may use the faces they give. */
export const hasConsent = () => recall('consent') !== null;

/** Takes the statement back. */
export const withdrawConsent = () => keep('consent', null);

/** Asks for the statement once; false when it is not given. */
export async function askConsent() {
    if (hasConsent()) return true;
    const agreed = await sheet(t('consent.title'), (close) => [
        h('p', {}, t('consent.text')), h('p', { class: 'muted' }, t('consent.more')),
        h('div', { class: 'sheet-actions' }, button(t('consent.no'), { onclick: () => close(false) }),
            button(t('consent.yes'), { kind: 'primary', icon: 'check', autofocus: true, onclick: () => close(true) })),
    ]);
    if (agreed) keep('consent', new Date().toISOString());
    return agreed === true;
}

/** A question before something that cannot be undone. */
export const askSure = (title, text, yes) => sheet(title, (close) => [
    h('p', {}, text),
    h('div', { class: 'sheet-actions' }, button(t('action.back'), { autofocus: true, onclick: () => close(false) }),
        button(yes, { kind: 'danger', icon: 'trash', onclick: () => close(true) })),
]);
