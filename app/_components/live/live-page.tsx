"use client";

import { useRouter } from "next/navigation";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import type { LiveRun, LiveState } from "@/lib/directory/runs/run-states";
import { type PollSpeed, startPolling } from "./polling";

/** How often a refresh waits for the pointer to leave a list whose rows it might move. */
const WAITS_MAX = 4;

type LiveData = { readonly runs: LiveState["runs"]; readonly isLost: boolean };

const LiveContext = createContext<LiveData>({ runs: {}, isLost: false });

const isPointedAt = () => document.querySelector("[data-steady]:hover") !== null;

const speedOf = ({ runs }: Pick<LiveState, "runs">): PollSpeed =>
  Object.keys(runs).length > 0 ? "busy" : "quiet";

type Props = {
  /** Of the route that answers with a `LiveState`. */
  readonly feed: string;
  /** What the server rendered around this. */
  readonly initial: LiveState;
  readonly children: ReactNode;
};

/**
 * Keeps a page alive: asks now and then whether it shows something old, and then reads it anew. Menus, focus and
 * scroll stay.
 */
export function LivePage({ feed, initial, children }: Props) {
  const router = useRouter();
  // What was heard since the server rendered this; a new rendering is newer than all of it.
  const [heard, setHeard] = useState<LiveData & { readonly since: LiveState }>();
  const live = useMemo<LiveData>(
    () => (heard?.since === initial ? heard : { runs: initial.runs, isLost: false }),
    [heard, initial],
  );
  useEffect(() => {
    let waits = 0;
    const ask = async (signal: AbortSignal): Promise<PollSpeed> => {
      const next = await read(feed, signal);
      if (signal.aborted) return "end";
      if (next === "gone") {
        router.refresh();
        return "end";
      }
      if (next === "lost") {
        setHeard((last) => ({ runs: initial.runs, ...last, since: initial, isLost: true }));
        return "busy";
      }
      setHeard({ since: initial, runs: next.runs, isLost: false });
      const mustWait = isPointedAt() && waits < WAITS_MAX;
      waits = mustWait ? waits + 1 : 0;
      if (next.stamp !== initial.stamp && !mustWait) router.refresh();
      return speedOf(next);
    };
    return startPolling(ask, speedOf(initial));
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
