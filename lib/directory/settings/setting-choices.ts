// Separate from the schema, so that the form doesn't load zod before somebody types.

/** Hours between full syncs; 0 makes every sync a full one. */
export const FULL_EVERY_HOURS = [0, 24, 48, 168] as const;
export const DETAILS_DAYS = [1, 3, 7, 14, 30] as const;
export const REMOVED_DAYS = [7, 30, 90, 365] as const;
export const HISTORY_DAYS = [30, 90, 400, 800] as const;

export const CHOSEN_MAX = 200;
