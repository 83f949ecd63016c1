/**
 * Stamps remember which inputs a set-up step was last done for. A stamp lies inside the folder that the step makes,
 * so that deleting the folder deletes the memory of it.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Hash of files (path and content) and of plain words such as a version. A missing file counts as empty.
 * @param {{ files?: readonly string[], words?: readonly string[] }} inputs
 */
export function hashInputs({ files = [], words = [] }) {
  const hash = createHash('sha256');
  for (const word of words) hash.update(`${word.length}:${word};`);
  for (const file of files)
    hash
      .update(`${path.basename(file)}:`)
      .update(readOrEmpty(file))
      .update(';');
  return hash.digest('hex').slice(0, 32);
}

/** All files below a folder with one of the endings, in a fixed order. @param {string} folder @param {readonly string[]} endings */
export function listFiles(folder, endings) {
  /** @type {string[]} */
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) found.push(...listFiles(full, endings));
    else if (endings.some((ending) => entry.name.endsWith(ending))) found.push(full);
  }
  return found.sort();
}

/** @param {string} stampFile @param {string} hash */
export function isStamped(stampFile, hash) {
  return readOrEmpty(stampFile).toString() === hash;
}

/** Written beside and renamed, so that a stamp is whole or absent. @param {string} stampFile @param {string} hash */
export function writeStamp(stampFile, hash) {
  mkdirSync(path.dirname(stampFile), { recursive: true });
  const draft = `${stampFile}.${process.pid}`;
  writeFileSync(draft, hash);
  renameSync(draft, stampFile);
}

/** @param {string} stampFile */
export function removeStamp(stampFile) {
  rmSync(stampFile, { force: true });
}

/** @param {string} file */
function readOrEmpty(file) {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
