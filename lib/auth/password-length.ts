// Separate from the schema, so that forms don't load zod.

export const PASSWORD_CHARACTERS_MIN = 12;
export const PASSWORD_CHARACTERS_MAX = 128;

/** From this length on, online guessing is hopeless whatever the characters are. */
export const GOOD_PASSWORD_CHARACTERS_MIN = 20;
