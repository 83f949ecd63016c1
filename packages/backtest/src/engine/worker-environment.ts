/** The environment of an engine process: only what it needs, so that no secret of the host reaches user code in a worker. */
import type { Installation } from './installation.ts';

const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SYSTEMROOT', 'NUMBA_DISABLE_JIT', 'V1_OPTIMIZER_THREADS'];

export function toWorkerEnvironment(installation: Installation, host: NodeJS.ProcessEnv, extra: Readonly<Record<string, string>>): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = host[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passed),
    PYTHONPATH: installation.engineSrc,
    PYTHONUTF8: '1',
    QUANTBOT_CACHE_DIR: installation.cacheDir,
    ...extra,
  };
}
