// The page of one job: live progress while it waits and runs, and what became of it.

import { address, call, file, request } from './api.js';
import { modeTitle } from './choices.js';
import { askSure } from './dialogs.js';
import { announce, button, fill, h, icon } from './dom.js';
import { follow } from './events.js';
import { explainFailure } from './explain.js';
import { roughly } from './format.js';
import { has, t } from './i18n.js';
import { notice } from './notice.js';
import { resultPart } from './result.js';

const FINAL = new Set(['completed', 'failed', 'canceled']);
/** The stage in the reader's words; one that has none is shown as the server says it. */
const stageWords = (stage) => (has(`stage.${stage}`) ? t(`stage.${stage}`) : stage ?? '');

/** `{element, leave}` for a job's id. `act`: what other pages do: `again(job)`, `go(route)`, `fresh()`. */
export function jobPage(id, server, act) {
    const control = new AbortController();
    const title = h('h1', { tabindex: '-1' }, t('job.title'));
    const body = h('div', { class: 'job-body' }, h('p', { class: 'loading' }, h('span', { class: 'spinner' }), t('job.loading')));
    const element = h('div', { class: 'job' }, title, body);
    const view = { job: null, end: null, isUp: true, preview: null, previewURL: null, leaveResult: null };

    const remove = async () => {
        if (!await askSure(t('delete.title'), t('delete.text'), t('action.delete'))) return;
        try {
            await call('DELETE', `jobs/${id}`);
            act.go('history');
        } catch (error) {
            body.prepend(notice(error, { retry: remove }));
        }
    };
    const actions = { ...act, remove };

    const settle = async () => {
        if (control.signal.aborted) return;
        const { job } = view;
        fill(title, t(`job.${job.status}`));
        document.title = `${t(`job.${job.status}`)} · Masque`;
        announce(t(`job.${job.status}`));
        if (job.status === 'completed') {
            const part = resultPart(job, server, actions);
            view.leaveResult = part.leave;
            fill(body, part.element);
        } else fill(body, endPart(job, server, actions));
    };
    const refresh = async () => {
        view.job = await call('GET', `jobs/${id}`, { signal: control.signal });
        note(view, view.job);
    };
    const run = async () => {
        try {
            await refresh();
            if (view.job.status === 'draft') return act.again(view.job);
            if (FINAL.has(view.job.status)) return settle();
            const live = livePart(view, server, { control, body, title });
            fill(body, live.element);
            await follow(`jobs/${id}/events`, { signal: control.signal,
                onLink: (isUp) => { view.isUp = isUp; live.update(); },
                onEvent: (event) => {
                    note(view, event);
                    live.update();
                } });
            await refresh();
            return FINAL.has(view.job.status) ? settle() : setTimeout(run, 1000);
        } catch (error) {
            if (error.name === 'AbortError' || control.signal.aborted) return undefined;
            return fill(body, notice(error, error.status === 404 ? {} : { retry: run }), h('div', { class: 'actions' }, button(t('action.new'), { icon: 'arrow', onclick: () => act.fresh() })));
        }
    };
    run();
    return { element, leave() {
        control.abort();
        if (view.previewURL) URL.revokeObjectURL(view.previewURL);
        view.leaveResult?.();
    } };
}

/** Takes the news of a job or event into the view. */
function note(view, news) {
    for (const name of ['status', 'stage', 'progress', 'queue_position', 'attempts', 'message']) if (news[name] !== undefined) view[name] = news[name];
    if (news.estimate_seconds !== undefined) view.end = news.estimate_seconds === null ? null : Date.now() + news.estimate_seconds * 1000;
    view.previewPath = news.preview_url ?? news.links?.preview ?? view.previewPath;
    if (news.preview_url || news.links?.preview) view.isPreviewNew = true;
}

