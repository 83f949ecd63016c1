/** Messages between a socket, which pushes, and whoever reads them one by one. Bounded: a reader that is too slow is told to start anew. */

export interface Inbox<Message> extends AsyncIterable<Message> {
  /** false: there is no room; nothing was kept. */
  push(message: Message): boolean;
  /** Nothing more will come. What is here is still read. */
  end(): void;
}

export function createInbox<Message>(limit: number): Inbox<Message> {
  const waiting: Message[] = [];
  let hasEnded = false;
  let wake: (() => void) | undefined;
  const call = (): void => {
    wake?.();
    wake = undefined;
  };
  return {
    push(message) {
      if (hasEnded || waiting.length >= limit) return false;
      waiting.push(message);
      call();
      return true;
    },
    end() {
      hasEnded = true;
      call();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const message = waiting.shift();
        if (message !== undefined) yield message;
        else if (hasEnded) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
