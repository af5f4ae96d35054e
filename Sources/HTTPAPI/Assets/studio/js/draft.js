// What a person is putting together: two inputs, their faces, who becomes whom, mode and options; kept on the server as a draft.

import { call, file, newKey } from './api.js';
import { askConsent } from './dialogs.js';
import { checked } from './kinds.js';
import { keep, recall } from './storage.js';
import { upload } from './upload.js';

const emptySlot = () => ({ phase: 'empty', facesPhase: 'none', faces: [], error: null, sent: 0 });
export const defaults = { keep_eyes: false, keep_mouth: false, output_scale: 100, trim_start: null, trim_end: null };

export class Draft {
    constructor({ modes, limits = {}, onChange, onProgress }) {
        Object.assign(this, { modes, limits, onChange, onProgress });
        this.id = null;
        /** `draft`: inputs are uploaded to a new job. `rerun`: they are those of a finished job. */
        this.kind = 'draft';
        this.inputs = { source: emptySlot(), target: emptySlot() };
        /** Target face number → source face number; a face that is not in it stays as it is. */
        this.map = new Map();
        /** The target face that waits for a source face. */
        this.picked = null;
        this.options = { ...defaults };
        this.estimate = null;
        this.mode = this.firstMode(false);
    }

    get isVideo() { return this.inputs.target.type?.startsWith('video/') ?? false; }
    get lane() { return this.isVideo ? 'video' : 'image'; }
    get laneModes() { return this.modes.filter((mode) => mode.lane === this.lane); }

    firstMode(isVideo) {
        const fitting = this.modes.filter((mode) => mode.available && mode.lane === (isVideo ? 'video' : 'image'));
        const liked = recall('mode');
        return (fitting.find((mode) => mode.name === liked) ?? fitting[0])?.name ?? null;
    }

    /** Goes on with a job: a draft, or the inputs of a finished one. */
    async open(job) {
        this.kind = job.status === 'draft' ? 'draft' : 'rerun';
        this.id = job.job_id;
        this.making = Promise.resolve();
        this.mode = job.mode ?? this.mode;
        this.sentLane = job.inputs?.some((input) => input.role === 'target') ? job.lane : null;
        this.serverMode = job.mode;
        const { map, reference_time: time, ...options } = job.options ?? {};
        for (const name of Object.keys(defaults)) this.options[name] = options[name] ?? defaults[name];
        for (const input of job.inputs ?? []) {
            this.inputs[input.role] = { ...emptySlot(), phase: 'ready', type: input.media_type, size: input.bytes, name: input.file_name, time: input.role === 'target' ? time ?? 0 : 0 };
        }
        if (!this.laneModes.some((mode) => mode.name === this.mode && mode.available)) this.mode = this.firstMode(this.isVideo);
        this.onChange();
        await Promise.all(['source', 'target'].map((role) => this.inputs[role].phase === 'ready' && this.inspect(role)));
        if (map && Object.keys(map).length > 0) this.map = new Map(Object.entries(map).map(([target, source]) => [Number(target), source]));
        this.onChange();
        this.refreshEstimate();
    }

    /** Takes a file for a role, after consent; errors stand on the slot. */
    async take(role, chosen) {
        if (!await askConsent()) return;
        let ready;
        try {
            ready = await checked(role, chosen, this.limits);
        } catch (error) {
            this.inputs[role].error = error;
            this.onChange();
            return;
        }
        this.inputs[role].control?.abort();
        this.inputs[role] = { ...emptySlot(), file: ready.file, type: ready.type, size: ready.file.size, name: ready.file.name, time: 0 };
        if (role === 'target') this.fitMode();
        await this.bring(role);
    }

    fitMode() {
        if (this.laneModes.some((mode) => mode.name === this.mode)) return;
        this.mode = this.firstMode(this.isVideo);
        this.options.trim_start = null;
        this.options.trim_end = null;
    }

    /** Uploads the file of a slot and looks for its faces. */
    async bring(role) {
        const slot = this.inputs[role];
        const isCurrent = () => this.inputs[role] === slot;
        Object.assign(slot, { phase: 'working', error: null, sent: 0, isWaiting: false, control: new AbortController() });
        this.map.clear();
        this.picked = null;
        this.onChange();
        const onProgress = (sent, isWaiting) => {
            Object.assign(slot, { sent, isWaiting });
            if (isCurrent()) this.onProgress(role);
        };
        const send = async () => {
            const id = await this.made(role);
            return upload(id, role, slot.file, slot.type, { onProgress, signal: slot.control.signal });
        };
        try {
            const { id } = this;
            await send().catch(async (error) => {
                if (error.status !== 404) throw error;
                if (this.id === id) await this.startOver(role);
                return send();
            });
            slot.phase = 'ready';
            if (role === 'target') this.sentLane = this.lane;
        } catch (error) {
            if (error.name === 'AbortError') return;
            Object.assign(slot, { phase: 'failed', error });
        }
        if (!isCurrent()) return;
        this.onChange();
        if (slot.phase === 'ready') await this.inspect(role);
        this.refreshEstimate();
    }

    /** The id of the draft on the server, which is made when the first file comes. */
    async made(role) {
        // A job whose target was sent for the other lane cannot change over.
        if (this.kind === 'rerun' || (this.sentLane && this.sentLane !== this.lane)) await this.startOver(role);
        this.making ??= this.create().catch((error) => {
            this.making = null;
            throw error;
        });
        await this.making;
        if (this.serverMode !== this.mode) await this.patch({ mode: this.mode });
        return this.id;
    }

    async create() {
        const job = await call('POST', 'jobs', { json: { mode: this.mode }, headers: { 'Idempotency-Key': newKey() } });
        this.id = job.job_id;
        this.serverMode = job.mode;
        keep('draft', this.id, 'session');
    }

