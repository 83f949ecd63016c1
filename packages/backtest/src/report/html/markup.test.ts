import { describe, expect, it } from 'vitest';
import { html, nameMarkup, toScriptJson } from './markup.ts';

describe('markup', () => {
  it('escapes what a user wrote and keeps markup of its own', () => {
    const name = `<img src=x onerror="alert('1')"> & co`;
    expect(html`<p title="${name}">${name}${html`<b>!</b>`}</p>`.markup).toBe(
      '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; co">&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; co<b>!</b></p>',
    );
  });

  it('isolates the direction of a name', () => {
    expect(nameMarkup('مرحبا').markup).toMatch(/^<bdi /);
  });

  it('leaves nothing in embedded JSON that could end the script element, and keeps its meaning', () => {
    const value = { name: '</script><!-- <script>', lines: '\u2028\u2029', and: '&' };
    const json = toScriptJson(value);
    expect(json).not.toMatch(/[<>&\u2028\u2029]/);
    expect(JSON.parse(json)).toEqual(value);
  });
});
