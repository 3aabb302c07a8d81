"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { Found, SearchAnswer } from "@/lib/directory/tree/schema";
import { ReadError, type ReadFailure, read } from "./read";

/** A search begins when nothing was typed for so long. */
const PAUSE_MS = 200;

/** What a text found. */
export type Answer = { readonly text: string; readonly found: Found };

export type SearchState =
  | { readonly is: "off" }
  /** The last answer stays until the next one is there. */
  | { readonly is: "searching"; readonly answer: Answer | null }
  | { readonly is: "found"; readonly answer: Answer }
  | { readonly is: "failed"; readonly code: ReadFailure | "too_slow" };

const OFF: SearchState = { is: "off" };

async function ask(address: string, text: string, signal: AbortSignal): Promise<SearchState> {
  try {
    const answer = await read<SearchAnswer>(`${address}/search`, { q: text }, signal);
    if (answer.outcome === "too_slow") return { is: "failed", code: "too_slow" };
    return { is: "found", answer: { text, found: answer } };
  } catch (error) {
    if (error instanceof ReadError) return { is: "failed", code: error.code };
    throw error;
  }
}

/** Searches on the server while somebody types; an answer that is no longer wanted is never shown. */
export function useSearch(address: string) {
  const [state, setState] = useState<SearchState>(OFF);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const running = useRef<AbortController>(undefined);

  const stop = useCallback(() => {
    clearTimeout(timer.current);
    running.current?.abort();
  }, []);
  useEffect(() => stop, [stop]);

  /** @param isNow without waiting for more to be typed */
  const search = useCallback(
    (typed: string, isNow = false) => {
      stop();
      const text = typed.trim();
      if (text === "") {
        setState(OFF);
        return;
      }
      setState((last) => ({ is: "searching", answer: "answer" in last ? last.answer : null }));
      const control = new AbortController();
      running.current = control;
      const start = async () => {
        const next = await ask(address, text, control.signal);
        if (!control.signal.aborted) setState(next);
      };
      timer.current = setTimeout(() => void start().catch(() => {}), isNow ? 0 : PAUSE_MS);
    },
    [address, stop],
  );
  return { state, search };
}
