/** For tests: imports candle files in a process of its own, which may be killed. Arguments: data folder, then files. Says `ready` before and `done` after. */
import { openCatalogue } from '../open-catalogue.ts';

const [dataDir = '', ...paths] = process.argv.slice(2);
const catalogue = await openCatalogue(dataDir);
process.stdout.write('ready\n');
await catalogue.importAll(paths.map((path) => ({ kind: 'candles', source: { path, format: 'csv' }, mapping: {}, onConflict: 'replace' })));
process.stdout.write('done\n');
await catalogue.close();
