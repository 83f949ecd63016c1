/** One long-lived engine process: started once, asked one operation at a time, ended with its whole process tree. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { AppError, PROTOCOL_VERSION, WorkerMessageSchema, type HostMessage, type OperationRequest, type WorkerMessage } from '@quantbot/core';
import { createLineSplitter } from './line-splitter.ts';
import { killProcessTree } from './process-tree.ts';
import { createStderrTail } from './stderr-tail.ts';

export interface WorkerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface EngineProgress {
  readonly done: number;
  readonly total: number;
  readonly unit: string;
}

export interface WorkerAnswer {
  readonly result: unknown;
  readonly computeMs: number;
  readonly loadMs: number;
}

export interface EngineVersion {
  readonly engineVersion: string;
  readonly sourceHash: string;
}

interface Pending {
  readonly requestId: string;
  readonly onProgress: (progress: EngineProgress) => void;
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: AppError) => void;
}

/** Starts on construction; `ready` settles when the worker has said which protocol it speaks. */
export class EngineWorker {
  readonly ready: Promise<EngineVersion>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #stderr = createStderrTail();
  #settleReady: { resolve: (version: EngineVersion) => void; reject: (error: AppError) => void };
  #pending: Pending | undefined;
  #end: AppError | undefined;

  constructor(command: WorkerCommand) {
    const { promise, resolve, reject } = Promise.withResolvers<EngineVersion>();
    this.ready = promise;
    this.#settleReady = { resolve, reject };
    // Whoever waits for `ready` sees the failure; nobody waiting must not end the host.
    this.ready.catch(() => undefined);
    this.#child = spawn(command.file, command.args, { env: { ...command.env }, detached: true, stdio: 'pipe', windowsHide: true });
    this.#child.on('error', (error) => { this.#fail(new AppError('ENGINE_CRASHED', `the engine could not be started: ${error.message}`, { cause: error })); });
    this.#child.on('close', (exitCode, signal) => { this.#fail(this.#toCrash(exitCode, signal)); });
    this.#child.stdin.on('error', () => undefined); // The pipe of a dead worker; 'close' tells the story.
    this.#child.stdout.on('data', createLineSplitter((line) => { this.#receive(line); }));
    this.#child.stderr.on('data', (chunk: Buffer) => { this.#stderr.push(chunk); });
  }

  get isAlive(): boolean {
    return this.#end === undefined;
  }

  /** One operation at a time; rejects with the engine's own error, or ENGINE_CRASHED, or PROTOCOL_MISMATCH. */
  run(requestId: string, request: OperationRequest, onProgress: (progress: EngineProgress) => void): Promise<WorkerAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end);
        return;
      }
      this.#pending = { requestId, onProgress, resolve, reject };
      this.#send({ kind: 'run', request_id: requestId, request });
    });
  }

  /** Ends the process tree at once. The operation under way, if any, is rejected with `reason`. */
  kill(reason: AppError): void {
    this.#fail(reason);
    if (this.#child.pid !== undefined) killProcessTree(this.#child.pid);
  }

  /** While idle a worker must not keep its host alive; a host that ends closes stdin, and the worker follows. */
  setIdle(isIdle: boolean): void {
    const action = isIdle ? 'unref' : 'ref';
    this.#child[action]();
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      (stream as unknown as Partial<Record<'ref' | 'unref', () => void>>)[action]?.();
    }
  }

  #send(message: HostMessage): void {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #receive(line: string): void {
    let message: WorkerMessage;
    try {
      message = WorkerMessageSchema.parse(JSON.parse(line));
    } catch (error) {
      this.kill(new AppError('PROTOCOL_MISMATCH', `the engine sent something that is not a message of the protocol: ${line.slice(0, 200)}`, { cause: error, details: { stderr: this.#stderr.lines() } }));
      return;
    }
    if (message.kind === 'ready') this.#greet(message);
    else if (message.request_id === this.#pending?.requestId) this.#answer(message, this.#pending);
  }

  #greet(message: Extract<WorkerMessage, { kind: 'ready' }>): void {
    if (message.protocol_version !== PROTOCOL_VERSION) {
      this.kill(new AppError('PROTOCOL_MISMATCH', `expected an engine that speaks protocol ${String(PROTOCOL_VERSION)}, found ${String(message.protocol_version)}; run \`npm run setup\``));
      return;
    }
    this.#settleReady.resolve({ engineVersion: message.engine_version, sourceHash: message.source_hash });
  }

  #answer(message: Exclude<WorkerMessage, { kind: 'ready' }>, pending: Pending): void {
    switch (message.kind) {
      case 'progress':
        pending.onProgress({ done: message.done, total: message.total, unit: message.unit });
        return;
      case 'result':
        this.#pending = undefined;
        pending.resolve({ result: message.result, computeMs: message.compute_ms, loadMs: message.load_ms });
        return;
      case 'failed': {
        const { code, message: text, details, traceback } = message.error;
        this.#pending = undefined;
        pending.reject(new AppError(code, text, { details: traceback === null ? details : { ...details, traceback } }));
      }
    }
  }

  #toCrash(exitCode: number | null, signal: NodeJS.Signals | null): AppError {
    const how = signal === null ? `with exit code ${String(exitCode)}` : `by ${signal}`;
    const stderr = this.#stderr.lines();
    const said = stderr.length === 0 ? 'it said nothing on stderr' : `its last words:\n${stderr.map((line) => `  ${line}`).join('\n')}`;
    return new AppError('ENGINE_CRASHED', `the engine process ended ${how} before it answered; ${said}`, { details: { exitCode, signal, stderr } });
  }

  #fail(error: AppError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#settleReady.reject(error);
    this.#pending?.reject(error);
    this.#pending = undefined;
  }
}
