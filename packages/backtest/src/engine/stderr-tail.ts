/** Keeps the last lines of a worker's stderr: what a user needs to see when it dies. */
const MAX_CHARACTERS = 8_000;

export interface StderrTail {
  push(chunk: Buffer): void;
  /** The last lines, oldest first, at most `count`. */
  lines(count?: number): string[];
}

export function createStderrTail(): StderrTail {
  let text = '';
  return {
    push(chunk) {
      text = (text + chunk.toString('utf8')).slice(-MAX_CHARACTERS);
    },
    lines(count = 20) {
      return text.trimEnd().split('\n').filter(Boolean).slice(-count);
    },
  };
}
