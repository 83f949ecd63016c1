/** The engine as the pipeline sees it: a pool of long-lived Python workers, and the one-shot form. */
import { randomUUID } from 'node:crypto';
import { AppError, OPERATION_RESULTS, type OperationName, type OperationRequest, type OperationResult } from '@quantbot/core';
import { toCancelled, watchDeadlines } from './deadlines.ts';
import { EngineWorker, type EngineProgress, type EngineVersion, type WorkerAnswer, type WorkerCommand } from './engine-worker.ts';
import { findInstallation } from './installation.ts';
import { runOneShot, type OneShotAnswer } from './one-shot.ts';
import { toWorkerEnvironment } from './worker-environment.ts';

export interface PythonEngineOptions {
  /** Most worker processes at once; further operations wait. Default 1: one operation uses all cores by itself. */
  readonly maxProcesses?: number;
  /** Limit of one operation unless it has its own. */
  readonly timeoutMs?: number;
  /** Limit for a worker to say that it is ready. */
  readonly startTimeoutMs?: number;
  /** Most memory of one worker in MiB; beyond it allocations fail there and the operation ends as OUT_OF_MEMORY. Default: no limit. */
  readonly memoryLimitMib?: number;
  /** The command of a worker instead of the installed engine's. */
  readonly command?: WorkerCommand;
}

export interface RunOptions {
  readonly timeoutMs?: number;
  /** Replaces `timeoutMs` from the first progress message on. */
  readonly computeTimeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EngineProgress) => void;
}

export interface EngineRun<Name extends OperationName> {
  readonly result: OperationResult<Name>;
  readonly version: EngineVersion;
  readonly computeMs: number;
  readonly loadMs: number;
}

type Operation<Name extends OperationName> = Extract<OperationRequest, { operation: Name }>;

/** Workers start on first use, stay warm, and never keep an otherwise finished host alive. */
export class PythonEngine {
  readonly #options: Required<Omit<PythonEngineOptions, 'command' | 'memoryLimitMib'>>;
  readonly #findCommand: () => WorkerCommand;
  readonly #idle: EngineWorker[] = [];
  readonly #busy = new Set<EngineWorker>();
  readonly #waiting: (() => void)[] = [];
  #slotsTaken = 0;
  #isClosed = false;

  constructor(options: PythonEngineOptions = {}) {
    this.#options = { maxProcesses: options.maxProcesses ?? 1, timeoutMs: options.timeoutMs ?? 600_000, startTimeoutMs: options.startTimeoutMs ?? 60_000 };
    const given = options.command;
    this.#findCommand = given === undefined ? () => toInstalledCommand(options.memoryLimitMib) : () => given;
  }

  /** Runs one operation on a pooled worker and checks the result. Cancelling and timing out end the worker's process tree. */
  async run<Name extends OperationName>(request: Operation<Name>, options: RunOptions = {}): Promise<EngineRun<Name>> {
    await this.#waitForSlot(options.signal);
    try {
      return await this.#runOn(this.#takeWorker(), request, options);
    } finally {
      this.#freeSlot();
    }
  }

  /** The one-shot form: a process of its own reads `input` and answers; never throws for errors of the engine. */
  runOnce(input: Buffer, options: Pick<RunOptions, 'timeoutMs' | 'signal'> = {}): Promise<OneShotAnswer> {
    return runOneShot(toOneShotCommand(this.#findCommand()), input, { timeoutMs: this.#options.timeoutMs, ...options });
  }

  /** Starts a worker in the background, so that the first operation finds it warm. */
  warmUp(): void {
    if (this.#isClosed || this.#idle.length + this.#busy.size > 0) return;
    const worker = new EngineWorker(this.#findCommand());
    worker.setIdle(true);
    this.#idle.push(worker);
  }

  /** Ends all workers; operations under way are rejected as cancelled. */
  close(): void {
    this.#isClosed = true;
    for (const worker of [...this.#idle, ...this.#busy]) worker.kill(new AppError('CANCELLED', 'the engine was closed'));
    this.#idle.length = 0;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #waitForSlot(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) throw toCancelled();
    if (this.#slotsTaken < this.#options.maxProcesses) {
      this.#slotsTaken += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        reject(toCancelled());
      };
      const go = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      this.#waiting.push(go);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** A slot goes straight to the longest waiting operation, so that a newcomer cannot slip in between. */
  #freeSlot(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#slotsTaken -= 1;
    else next();
  }

  async #runOn<Name extends OperationName>(worker: EngineWorker, request: Operation<Name>, options: RunOptions): Promise<EngineRun<Name>> {
    const deadlines = watchDeadlines(worker, {
      startTimeoutMs: this.#options.startTimeoutMs,
      timeoutMs: options.timeoutMs ?? this.#options.timeoutMs,
      computeTimeoutMs: options.computeTimeoutMs,
      signal: options.signal,
    });
    try {
      const version = await worker.ready;
      const answer = await worker.run(randomUUID(), request, (progress) => {
        deadlines.beginCompute();
        options.onProgress?.(progress);
      });
      return { ...toCheckedRun<Name>(request.operation, answer), version };
    } finally {
      deadlines.stop();
      this.#giveBack(worker);
    }
  }

  #takeWorker(): EngineWorker {
    if (this.#isClosed) throw new AppError('CANCELLED', 'the engine was closed');
    let worker = this.#idle.pop();
    while (worker !== undefined && !worker.isAlive) worker = this.#idle.pop();
    worker ??= new EngineWorker(this.#findCommand());
    this.#busy.add(worker);
    worker.setIdle(false);
    return worker;
  }

  #giveBack(worker: EngineWorker): void {
    this.#busy.delete(worker);
    if (worker.isAlive) {
      worker.setIdle(true);
      this.#idle.push(worker);
    }
  }
}

function toCheckedRun<Name extends OperationName>(operation: Name, answer: WorkerAnswer): Omit<EngineRun<Name>, 'version'> {
  const checked = OPERATION_RESULTS[operation].safeParse(answer.result);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    throw new AppError('PROTOCOL_MISMATCH', `the engine's result of ${operation} breaks the contract at ${issue?.path.join('.') ?? '?'}: ${issue?.message ?? ''}`);
  }
  return { result: checked.data as OperationResult<Name>, computeMs: answer.computeMs, loadMs: answer.loadMs };
}

function toInstalledCommand(memoryLimitMib: number | undefined): WorkerCommand {
  const limits: Record<string, string> = memoryLimitMib === undefined ? {} : { QUANTBOT_MEMORY_LIMIT_MIB: String(memoryLimitMib) };
  const installation = findInstallation();
  return { file: installation.python, args: ['-m', 'quantbot_engine', 'worker'], env: toWorkerEnvironment(installation, process.env, limits) };
}

function toOneShotCommand(command: WorkerCommand): WorkerCommand {
  return { ...command, args: command.args.filter((argument) => argument !== 'worker') };
}
