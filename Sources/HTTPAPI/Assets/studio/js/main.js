// Starts the studio: language, theme, token, then the page that the address names.

import { call, session } from './api.js';
import { clearDraft, composeFrom, composePage } from './compose.js';
import { askToken, withdrawConsent, hasConsent } from './dialogs.js';
import { button, fill, h, icon, iconButton } from './dom.js';
import { historyPage } from './history.js';
import { language, languages, preferredLanguage, t, useLanguage } from './i18n.js';
import { jobPage } from './job.js';
import { notice } from './notice.js';
import { keep, recall } from './storage.js';

const app = document.getElementById('app');
const page = h('main', { id: 'page' });
const server = { modes: [], limits: {}, me: null };
let leave = () => {};

/** A token in the address (`#token=…`) is taken and removed from the address bar and the history. */
function takeToken() {
    const found = location.hash.match(/[#&]token=([^&]+)/);
    if (!found) return;
    session.use(decodeURIComponent(found[1]), recall('token') !== null);
    history.replaceState(null, '', location.pathname + location.search);
}

const go = (route) => {
    if (location.hash === `#/${route}`) showRoute();
    else location.hash = `#/${route}`;
};
const act = {
    go,
    fresh() {
        clearDraft();
        go('');
    },
    again(job) {
        composeFrom(job, server).catch(() => {});
        go('');
    },
};

function showRoute({ isFirst = false } = {}) {
    leave();
    const [, name = '', id = ''] = location.hash.split('/');
    const made = name === 'job' && id ? jobPage(decodeURIComponent(id), server, act)
        : name === 'history' ? historyPage(server, act) : composePage(server, go);
    leave = made.leave;
    fill(page, made.element);
    const heading = page.querySelector('h1');
    document.title = name === '' ? 'Masque' : `${heading.textContent} · Masque`;
    for (const link of app.querySelectorAll('nav a')) {
        if (link.hash === `#/${name}`) link.setAttribute('aria-current', 'page');
        else link.removeAttribute('aria-current');
    }
    if (isFirst) return;
    window.scrollTo(0, 0);
    heading.focus({ preventScroll: true });
}

const themeIcons = { auto: 'auto', light: 'sun', dark: 'moon' };

function themeButton() {
    const now = () => document.documentElement.dataset.theme ?? 'auto';
    const label = () => t('theme.label', { theme: t(`theme.${now()}`) });
    const element = iconButton(themeIcons[now()], label(), { onclick: () => {
        const order = matchMedia('(prefers-color-scheme: dark)').matches ? ['auto', 'light', 'dark'] : ['auto', 'dark', 'light'];
        const next = order[(order.indexOf(now()) + 1) % order.length];
        keep('theme', next === 'auto' ? null : next);
        if (next === 'auto') delete document.documentElement.dataset.theme;
        else document.documentElement.dataset.theme = next;
        fill(element, icon(themeIcons[next]));
        element.setAttribute('aria-label', label());
        element.title = label();
    } });
    return element;
}

function languageMenu() {
    const menu = h('select', { 'aria-label': t('nav.language'), onchange: async () => {
        await useLanguage(menu.value, { remember: true });
        await loadModes().catch(() => {});
        draw();
    } }, Object.entries(languages).map(([name, title]) => h('option', { value: name, selected: name === language(), lang: name }, title)));
    return h('span', { class: 'language' }, menu, icon('chevron'));
}

function footer() {
    const owner = server.me?.owner_id;
    return h('footer', { class: 'foot' },
        h('p', {}, t('foot.privacy')),
        h('p', { class: 'foot-links' }, owner && h('span', {}, t('foot.who', { owner })),
            session.token && button(t('foot.forget'), { kind: 'link', onclick: () => { session.forget(); location.reload(); } }),
            hasConsent() && button(t('foot.withdraw'), { kind: 'link', onclick: (event) => { withdrawConsent(); event.currentTarget.remove(); } }),
            h('a', { href: 'docs' }, t('foot.docs'))));
}

const brand = () => h('a', { href: '#/', class: 'brand', 'aria-label': 'Masque' }, h('img', { src: new URL('../icon.svg', import.meta.url).pathname, alt: '', width: 32, height: 32 }), h('span', {}, 'Masque'));

/** The frame around every page. */
function draw() {
    fill(app, h('a', { href: '#page', class: 'skip', onclick: (event) => { event.preventDefault(); page.querySelector('h1')?.focus(); } }, t('nav.skip')),
        h('header', { class: 'top' }, brand(),
            h('nav', { 'aria-label': t('nav.label') }, h('a', { href: '#/' }, t('nav.new')), h('a', { href: '#/history' }, t('nav.history'))),
            h('div', { class: 'top-tools' }, languageMenu(), themeButton())),
        page, footer());
    showRoute({ isFirst: true });
}

async function loadModes() {
    const answer = await call('GET', 'modes');
    server.modes = (Array.isArray(answer) ? answer : answer.modes).filter((mode) => mode.lane);
}

async function start() {
    fill(app, h('header', { class: 'top' }, brand()));
    try {
        server.me = await call('GET', 'me');
        server.limits = server.me.limits ?? {};
        await loadModes();
        draw();
    } catch (error) {
        fill(app, h('main', { class: 'start-trouble' }, notice(error, { retry: start })));
    }
}

takeToken();
session.ask = askToken;
window.addEventListener('hashchange', () => {
    if (/[#&]token=/.test(location.hash)) {
        takeToken();
        start();
    } else showRoute();
});
await useLanguage(preferredLanguage()).catch(() => useLanguage('en'));
start();
