import { useSearchParams } from "next/navigation";

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

/**
 * Returns the page's address at another time, keeping the selection but not the search, which covers the present
 * only.
 */
export function addressAt(address: string, run: string | null): string {
  const query = new URLSearchParams(location.search);
  query.delete("q");
  if (run === null) query.delete("at");
  else query.set("at", run);
  return query.size > 0 ? `${address}?${query}` : address;
}

function addressOfNode(node: string | null): string {
  const address = new URL(location.href);
  if (node === null) address.searchParams.delete("node");
  else address.searchParams.set("node", node);
  return `${address.pathname}${address.search}`;
}

/** Returns the chart's department from the address. Each change is a history entry, so that Back works. */
export function useChartRoot() {
  const root = useSearchParams().get("node");
  return { root, goTo: (node: string | null) => history.pushState(null, "", addressOfNode(node)) };
}
