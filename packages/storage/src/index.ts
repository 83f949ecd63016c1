/** Storage: implementations of the ports that core declares. */
export { openCatalogue } from './catalogue/open-catalogue.ts';
export { openStores, type Stores } from './open-stores.ts';
export { openStudyStore, type StudyStoreLocation } from './studies/open-study-store.ts';
export { writeParquet, type ParquetTable } from './tables/write-parquet.ts';
export { createPostgresCandleSource } from './sources/postgres-candle-source.ts';
