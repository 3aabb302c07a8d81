/** Requests that a new key may make in a minute. */
export const RATE_DEFAULT = 600;

/** Days until a key runs out that are offered; 0 for never. */
export const EXPIRY_DAYS = [30, 90, 365, 0] as const;
export const EXPIRY_DAYS_DEFAULT = 90;