    async patch(changes) {
        const job = await call('PATCH', `jobs/${this.id}`, { json: changes });
        this.serverMode = job.mode;
        this.estimate = job.estimate_seconds ?? null;
    }

    /** A new draft in place of one that is gone or finished; the other input is brought there again. */
    async startOver(role) {
        const other = role === 'source' ? 'target' : 'source';
        const slot = this.inputs[other];
        const canBring = slot.phase === 'ready' && (slot.file ??= await this.fetchInput(other, slot).catch(() => null)) !== null;
        Object.assign(this, { kind: 'draft', id: null, making: null, sentLane: null });
        if (canBring) this.bring(other);
        else if (slot.phase === 'ready') this.remove(other);
    }

    async fetchInput(role, slot) {
        const { blob } = await file(`jobs/${this.id}/inputs/${role}`);
        return new File([blob], slot.name ?? role, { type: slot.type });
    }

    /** Empties a slot; the server keeps its file until another takes its place. */
    remove(role) {
        this.inputs[role].control?.abort();
        this.inputs[role] = emptySlot();
        this.map.clear();
        this.picked = null;
        this.onChange();
    }

    /** Finds the faces of an input; of a video, at `time` seconds. */
    async inspect(role, time = this.inputs[role].time ?? 0) {
        const slot = this.inputs[role];
        slot.look?.abort();
        slot.look = new AbortController();
        Object.assign(slot, { facesPhase: 'loading', time, facesError: null });
        this.onChange();
        try {
            const query = slot.type?.startsWith('video/') ? `?time=${time}` : '';
            const found = await call('GET', `jobs/${this.id}/inputs/${role}/faces${query}`, { signal: slot.look.signal });
            Object.assign(slot, { facesPhase: 'ready', faces: found.faces, media: found.media, frame: found.frame });
        } catch (error) {
            if (error.name === 'AbortError') return;
            Object.assign(slot, { facesPhase: 'failed', faces: [], facesError: error });
        }
        if (this.inputs[role] !== slot) return;
        this.mapAll();
        this.onChange();
    }

    /** The default: the first source face onto every target face. */
    mapAll() {
        const [first] = this.inputs.source.faces;
        this.map = new Map(first ? this.inputs.target.faces.map((face) => [face.number, first.number]) : []);
        this.picked = null;
    }

    /** A target face was chosen: with one source face it is switched, with several it waits for one. */
    pick(number) {
        const sources = this.inputs.source.faces;
        if (sources.length <= 1) {
            if (this.map.has(number) || sources.length === 0) this.map.delete(number);
            else this.map.set(number, sources[0].number);
        } else this.picked = this.picked === number ? null : number;
        this.onChange();
    }

    /** Says who the picked face becomes; null: it stays as it is. */
    assign(source) {
        if (this.picked === null) return;
        if (source === null) this.map.delete(this.picked);
        else this.map.set(this.picked, source);
        this.picked = null;
        this.onChange();
    }

    async setMode(name) {
        this.mode = name;
        keep('mode', name);
        this.onChange();
        if (this.kind === 'draft' && this.id) await this.patch({ mode: name }).catch(() => {});
        this.refreshEstimate();
    }

    setOption(name, value) {
        this.options[name] = value;
        this.onChange();
    }

    async refreshEstimate() {
        if (this.kind === 'draft' && this.id && this.inputs.target.phase === 'ready') {
            const job = await call('GET', `jobs/${this.id}`).catch(() => null);
            this.estimate = job?.estimate_seconds ?? null;
        }
        this.onChange();
    }

    /** The options as the API takes them: only what differs from the defaults. */
    payload() {
        const options = Object.fromEntries(Object.entries(this.options).filter(([name, value]) => value !== defaults[name] && value !== null));
        if (!this.isVideo) for (const name of ['trim_start', 'trim_end']) delete options[name];
        const both = this.inputs.source.facesPhase === 'ready' && this.inputs.target.facesPhase === 'ready';
        if (both && this.map.size > 0) options.map = Object.fromEntries(this.map);
        if (this.isVideo && both) options.reference_time = this.inputs.target.time;
        return options;
    }

    /** Why it cannot start yet, as the name of a text; null when it can. */
    get blocker() {
        const { source, target } = this.inputs;
        for (const [role, slot] of [['source', source], ['target', target]]) {
            if (slot.phase === 'empty' || slot.phase === 'failed') return `need.${role}`;
            if (slot.phase === 'working') return 'need.upload';
            if (slot.facesPhase === 'loading') return 'need.faces';
            if (slot.facesPhase === 'ready' && slot.faces.length === 0) return `need.${role}Face`;
        }
        if (!this.laneModes.some((mode) => mode.name === this.mode && mode.available)) return 'need.mode';
        const areKnown = source.facesPhase === 'ready' && target.facesPhase === 'ready';
        return areKnown && this.map.size === 0 ? 'need.map' : null;
    }

    /** Puts it in the queue and answers the job. */
    async start() {
        if (!await askConsent()) return null;
        const wish = { mode: this.mode, options: this.payload() };
        if (this.kind === 'rerun') return call('POST', `jobs/${this.id}/rerun`, { json: wish });
        try {
            await this.patch(wish);
            const job = await call('POST', `jobs/${this.id}/submit`);
            keep('draft', null, 'session');
            return job;
        } catch (error) {
            if (error.status === 404) await this.renew();
            throw error;
        }
    }

    /** Brings both files to a new draft after the old one is gone; who becomes whom stays. */
    async renew() {
        const map = new Map(this.map);
        await this.startOver('target');
        if (this.inputs.target.file) await this.bring('target');
        else this.remove('target');
        this.map = map;
        this.onChange();
    }
}
