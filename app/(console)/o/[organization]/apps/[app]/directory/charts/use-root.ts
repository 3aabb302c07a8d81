"use client";

import { useSearchParams } from "next/navigation";

/** The address with another department selected; none: everything. */
export function addressOf(node: string | null): string {
  const address = new URL(location.href);
  if (node === null) address.searchParams.delete("node");
  else address.searchParams.set("node", node);
  return `${address.pathname}${address.search}`;
}

/** The department that a picture is of. Each step is one of the browser's history, so that *back* goes out again. */
export function useRoot() {
  const root = useSearchParams().get("node");
  return { root, goTo: (node: string | null) => history.pushState(null, "", addressOf(node)) };
}
