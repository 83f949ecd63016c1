export * from './plan/coverage.ts';
export * from './v1-baseline/outcome.ts';
