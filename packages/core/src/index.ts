export * from './engine/messages.ts';
export * from './engine/slice.ts';
export * from './engine/v1-baseline.ts';
export * from './errors.ts';
export * from './market.ts';
export * from './market-data.ts';
export * from './source-columns.ts';
