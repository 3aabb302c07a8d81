/** PostgreSQL rejects NUL, and its driver silently replaces a lone surrogate. */
export const isPlainText = (text: string): boolean => text.isWellFormed() && !text.includes("\0");
