/** A typed client of the server, made from the contracts in packages/core. */
export {};
