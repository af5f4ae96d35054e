// All jobs of a person, newest first: thumbnail, mode, state, time; paged; open and delete.

import { address, call, file, request } from './api.js';
import { modeTitle } from './choices.js';
import { askSure } from './dialogs.js';
import { button, fill, h, icon, iconButton } from './dom.js';
import { ago } from './format.js';
import { t } from './i18n.js';
import { notice } from './notice.js';

const PAGE = 12;
/** Pictures up to this many bytes may be fetched whole for a thumbnail when there is no preview. */
const SMALL = 4 * 2 ** 20;

/** `{element, leave}` */
export function historyPage(server, act) {
    const control = new AbortController();
    const urls = [];
    const list = h('ul', { class: 'jobs', role: 'list' });
    const foot = h('div', { class: 'jobs-foot' });
    const element = h('div', { class: 'history' }, h('h1', { tabindex: '-1' }, t('history.title')), list, foot);

    const seen = new IntersectionObserver((entries) => {
        for (const entry of entries.filter((one) => one.isIntersecting)) {
            seen.unobserve(entry.target);
            entry.target.draw?.();
        }
    }, { rootMargin: '200px' });

    const thumbnail = (job) => {
        const place = h('div', { class: 'thumb' }, icon(job.lane === 'video' ? 'film' : 'image'));
        place.draw = async () => {
            const blob = await thumbnailOf(job, control.signal).catch(() => null);
            if (!blob || control.signal.aborted) return;
            urls.push(URL.createObjectURL(blob));
            fill(place, h('img', { src: urls.at(-1), alt: '' }));
        };
        seen.observe(place);
        return place;
    };
    const row = (job) => {
        const { short, full } = ago(job.created_at);
        const remove = async () => {
            if (!await askSure(t('delete.title'), t('delete.text'), t('action.delete'))) return;
            try {
                await call('DELETE', `jobs/${job.job_id}`);
                item.remove();
                if (list.children.length === 0) load(null);
            } catch (error) {
                item.append(notice(error, { retry: remove }));
            }
        };
        const item = h('li', { class: 'job-row', 'data-status': job.status },
            h('a', { href: `#/job/${job.job_id}`, class: 'job-link' }, thumbnail(job), h('span', { class: 'job-words' },
                h('b', {}, modeTitle(job.mode, server.modes)), h('span', { class: 'job-file muted' }, job.inputs.find((input) => input.role === 'target')?.file_name ?? ''),
                h('span', { class: 'job-state' }, h('i', { class: 'dot' }), stateWords(job), h('time', { class: 'muted', datetime: job.created_at, title: full }, short)))),
            iconButton('trash', t('history.delete', { time: short }), { onclick: remove }));
        return item;
    };
    const load = async (cursor) => {
        fill(foot, h('p', { class: 'loading' }, h('span', { class: 'spinner' }), t('history.loading')));
        try {
            const page = await call('GET', `jobs?limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`, { signal: control.signal });
            const before = list.children.length;
            list.append(...page.jobs.map(row));
            if (before > 0) list.children[before]?.querySelector('a').focus();
            if (list.children.length === 0) fill(foot, emptyPart(act));
            else fill(foot, page.next_cursor && button(t('history.more'), { icon: 'chevron', onclick: () => load(page.next_cursor) }));
        } catch (error) {
            if (error.name !== 'AbortError') fill(foot, notice(error, { retry: () => load(cursor) }));
        }
    };
    load(null);
    return { element, leave() {
        control.abort();
        seen.disconnect();
        urls.forEach((url) => URL.revokeObjectURL(url));
    } };
}

const stateWords = (job) => (job.status === 'running' ? `${t('job.running')} ${Math.round(job.progress)} %` : t(`job.${job.status}`));

const emptyPart = (act) => h('div', { class: 'history-empty' }, icon('face'), h('p', {}, t('history.empty')), button(t('nav.new'), { kind: 'primary', icon: 'arrow', onclick: () => act.fresh() }));

async function thumbnailOf(job, signal) {
    if (job.links?.preview) {
        const answer = await request('GET', new URL(job.links.preview, address('')).pathname, { signal, accept: [404] });
        if (answer.ok) return answer.blob();
    }
    const isSmallPicture = ({ media_type: type, bytes }) => type.startsWith('image/') && bytes <= SMALL;
    if (job.result && isSmallPicture(job.result)) return (await file(`jobs/${job.job_id}/result`, { signal })).blob;
    const input = ['target', 'source'].map((role) => job.inputs.find((one) => one.role === role)).find((one) => one && isSmallPicture(one));
    return input ? (await file(`jobs/${job.job_id}/inputs/${input.role}`, { signal })).blob : null;
}
