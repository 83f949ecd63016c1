import { describe, expect, it } from 'vitest';
import { resolveSettings } from './server-settings.ts';

describe('settings of the server', () => {
  it('take the flag before the environment, that before the file, and that before the default', () => {
    const file = { port: 1, max_queued: 2, host: 'localhost' };
    const env = { PORT: '3', QUANTBOT_MAX_QUEUED: '4', QUANTBOT_ALLOW_PYTHON: 'true' };
    const { settings, sources } = resolveSettings({ file, env, flags: { port: 5 } });
    expect(settings).toMatchObject({ port: 5, max_queued: 4, host: 'localhost', allow_python: true, max_concurrent: 2 });
    expect(Object.values(sources).map(({ origin }) => origin)).toEqual(
      expect.arrayContaining(['--port', 'QUANTBOT_MAX_QUEUED', 'quantbot.yaml', 'default']),
    );
  });

  it.each([
    ['a port out of range', { PORT: '70000' }, 'PORT: port'],
    ['a port that is no number', { PORT: 'http' }, 'PORT: port'],
    ['a switch that is neither on nor off', { QUANTBOT_ALLOW_PYTHON: 'perhaps' }, 'QUANTBOT_ALLOW_PYTHON: allow_python'],
    ['an origin with a path', { QUANTBOT_CORS_ORIGINS: 'https://a.example/x' }, 'QUANTBOT_CORS_ORIGINS: cors_origins'],
    ['a word that is no choice', { QUANTBOT_AUTH: 'none' }, 'QUANTBOT_AUTH: auth'],
  ])('refuse %s and name the variable', (_what, env, message) => {
    expect(() => resolveSettings({ file: {}, env, flags: {} })).toThrow(message);
  });
});
