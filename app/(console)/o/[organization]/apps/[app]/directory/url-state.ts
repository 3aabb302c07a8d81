/**
 * Writes a query parameter into the address, so that the selection can be shared and survives a reload. Next follows
 * `replaceState` without a request.
 */
export function setUrlParameter(name: "node" | "member" | "tab" | "q", value: string | null): void {
  const address = new URL(location.href);
  if (value === null) address.searchParams.delete(name);
  else address.searchParams.set(name, value);
  if (address.href !== location.href) history.replaceState(null, "", address);
}
