"use client";

import { Alert, Button, Skeleton } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import classes from "./detail.module.css";
import type { DetailState } from "./use-detail";

type FailureProps = {
  readonly state: DetailState<unknown>;
  /** What is said of what isn't there. */
  readonly gone: string;
  readonly onRetry: () => void;
};

/** Why a part of the panel couldn't be read; nothing for one that could. */
export function Failure({ state, gone, onRetry }: FailureProps) {
  const error = useTranslations("error");
  const common = useTranslations("common");
  if (state.is !== "failed") return null;
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
export const Waiting = ({ rows = 5 }: { readonly rows?: number }) => (
  <div className={classes.waiting} aria-hidden>
    <Skeleton height={18} width="60%" />
    {Array.from({ length: rows }, (_, row) => (
      // oxlint-disable-next-line react/no-array-index-key -- they are all the same
      <Skeleton key={row} height={32} />
    ))}
  </div>
);
