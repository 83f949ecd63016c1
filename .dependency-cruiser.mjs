/** Who may import whom (ARCHITECTURE.md), and no circles. */

/** @param {string} name @param {{ from: string, to: string, comment: string }} rule @returns {import('dependency-cruiser').IForbiddenRuleType} */
function forbid(name, { from, to, comment }) {
  return { name, severity: 'error', comment, from: { path: from }, to: { path: to } };
}

const CORE = '^packages/core/';
const STORAGE = '^packages/storage/';
const BACKTEST = '^packages/backtest/';
const APPS = '^apps/';
const CLIENT = '^packages/client/';
const POSTGRES_FOR_TESTS = '^packages/storage/src/studies/testing/postgres-server\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circles', severity: 'error', comment: 'A circle has no inside and no outside.', from: {}, to: { circular: true } },
    forbid('core-imports-nobody', {
      from: CORE,
      to: `${STORAGE}|${BACKTEST}|${APPS}|^tools/`,
      comment: 'core is the language that all others share.',
    }),
    {
      name: 'core-depends-on-zod-alone',
      severity: 'error',
      comment: 'core is pure: no packages but Zod, and nothing of Node that does input or output.',
      from: { path: CORE, pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm', 'core'], pathNot: '^node_modules/zod/' },
    },
    forbid('storage-imports-core-only', {
      from: STORAGE,
      to: `${BACKTEST}|${APPS}|^tools/`,
      comment: 'storage implements the ports that core declares.',
    }),
    forbid('backtest-imports-core-only', {
      from: BACKTEST,
      to: `${STORAGE}|${APPS}|^tools/`,
      comment: 'backtest uses ports, never a database.',
    }),
    forbid('client-imports-core-only', {
      from: CLIENT,
      to: `${STORAGE}|${BACKTEST}|${APPS}|^tools/`,
      comment: 'A client knows contracts only.',
    }),
    forbid('server-imports-core-and-backtest', {
      from: '^apps/server/',
      to: `${STORAGE}|^apps/(?!server/)`,
      comment: 'The server gets its stores handed in.',
    }),
    forbid('dashboard-imports-core', {
      from: '^apps/dashboard/',
      to: `${STORAGE}|${BACKTEST}|^apps/(?!dashboard/)`,
      comment: 'The dashboard knows contracts only.',
    }),
    forbid('tools-import-core-only', {
      from: '^tools/',
      to: `${STORAGE}|${BACKTEST}|${APPS}`,
      comment: 'Tools must run before the rest is there.',
    }),
    {
      name: 'packages-by-their-front-door',
      severity: 'error',
      comment: 'Another package is imported by its name, which is its index.ts, and never by a path into it.',
      from: { path: '^(packages/[^/]+|apps/[^/]+)/' },
      to: { path: '^packages/[^/]+/src/', pathNot: ['^$1/', '^packages/[^/]+/src/index\\.ts$', POSTGRES_FOR_TESTS] },
    },
    {
      name: 'postgres-for-tests-only',
      severity: 'error',
      comment: 'What storage lends to the tests of others starts servers; nothing that ships does.',
      from: { path: '^apps/[^/]+/src/|^packages/(?!storage/)', pathNot: '\\.test\\.ts$' },
      to: { path: POSTGRES_FOR_TESTS },
    },
    { name: 'not-to-unresolvable', severity: 'error', comment: 'Every import leads somewhere.', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'node_modules/\\.cache' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
