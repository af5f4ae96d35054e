// Takes a photo with the camera: live picture and shutter, or the phone's own camera where a page may not use it.

import { button, fill, h, icon, iconButton } from './dom.js';
import { sheet } from './dialogs.js';
import { t } from './i18n.js';

const canLive = () => Boolean(navigator.mediaDevices?.getUserMedia);

/** Answers a File, or null when the person went back. */
export function takePhoto() {
    return sheet(t('camera.title'), (close) => {
        const video = h('video', { playsinline: true, autoplay: true, muted: true, class: 'camera-live', 'aria-label': t('camera.live') });
        const place = h('div', { class: 'camera' }, video);
        const actions = h('div', { class: 'sheet-actions' });
        let facing = 'user';
        let stream = null;
        const stop = () => stream?.getTracks().forEach((track) => track.stop());
        const end = (value) => {
            stop();
            close(value);
        };
        const shoot = async () => {
            const canvas = h('canvas', { width: video.videoWidth, height: video.videoHeight });
            canvas.getContext('2d').drawImage(video, 0, 0);
            const blob = await new Promise((done) => { canvas.toBlob(done, 'image/jpeg', 0.95); });
            end(new File([blob], `photo-${new Date().toISOString().slice(0, 19).replace(/\D/g, '')}.jpg`, { type: 'image/jpeg' }));
        };
        const fallBack = () => fill(place, h('p', { class: 'camera-no' }, t('camera.no')), ownCamera(end));
        const begin = async () => {
            stop();
            try {
                stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: facing, width: { ideal: 1920 }, height: { ideal: 1080 } } });
                video.srcObject = stream;
                video.classList.toggle('mirrored', facing === 'user');
                video.addEventListener('loadeddata', () => { shutter.disabled = false; }, { once: true });
                if (!video.isConnected) stop();
            } catch {
                fallBack();
                actions.remove();
            }
        };
        const shutter = button(t('camera.shoot'), { kind: 'primary', icon: 'camera', disabled: true, onclick: shoot });
        const flip = iconButton('flip', t('camera.flip'), { onclick: () => { facing = facing === 'user' ? 'environment' : 'user'; begin(); } });
        actions.append(flip, shutter);
        if (canLive()) setTimeout(() => { video.closest('dialog').addEventListener('close', stop); begin(); });
        else fallBack();
        return canLive() ? [place, actions] : [place];
    }, { kind: 'wide' });
}

/** A file field that opens the camera app on phones. */
function ownCamera(close) {
    const field = h('input', { type: 'file', accept: 'image/*', capture: 'user', class: 'visually-hidden', onchange: () => close(field.files[0] ?? null) });
    return h('label', { class: 'button primary' }, icon('camera'), h('span', {}, t('camera.own')), field);
}
