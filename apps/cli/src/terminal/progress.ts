/** Progress on stderr: a bar with rate and time left on a terminal, a plain line now and then elsewhere, nothing with --quiet. */
import type { EngineProgress } from '@quantbot/backtest';

export interface ProgressLine {
  /** Names the stage that begins. */
  stage(text: string): void;
  update(progress: EngineProgress): void;
  /** Work that is described elsewhere. `share`: 0 to 1; null: nobody knows how much there is. */
  report(share: number | null, text: string): void;
  /** Clears the bar; call before anything else is printed. */
  finish(): void;
}

interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  readonly isQuiet: boolean;
  readonly nowMs: () => number;
}

const BAR_WIDTH = 24;
const PLAIN_EVERY_MS = 10_000;

export function createProgressLine({ stream, isQuiet, nowMs }: ProgressOptions): ProgressLine {
  if (isQuiet) return { stage: () => undefined, update: () => undefined, report: () => undefined, finish: () => undefined };
  return stream.isTTY ? createBar(stream, nowMs) : createPlainLines(stream, nowMs);
}

function createBar(stream: NodeJS.WriteStream, nowMs: () => number): ProgressLine {
  let startedMs = nowMs();
  const draw = (text: string): void => void stream.write(`\r\u001b[2K${text.slice(0, Math.max(20, (stream.columns || 80) - 1))}`);
  const drawBar = (share: number, text: string): void => {
    const filled = Math.round(BAR_WIDTH * share);
    draw(`${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${text}`);
  };
  return {
    stage(text) {
      startedMs = nowMs();
      draw(`${text} …`);
    },
    update(progress) {
      drawBar(toShare(progress), describeProgress(progress, nowMs() - startedMs));
    },
    report(share, text) {
      if (share === null) draw(text);
      else drawBar(share, text);
    },
    finish() {
      stream.write('\r\u001b[2K');
    },
  };
}

function createPlainLines(stream: NodeJS.WriteStream, nowMs: () => number): ProgressLine {
  let startedMs = nowMs();
  let saidMs = startedMs;
  const say = (toText: () => string): void => {
    if (nowMs() - saidMs < PLAIN_EVERY_MS) return;
    saidMs = nowMs();
    stream.write(`  ${toText()}\n`);
  };
  return {
    stage(text) {
      startedMs = nowMs();
      saidMs = startedMs;
      stream.write(`${text}\n`);
    },
    update(progress) {
      say(() => describeProgress(progress, nowMs() - startedMs));
    },
    report(_share, text) {
      say(() => text);
    },
    finish: () => undefined,
  };
}

function toShare({ done, total }: EngineProgress): number {
  return total === 0 ? 1 : Math.min(1, done / total);
}

/** `40 % · 400 of 1,000 combinations · 812/s · 1 s left` */
export function describeProgress(progress: EngineProgress, elapsedMs: number): string {
  const share = toShare(progress);
  const perSecond = elapsedMs > 0 ? (progress.done / elapsedMs) * 1000 : 0;
  const leftS = share > 0 ? Math.ceil((elapsedMs * (1 - share)) / share / 1000) : undefined;
  const format = (value: number): string => Math.round(value).toLocaleString('en-GB');
  const parts = [
    `${format(share * 100)} %`,
    `${format(progress.done)} of ${format(progress.total)} ${progress.unit}`,
    `${format(perSecond)}/s`,
  ];
  if (leftS !== undefined) parts.push(`${format(leftS)} s left`);
  return parts.join(' · ');
}
