/** The server: REST and WebSocket over the same pipeline as the command line. Its stores are handed in by apps/cli. */
export {};
