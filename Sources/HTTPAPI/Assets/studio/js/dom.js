// Makes elements without ever parsing markup from strings: `h`, `icon` and a few helpers.

const SVG = 'http://www.w3.org/2000/svg';
const SPRITE = new URL('../icons.svg', import.meta.url).pathname;
/** Set as properties, because the attribute means something else or nothing. */
const PROPERTIES = new Set(['value', 'checked', 'disabled', 'hidden', 'indeterminate', 'muted', 'srcObject', 'selected']);
let count = 0;

/**
 * An element. `props`: attributes; `on…` functions are listeners; `style` is an object; null and false are left out.
 * Children: nodes, strings, arrays of them; null and false are left out.
 */
export function h(tag, props = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(props ?? {})) setProp(element, name, value);
    element.append(...clean(children));
    return element;
}

function setProp(element, name, value) {
    if (name.startsWith('on') && typeof value === 'function') return element.addEventListener(name.slice(2), value);
    if (name === 'style') {
        for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
        return undefined;
    }
    if (PROPERTIES.has(name)) {
        element[name] = value ?? (name === 'value' ? '' : false);
        return undefined;
    }
    const isAria = name.startsWith('aria-');
    if (value === null || value === undefined || (value === false && !isAria)) return undefined;
    return element.setAttribute(name, value === true && !isAria ? '' : String(value));
}

function clean(children) {
    return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Replaces all children. */
export function fill(element, ...children) {
    element.replaceChildren(...clean(children));
    return element;
}

/** A line icon; decoration only, so hidden from screen readers. */
export function icon(name) {
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('class', `icon icon-${name}`);
    svg.setAttribute('aria-hidden', 'true');
    svg.setAttribute('viewBox', '0 0 24 24');
    const use = document.createElementNS(SVG, 'use');
    use.setAttribute('href', `${SPRITE}#${name}`);
    svg.append(use);
    return svg;
}

/** An id no other element has. */
export function newID(prefix = 'e') {
    count += 1;
    return `${prefix}-${count}`;
}

/** A button with an icon and a text. */
export function button(text, { kind = 'plain', icon: name, ...props } = {}) {
    return h('button', { type: 'button', class: `button ${kind}`, ...props }, name && icon(name), h('span', {}, text));
}

/** A button that shows only an icon; its text is its name for screen readers and the tooltip. */
export function iconButton(name, text, props = {}) {
    const kind = props.class ?? '';
    return h('button', { type: 'button', 'aria-label': text, title: text, ...props, class: `icon-button ${kind}` }, icon(name));
}

/** Says something to screen readers without moving the focus. */
export function announce(text) {
    const place = document.getElementById('announcer');
    if (place && place.textContent !== text) place.textContent = text;
}
