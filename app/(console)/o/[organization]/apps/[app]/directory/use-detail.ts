"use client";

import { useEffect, useState } from "react";
import type { DepartmentDetail } from "@/lib/directory/tree/schema";
import { ReadError, type ReadFailure, read } from "./read";

export type DetailState =
  | { readonly is: "loading" }
  | { readonly is: "ready"; readonly detail: DepartmentDetail }
  | { readonly is: "failed"; readonly code: ReadFailure };

type Held = { readonly id: string; readonly state: DetailState };

const LOADING: DetailState = { is: "loading" };

/**
 * What is known of the selected department. Read when it is selected, not when it only has the focus.
 *
 * @param start what the page came with
 */
export function useDetail(address: string, id: string | null, start: DepartmentDetail | null) {
  const [held, setHeld] = useState<Held | null>(
    start && { id: start.id, state: { is: "ready", detail: start } },
  );
  const isHeld = held?.id === id;
  useEffect(() => {
    if (id === null || isHeld) return;
    const control = new AbortController();
    read<DepartmentDetail>(`${address}/node`, { id }, control.signal)
      .then((detail) => setHeld({ id, state: { is: "ready", detail } }))
      .catch((error: unknown) => {
        if (control.signal.aborted) return;
        setHeld({ id, state: { is: "failed", code: error instanceof ReadError ? error.code : "internal" } });
      });
    return () => control.abort();
  }, [address, id, isHeld]);
  return { state: held && isHeld ? held.state : LOADING, retry: () => setHeld(null) };
}
