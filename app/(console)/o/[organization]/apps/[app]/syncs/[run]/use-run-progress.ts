import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { isUnderWay, type RunProgress } from "@/lib/directory/runs/run-states";

const TICK_MS = 1_000;
/** How long after a refusal the feed is asked for again; what merely breaks the browser brings back itself. */
const REOPEN_MS = 3_000;

type Heard = { readonly progress: RunProgress; readonly atMs: number };

export type FollowedRun = {
  readonly progress: RunProgress;
  /** The feed is broken, and is being brought back. */
  readonly isLost: boolean;
  /** How long ago something was heard, by this browser's clock; 0 in the first render. */
  readonly silentMs: number;
};

/** Follows a run's feed until its end, and has the server render anew what stands around when its state changes. */
export function useRunProgress(initial: RunProgress, feed: string): FollowedRun {
  const router = useRouter();
  const [heard, setHeard] = useState<Heard | null>(null);
  const [isLost, setIsLost] = useState(false);
  const [nowMs, setNowMs] = useState(0);
  const shown = useRef(initial.state);
  useEffect(() => {
    let source: EventSource | null = null;
    let reopening: ReturnType<typeof setTimeout> | undefined;
    const tell = (progress: RunProgress) => {
      const atMs = performance.now();
      setHeard({ progress, atMs });
      setNowMs(atMs);
      setIsLost(false);
      // What the server rendered around this, the state in the head and the buttons, is of another state now.
      if (progress.state !== shown.current) router.refresh();
      shown.current = progress.state;
      if (!isUnderWay(progress.state)) source?.close();
    };
    const open = () => {
      source = new EventSource(feed);
      source.addEventListener("message", (event) => tell(JSON.parse(String(event.data)) as RunProgress));
      source.addEventListener("error", () => {
        setIsLost(true);
        if (source?.readyState === EventSource.CLOSED) reopening = setTimeout(open, REOPEN_MS);
      });
    };
    open();
    const ticking = setInterval(() => setNowMs(performance.now()), TICK_MS);
    return () => {
      clearInterval(ticking);
      clearTimeout(reopening);
      source?.close();
    };
  }, [feed, router]);
  return {
    progress: heard?.progress ?? initial,
    isLost,
    silentMs: heard ? Math.max(0, nowMs - heard.atMs) : 0,
  };
}
