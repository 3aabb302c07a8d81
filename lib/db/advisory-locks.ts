/**
 * Lists every advisory lock with a fixed number. The numbers exceed 32 bits, so that no other program on the database
 * uses them by accident.
 */
export const ADVISORY_LOCKS = {
  migrations: 7_234_019_442,
  /** Choosing the key that seals, and admitting a process. */
  sealingKeys: 7_234_019_443,
  /** Assigning turns to sync. */
  syncTurns: 7_234_019_444,
  /** Creating the first organization while `SIGN_UP=first`. */
  firstOrganization: 7_234_019_445,
} as const;
