// The words of the studio in the reader's language: one catalogue file per language, plural forms by Intl.PluralRules.

import { keep, recall } from './storage.js';

/** What the menu offers, each in its own language. */
export const languages = { en: 'English', ru: 'Русский', ko: '한국어' };

let current = 'en';
let catalogue = {};

/** The language in use, as a BCP 47 tag. */
export const language = () => current;

/** The remembered language, or the first of the browser's that there is a catalogue for. */
export function preferredLanguage() {
    const wishes = [recall('language'), ...(navigator.languages ?? []), 'en'];
    return wishes.map((tag) => tag?.toLowerCase().split('-')[0]).find((tag) => tag in languages);
}

async function load(name) {
    const answer = await fetch(new URL(`../i18n/${name}.json`, import.meta.url));
    if (!answer.ok) throw new Error(`The texts for ${name} could not be loaded.`);
    return answer.json();
}

/** Loads a language and makes it the one in use. */
export async function useLanguage(name, { remember = false } = {}) {
    catalogue = await load(name);
    current = name;
    document.documentElement.lang = name;
    if (remember) keep('language', name);
}

/** Whether there is a text of this name. */
export const has = (key) => key in catalogue;

/** A text, with `{name}` filled in; a text with plural forms takes the one that fits `params.n`. */
export function t(key, params = {}) {
    let text = catalogue[key] ?? key;
    if (typeof text === 'object') {
        const form = new Intl.PluralRules(current).select(params.n ?? 0);
        text = text[form] ?? text.other;
    }
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? shown(params[name]) : whole));
}

const SCRIPTS = { ru: /\p{Script=Cyrillic}/u, ko: /\p{Script=Hangul}/u };

/** Whether a sentence of the server is in the reader's language. What it cannot say in it, it says in English. */
export const isReadable = (text) => Boolean(text) && (SCRIPTS[current]?.test(text.replace(/[“«].*?[”»]/gu, '')) ?? true);

const shown = (value) => (typeof value === 'number' ? new Intl.NumberFormat(current).format(value) : String(value));
