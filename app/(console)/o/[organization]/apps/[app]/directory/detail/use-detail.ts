"use client";

import { useEffect, useState } from "react";
import { ReadError, type ReadFailure, read } from "@/app/_components/data/fetch-json";

export type DetailState<T> =
  | { readonly is: "loading" }
  | { readonly is: "ready"; readonly detail: T }
  | { readonly is: "failed"; readonly code: ReadFailure };

type Held<T> = { readonly key: string; readonly state: DetailState<T> };

/** What is asked of one of the page's routes. */
export type Question = Readonly<Record<string, string | undefined>>;

const LOADING = { is: "loading" } as const;

export const failureOf = (error: unknown): ReadFailure =>
  error instanceof ReadError ? error.code : "internal";

/**
 * What is known of what is selected. Read when it is selected, not when it only has the focus.
 *
 * @param query `null` while nothing is
 * @param start what the page came with
 */
export function useDetail<T extends { readonly id: string }>(
  address: string,
  query: (Question & { readonly id: string }) | null,
  start: T | null = null,
) {
  const key = query === null ? null : JSON.stringify(query);
  const [held, setHeld] = useState<Held<T> | null>(
    start && key !== null && start.id === query?.id ? { key, state: { is: "ready", detail: start } } : null,
  );
  const isHeld = held?.key === key;
  useEffect(() => {
    if (key === null || isHeld) return;
    const control = new AbortController();
    read<T>(address, JSON.parse(key) as Question, control.signal)
      .then((detail) => setHeld({ key, state: { is: "ready", detail } }))
      .catch((error: unknown) => {
        if (!control.signal.aborted) setHeld({ key, state: { is: "failed", code: failureOf(error) } });
      });
    return () => control.abort();
  }, [address, key, isHeld]);
  const state: DetailState<T> = held && isHeld ? held.state : LOADING;
  return { state, retry: () => setHeld(null) };
}
