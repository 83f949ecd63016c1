/** The server: REST and WebSocket over the same pipeline as the command line. Its stores are handed in by apps/cli. */
export { type JobHandler, type JobWork } from './jobs/job-handler.ts';
export { startJobRunner, type JobRunner, type JobRunnerRoom } from './jobs/job-runner.ts';
