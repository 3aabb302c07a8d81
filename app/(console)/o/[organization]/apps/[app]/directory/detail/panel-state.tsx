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

type Loaded<T> = { readonly key: string; readonly state: DetailState<T> };

export type Query = Readonly<Record<string, string | undefined>>;

const LOADING = { status: "loading" } as const;

export const toFetchFailure = (error: unknown): FetchFailure =>
  error instanceof FetchError ? error.code : "internal";

/**
 * Loads the details of the selection.
 *
 * @param query `null` without a selection
 * @param start details that the server rendered
 */
export function useDetail<T extends { readonly id: string }>(
  address: string,
  query: (Query & { readonly id: string }) | null,
  start: T | null = null,
) {
  const key = query === null ? null : JSON.stringify(query);
  const [loaded, setLoaded] = useState<Loaded<T> | null>(
    start && key !== null && start.id === query?.id
      ? { key, state: { status: "ready", detail: start } }
      : null,
  );
  const isCurrent = loaded?.key === key;
  useEffect(() => {
    if (key === null || isCurrent) return;
    const control = new AbortController();
    fetchJson<T>(address, JSON.parse(key) as Query, control.signal)
      .then((detail) => setLoaded({ key, state: { status: "ready", detail } }))
      .catch((error: unknown) => {
        if (!control.signal.aborted)
          setLoaded({ key, state: { status: "failed", code: toFetchFailure(error) } });
      });
    return () => control.abort();
  }, [address, key, isCurrent]);
  const state: DetailState<T> = loaded && isCurrent ? loaded.state : LOADING;
  return { state, retry: () => setLoaded(null) };
}

type LoadErrorProps = {
  readonly state: DetailState<unknown>;
  /** Message for `not_found`. */
  readonly notFoundText: string;
  readonly onRetry: () => void;
};

/** Shows why a part of the panel failed to load; nothing otherwise. */
export function LoadError({ state, notFoundText, onRetry }: LoadErrorProps) {
  const error = useTranslations("error");
  const common = useTranslations("common");
  if (state.status !== "failed") return null;
  if (state.code === "not_found") return <p className={classes.top}>{notFoundText}</p>;
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

/** A skeleton of the content, shown only for slow loads. */
export const LoadingSkeleton = ({ rows = 5 }: { readonly rows?: number }) => (
  <div className={classes.waiting} aria-hidden>
    <Skeleton height={18} width="60%" />
    {Array.from({ length: rows }, (_, row) => (
      // oxlint-disable-next-line react/no-array-index-key -- the rows are identical
      <Skeleton key={row} height={32} />
    ))}
  </div>
);
