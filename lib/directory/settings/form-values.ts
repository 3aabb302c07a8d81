// Without zod: the form needs these at once, and loads the schema when somebody begins to type.

/** How often everything is read; 0: each sync reads everything. */
export const FULL_EVERY_HOURS = [0, 24, 48, 168] as const;
export const DETAILS_DAYS = [1, 3, 7, 14, 30] as const;
export const REMOVED_DAYS = [7, 30, 90, 365] as const;
export const HISTORY_DAYS = [30, 90, 400, 800] as const;

/** Subtrees that can be chosen, and as many left out. */
export const CHOSEN_MAX = 200;
