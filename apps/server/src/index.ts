/** The server: REST and WebSocket over the same pipeline as the command line. Its stores are handed in by apps/cli. */
export { createApiKey } from './auth/api-key.ts';
export { type AbortReason, type JobHandler, type JobWork } from './jobs/job-handler.ts';
export { startJobRunner, type JobRunner, type JobRunnerRoom } from './jobs/job-runner.ts';
export { type RunnerPort, type ServerRoom } from './room.ts';
export { createServer, type Server } from './server.ts';
export { isLoopback, refuseOpenDoor, ServerSettingsSchema, type ServerSettings, type WrittenServerSettings } from './settings.ts';
export { findOwnCode, type CodeFolders } from './submission/own-code.ts';
