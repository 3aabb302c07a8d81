// Without zod, because the browser loads this file with the form.

export const OWN = "own";

export const FILTERS = ["app", "key", "outcome", "path", "request"] as const;
