export type * from "./api.js";
export { type Call, type ClientOptions, DingkeepClient } from "./client.js";
export { DingkeepError } from "./error.js";
export { TokenLease, type TokenLeaseOptions } from "./token-lease.js";
