/** Multipart forms with a file of candles, good and bad. */
import fc from 'fast-check';

export interface Form {
  readonly contentType: string;
  readonly body: Buffer;
}

const GOOD = 'timestamp,open,high,low,close,volume\n1704067200,1,2,0.5,1.5,9\n1704070800,1.5,2,1,1,9\n';
const FILES = [
  GOOD,
  GOOD.replace('0.5', '5'),
  GOOD.replace('1704070800', '1704067200'),
  GOOD.replaceAll('1', 'NaN'),
  '',
  '\u0000\u0001',
  'caller,token,timestamp\n',
  '{"timestamp": 1}\n',
  'PAR1PAR1',
  `${'a,'.repeat(20_000)}\n`,
];
const NAMES = [
  'GBPUSD_1h.csv',
  'GBPUSD_5m.jsonl',
  'x.json',
  'x.parquet',
  'x.duckdb',
  '../../evil.csv',
  '',
  'ü\u202e.csv',
  `${'n'.repeat(300)}.csv`,
  '.csv',
];
const BOUNDARY = 'quantbot-fuzz';

/** Some lack their end, their file, or their boundary, or have two files. */
export function toForm(): fc.Arbitrary<Form> {
  return fc
    .record({
      file: fc.oneof(fc.constantFrom(...FILES), fc.string({ maxLength: 200 })),
      name: fc.constantFrom(...NAMES),
      field: fc.constantFrom('file', 'other', '__proto__'),
      flaw: fc.constantFrom('none', 'none', 'none', 'no end', 'no file', 'two files', 'other boundary', 'no boundary'),
    })
    .map(({ file, name, field, flaw }) => {
      const part = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${field}"; filename="${name}"\r\ncontent-type: text/csv\r\n\r\n${file}\r\n`;
      const parts = { 'no file': '', 'two files': part + part }[flaw as string] ?? part;
      const boundary = { 'other boundary': '; boundary=another', 'no boundary': '' }[flaw as string] ?? `; boundary=${BOUNDARY}`;
      return {
        contentType: `multipart/form-data${boundary}`,
        body: Buffer.from(flaw === 'no end' ? parts : `${parts}--${BOUNDARY}--\r\n`),
      };
    });
}
