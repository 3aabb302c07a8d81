"use client";

import { Alert, Button, Skeleton } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { FetchError, type FetchFailure, fetchJson } from "@/app/_components/data/fetch-json";
import classes from "./detail.module.css";

export type DetailState<T> =
  | { readonly status: "loading" }
  | { readonly status: "ready"; readonly detail: T }
  | { readonly status: "failed"; readonly code: FetchFailure };

type Held<T> = { readonly key: string; readonly state: DetailState<T> };

/** What is asked of one of the page's routes. */
export type Question = Readonly<Record<string, string | undefined>>;

const LOADING = { status: "loading" } as const;

export const toFetchFailure = (error: unknown): FetchFailure =>
  error instanceof FetchError ? error.code : "internal";

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
    start && key !== null && start.id === query?.id
      ? { key, state: { status: "ready", detail: start } }
      : null,
  );
  const isHeld = held?.key === key;
  useEffect(() => {
    if (key === null || isHeld) return;
    const control = new AbortController();
    fetchJson<T>(address, JSON.parse(key) as Question, control.signal)
      .then((detail) => setHeld({ key, state: { status: "ready", detail } }))
      .catch((error: unknown) => {
        if (!control.signal.aborted)
          setHeld({ key, state: { status: "failed", code: toFetchFailure(error) } });
      });
    return () => control.abort();
  }, [address, key, isHeld]);
  const state: DetailState<T> = held && isHeld ? held.state : LOADING;
  return { state, retry: () => setHeld(null) };
}

type FailureProps = {
  readonly state: DetailState<unknown>;
  /** What is said of what isn't there. */
  readonly gone: string;
  readonly onRetry: () => void;
};

/** Why a part of the panel couldn't be read; nothing for one that could. */
export function LoadError({ state, gone, onRetry }: FailureProps) {
  const error = useTranslations("error");
  const common = useTranslations("common");
  if (state.status !== "failed") return null;
  if (state.code === "not_found") return <p className={classes.top}>{gone}</p>;
  const onClick = () => (state.code === "unauthenticated" ? location.reload() : onRetry());
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} role="alert">
      <p className={classes.sentence}>{error(state.code as never)}</p>
      <Button variant="default" size="xs" onClick={onClick}>
        {common("retry")}
      </Button>
    </Alert>
  );
}

/** In the shape of what follows, and only when it takes a while. */
export const LoadingSkeleton = ({ rows = 5 }: { readonly rows?: number }) => (
  <div className={classes.waiting} aria-hidden>
    <Skeleton height={18} width="60%" />
    {Array.from({ length: rows }, (_, row) => (
      // oxlint-disable-next-line react/no-array-index-key -- they are all the same
      <Skeleton key={row} height={32} />
    ))}
  </div>
);
