// @ts-check
/** Light or dark: as the system says until the reader chooses. Printing is always light. */

const THEMES = ['system', 'light', 'dark'];
const STORAGE_KEY = 'quantbot-report-theme';

/** @param {() => void} onChange called after the colours have changed */
export function initTheme(onChange) {
  const button = /** @type {HTMLButtonElement} */ (document.getElementById('theme'));
  let theme = readTheme();
  /** @param {string} shown */
  const apply = (shown) => {
    if (shown === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = shown;
    onChange();
  };
  const show = () => {
    button.textContent = `Theme: ${theme}`;
    apply(theme);
  };
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
    storeTheme(theme);
    show();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange);
  addEventListener('beforeprint', () => {
    apply('light');
  });
  addEventListener('afterprint', () => {
    apply(theme);
  });
  show();
}

/** The colour a CSS custom property stands for at the moment, as canvas understands it. @param {string} name */
export function readColour(name) {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

/** Storage may be forbidden for files: the choice is then forgotten, nothing more. */
function readTheme() {
  try {
    const stored = localStorage.getItem(STORAGE_KEY) ?? 'system';
    return THEMES.includes(stored) ? stored : 'system';
  } catch {
    return 'system';
  }
}

/** @param {string} theme */
function storeTheme(theme) {
  try {
    localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // Private windows and some file:// policies refuse; see readTheme.
  }
}
