const REDACTED = "[redacted]";

/**
 * Replaces secrets in a server's text, in every spelling of `spellingsOf`, because a server may quote the request.
 * Call it before the text is truncated; otherwise half a secret could remain.
 */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  const spellings = new Set(secrets.flatMap(spellingsOf));
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
  return longestFirst.reduce((hidden, spelling) => hidden.replaceAll(spelling, () => REDACTED), text);
}

/** Returns a secret as it is and as encoded in a URL, a form and JSON. */
export function spellingsOf(secret: string): string[] {
  if (secret === "") return [];
  return [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams({ "": secret }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
  ];
}
