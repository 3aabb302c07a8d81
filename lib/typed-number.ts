/** A whole number as somebody typed it, with separators or in full width; `null` for what is none. */
export function toTypedNumber(text: string): number | null {
  const plain = text.normalize("NFKC").replaceAll(/[\s,]/g, "");
  return /^[0-9]{1,9}$/.test(plain) ? Number(plain) : null;
}
