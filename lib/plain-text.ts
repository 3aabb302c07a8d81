/**
 * Whether PostgreSQL can store a text as it is. Its text type has no NUL, and a lone surrogate has no UTF-8 form, so
 * the driver would silently replace it. Every text of a request passes this check or `isPlainAddress`.
 */
export const isPlainText = (text: string): boolean => text.isWellFormed() && !text.includes("\0");
