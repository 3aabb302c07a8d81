/** Parses a whole number with separators or full-width digits. Returns `null` for other text. */
export function toTypedNumber(text: string): number | null {
  const plain = text.normalize("NFKC").replaceAll(/[\s,]/g, "");
  return /^[0-9]{1,9}$/.test(plain) ? Number(plain) : null;
}
