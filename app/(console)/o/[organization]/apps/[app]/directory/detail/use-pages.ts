"use client";

import { useEffect, useState } from "react";
import type { FetchFailure } from "@/app/_components/data/fetch-json";
import { toFetchFailure } from "./panel-state";

/** A page of a list: what is on it, and how one asks for the next. */
export type ListPage<T> = { readonly items: readonly T[]; readonly next: string | null };

type State<T> = {
  readonly items: readonly T[] | null;
  readonly next: string | null;
  readonly failed: FetchFailure | null;
  readonly isLoading: boolean;
};

const BEFORE = { items: null, next: null, failed: null, isLoading: true } as const;

/**
 * A list that is read page by page, the first one at once. Its component has a key of its own for each question.
 *
 * @param readPage reads the page after `after`, the first one without
 */
export function usePagedList<T>(
  readPage: (after: string | undefined, signal: AbortSignal) => Promise<ListPage<T>>,
) {
  const [state, setState] = useState<State<T>>(BEFORE);
  const [asked, setAsked] = useState<{ readonly after: string | undefined }>({ after: undefined });
  useEffect(() => {
    const control = new AbortController();
    readPage(asked.after, control.signal)
      .then(({ items, next }) => {
        if (!control.signal.aborted)
          setState((held) => ({
            ...BEFORE,
            isLoading: false,
            items: [...(held.items ?? []), ...items],
            next,
          }));
      })
      .catch((error: unknown) => {
        if (!control.signal.aborted)
          setState((held) => ({ ...held, isLoading: false, failed: toFetchFailure(error) }));
      });
    return () => control.abort();
    // oxlint-disable-next-line react/exhaustive-deps -- the question is the component's, for as long as it is there
  }, [asked]);
  const ask = (after: string | undefined) => {
    setState((held) => ({ ...held, isLoading: true, failed: null }));
    setAsked({ after });
  };
  return {
    ...state,
    more: state.next === null ? null : () => ask(state.next ?? undefined),
    retry: () => ask(asked.after),
  };
}
