/** For tests: stands between a store and PostgreSQL and cuts connections at the moment that hurts most. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * - `none`: pass everything on
 * - `before_commit`: the next COMMIT never reaches the server
 * - `after_commit`: the next COMMIT is done, but its answer never arrives
 * - `refuse`: no connection is let through any more
 */
type Cut = 'none' | 'before_commit' | 'after_commit' | 'refuse';

export interface CuttingProxy {
  /** The URL of the database, through the proxy. */
  readonly url: string;
  /** Takes effect once; then everything passes again, unless it is `refuse`. */
  cut: Cut;
  /** Commits that were cut so far. */
  readonly cuts: number;
  close(): Promise<void>;
}

/** In the simple and in the extended protocol a COMMIT shows as this text. */
const COMMIT = /commit/i;

export async function startCuttingProxy(url: string, socketPath: string | undefined): Promise<CuttingProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'quantbot-proxy-'));
  const target = new URL(url);
  const through = new URL(url);
  through.searchParams.set('host', folder);
  through.port = '';
  const open = new Set<Socket>();
  const proxy = { url: through.href, cut: 'none' as Cut, cuts: 0 };

  function pass(client: Socket): void {
    if (proxy.cut === 'refuse') {
      client.destroy();
      return;
    }
    const server = socketPath === undefined ? connect(Number(target.port || 5432), target.hostname) : connect(socketPath);
    let isAnswerLost = false;
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    client.on('data', (chunk) => {
      const cutsHere = COMMIT.test(chunk.toString('latin1')) && (proxy.cut === 'before_commit' || proxy.cut === 'after_commit');
      if (cutsHere) {
        isAnswerLost = proxy.cut === 'after_commit';
        proxy.cut = 'none';
        proxy.cuts += 1;
        if (!isAnswerLost) {
          end();
          return;
        }
      }
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (isAnswerLost) end();
      else client.write(chunk);
    });
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on('error', end).on('close', () => {
        open.delete(socket);
        end();
      });
    }
  }

  const listener = createServer(pass).listen(join(folder, '.s.PGSQL.5432'));
  await once(listener, 'listening');
  return Object.assign(proxy, {
    async close() {
      for (const socket of open) socket.destroy();
      listener.close();
      await once(listener, 'close');
      rmSync(folder, { recursive: true, force: true });
    },
  });
}
