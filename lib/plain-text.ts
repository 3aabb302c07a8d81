/**
 * Returns whether PostgreSQL can store a text unchanged. It rejects NUL, and the driver would silently replace a lone
 * surrogate. Every text of a request passes this check or `isPlainAddress`.
 */
export const isPlainText = (text: string): boolean => text.isWellFormed() && !text.includes("\0");
