/** Settings of the server and where each comes from: default < quantbot.yaml < environment < flag. */
import { ServerSettingsSchema, type ServerSettings, type WrittenServerSettings } from '@quantbot/server';
import { AppError } from '@quantbot/core';

export type SettingName = keyof ServerSettings;
export const SETTING_NAMES = Object.keys(ServerSettingsSchema.shape) as SettingName[];

export interface SettingSource {
  readonly value: unknown;
  /** `default`, `quantbot.yaml`, the name of the variable, or the flag. */
  readonly origin: string;
}

export interface ResolvedSettings {
  readonly settings: ServerSettings;
  readonly sources: Readonly<Record<SettingName, SettingSource>>;
}

export interface SettingLayers {
  /** The `server:` block as written. */
  readonly file: WrittenServerSettings;
  readonly env: NodeJS.ProcessEnv;
  readonly flags: Readonly<Partial<Record<SettingName, unknown>>>;
}

/** Throws INVALID_CONFIG that names the layer and the setting. */
export function resolveSettings({ file, env, flags }: SettingLayers): ResolvedSettings {
  const sources = Object.fromEntries(SETTING_NAMES.map((name) => [name, findSource(name, { file, env, flags })])) as Record<
    SettingName,
    SettingSource
  >;
  const written = Object.fromEntries(Object.entries(sources).map(([name, { value }]) => [name, value]));
  const checked = ServerSettingsSchema.safeParse(written);
  if (checked.success) return { settings: checked.data, sources };
  const problems = checked.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? '') as SettingName;
    return `${sources[name].origin}: ${issue.path.join('.')}: ${issue.message}`;
  });
  throw new AppError('INVALID_CONFIG', problems.join('\n'), { details: { problems } });
}

/** `PORT` is what hosting platforms set. */
const COMMON_VARIABLES: Partial<Record<SettingName, string>> = { port: 'PORT' };

export function toVariable(name: SettingName): string {
  return COMMON_VARIABLES[name] ?? `QUANTBOT_${name.toUpperCase()}`;
}

function findSource(name: SettingName, { file, env, flags }: SettingLayers): SettingSource {
  const flag = flags[name];
  if (flag !== undefined) return { value: flag, origin: `--${name.replaceAll('_', '-')}` };
  const variable = toVariable(name);
  const text = env[variable] ?? '';
  if (text !== '') return { value: readVariable(name, text), origin: variable };
  const written = file[name];
  if (written !== undefined) return { value: written, origin: 'quantbot.yaml' };
  return { value: ServerSettingsSchema.shape[name].parse(undefined), origin: 'default' };
}

/** Text as the kind of value that the setting has: numbers, switches, lists with commas. What does not fit is left for the schema to refuse. */
function readVariable(name: SettingName, text: string): unknown {
  const standard = ServerSettingsSchema.shape[name].parse(undefined);
  if (Array.isArray(standard)) return text.split(',').map((part) => part.trim());
  if (typeof standard === 'number') return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  if (typeof standard === 'boolean') return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text;
  return text;
}
