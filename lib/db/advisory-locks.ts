/** Fixed numbers of advisory locks, beyond 32 bits, so that no other program uses them by accident. */
export const ADVISORY_LOCKS = {
  migrations: 7_234_019_442,
  /** Choosing the key that seals, and admitting a process. */
  sealingKeys: 7_234_019_443,
  syncTurns: 7_234_019_444,
  firstOrganization: 7_234_019_445,
  /** First of two numbers, the second is the shard. PostgreSQL allows 32 bits for each. */
  streamShards: 1_144_213_579,
} as const;
