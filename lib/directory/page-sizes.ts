// Separate from the schemas, so that the browser doesn't load zod.

/** Departments, and members, that an answer of a search contains at most. */
export const HITS_MAX = 200;
/** Children of a department that are loaded at once. */
export const CHILDREN_PER_PAGE = 200;
/** Members of a department that are loaded at once. */
export const MEMBERS_PER_PAGE = 200;
/** Changes of a run, and differences between two runs. */
export const CHANGES_PER_PAGE = 100;
/** Entries in the history of a department or member. */
export const HISTORY_PER_PAGE = 30;
export const REMOVED_PER_PAGE = 100;
export const RUNS_PER_PAGE = 50;
/** Runs among which the directory's earlier time is selected. */
export const PAST_RUNS_PER_PAGE = 50;