function livePart(view, server, { control, body, title }) {
    const { job } = view;
    const bar = h('div', { class: 'bar', role: 'progressbar', 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-label': t('job.progress') }, h('div', { class: 'bar-fill' }));
    const percent = h('b', { class: 'live-percent' });
    const stage = h('p', { class: 'live-stage' });
    const time = h('p', { class: 'live-time muted' });
    const link = h('p', { class: 'live-link', role: 'status' });
    const frame = h('div', { class: 'live-frame' }, icon(job.lane === 'video' ? 'film' : 'image'));
    const target = job.inputs.find((input) => input.role === 'target');
    const showTarget = async () => {
        if (!target?.media_type.startsWith('image/')) return;
        const { blob } = await file(`jobs/${job.job_id}/inputs/target`, { signal: control.signal });
        if (!view.previewURL) fill(frame, h('img', { src: view.previewURL = URL.createObjectURL(blob), alt: '', class: 'before' }));
    };
    showTarget().catch(() => {});
    const cancel = button(t('job.cancel'), { icon: 'x', onclick: async () => {
        cancel.disabled = true;
        fill(cancel.querySelector('span'), t('job.canceling'));
        try {
            await call('POST', `jobs/${job.job_id}/cancel`);
        } catch (error) {
            cancel.disabled = false;
            fill(cancel.querySelector('span'), t('job.cancel'));
            body.append(notice(error));
        }
    } });
    const element = h('div', { class: 'live' }, frame, h('div', { class: 'live-facts' },
        h('p', { class: 'muted' }, modeTitle(job.mode, server.modes)), h('div', { class: 'live-head' }, stage, percent), bar, time, link, h('div', { class: 'actions' }, cancel)));

    const loadPreview = async () => {
        if (!view.isPreviewNew || view.isLoading) return;
        view.isLoading = true;
        view.isPreviewNew = false;
        try {
            const answer = await request('GET', new URL(view.previewPath, address('')).pathname, { signal: control.signal });
            const url = URL.createObjectURL(await answer.blob());
            const image = h('img', { src: url, alt: t('job.preview') });
            await image.decode();
            fill(frame, image);
            if (view.previewURL) URL.revokeObjectURL(view.previewURL);
            view.previewURL = url;
        } catch {
            // A frame that is missing is no news.
        }
        await new Promise((done) => { setTimeout(done, 500); });
        view.isLoading = false;
        if (!control.signal.aborted) loadPreview();
    };
    let said = '';
    const say = () => {
        const words = `${stageWords(view.stage)}${view.status === 'running' ? ` ${Math.floor((view.progress ?? 0) / 25) * 25} %` : ''}`;
        if (words !== said) announce(words);
        said = words;
    };
    const tick = () => {
        const left = view.end === null ? null : (view.end - Date.now()) / 1000;
        const place = view.status === 'queued' && view.queue_position !== null && view.queue_position !== undefined
            ? view.queue_position > 0 ? t('job.ahead', { n: view.queue_position }) : t('job.next') : null;
        fill(time, [place, left !== null && (left > 0 ? t('job.left', { time: roughly(left) }) : t('job.soon'))].filter(Boolean).join(' · '));
    };
    const update = () => {
        const value = Math.round(view.progress ?? 0);
        element.dataset.status = view.status;
        fill(title, t(`job.${view.status}`));
        document.title = view.status === 'running' ? `${value} % · Masque` : `${t(`job.${view.status}`)} · Masque`;
        fill(stage, view.status === 'queued' && view.attempts > 0 ? t('stage.retrying') : stageWords(view.stage));
        fill(percent, view.status === 'running' && `${value} %`);
        if (view.status === 'running') bar.setAttribute('aria-valuenow', value);
        else bar.removeAttribute('aria-valuenow');
        bar.setAttribute('aria-valuetext', `${stage.textContent} ${percent.textContent}`);
        bar.firstChild.style.setProperty('inline-size', `${view.status === 'running' ? value : 0}%`);
        fill(link, !view.isUp && [h('span', { class: 'spinner' }), t(navigator.onLine ? 'job.reconnecting' : 'job.offline')]);
        tick();
        say();
        loadPreview();
    };
    const timer = setInterval(tick, 1000);
    control.signal.addEventListener('abort', () => clearInterval(timer));
    update();
    return { element, update };
}

/** What is shown of a job that failed or was canceled. */
function endPart(job, server, act) {
    const error = job.error && explainFailure(job.error);
    return h('div', { class: 'ended' },
        error && h('div', { class: 'notice bad' }, icon('alert'), h('div', { class: 'notice-text' },
            h('strong', {}, error.message), h('p', {}, error.advice))),
        job.status === 'canceled' && h('p', {}, t('job.canceledText')),
        h('p', { class: 'muted' }, modeTitle(job.mode, server.modes)),
        h('div', { class: 'actions' }, button(t('action.again'), { kind: 'primary', icon: 'again', onclick: () => act.again(job) }),
            button(t('action.new'), { icon: 'arrow', onclick: () => act.fresh() }),
            button(t('action.delete'), { kind: 'quiet', icon: 'trash', onclick: () => act.remove() })));
}
