/** Dockerfile, compose.yaml and .dockerignore as far as they can be checked without a container engine: what docs/deployment.md promises. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { readYamlFile } from '@quantbot/backtest';
import { refuseOpenDoor } from '@quantbot/server';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resolveSettings, SETTING_NAMES, toVariable } from '../src/server/server-settings.ts';

const REPO = resolve(import.meta.dirname, '../../..');
/** Read elsewhere than among the settings: the store's address, the secret of tokens, the folder of kernels. */
const OTHER_VARIABLES = ['DATABASE_URL', 'QUANTBOT_JWT_SECRET', 'QUANTBOT_CACHE_DIR', 'NODE_ENV', 'PYTHONDONTWRITEBYTECODE'];
const KNOWN = new Set([...SETTING_NAMES.map(toVariable), ...OTHER_VARIABLES]);

interface Instruction {
  readonly keyword: string;
  readonly text: string;
}

/** Lines that end with a backslash go on; comments are none of them. */
function parseDockerfile(source: string): readonly Instruction[] {
  const joined = source.replaceAll(/^#.*\n/gm, '').replaceAll(/\\\n\s*/g, ' ');
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, keyword = '', text = ''] = /^([A-Z]+) +(.+)$/.exec(line) ?? [];
      expect(keyword, line).not.toBe('');
      return { keyword, text };
    });
}

function parseAssignments(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(text.split(/\s+/).map((part) => part.split('=') as [string, string]));
}

