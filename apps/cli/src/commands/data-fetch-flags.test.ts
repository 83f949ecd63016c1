import { describe, expect, it } from 'vitest';
import { parseRange, parseSymbols, readAuthorization, refuseForeignFlags, type FetchFlags } from './data-fetch-flags.ts';

const NOW_MS = Date.UTC(2024, 5, 1, 12);
const FLAGS: FetchFlags = { source: 'http', symbol: ['A'], timeframe: '1h', onConflict: 'refuse' };

describe('the flags of data fetch', () => {
  it('give a symbol another name in the catalogue', () => {
    expect(parseSymbols(['EURUSD,BTC/USDT=BTC-USDT'])).toEqual([
      { symbol: 'EURUSD', instrument: 'EURUSD' },
      { symbol: 'BTC/USDT', instrument: 'BTC-USDT' },
    ]);
  });

  it.each([
    [['A', 'B=A'], 'A is named twice'],
    [['=A'], 'expected a symbol'],
    [['A=B=C'], 'expected a symbol'],
    [[','], 'name at least one'],
  ])('refuse the symbols %j', (texts, message) => {
    expect(() => parseSymbols(texts)).toThrow(message);
  });

  it('include the last day, and end now when no end is given', () => {
    expect(parseRange({ ...FLAGS, from: '2024-01-01', to: '2024-01-31' }, NOW_MS)).toEqual({
      fromS: Date.UTC(2024, 0, 1) / 1000,
      toS: Date.UTC(2024, 1, 1) / 1000,
    });
    expect(parseRange({ ...FLAGS, update: true }, NOW_MS)).toEqual({ toS: NOW_MS / 1000 });
    expect(() => parseRange({ ...FLAGS, from: '2024-07-01' }, NOW_MS)).toThrow('expected --from before --to, found 2024-07-01 and now');
  });

  it('of one kind of source do not go with another', () => {
    expect(() => {
      refuseForeignFlags({ ...FLAGS, source: 'postgres', url: 'http://localhost' });
    }).toThrow('--url does not go with --source postgres');
    expect(() => {
      refuseForeignFlags({ ...FLAGS, databaseUrl: 'postgres://localhost' });
    }).toThrow('--database-url does not go with --source http');
    expect(() => {
      refuseForeignFlags({ ...FLAGS, source: 'exchange', pageLimit: '5' });
    }).not.toThrow();
  });

  it('name the variable with the key, never the key', () => {
    expect(readAuthorization({ KEY: 'Bearer s3cret' }, 'KEY')).toEqual({ authorization: 'Bearer s3cret' });
    expect(() => readAuthorization({}, 'KEY')).toThrow('--auth-env: the environment variable KEY is not set');
    expect(() => readAuthorization({ KEY: 's3cret\n' }, 'KEY')).toThrow(/^--auth-env: KEY holds characters that a header cannot have$/);
  });
});
