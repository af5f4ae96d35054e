// What a finished job made: comparison with the original, download, share link, run again.

import { address, call, file } from './api.js';
import { modeTitle } from './choices.js';
import { button, fill, h, icon } from './dom.js';
import { bytes, clock, exactly } from './format.js';
import { isReadable, t } from './i18n.js';
import { notice, remark } from './notice.js';

/** Videos above this many bytes are streamed by a signed link instead of fetched whole. */
const WHOLE = 16 * 2 ** 20;

/** A link that needs no headers, so that the browser can stream and save by itself. */
async function signedLink(job) {
    const { url } = await call('POST', `jobs/${job.job_id}/share`, { json: { expires_in: 3600 } });
    const link = new URL(url, address(''));
    return address(`shared/${link.pathname.split('/shared/').pop()}${link.search}`);
}

const endings = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp', 'video/mp4': 'mp4', 'video/quicktime': 'mov' };

function ownName(job) {
    const target = job.inputs.find((input) => input.role === 'target')?.file_name ?? 'masque';
    return `${target.replace(/\.\w{2,4}$/, '')}-masque.${endings[job.result.media_type] ?? 'bin'}`;
}

/** `{element, leave}` */
export function resultPart(job, server, act) {
    const isVideo = job.result.media_type.startsWith('video/');
    const urls = [];
    const own = (blob) => {
        urls.push(URL.createObjectURL(blob));
        return urls.at(-1);
    };
    const stage = h('div', { class: 'result-stage' }, h('p', { class: 'loading' }, h('span', { class: 'spinner' }), t('result.loading')));
    const trouble = h('div', { class: 'result-trouble' });
    let leaveStage = () => {};
    let made = null;

    const load = async () => {
        try {
            fill(trouble);
            const isBig = isVideo && job.result.bytes > WHOLE;
            const before = file(`jobs/${job.job_id}/inputs/target`).then(({ blob }) => own(blob)).catch(() => null);
            if (isBig) made = { url: await signedLink(job), name: ownName(job) };
            else {
                const { blob, name } = await file(`jobs/${job.job_id}/result`);
                made = { url: own(blob), name: name ?? ownName(job) };
            }
            const original = await before;
            const part = isVideo ? (await import('./compare-videos.js')).compareVideos(original, made.url, job.options?.trim_start ?? 0)
                : await (await import('./compare.js')).compareSlider(original, made.url, job.result);
            leaveStage = part.leave ?? (() => {});
            fill(stage, part.element);
        } catch (error) {
            fill(stage);
            fill(trouble, notice(error, { retry: load }));
        }
    };
    load();
    const download = async () => {
        if (!made) await load();
        if (!made) return;
        const link = h('a', { href: made.url, download: made.name });
        document.body.append(link);
        link.click();
        link.remove();
    };
    const element = h('div', { class: 'result' }, stage, trouble,
        h('div', { class: 'actions' }, button(t('result.download'), { kind: 'primary big', icon: 'download', onclick: download }),
            button(t('result.share'), { icon: 'link', onclick: async () => (await import('./share.js')).shareSheet(job) }),
            button(t('action.again'), { icon: 'again', onclick: () => act.again(job) }),
            button(t('action.new'), { icon: 'arrow', onclick: () => act.fresh() }),
            button(t('action.delete'), { kind: 'quiet', icon: 'trash', onclick: () => act.remove() })),
        job.result.notes?.length > 0 && remark(...notesOf(job.result)), facts(job, server));
    return { element, leave() {
        leaveStage();
        urls.forEach((url) => URL.revokeObjectURL(url));
    } };
}

/** The server's notes; in place of one in another language that the mesh stood in for models, the studio's own. */
const notesOf = ({ notes }) => [...new Set(notes.map((note) => (!isReadable(note) && /mesh/.test(note) ? t('result.asMesh') : note)))];

function facts(job, server) {
    const { width, height, duration, faces, bytes: size } = job.result;
    const took = job.started_at && job.finished_at ? (new Date(job.finished_at) - new Date(job.started_at)) / 1000 : null;
    const rows = [['fact.mode', modeTitle(job.mode, server.modes)], ['fact.size', [`${width}×${height}`, duration && clock(duration), bytes(size)].filter(Boolean).join(' · ')],
        ['fact.faces', faces], took !== null && ['fact.took', exactly(took)]].filter(Boolean);
    return h('dl', { class: 'facts' }, rows.map(([name, value]) => h('div', {}, h('dt', {}, t(name)), h('dd', {}, String(value ?? '—')))));
}
