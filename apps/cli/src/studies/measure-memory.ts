/** How much memory the engine's processes have needed, as Linux counts it. */
import { readFileSync } from 'node:fs';

/** Highest resident memory of any child process of this one, in MiB; undefined on systems that do not tell. */
export function measureWorkerMib(): number | undefined {
  const self = String(process.pid);
  const children = read(`/proc/${self}/task/${self}/children`)?.trim().split(/\s+/).filter(Boolean) ?? [];
  const peaks = children.flatMap((pid) => {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
    return kib === undefined ? [] : [Math.ceil(Number(kib) / 1024)];
  });
  return peaks.length === 0 ? undefined : Math.max(...peaks);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
