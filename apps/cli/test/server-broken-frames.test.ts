/** Bytes that are no requests and frames that are no messages: refused in the right words or with the right code, and the server lives on. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openServedWorkspace, type ServedWorkspace, type ServerProcess } from './server-process.ts';

let served: ServedWorkspace;
let server: ServerProcess;
beforeAll(async () => {
  served = await openServedWorkspace();
  server = await served.serve();
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
});

async function expectAlive(): Promise<void> {
  expect(await server.get('/health')).toMatchObject({ status: 200 });
}

const BROKEN_HTTP: readonly (readonly [string, string])[] = [
  ['no HTTP at all', 'hello\r\n\r\n'],
  ['a TLS greeting', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003'],
  ['no version', 'GET /health\r\n\r\n'],
  ['no host', 'GET /health HTTP/1.1\r\nconnection: close\r\n\r\n'],
  ['two hosts', 'GET /health HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\nconnection: close\r\n\r\n'],
  ['two lengths', 'POST /api/backtest/run HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\ncontent-length: 5\r\n\r\n{}'],
  [
    'a length and chunks',
    'POST /api/backtest/run HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['a negative length', 'POST /api/backtest/run HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n'],
  [
    'broken chunks',
    'POST /api/backtest/run HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  ],
  ['a NUL in a header', 'GET /health HTTP/1.1\r\nhost: localhost\r\nx: a\u0000b\r\n\r\n'],
  ['headers of 100 kB', `GET /health HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`],
  ['an address of 100 kB', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`],
];

/** Everything that the server says before it closes the connection, or in the time that it takes to say nothing more. */
function speak(text: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(Buffer.from(text, 'latin1')));
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.setTimeout(3_000, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(answer);
    });
  });
}

describe('the server under broken HTTP', () => {
  it.each(BROKEN_HTTP)('refuses %s in its own words and stays alive', async (_what, text) => {
    const answer = await speak(text);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).toMatch(/"error":\{"code":"[A-Z_]+"/);
    await expectAlive();
  });

  it.each(['GET /ws/%ff', 'POST /api/jobs/x/cancel/%ff'])(
    'ends the connection of a handshake that it cannot even route: %s',
    async (line) => {
      const begunMs = performance.now();
      const answer = await speak(
        `${line} HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\ncontent-length: 0\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer.toLowerCase()).toContain('connection: close');
      // Ended by the server, not by our patience of three seconds.
      expect(performance.now() - begunMs).toBeLessThan(2_500);
    },
  );

  it('answers many requests written at once, one after the other', async () => {
    const answer = await speak(
      `${'GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(49)}GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
    );
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(50);
  });
});

/** The code with which the server closes a socket after these frames. */
function talk(path: string, say: (socket: WebSocket) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`);
    socket.on('open', () => {
      say(socket);
    });
    socket.on('error', reject);
    socket.on('close', resolve);
  });
}

describe('a WebSocket', () => {
  it.each<readonly [string, number, (socket: WebSocket) => void]>([
    [
      'text that is no JSON',
      1008,
      (socket) => {
        socket.send('{"type":');
      },
    ],
    [
      'JSON outside the contract',
      1008,
      (socket) => {
        socket.send('{"type":"subscribe","topic":"study:../../etc"}');
      },
    ],
    [
      'a key of the prototype',
      1008,
      (socket) => {
        socket.send('{"type":"ping","__proto__":{"admin":true}}');
      },
    ],
    [
      'an array',
      1008,
      (socket) => {
        socket.send('[]');
      },
    ],
    [
      'JSON nested 20,000 levels deep',
      1008,
      (socket) => {
        socket.send('['.repeat(20_000));
      },
    ],
    [
      'a binary frame',
      1008,
      (socket) => {
        socket.send(Buffer.from('{"type":"ping"}'));
      },
    ],
    [
      'a frame larger than any message',
      1009,
      (socket) => {
        socket.send('x'.repeat(66_000));
      },
    ],
    [
      'fragments that are larger together',
      1009,
      (socket) => {
        // Hardly more than is allowed: what nobody reads any more would reset the connection before its last word.
        for (let part = 0; part < 9; part += 1) socket.send('x'.repeat(7_300), { fin: part === 8 });
      },
    ],
    [
      'more messages than anybody needs',
      1013,
      (socket) => {
        for (let n = 0; n < 200; n += 1) socket.send('{"type":"ping"}');
      },
    ],
  ])('that is sent %s is closed with %d, and the server lives', async (_what, code, say) => {
    expect(await talk('/ws', say)).toBe(code);
    await expectAlive();
  });

  it.each<readonly [string, number, number[]]>([
    ['an unmasked frame', 1002, [0x81, 0x01, 0x61]],
    ['an opcode that does not exist', 1002, [0x83, 0x80, 0, 0, 0, 0]],
    ['bytes that are no UTF-8', 1007, [0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]],
    ['a continuation of nothing', 1002, [0x80, 0x80, 0, 0, 0, 0]],
  ])('that is sent %s is closed with %d, and the server lives', async (_what, code, frame) => {
    expect(
      await talk('/ws', (socket) => {
        // Past the client, which would not send this.
        (socket as unknown as { _socket: { write(bytes: Uint8Array): void } })._socket.write(Uint8Array.from(frame));
      }),
    ).toBe(code);
    await expectAlive();
  });

  it('reads one message from many small fragments', async () => {
    const code = await talk('/ws', (socket) => {
      socket.on('message', (data: Buffer) => {
        expect(JSON.parse(data.toString('utf8'))).toEqual({ type: 'pong' });
        socket.close(1000);
      });
      const text = '{"type":"ping"}';
      Array.from(text).forEach((letter, index) => {
        socket.send(letter, { fin: index === text.length - 1 });
      });
    });
    expect(code).toBe(1000);
  });

  it.each(['/api/backtest/nothing/progress', '/ws/backtest/nothing', '/ws/backtest/..%2f..%2fetc', '/ws/nothing'])(
    'is not opened on %s',
    async (path) => {
      await expect(talk(path, () => undefined)).rejects.toThrow(/Unexpected server response: 4\d\d/);
      await expectAlive();
    },
  );
});
