// Without zod, because the browser loads this file with the form.

/** Value of the filter `key` for Dingkeep's own calls. */
export const OWN = "own";

/** Query parameters that filter the list. The parameters of paging are not among them. */
export const FILTERS = ["app", "key", "outcome", "path", "request"] as const;
