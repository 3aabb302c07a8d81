"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { type PollSpeed, startPolling } from "@/app/_components/live/polling";

type Props = {
  readonly organization: string;
  /** Stamp of the rendered notices. */
  readonly stamp: string;
};

async function readStamp(organization: string, signal: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch(`/o/${organization}/notices`, { signal, cache: "no-store" });
    return response.ok ? ((await response.json()) as { readonly stamp: string }).stamp : null;
  } catch {
    return null;
  }
}

/** Polls for new notices and refreshes the page, also on pages without other live content. */
export function NoticeWatch({ organization, stamp }: Props) {
  const router = useRouter();
  useEffect(() => {
    const poll = async (signal: AbortSignal): Promise<PollSpeed> => {
      const next = await readStamp(organization, signal);
      if (!signal.aborted && next !== null && next !== stamp) router.refresh();
      return "slow";
    };
    return startPolling(poll, "slow");
  }, [organization, stamp, router]);
  return null;
}
