const REDACTED = "[redacted]";

/** Replaces secrets in a server's text, in every spelling. Must run before truncation, or half a secret may remain. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  const spellings = new Set(secrets.flatMap(spellingsOf));
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
  return longestFirst.reduce((hidden, spelling) => hidden.replaceAll(spelling, () => REDACTED), text);
}

export function spellingsOf(secret: string): string[] {
  if (secret === "") return [];
  return [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams({ "": secret }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
  ];
}
