"use client";

import { useEffect, useState } from "react";
import { ReadError, type ReadFailure, read } from "@/app/_components/data/fetch-json";
import type { Picture } from "@/lib/directory/pictures/kinds";

export type PictureState<T> = {
  /** The last that came: it stays while the next is on its way. */
  readonly picture: T | null;
  readonly isLoading: boolean;
  readonly failure: ReadFailure | null;
  readonly retry: () => void;
};

type Held<T> = {
  readonly key: string;
  readonly picture: T | null;
  readonly failure: ReadFailure | null;
};

/** What a picture is drawn from: of `root`, or of everything. */
export function usePicture<T>(address: string, kind: Picture, root: string | null): PictureState<T> {
  const key = `${kind} ${root ?? ""}`;
  const [held, setHeld] = useState<Held<T> | null>(null);
  const isHeld = held?.key === key;
  useEffect(() => {
    if (isHeld) return;
    const control = new AbortController();
    read<T>(`${address}/charts`, { kind, root: root ?? undefined }, control.signal)
      .then((picture) => setHeld({ key, picture, failure: null }))
      .catch((error: unknown) => {
        if (control.signal.aborted) return;
        setHeld({ key, picture: null, failure: error instanceof ReadError ? error.code : "internal" });
      });
    return () => control.abort();
  }, [address, kind, root, key, isHeld]);
  return {
    picture: held?.picture ?? null,
    isLoading: !isHeld,
    failure: isHeld ? held.failure : null,
    retry: () => setHeld(null),
  };
}
