// Without zod: a form says how much is missing, and needs no schema for it.

export const PASSWORD_CHARACTERS_MIN = 12;
export const PASSWORD_CHARACTERS_MAX = 128;
