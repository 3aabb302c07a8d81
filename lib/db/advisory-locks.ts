/**
 * Every advisory lock with a fixed number. Two users of one number would wait for each other. Numbers beyond 32 bits,
 * so that no other program on the database uses them by accident.
 */
export const ADVISORY_LOCKS = {
  migrations: 7_234_019_442,
  /** Deciding which key seals, and whether a process may join. */
  sealingKeys: 7_234_019_443,
  /** Giving out turns to sync. */
  syncTurns: 7_234_019_444,
  /** Creating the first organization where only one may be created. */
  firstOrganization: 7_234_019_445,
} as const;
