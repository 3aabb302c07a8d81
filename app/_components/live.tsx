"use client";

import { useRouter } from "next/navigation";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import type { LiveRun, LiveState } from "@/lib/directory/run-states";

const QUIET_MS = 15_000;
/** While a sync runs, whose figures are on the page. */
const BUSY_MS = 3_000;
/** How often a refresh waits for the pointer to leave a list whose rows it might move. */
const WAITS_MAX = 4;

type Live = { readonly runs: LiveState["runs"]; readonly isLost: boolean };

const LiveContext = createContext<Live>({ runs: {}, isLost: false });

const isPointedAt = () => document.querySelector("[data-steady]:hover") !== null;

type Props = {
  /** Of the route that answers with a `LiveState`. */
  readonly feed: string;
  /** What the server rendered around this. */
  readonly initial: LiveState;
  readonly children: ReactNode;
};

/**
 * Keeps a page alive: asks now and then, less often while nothing runs and never while the page is hidden, and
 * reads the page anew when it shows something old. Menus, focus and scroll stay.
 */
export function Live({ feed, initial, children }: Props) {
  const router = useRouter();
  // What was heard since the server rendered this; a new rendering is newer than all of it.
  const [heard, setHeard] = useState<Live & { readonly since: LiveState }>();
  const live = useMemo<Live>(
    () => (heard?.since === initial ? heard : { runs: initial.runs, isLost: false }),
    [heard, initial],
  );
  useEffect(() => {
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let waits = 0;
    const ask = async () => {
      clearTimeout(timer);
      const next = document.hidden ? null : await read(feed, ended.signal);
      if (ended.signal.aborted) return;
      if (next === "gone") return router.refresh();
      if (next === "lost") {
        setHeard((last) => ({ runs: initial.runs, ...last, since: initial, isLost: true }));
      } else if (next !== null) {
        setHeard({ since: initial, runs: next.runs, isLost: false });
        const mustWait = isPointedAt() && waits < WAITS_MAX;
        waits = mustWait ? waits + 1 : 0;
        if (next.stamp !== initial.stamp && !mustWait) router.refresh();
      }
      const isBusy = next === "lost" || (next !== null && Object.keys(next.runs).length > 0);
      timer = setTimeout(() => void ask(), isBusy ? BUSY_MS : QUIET_MS);
    };
    timer = setTimeout(() => void ask(), Object.keys(initial.runs).length > 0 ? BUSY_MS : QUIET_MS);
    const onShown = () => !document.hidden && void ask();
    document.addEventListener("visibilitychange", onShown);
    return () => {
      ended.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onShown);
    };
  }, [feed, initial, router]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

/** `gone`: not signed in any more, or no such app; the page itself says so when it is read anew. */
async function read(feed: string, signal: AbortSignal): Promise<LiveState | "gone" | "lost"> {
  try {
    const response = await fetch(feed, { signal, cache: "no-store" });
    if (response.status === 401 || response.status === 404) return "gone";
    return response.ok ? ((await response.json()) as LiveState) : "lost";
  } catch {
    return "lost";
  }
}

/** The run of an app that is under way, and whether the server was heard of lately. */
export function useLiveRun(app: string): { readonly run: LiveRun | null; readonly isLost: boolean } {
  const { runs, isLost } = useContext(LiveContext);
  return { run: runs[app] ?? null, isLost };
}
