/** Days until a key expires, as the form offers them; 0 for never. */
export const EXPIRY_DAYS = [30, 90, 365, 0] as const;
export const EXPIRY_DAYS_DEFAULT = 90;
