/** Age at which a process reads a cached token or API key again even without a notice, in case a notice is lost. */
export const CACHE_MAX_AGE_MS = 15_000;
