/** Returns whether the client has this version already. @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2 */
export function matchesEtag(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.split(",").some((one) => {
    const known = one.trim().replace(/^W\//, "");
    return known === etag || known === "*";
  });
}
