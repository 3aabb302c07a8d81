"use client";

import { useRouter } from "next/navigation";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import type { LiveRun, LiveState } from "@/lib/directory/runs/run-states";
import { makeRefreshDelay, type PollSpeed, startPolling } from "./polling";

type LiveData = { readonly runs: LiveState["runs"]; readonly isDisconnected: boolean };

const LiveContext = createContext<LiveData>({ runs: {}, isDisconnected: false });

const speedOf = ({ runs }: Pick<LiveState, "runs">): PollSpeed =>
  Object.keys(runs).length > 0 ? "fast" : "slow";

type Props = {
  /** Address of the route that returns a `LiveState`. */
  readonly feed: string;
  /** The state that the server rendered. */
  readonly initial: LiveState;
  readonly children: ReactNode;
};

/** Keeps a page up to date: polls for changes and refreshes the page, keeping menus, focus and scroll position. */
export function LivePage({ feed, initial, children }: Props) {
  const router = useRouter();
  // Results since the last server render, which replaces them.
  const [received, setReceived] = useState<LiveData & { readonly since: LiveState }>();
  const live = useMemo<LiveData>(
    () => (received?.since === initial ? received : { runs: initial.runs, isDisconnected: false }),
    [received, initial],
  );
  useEffect(() => {
    const mustWait = makeRefreshDelay();
    const poll = async (signal: AbortSignal): Promise<PollSpeed> => {
      const next = await readState(feed, signal);
      if (signal.aborted) return "stop";
      if (next === "gone") {
        router.refresh();
        return "stop";
      }
      if (next === "lost") {
        setReceived((last) => ({ runs: initial.runs, ...last, since: initial, isDisconnected: true }));
        return "fast";
      }
      setReceived({ since: initial, runs: next.runs, isDisconnected: false });
      const isDelayed = mustWait();
      if (next.stamp !== initial.stamp && !isDelayed) router.refresh();
      return speedOf(next);
    };
    return startPolling(poll, speedOf(initial));
  }, [feed, initial, router]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

/** `gone` means signed out or deleted. Refreshing the page shows which. */
async function readState(feed: string, signal: AbortSignal): Promise<LiveState | "gone" | "lost"> {
  try {
    const response = await fetch(feed, { signal, cache: "no-store" });
    if (response.status === 401 || response.status === 404) return "gone";
    return response.ok ? ((await response.json()) as LiveState) : "lost";
  } catch {
    return "lost";
  }
}

/** Returns an app's active run, and whether the last poll failed. */
export function useLiveRun(app: string): { readonly run: LiveRun | null; readonly isDisconnected: boolean } {
  const { runs, isDisconnected } = useContext(LiveContext);
  return { run: runs[app] ?? null, isDisconnected };
}
