/** Addresses of servers: http and https alone, and what of them may be said aloud. */
import { AppError } from '@quantbot/core';

export interface SourceUrl {
  /** Without user and password, which `fetch` would refuse. */
  readonly url: URL;
  readonly authorization?: string;
  /** Scheme, host and path: no password, no query. */
  readonly place: string;
}

/** USAGE for anything but http and https. The text is not repeated in the message: it may hold a password. `flag`: where it stands. */
export function parseSourceUrl(flag: string, text: string): SourceUrl {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new AppError('USAGE', `${flag}: expected an address that begins with http:// or https://`);
  }
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const place = `${url.origin}${url.pathname === '/' ? '' : url.pathname}`;
  if (username === '' && password === '') return { url, place };
  return { url, place, authorization: `Basic ${Buffer.from(`${decode(flag, username)}:${decode(flag, password)}`).toString('base64')}` };
}

function decode(flag: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AppError('USAGE', `${flag}: user and password hold a % that begins no character; write it as %25`);
  }
}
