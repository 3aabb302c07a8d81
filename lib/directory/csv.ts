/** Excel reads a CSV file as UTF-8 only with this mark at the start. */
export const BYTE_ORDER_MARK = "\ufeff";

/** Characters that may start a formula in a spreadsheet, full-width forms included, or end a cell. */
const STARTS_FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** Quotes a cell. A value that starts a formula gets an apostrophe, which makes it text (S32). */
function cell(value: string): string {
  const text = STARTS_FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Returns one line of a CSV file (RFC 4180). */
export const csvLine = (values: readonly (string | null)[]): string =>
  `${values.map((value) => cell(value ?? "")).join(",")}\r\n`;
