"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { Found, SearchAnswer } from "@/lib/directory/search/schema";
import { FetchError, type FetchFailure, fetchJson } from "./fetch-json";

/** Delay after the last keystroke. */
const PAUSE_MS = 200;

export type Answer = { readonly text: string; readonly includesRemoved: boolean; readonly found: Found };

type Options = {
  /** Searches without the delay. */
  readonly isNow?: boolean;
  readonly includesRemoved?: boolean;
};

export type SearchState =
  | { readonly status: "off" }
  /** The previous answer stays visible until the next one arrives. */
  | { readonly status: "searching"; readonly answer: Answer | null }
  | { readonly status: "found"; readonly answer: Answer }
  | { readonly status: "failed"; readonly code: FetchFailure | "too_slow" };

const OFF: SearchState = { status: "off" };

type SearchRequest = {
  readonly text: string;
  readonly includesRemoved: boolean;
  readonly limit: number | undefined;
};

async function ask(
  address: string,
  { text, includesRemoved, limit }: SearchRequest,
  signal: AbortSignal,
): Promise<SearchState> {
  const query = { q: text, removed: includesRemoved ? "1" : undefined, limit: limit?.toString() };
  try {
    const answer = await fetchJson<SearchAnswer>(`${address}/search`, query, signal);
    if (answer.outcome === "too_slow") return { status: "failed", code: "too_slow" };
    return { status: "found", answer: { text, includesRemoved, found: answer } };
  } catch (error) {
    if (error instanceof FetchError) return { status: "failed", code: error.code };
    throw error;
  }
}

/**
 * Searches on the server while the user types. Answers to outdated texts are dropped.
 *
 * @param limit of departments and of members, each; the server's own limit by default
 */
export function useDirectorySearch(address: string, limit?: number) {
  const [state, setState] = useState<SearchState>(OFF);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const running = useRef<AbortController>(undefined);

  const stop = useCallback(() => {
    clearTimeout(timer.current);
    running.current?.abort();
  }, []);
  useEffect(() => stop, [stop]);

  const search = useCallback(
    (typed: string, { isNow = false, includesRemoved = false }: Options = {}) => {
      stop();
      const text = typed.trim();
      if (text === "") {
        setState(OFF);
        return;
      }
      setState((last) => ({ status: "searching", answer: "answer" in last ? last.answer : null }));
      const control = new AbortController();
      running.current = control;
      const start = async () => {
        const next = await ask(address, { text, includesRemoved, limit }, control.signal);
        if (!control.signal.aborted) setState(next);
      };
      timer.current = setTimeout(() => void start().catch(() => {}), isNow ? 0 : PAUSE_MS);
    },
    [address, limit, stop],
  );
  return { state, search };
}
