const REDACTED = "[redacted]";

/**
 * The text without the secrets, as they are and as an address, a form or JSON would spell them: a server
 * may quote back what it was sent. Call it before the text is cut, or half a secret could stay.
 */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  const spellings = new Set(secrets.flatMap(spellingsOf));
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
  return longestFirst.reduce((hidden, spelling) => hidden.replaceAll(spelling, () => REDACTED), text);
}

/** A secret as it is and as an address, a form or JSON would spell it. */
export function spellingsOf(secret: string): string[] {
  if (secret === "") return [];
  return [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams({ "": secret }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
  ];
}
