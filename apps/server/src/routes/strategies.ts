/** Strategies of the workspace: read by everybody, checked before they are saved, Python only where it was allowed. */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { writeAtomically } from '@quantbot/backtest';
import { AppError, MAX_STRATEGY_BYTES, type STRATEGY_ROUTES } from '@quantbot/core';
import { readContainedText } from '../files/contained-file.ts';
import type { Handlers } from '../http/register-route.ts';
import type { ServerRoom } from '../room.ts';
import { checkRules, checkSavedStrategy } from '../submission/check-strategy.ts';
import { getStrategyFile, listStrategyFiles, type StrategyFile } from '../submission/find-strategy.ts';

interface StrategyView {
  name: string;
  kind: 'rules' | 'python';
  file: string;
  bytes: number;
  updated_at: string;
}

export function createStrategyHandlers(room: ServerRoom): Handlers<typeof STRATEGY_ROUTES> {
  const { strategiesDir } = room.folders;
  const toView = ({ name, kind, fileName, bytes, modifiedMs }: StrategyFile): StrategyView => ({
    name,
    kind,
    file: `${basename(strategiesDir)}/${fileName}`,
    bytes,
    updated_at: new Date(modifiedMs).toISOString(),
  });
  const read = async (file: StrategyFile): Promise<string> =>
    (await readContainedText(strategiesDir, [file.fileName], MAX_STRATEGY_BYTES)).text;
  return {
    async listStrategies({ query }) {
      const { offset, limit, search, kind } = query;
      const wanted = (await listStrategyFiles(strategiesDir)).filter(
        (file) => (kind === undefined || file.kind === kind) && file.name.toLowerCase().includes((search ?? '').toLowerCase()),
      );
      return { items: wanted.slice(offset, offset + limit).map(toView), total: wanted.length, offset, limit };
    },
    async getStrategy({ params }) {
      const file = await getStrategyFile(strategiesDir, params.name);
      const source = await read(file);
      return { ...toView(file), source, sha256: toSha256(source) };
    },
    checkStrategy: ({ body }) => checkRules(room, { source: body.source, name: 'strategy' }),
    async describeStrategy({ params }) {
      const file = await getStrategyFile(strategiesDir, params.name);
      return checkSavedStrategy(room, file.fileName);
    },
    async saveStrategy({ params: { name }, body: { kind, source, expected_sha256: expected } }) {
      if (kind === 'python' && !room.settings.allow_python) {
        throw new AppError(
          'FORBIDDEN',
          'Python strategies are programs that this machine runs, and may only be saved where the setting allow_python is on',
        );
      }
      const found = (await listStrategyFiles(strategiesDir)).find((file) => file.name === name);
      await refuseChanged(name, expected, found === undefined ? undefined : await read(found));
      if (found !== undefined && found.kind !== kind)
        throw new AppError('CONFLICTING_DATA', `${name} is a strategy of the kind ${found.kind}; choose another name`);
      const fileName = found?.fileName ?? `${name}.${kind === 'python' ? 'py' : 'yaml'}`;
      if (kind === 'rules') await refuseInvalid(room, { name: fileName, source });
      await writeAtomically(join(strategiesDir, fileName), source);
      return { ...toView(await getStrategyFile(strategiesDir, name)), sha256: toSha256(source), created: found === undefined };
    },
  };
}

function toSha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Two people edit one strategy: the second to save is told, and loses nothing. */
async function refuseChanged(name: string, expected: string | null | undefined, current: string | undefined): Promise<void> {
  if (expected === undefined) return;
  const sha256 = current === undefined ? null : toSha256(current);
  if (sha256 === expected) return;
  throw new AppError('CONFLICTING_DATA', `${name} has changed since it was read, or is there already; read it again`, {
    details: { sha256 },
  });
}

async function refuseInvalid(room: ServerRoom, rules: { readonly name: string; readonly source: string }): Promise<void> {
  const check = await checkRules(room, rules);
  if (check.is_valid) return;
  throw new AppError('INVALID_STRATEGY', check.problems.map(({ message }) => message).join('\n'), {
    details: { problems: check.problems },
  });
}
