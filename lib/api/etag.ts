/** Whether whoever asks holds this version already: what `If-None-Match` says (RFC 9110, 13.1.2). */
export function isHeld(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.split(",").some((one) => {
    const held = one.trim().replace(/^W\//, "");
    return held === etag || held === "*";
  });
}
