/** Excel reads a file as UTF-8 only when it begins so. */
export const BYTE_ORDER_MARK = "\ufeff";

/** What a spreadsheet takes for a formula, or for the end of the cell before one; the full-width forms too. */
const IS_ACTIVE = /^[=+\-@\t\r\n＝＋－＠]/;
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * One cell. What a spreadsheet would calculate gets an apostrophe in front, by which it stays text (S32).
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function cell(value: string): string {
  const text = IS_ACTIVE.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One line of a file as RFC 4180 has it. */
export const csvLine = (values: readonly (string | null)[]): string =>
  `${values.map((value) => cell(value ?? "")).join(",")}\r\n`;