describe('the Dockerfile', () => {
  let instructions: readonly Instruction[];
  const find = (keyword: string): readonly string[] => instructions.filter((each) => each.keyword === keyword).map(({ text }) => text);
  beforeAll(async () => {
    instructions = parseDockerfile(await readFile(join(REPO, 'Dockerfile'), 'utf8'));
  });

  it('builds on the Node that the repository names, and on nothing fetched from elsewhere', async () => {
    expect(find('FROM')).toEqual([`node:${(await readFile(join(REPO, '.node-version'), 'utf8')).trim()}-bookworm-slim`]);
    expect(find('COPY')).toEqual(['. .']);
    expect(find('ADD')).toEqual([]);
    expect(find('RUN').join('\n')).not.toMatch(/https?:|curl|wget/);
    expect(find('RUN').join('\n')).toContain('npm run setup');
  });

  it('runs as a user without rights, under an init that passes signals on', () => {
    expect(find('USER').at(-1)).toBe('quantbot');
    expect(find('RUN').join('\n')).toMatch(/useradd --uid 10001 .*quantbot/);
    expect(JSON.parse(find('ENTRYPOINT').at(-1) ?? '')).toEqual(['tini', '--', 'quantbot']);
    expect(JSON.parse(find('CMD').at(-1) ?? '')).toEqual(['serve']);
    expect(JSON.parse(find('VOLUME').at(-1) ?? '')).toEqual(['/workspace', '/var/cache/quantbot']);
  });

  it('asks for keys, since it listens on all addresses, and names settings that the server has', () => {
    const env = parseAssignments(find('ENV').join(' '));
    expect(Object.keys(env).filter((name) => !KNOWN.has(name))).toEqual([]);
    const { settings } = resolveSettings({ file: {}, env, flags: {} });
    expect(settings).toMatchObject({ host: '0.0.0.0', auth: 'keys', port: Number(find('EXPOSE')[0]) });
  });

  it('is healthy while /health answers, and not any more when nothing does', async () => {
    const [, command = ''] = /CMD (\[.*\])$/.exec(find('HEALTHCHECK')[0] ?? '') ?? [];
    const [, ...args] = JSON.parse(command) as string[];
    const asked: (string | undefined)[] = [];
    const server = createServer(({ url }, response) => {
      asked.push(url);
      response.end('{"status":"ok"}');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const env = { PORT: String((server.address() as AddressInfo).port) };
    const check = async (): Promise<unknown> => (await once(spawn(process.execPath, args, { env }), 'exit'))[0];
    expect(await check()).toBe(0);
    server.closeAllConnections();
    await once(server.close(), 'close');
    expect(await check()).toBe(1);
    expect(asked).toEqual(['/health']);
  });
});

const HealthcheckSchema = z.strictObject({
  test: z.array(z.string()).min(2),
  interval: z.string(),
  timeout: z.string(),
  retries: z.int(),
  start_period: z.string(),
});
/** The keys of the Compose Specification that are used, strictly: a misspelt one would be ignored by some engines. */
const ServiceSchema = z.strictObject({
  build: z.literal('.').optional(),
  image: z.string().optional(),
  restart: z.literal('unless-stopped'),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  environment: z.record(z.string(), z.string()),
  ports: z.array(z.string()).default([]),
  networks: z.array(z.string()),
  volumes: z.array(z.string()),
  healthcheck: HealthcheckSchema.optional(),
  read_only: z.literal(true).optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.tuple([z.literal('ALL')]).optional(),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  shm_size: z.string().optional(),
  stop_grace_period: z.string(),
  deploy: z.strictObject({
    resources: z.strictObject({ limits: z.strictObject({ cpus: z.string(), memory: z.string(), pids: z.int() }) }),
  }),
  logging: z.strictObject({ driver: z.literal('json-file'), options: z.strictObject({ 'max-size': z.string(), 'max-file': z.string() }) }),
});
const ComposeSchema = z.strictObject({
  name: z.literal('quantbot'),
  services: z.strictObject({ server: ServiceSchema, database: ServiceSchema }),
  networks: z.strictObject({ outside: z.null(), inside: z.strictObject({ internal: z.literal(true) }) }),
  volumes: z.record(z.string(), z.null()),
});

describe('compose.yaml', () => {
  let services: z.output<typeof ComposeSchema>['services'];
  let volumes: readonly string[];
  beforeAll(async () => {
    const { value } = await readYamlFile(join(REPO, 'compose.yaml'), ComposeSchema, 'INVALID_CONFIG');
    services = value.services;
    volumes = Object.keys(value.volumes);
  });

  it('starts the server once the database is healthy, and lets nobody else reach the database', () => {
    const { server, database } = services;
    expect(server.depends_on).toEqual({ database: { condition: 'service_healthy' } });
    expect(database.healthcheck?.test).toContain('pg_isready');
    expect(database.ports).toEqual([]);
    expect(database.networks).toEqual(['inside']);
    expect(server.ports).toEqual(['127.0.0.1:${QUANTBOT_PORT:-3001}:3001']);
    expect(database.image).toMatch(/^postgres:\d+-bookworm$/);
  });

  it('keeps what must outlive a container in volumes, and the rest of the server read only', () => {
    const used = [...services.server.volumes, ...services.database.volumes].map((mount) => mount.split(':'));
    expect(used.map(([name]) => name).toSorted()).toEqual(volumes.toSorted());
    expect(used.map(([, place]) => place)).toEqual(['/workspace', '/var/cache/quantbot', '/var/lib/postgresql']);
    expect(services.server).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  });

  it('holds no secret, and does not start without those that it needs', async () => {
    const written = Object.values(services).flatMap(({ environment }) => Object.entries(environment));
    const secrets = written.filter(([name]) => /PASSWORD|SECRET|DATABASE_URL/.test(name));
    expect(secrets.map(([name]) => name)).toEqual(['DATABASE_URL', 'QUANTBOT_JWT_SECRET', 'POSTGRES_PASSWORD']);
    for (const [name, value] of secrets) expect(value, name).toMatch(/\$\{(POSTGRES_PASSWORD|QUANTBOT_JWT_SECRET):\?[^}]+\}/);
    expect(await readFile(join(REPO, '.gitignore'), 'utf8')).toMatch(/^\.env$/m);
  });

  it('names settings that the server has, with values that it takes', () => {
    const { environment } = services.server;
    expect(Object.keys(environment).filter((name) => !KNOWN.has(name))).toEqual([]);
    const env = Object.fromEntries(
      Object.entries(environment).map(([name, text]) => [name, text.replaceAll(/\$\{\w+:[-?]([^}]*)\}/g, '$1')]),
    );
    const { settings } = resolveSettings({ file: {}, env, flags: {} });
    expect(settings).toMatchObject({ host: '0.0.0.0', auth: 'keys', port: 3001, allowed_hosts: [], cors_origins: [], max_concurrent: 2 });
    expect(() => {
      refuseOpenDoor(settings);
    }).not.toThrow();
    expect(settings.drain_timeout_s).toBeLessThan(Number.parseInt(services.server.stop_grace_period, 10));
  });
});

describe('.dockerignore', () => {
  it('keeps secrets, history and what set-up makes out of the image', async () => {
    const ignored = (await readFile(join(REPO, '.dockerignore'), 'utf8')).split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.env*', '.git', '**/node_modules', '.venv*', '.cache', '**/*.key']));
  });
});
