"use client";

import { useEffect, useState } from "react";
import type { FetchFailure } from "@/app/_components/data/fetch-json";
import { toFetchFailure } from "./panel-state";

/** A page of a list, with the cursor of the next page. */
export type ListPage<T> = { readonly items: readonly T[]; readonly next: string | null };

type State<T> = {
  readonly items: readonly T[] | null;
  readonly next: string | null;
  readonly failed: FetchFailure | null;
  readonly isLoading: boolean;
};

const INITIAL = { items: null, next: null, failed: null, isLoading: true } as const;

/**
 * Loads a list page by page, beginning with the first page. The component must have its own React key per query.
 *
 * @param loadPage loads the page after `after`; the first page without it
 */
export function usePagedList<T>(
  loadPage: (after: string | undefined, signal: AbortSignal) => Promise<ListPage<T>>,
) {
  const [state, setState] = useState<State<T>>(INITIAL);
  const [request, setRequest] = useState<{ readonly after: string | undefined }>({ after: undefined });
  useEffect(() => {
    const control = new AbortController();
    loadPage(request.after, control.signal)
      .then(({ items, next }) => {
        if (!control.signal.aborted)
          setState((last) => ({
            ...INITIAL,
            isLoading: false,
            items: [...(last.items ?? []), ...items],
            next,
          }));
      })
      .catch((error: unknown) => {
        if (!control.signal.aborted)
          setState((last) => ({ ...last, isLoading: false, failed: toFetchFailure(error) }));
      });
    return () => control.abort();
    // oxlint-disable-next-line react/exhaustive-deps -- the query is fixed for the component's lifetime
  }, [request]);
  const load = (after: string | undefined) => {
    setState((last) => ({ ...last, isLoading: true, failed: null }));
    setRequest({ after });
  };
  return {
    ...state,
    more: state.next === null ? null : () => load(state.next ?? undefined),
    retry: () => load(request.after),
  };
}
