// Without zod: the form needs these at once.

/** Stands for Dingkeep among those who call. */
export const OWN = "own";

/** What narrows the list, without where in it the page is. */
export const FILTERS = ["app", "key", "outcome", "path", "request"] as const;
