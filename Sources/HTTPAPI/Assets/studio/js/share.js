// Makes a link to a result that works without a token until it expires.

import { address, call } from './api.js';
import { sheet } from './dialogs.js';
import { announce, button, fill, h } from './dom.js';
import { date } from './format.js';
import { t } from './i18n.js';
import { notice } from './notice.js';

const HOUR = 3600;
const choices = [['share.hour', HOUR], ['share.day', 24 * HOUR], ['share.week', 7 * 24 * HOUR], ['share.month', 30 * 24 * HOUR]];

/** The sheet with expiry, link and copy button. */
export function shareSheet(job) {
    return sheet(t('share.title'), () => {
        const time = h('select', { id: 'share-time' }, choices.map(([name, seconds]) => h('option', { value: seconds, selected: seconds === 24 * HOUR }, t(name))));
        const place = h('div', { class: 'share-link' });
        const make = async () => {
            create.disabled = true;
            try {
                const link = await call('POST', `jobs/${job.job_id}/share`, { json: { expires_in: Number(time.value) } });
                fill(place, linkPart(new URL(link.url, address('')).href, link.expires_at));
                place.querySelector('input').select();
            } catch (error) {
                fill(place, notice(error, { retry: make }));
            }
            create.disabled = false;
        };
        const create = button(t('share.make'), { kind: 'primary', icon: 'link', onclick: make });
        return [h('p', {}, t('share.text')), h('div', { class: 'share-row' }, h('label', { class: 'field', for: 'share-time' }, h('span', {}, t('share.expires')), time), create), place];
    });
}

function linkPart(url, expires) {
    const field = h('input', { type: 'text', readonly: true, value: url, 'aria-label': t('share.link'), onfocus: () => field.select() });
    const copy = button(t('share.copy'), { icon: 'copy', onclick: async () => {
        try {
            await navigator.clipboard.writeText(url);
        } catch {
            field.select();
            document.execCommand('copy');
        }
        fill(copy.querySelector('span'), t('share.copied'));
        announce(t('share.copied'));
    } });
    const send = navigator.share && button(t('share.send'), { onclick: () => navigator.share({ url }).catch(() => {}) });
    return [h('div', { class: 'copy-row' }, field, copy, send), h('p', { class: 'muted small-text' }, t('share.until', { date: date(expires) }))];
}
