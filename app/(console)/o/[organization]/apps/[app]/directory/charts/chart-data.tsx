"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { FetchError, type FetchFailure, fetchJson } from "@/app/_components/data/fetch-json";
import type { Picture } from "@/lib/directory/charts/kinds";
import classes from "./charts.module.css";

export type ChartData<T> = {
  /** The last that came: it stays while the next is on its way. */
  readonly picture: T | null;
  readonly isLoading: boolean;
  readonly failure: FetchFailure | null;
  readonly retry: () => void;
};

type Held<T> = {
  readonly key: string;
  readonly picture: T | null;
  readonly failure: FetchFailure | null;
};

/** What a picture is drawn from: of `root`, or of everything. */
export function useChartData<T>(address: string, kind: Picture, root: string | null): ChartData<T> {
  const key = `${kind} ${root ?? ""}`;
  const [held, setHeld] = useState<Held<T> | null>(null);
  const isHeld = held?.key === key;
  useEffect(() => {
    if (isHeld) return;
    const control = new AbortController();
    fetchJson<T>(`${address}/charts`, { kind, root: root ?? undefined }, control.signal)
      .then((picture) => setHeld({ key, picture, failure: null }))
      .catch((error: unknown) => {
        if (control.signal.aborted) return;
        setHeld({ key, picture: null, failure: error instanceof FetchError ? error.code : "internal" });
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

type Props = {
  readonly state: ChartData<unknown>;
  /** Out of a department that isn't there. */
  readonly onAll: () => void;
};

/** Why there is no picture: it is on its way, or couldn't be read. */
export function ChartStatus({ state: { picture, isLoading, failure, retry }, onAll }: Props) {
  const t = useTranslations("pictures");
  const error = useTranslations("error");
  const common = useTranslations("common");
  if (isLoading && !picture) return <p className={classes.late}>{t("loading")}</p>;
  if (!failure) return null;
  const isGone = failure === "not_found" || failure === "invalid_input";
  const onRetry = () => (failure === "unauthenticated" ? location.reload() : retry());
  return (
    <div className={classes.failure} role="alert">
      <p>{isGone ? t("gone") : error(failure as never)}</p>
      <Button variant="default" size="xs" onClick={isGone ? onAll : onRetry}>
        {isGone ? t("toAll") : common("retry")}
      </Button>
    </div>
  );
}
