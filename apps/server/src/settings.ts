/** Settings of the server: the `server:` block of quantbot.yaml, environment and flags, in that order of rising weight (docs/server.md). */
import { isIP } from 'node:net';
import { AppError } from '@quantbot/core';
import { z } from 'zod';

const origin = z.string().regex(/^https?:\/\/[^/\s]+$/, 'expected an origin such as https://example.org');
const MIB = 2 ** 20;

function isAddress(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  return version > 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)));
}

export const ServerSettingsSchema = z.strictObject({
  host: z.string().min(1).max(255).default('127.0.0.1').describe('address to listen on'),
  port: z.int().min(0).max(65_535).default(3001).describe('port to listen on; 0: any free one'),
  auth: z.enum(['off', 'keys']).default('off').describe('whether callers need a key; addresses other than loopback need `keys`'),
  jwt_secret_file: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('file (mode 0600) with the secret that tokens are signed with; null: a new one per start'),
  token_ttl_s: z.int().min(60).max(86_400).default(900).describe('life of a token'),
  cors_origins: z.array(origin).max(100).default([]).describe('web pages of other origins that may call'),
  allowed_hosts: z
    .array(z.string().min(1).max(255))
    .max(100)
    .default([])
    .describe('further names in the Host header, such as that of a proxy'),
  trusted_proxies: z
    .array(z.string().refine(isAddress, 'expected an IP address or a network such as 10.0.0.0/8'))
    .max(100)
    .default([])
    .describe('proxies whose X-Forwarded-For tells the address of the caller'),
  rate_limit_per_s: z.int().min(1).max(1_000_000).default(100).describe('requests a second, of an address and of a key'),
  max_submissions_per_min: z.int().min(1).max(1_000_000).default(120).describe('submissions a minute and key'),
  max_body_bytes: z
    .int()
    .min(1024)
    .max(64 * MIB)
    .default(MIB)
    .describe('largest JSON body'),
  max_upload_bytes: z
    .int()
    .min(1024)
    .max(16_384 * MIB)
    .default(200 * MIB)
    .describe('largest uploaded file'),
  max_sockets: z.int().min(1).max(100_000).default(5_000).describe('most WebSockets at a time'),
  max_sockets_per_key: z.int().min(1).max(100_000).default(100).describe('most WebSockets of one key at a time'),
  max_queued: z.int().min(1).max(1_000_000).default(100).describe('most waiting jobs per key'),
  max_concurrent: z.int().min(1).max(1_024).default(2).describe('jobs that run at a time'),
  max_combinations: z.int().min(1).max(1_000_000_000).default(1_000_000).describe('most combinations or trials of one search'),
  max_candles: z.int().min(1).max(10_000_000_000).default(50_000_000).describe('most candles of one backtest'),
  max_runtime_s: z.int().min(1).max(31_536_000).default(86_400).describe('most time of one job'),
  allow_python: z.boolean().default(false).describe('whether admins may save Python strategies: code that this machine runs'),
  request_timeout_s: z.int().min(1).max(3_600).default(30).describe('time to receive a request, and to answer it'),
  drain_timeout_s: z.int().min(0).max(3_600).default(10).describe('time for requests and jobs under way when the server is told to stop'),
  log_level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info').describe('what is logged'),
});
export type ServerSettings = z.output<typeof ServerSettingsSchema>;
export type WrittenServerSettings = z.input<typeof ServerSettingsSchema>;

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Anybody who reaches an open port without keys may run strategies, which are programs. */
export function refuseOpenDoor({ host, auth }: Pick<ServerSettings, 'host' | 'auth'>): void {
  if (auth === 'keys' || isLoopback(host)) return;
  throw new AppError(
    'INVALID_CONFIG',
    `host ${host} can be reached from other machines, which is refused without authentication; make a key with \`quantbot keys create\` and ` +
      'set auth: keys, or listen on 127.0.0.1',
  );
}
