/** Load comes from processes of its own, so that its clients do not share an event loop with the server: questions and answers over IPC. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface LoadChild {
  /** The answer of the child's handler; rejects when the handler fails or the child ends. */
  ask<Answer>(what: string, request?: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

interface Question {
  readonly id: number;
  readonly what: string;
  readonly request: unknown;
}

interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

export function startChild(script: string): LoadChild {
  const child = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map<number, { readonly resolve: (answer: unknown) => void; readonly reject: (error: Error) => void }>();
  let questions = 0;
  child.on('message', ({ id, answer, error }: Reply) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(answer);
    else asked?.reject(new Error(error));
  });
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`a load process ended with ${String(code)}`));
    waiting.clear();
  });
  return {
    async ask<Answer>(what: string, request: unknown = null) {
      const id = (questions += 1);
      const answer = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
      child.send({ id, what, request } satisfies Question);
      return (await answer) as Answer;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

/** The child's side; it ends with its parent. */
export function answerQuestions(handlers: Readonly<Record<string, (request: never) => unknown>>): void {
  process.on('message', ({ id, what, request }: Question) => {
    const handler = handlers[what];
    Promise.resolve()
      .then(() => {
        if (handler === undefined) throw new Error(`a load process cannot ${what}`);
        return handler(request as never);
      })
      .then(
        (answer) => process.send?.({ id, answer } satisfies Reply),
        (error: unknown) => process.send?.({ id, error: error instanceof Error ? error.message : String(error) } satisfies Reply),
      );
  });
  process.on('disconnect', () => process.exit(0));
}
