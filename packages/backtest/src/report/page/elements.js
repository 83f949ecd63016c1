// @ts-check
/** Small words for building the page's elements; text is always set as text, never as markup. */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string>} [attributes] `text` is the content, everything else an attribute
 * @param {readonly Node[]} [children]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, attributes = {}, children = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'text') made.textContent = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** A name that a user chose, isolated so that its direction stays its own. @param {string} text */
export function nameElement(text) {
  return element('bdi', { class: 'name', title: text, text });
}

/**
 * @param {ParentNode} root
 * @param {string} role value of `data-role`
 * @returns {HTMLElement}
 */
export function part(root, role) {
  const found = root.querySelector(`[data-role="${role}"]`);
  if (!(found instanceof HTMLElement)) throw new Error(`the report has no part "${role}"`);
  return found;
}

/** `gain`, `loss` or nothing, for colouring. @param {number} value */
export function toTone(value) {
  return value > 0 ? 'gain' : value < 0 ? 'loss' : '';
}
