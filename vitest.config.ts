import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Not inside node_modules: a set-up that replaces that folder must not meet a test runner that writes into it.
  cacheDir: '.cache/vite',
  test: {
    include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'tools/**/*.test.ts'],
    // A limit against hanging, not a measure of speed: on a busy machine everything takes several times as long.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // Two cores: test files that start engines of their own must not starve each other.
    maxWorkers: 2,
    // Tests start the command hundreds of times; without it each start compiles the same files anew, which is half of its time.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, '.cache/node-compile') },
  },
});
