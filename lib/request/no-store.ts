/** Prevents caching of answers that depend on the caller (S19). The language changes the order of names. */
export const NO_STORE_HEADERS = { "cache-control": "no-store", vary: "cookie, accept-language" };
