"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { FetchError, type FetchFailure, fetchJson } from "@/app/_components/data/fetch-json";
import type { ChartKind } from "@/lib/directory/charts/kinds";
import classes from "./charts.module.css";

export type ChartData<T> = {
  /** The last data, which stays while the next is loading. */
  readonly chart: T | null;
  readonly isLoading: boolean;
  readonly failure: FetchFailure | null;
  readonly retry: () => void;
};

type Loaded<T> = {
  readonly key: string;
  readonly chart: T | null;
  readonly failure: FetchFailure | null;
};

/** Loads a chart's data for the department `root`, or for the whole directory. */
export function useChartData<T>(address: string, kind: ChartKind, root: string | null): ChartData<T> {
  const key = `${kind} ${root ?? ""}`;
  const [loaded, setLoaded] = useState<Loaded<T> | null>(null);
  const isCurrent = loaded?.key === key;
  useEffect(() => {
    if (isCurrent) return;
    const control = new AbortController();
    fetchJson<T>(`${address}/charts`, { kind, root: root ?? undefined }, control.signal)
      .then((chart) => setLoaded({ key, chart, failure: null }))
      .catch((error: unknown) => {
        if (control.signal.aborted) return;
        setLoaded({ key, chart: null, failure: error instanceof FetchError ? error.code : "internal" });
      });
    return () => control.abort();
  }, [address, kind, root, key, isCurrent]);
  return {
    chart: loaded?.chart ?? null,
    isLoading: !isCurrent,
    failure: isCurrent ? loaded.failure : null,
    retry: () => setLoaded(null),
  };
}

type Props = {
  readonly state: ChartData<unknown>;
  /** Leaves a department that doesn't exist. */
  readonly onShowAll: () => void;
};

/** Says that a chart is loading, or why it failed. */
export function ChartStatus({ state: { chart, isLoading, failure, retry }, onShowAll }: Props) {
  const t = useTranslations("charts");
  const error = useTranslations("error");
  const common = useTranslations("common");
  if (isLoading && !chart) return <p className={classes.late}>{t("loading")}</p>;
  if (!failure) return null;
  const isGone = failure === "not_found" || failure === "invalid_input";
  const onRetry = () => (failure === "unauthenticated" ? location.reload() : retry());
  return (
    <div className={classes.failure} role="alert">
      <p>{isGone ? t("gone") : error(failure as never)}</p>
      <Button variant="default" size="xs" onClick={isGone ? onShowAll : onRetry}>
        {isGone ? t("toAll") : common("retry")}
      </Button>
    </div>
  );
}
