/**
 * Writes what is selected and searched into the address, so that it can be sent to a colleague and outlives a reload.
 * Next follows `replaceState` and asks the server for nothing.
 */
export function setUrlParameter(name: "node" | "member" | "tab" | "q", value: string | null): void {
  const address = new URL(location.href);
  if (value === null) address.searchParams.delete(name);
  else address.searchParams.set(name, value);
  if (address.href !== location.href) history.replaceState(null, "", address);
}
