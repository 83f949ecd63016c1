/** Sends requests as they are, with nothing put right on the way, over connections that are kept. */
import { Agent, request as httpRequest } from 'node:http';
import type { WireRequest } from './fuzz-request.ts';

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly ms: number;
}

export interface Sender extends Disposable {
  send(request: WireRequest): Promise<WireAnswer>;
}

/** A new engine compiles what it is first asked for, which takes minutes on a busy machine. */
const PATIENCE_MS = 320_000;

export function openSender(url: string): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const { hostname, port } = new URL(url);
  const attempt = (wire: WireRequest): Promise<WireAnswer> => {
    const startMs = performance.now();
    return new Promise((resolve, reject) => {
      const headers = { ...wire.headers, ...(wire.body !== undefined && { 'content-length': String(wire.body.length) }) };
      const sent = httpRequest(
        { agent, hostname, port, method: wire.method, path: wire.target, headers, timeout: PATIENCE_MS },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, ms: performance.now() - startMs });
          });
        },
      );
      sent.on('upgrade', (answer, socket) => {
        socket.destroy();
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: '', ms: performance.now() - startMs });
      });
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
      sent.on('error', reject);
      sent.end(wire.body);
    });
  };
  return {
    /** A connection that the server has just closed, or closes over a body that it does not want to read, is no answer: once more. */
    send: (wire) =>
      attempt(wire).catch((error: unknown) => {
        if (isClosed(error)) return attempt(wire);
        throw error;
      }),
    [Symbol.dispose]() {
      agent.destroy();
    },
  };
}

function isClosed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
